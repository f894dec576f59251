"""The simulator: three phones on a page. A channel like the others, with nobody to call."""

from bot.channels.base import Accepted, Outgoing
from hub.messages import Status
from hub.people import Channel, Reach
from hub.settings import Settings

SKINS = ("sms", "whatsapp", "telegram")


class Simulator:
    """A message is delivered as soon as it is sent: the page reads the rows."""

    channel = Channel.SIMULATOR

    def send(self, outgoing: Outgoing) -> Accepted:
        """Deliver."""
        return Accepted(f"shown-{outgoing.our_id}", Status.DELIVERED)

    def look_up(self, outgoing: Outgoing) -> list[Accepted]:
        """It was never more than a row, so it can be shown at any time."""
        return []

    def close(self) -> None:
        """Nothing to give back."""


def reach(skin: str, phone: str) -> Reach:
    """The address of a phone on the page, as in "sms:0001"."""
    return Reach(Channel.SIMULATOR, f"{skin}:{phone}")


def sender(settings: Settings) -> Simulator | None:
    """The channel, where it is turned on."""
    return Simulator() if settings.simulator else None


def problem(settings: Settings) -> str | None:
    """Nothing keeps it from working."""
    return None
