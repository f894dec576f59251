"""`goodhelp channels`: are the providers set up, do they let us in, how do messages fare."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from app.house import House
from hub import channel_health, migrations
from hub.channel_health import Health
from hub.people import Channel
from hub.settings import Settings
from hub.words import Words

# The channels of each provider.
CHANNELS = {"twilio": {"sms", "whatsapp"}, "telegram": {"telegram"}}


class Care(Protocol):
    """What a provider's own file offers (`bot/channels/*_set_up.py`): lines in plain words."""

    def set_up(self, settings: Settings, words: Words) -> list[str]:
        """Have the provider call us; what was done."""

    def check(self, settings: Settings) -> list[str]:
        """What is wrong at the provider; nothing where it is not used."""


def providers() -> dict[str, Care]:
    """Each provider that can be asked. They are imported when they are needed: clients are big."""
    from bot.channels import telegram_set_up, twilio_set_up

    return {"twilio": twilio_set_up, "telegram": telegram_set_up}


def set_up(house: House) -> list[str]:
    """Have each provider call us; what was done, a line each."""
    cares = providers().values()
    return [line for care in cares for line in care.set_up(house.settings, house.words)]


def problems(house: House) -> list[str]:
    """What a person has to mend: in the settings, or at a provider."""
    wrong = house.channels.problems()
    found = [f"{name}: {words}" for name, words in wrong.items()]
    for name, care in providers().items():
        # Where its settings are wrong a provider is not asked.
        if not wrong.keys() & CHANNELS[name]:
            found += care.check(house.settings)
    return found


def health(house: House) -> Iterator[str]:
    """One line a channel that is set up, and its failures of the last day."""
    if not migrations.is_current(house.database):
        return
    now = house.clock()
    with house.database.reading() as session:
        for name in house.channels.senders:
            yield from _lines(
                channel_health.of(session, house.profile.id, Channel(name), now), house, now
            )


def _lines(found: Health, house: House, now: datetime) -> Iterator[str]:
    parts = [
        f"last message in {_ago(found.last_in, now)}",
        f"{found.waiting} waiting",
        f"{found.held} held",
        f"{sum(found.failed.values())} failed in a day",
    ]
    if found.read_to is not None:
        parts.append(f"list read {_ago(found.read_to, now)}")
    yield f"{found.channel}: {', '.join(parts)}"
    for reason, count in sorted(found.failed.items(), key=lambda one: -one[1]):
        yield f"    {count} x {reason}"


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes ago"
    hours = minutes // 60
    return f"{hours} hours ago" if hours < 72 else f"{hours // 24} days ago"
