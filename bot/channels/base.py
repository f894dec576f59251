"""What every channel can do, and the values that pass between a channel and the gateway.

A *door* is where a provider calls us (a webhook); a *sender* is how we call a provider. A
channel that needs something new gets its own file and one line in `registry.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.channels.errors import Problem
from hub.messages import Inbound, Kind, Status
from hub.people import Channel, Reach
from hub.taps import Tap


@dataclass(frozen=True)
class Call:
    """A webhook call as it came in. `url` is the public one; header names are lower-case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class News:
    """A provider tells what became of a message that we sent.

    `our_id` is the id we gave with it, where the provider returns it.
    """

    channels: tuple[Channel, ...]
    provider_id: str
    our_id: int | None
    status: Status
    problem: Problem | None = None


@dataclass(frozen=True)
class Standing:
    """Somebody blocked us on their phone, or lets us write again."""

    reach: Reach
    reachable: bool


@dataclass(frozen=True)
class Changed:
    """A resident edited a message (`text` is the new one) or took it back (None).

    `inbound` is what to store where the message was never seen: new words are never lost.
    `again` is the edit as a message of its own, so that a danger in the new words is heard; a
    provider that counts messages within a chat names only the end of an id (`:m7`), with the
    chat in `again.reach`.
    """

    channel: Channel
    provider_id: str
    text: str | None
    inbound: Inbound | None = None
    again: Inbound | None = None


@dataclass(frozen=True)
class Ignored:
    """Understood, and nothing to store. `why` is for the log: a kind, never a text."""

    why: str


Event = Inbound | News | Standing | Changed | Tap | Ignored


@dataclass(frozen=True)
class Errand:
    """An event, and what to tell the provider once it is safe. `run` does not wait or raise."""

    event: Event
    run: Callable[[], object]


class Door(Protocol):
    """A webhook of a provider."""

    path: str
    # What the provider takes as "received, and no reply in this answer".
    accepted: int

    def verify(self, call: Call) -> bool:
        """Whether the provider made this call. Anything odd is False; raises nothing."""

    def parse(self, call: Call) -> Event | Errand:
        """What the call says. Raises BadInput where it cannot be understood."""

    def close(self) -> None:
        """Give connections back."""


@dataclass(frozen=True)
class Outgoing:
    """One text on its way to one address. `our_id` is the message's row.

    `attempt` counts the tries, this one included. `kind` is TEMPLATE where the channel's
    approved template is to be sent in place of the text that it holds.
    """

    our_id: int
    to: str
    text: str
    options: tuple[str, ...]
    created_at: datetime
    attempt: int = 1
    kind: Kind | None = None


@dataclass(frozen=True)
class Accepted:
    """The provider has the message: its id there, and how far it got."""

    provider_id: str
    status: Status = Status.SENT
    problem: Problem | None = None


@dataclass(frozen=True)
class Ways:
    """What is left when WhatsApp does not let us write.

    `reopen` is what its approved template says, None without one; `texts` whether SMS is set up.
    """

    reopen: str | None = None
    texts: bool = False


class Sender(Protocol):
    """How one channel sends."""

    channel: Channel

    def send(self, outgoing: Outgoing) -> Accepted:
        """Send once. Raises NotSent where it surely was not, Unsure where nobody can know."""

    def look_up(self, outgoing: Outgoing) -> list[Accepted]:
        """What the provider has that could be this message, the likeliest first.

        Raises CannotLookUp where the provider has no way to ask, NotSent where it did not
        answer.
        """

    def close(self) -> None:
        """Give connections back."""


class NotSent(Exception):
    """The provider surely did not take the message. `wait` seconds, where it said how long."""

    def __init__(self, problem: Problem, wait: float | None = None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.wait = wait


class Unsure(Exception):
    """The call ended without an answer: the message may have gone out."""


class CannotLookUp(Exception):
    """The provider has no way to ask what became of a message."""


def is_loopback(url: str) -> bool:
    """Whether an address is this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
