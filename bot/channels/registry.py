"""The channels that are set up. A new one is a file of its own and a line here."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.channels import simulator, sms, telegram, whatsapp
from bot.channels.base import Door, Sender, Ways
from bot.channels.telegram_updates import TelegramUpdates
from bot.channels.twilio import TwilioMessages, TwilioStatus
from hub.settings import Settings

CHANNELS = {
    "sms": sms,
    "whatsapp": whatsapp,
    "telegram": telegram,
    "simulator": simulator,
}
DOORS = (TwilioMessages, TwilioStatus, TelegramUpdates)


@dataclass(frozen=True)
class Registry:
    """Every door, and the senders whose settings are filled in."""

    settings: Settings
    doors: tuple[Door, ...]
    senders: Mapping[str, Sender]

    def sender(self, channel: str) -> Sender | None:
        """How to send on a channel, or None where it is not set up."""
        return self.senders.get(channel)

    @property
    def ways(self) -> Ways:
        """What is left when WhatsApp does not let us write."""
        reopen: str | None = getattr(self.senders.get("whatsapp"), "reopen", None)
        return Ways(reopen=reopen, texts="sms" in self.senders)

    def fetch(self, channel: str, reference: str) -> tuple[str, bytes] | None:
        """The kind and the content of something a resident sent; None where it cannot be had."""
        fetch = getattr(self.senders.get(channel), "fetch", None)
        found: tuple[str, bytes] | None = fetch(reference) if fetch else None
        return found

    def problems(self) -> dict[str, str]:
        """What keeps a channel from working, by its name; empty when nothing does."""
        found = {name: module.problem(self.settings) for name, module in CHANNELS.items()}
        if not self.senders:
            found["all"] = "none is set up: nobody can reach the hub."
        return {name: words for name, words in found.items() if words}

    def close(self) -> None:
        """Give every connection back."""
        for sender in self.senders.values():
            sender.close()
        for door in self.doors:
            door.close()


def make_registry(settings: Settings) -> Registry:
    """The channels of an installation. Nothing is called yet."""
    made = {name: module.sender(settings) for name, module in CHANNELS.items()}
    return Registry(
        settings=settings,
        doors=tuple(door(settings) for door in DOORS),
        senders={name: sender for name, sender in made.items() if sender is not None},
    )
