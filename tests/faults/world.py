"""A running stack whose processes are killed while residents write."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from sqlalchemy import func, select

from app.demo import prepare
from app.house import House
from app.stack import Stack, free_port
from hub.crypto import new_key
from hub.database import Database
from hub.messages import Direction, Message, Status
from hub.settings import Settings
from standin import twilio

ACCOUNT, TOKEN, NUMBER = "AC" + "1" * 32, "a token for faults", "+447700900000"
PATH = "/webhooks/twilio/message"
# A dead worker's send is looked up a minute later; then there is a queue to be worked off.
SETTLE_SECONDS = 300.0
SAYINGS = (
    "hiya, struggling with the bills",
    "a bit of peace and quiet",
    "yes",
    "L11",
    "1",
    "menu",
    "need a job",
    "what did you say",
    "something else",
    "thanks",
)
ON_ITS_WAY = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)


@dataclass
class World:
    """The stack, its provider and the record."""

    stack: Stack
    provider: str
    database: Database
    acknowledged: set[str] = field(default_factory=set)

    def write(self, resident: int, texts: int, pause: float, seed: int) -> None:
        """One resident writes so many texts, each told again until it is acknowledged."""
        chance = random.Random(seed)
        for number in range(texts):
            params = twilio.inbound(
                SAYINGS[(number + resident) % len(SAYINGS)], phone(resident), NUMBER, ACCOUNT
            )
            self._post(params)
            time.sleep(chance.uniform(0, 2 * pause))

    def _post(self, params: dict[str, str]) -> None:
        url = self.stack.url + PATH
        headers = {
            "X-Twilio-Signature": twilio.sign(TOKEN, url, params),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            try:
                answer = httpx.post(url, content=urlencode(params), headers=headers, timeout=10)
                if answer.is_success:
                    self.acknowledged.add(params["MessageSid"])
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        raise AssertionError("a message was never acknowledged")

    def settle(self) -> None:
        """Return once every text is answered and every answer is sent. Fails where it never is."""
        until = time.monotonic() + SETTLE_SECONDS
        left: Any = None
        while time.monotonic() < until:
            with self.database.reading() as session:
                left = dict(
                    session.execute(
                        select(Message.status, func.count())
                        .where(Message.status.in_([Status.RECEIVED, *ON_ITS_WAY]))
                        .where(Message.not_before.is_(None) | (Message.attempts > 0))
                        .group_by(Message.status)
                    ).all()
                )
            if not left:
                return
            time.sleep(0.5)
        raise AssertionError(f"still on its way: {left}")

    def check(self) -> None:
        """Nothing lost, nothing doubled, nothing out of order."""
        sent: dict[str, list[int]] = defaultdict(list)
        for one in httpx.get(f"{self.provider}/sent").json():
            # Each send names our own row in the address for its status.
            (ours,) = parse_qs(urlsplit(one["callback"]).query)["message"]
            sent[one["to"]].append(int(ours))
        with self.database.reading() as session:
            rows = session.scalars(select(Message).order_by(Message.id)).all()
            outbound: dict[str, list[Message]] = defaultdict(list)
            moments: dict[int, set[Any]] = defaultdict(set)
            for row in rows:
                if row.direction == Direction.OUT:
                    assert row.status in (Status.SENT, Status.DELIVERED), (row.status, row.reason)
                    outbound[row.conversation.address.value].append(row)
                    moments[row.reply_to_id or 0].add(row.created_at)
        inbound = {row.provider_id: row for row in rows if row.direction == Direction.IN}
        assert self.acknowledged <= set(inbound), "an acknowledged message was lost"
        assert {row.status for row in inbound.values()} == {Status.HANDLED}
        unanswered = [row.id for row in inbound.values() if row.id not in moments]
        assert not unanswered, "somebody was left in silence"
        assert all(len(times) == 1 for times in moments.values()), "two sets of replies to one text"
        for number, out in outbound.items():
            assert sorted(sent[number]) == [row.id for row in out], "a text was lost or sent twice"
            # What is urgent may overtake; all others keep their order.
            calm = [row.id for row in out if not row.urgent]
            assert [ours for ours in sent[number] if ours in calm] == calm, "out of order"


def phone(resident: int) -> str:
    """A number that is kept for stories."""
    return f"+4477009{resident:05d}"


def write_while(world: World, residents: int, texts: int, pause: float) -> list[threading.Thread]:
    """So many residents begin to write, each in a thread."""
    threads = [
        threading.Thread(target=world.write, args=(number, texts, pause, number))
        for number in range(residents)
    ]
    for thread in threads:
        thread.start()
    return threads


@contextmanager
def running(url: str, provider: str, folder: Path) -> Iterator[World]:
    """The whole stack on one database, with leases short enough to watch."""
    port = free_port()
    environment = {
        "GOODHELP_DATABASE_URL": url,
        "GOODHELP_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GOODHELP_SECRET_KEY": new_key(),
        "GOODHELP_ENCRYPTION_KEY": new_key(),
        "GOODHELP_TWILIO_ACCOUNT_SID": ACCOUNT,
        "GOODHELP_TWILIO_AUTH_TOKEN": TOKEN,
        "GOODHELP_TWILIO_API_URL": provider,
        "GOODHELP_SMS_NUMBER": NUMBER,
        "GOODHELP_RASA_TIMEOUT": "8",
        "GOODHELP_LEASE_SECONDS": "17",
    }
    given: dict[str, Any] = {
        name.removeprefix("GOODHELP_").lower(): value for name, value in environment.items()
    }
    house = House(Settings(_env_file=None, **given))
    prepare(house, "a password for tests")
    with Stack(port, environment, folder / "logs") as stack:
        yield World(stack, provider, house.database)
    house.database.close()
