"""What the stand-in remembers: what was sent, who stopped us, and how it was told to fail."""

import random
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from standin.telegram_state import Telegram

Provider = Literal["twilio", "telegram"]
Kind = Literal["refuse", "slow", "accept_then_hang", "accept_then_refuse", "news"]


class Fault(BaseModel):
    """How the next sends are to fail.

    `refuse`: answer `http` (and Twilio's `code`) and take nothing. `slow`: answer after
    `seconds`. `accept_then_hang`: take it, and answer only after `seconds`.
    `accept_then_refuse`: take it, and answer `http`. `news`: take it, and report `statuses`
    in this order (with `code` for a failure), as in ["delivered", "sent", "sent"], the first
    after `seconds`. `method` names another call than a send: one of Telegram's methods, or
    "list" for Twilio's list of messages. `times` calls are hit, only those to `to` where it is
    given, each with the chance `odds`. `words` is what Telegram says about a refusal.
    """

    provider: Provider = "twilio"
    kind: Kind
    http: int = Field(default=500, ge=400, le=599)
    code: int | None = None
    seconds: float = Field(default=0.0, ge=0, le=120)
    retry_after: int = Field(default=1, ge=0)
    statuses: list[str] = []
    to: str | None = None
    method: str = "sendMessage"
    words: str = ""
    times: int = Field(default=1, ge=1)
    odds: float = Field(default=1.0, gt=0, le=1)


@dataclass
class Sent:
    """One message, handed over by a client or said by a resident (`direction` is "inbound").

    `text` and `to` are as they came; `content` is the Twilio ContentSid it was sent with. `data`
    is what the keys of a Telegram keyboard send back; `first_data` stays when the keyboard is
    taken away, since a phone may still show it.
    """

    provider: Provider
    id: str
    to: str
    sender: str
    text: str
    at: datetime
    options: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    first_data: list[str] = field(default_factory=list)
    status: str = "queued"
    error_code: int | None = None
    callback: str | None = None
    direction: str = "outbound-api"
    content: str | None = None
    media: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape of one entry of `GET /sent`."""
        return asdict(self) | {"at": self.at.isoformat()}


class State:
    """Everything, in memory. One event loop owns it. `clock` dates what is sent."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.chance = random.Random(1)
        # Whether WhatsApp's 24 hours are kept, as WhatsApp does.
        self.window = False
        self.sent: list[Sent] = []
        self.said: list[Sent] = []
        self.faults: list[Fault] = []
        self.stopped: set[str] = set()
        self.contents: dict[str, dict[str, Any]] = {}
        self.numbers: dict[str, dict[str, Any]] = {}
        self.calls = 0
        self.telegram = Telegram()

    def fault(self, provider: Provider, to: str, method: str = "sendMessage") -> Fault | None:
        """The fault that hits this call, if any; it is used up once."""
        for fault in self.faults:
            hit = fault.provider == provider and fault.method == method
            if hit and fault.to in (None, to) and self.chance.random() < fault.odds:
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
                return fault
        return None

    def find(self, matches: Callable[[Sent], bool]) -> list[Sent]:
        """What was sent or said and matches, the newest first, as Twilio lists it."""
        every = sorted([*self.said, *self.sent], key=lambda one: one.at)
        return [one for one in reversed(every) if matches(one)]

    def may_write(self, to: str) -> bool:
        """Whether WhatsApp allows free text to `to` now: for a day after they wrote."""
        if not self.window:
            return True
        since = self.clock() - timedelta(hours=24)
        return any(one.sender == to and one.at > since for one in self.said)

    def clear(self) -> None:
        """Forget all of it."""
        self.sent.clear()
        self.said.clear()
        self.contents.clear()
        self.numbers.clear()
        self.window = False
        self.faults.clear()
        self.stopped.clear()
        self.calls = 0
        self.telegram = Telegram()


def new_sid(prefix: str = "SM") -> str:
    """An id that no other run of the stand-in has given out."""
    return prefix + secrets.token_hex(16)
