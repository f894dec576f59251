"""The whole conversation stack in one process and one child: real record, ears, actions, Rasa."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import Response

from actions.answers import every
from actions.server import make_app
from actions.turn import Office
from bot.converse import Desk, Hears, answer
from bot.rasa import Rasa
from directory_sync.run import sync
from hub import conversations, messages, people
from hub.calendar import Calendar
from hub.clock import Clock
from hub.conversations import Conversation
from hub.database import Database
from hub.matching import Matcher
from hub.messages import Direction, Inbound, Message, Status
from hub.people import Channel, Reach
from hub.places import places_of
from hub.profile import Profile
from hub.settings import ROOT
from hub.words import Words
from nlu.embedding import Embedding
from nlu.heard import Heard, Scored
from nlu.hearer import Hearer
from tests.conftest import SetClock
from tests.serving import served

RASA_START_SECONDS = 180
TURN_SECONDS = 20.0
LEASE_SECONDS = 60.0


@dataclass(frozen=True)
class PricksUp:
    """Ears that hear a danger faintly, and no other, whatever the model of the day hears."""

    hearer: Hears
    risks: tuple[str, ...]

    def hear(self, text: str) -> Heard:
        """What the model hears, with the suspicion for its risks."""
        return replace(self.hearer.hear(text), risks=tuple(Scored(r, 0.1) for r in self.risks))


@dataclass
class Stack:
    """Takes a resident's text and gives back what was said."""

    database: Database
    desk: Desk
    profile: Profile
    down: set[str] = field(default_factory=set)
    counter: int = 0

    @contextmanager
    def without(self, part: str) -> Iterator[None]:
        """Do without `rasa`, the `actions` server or the `embedding` model for a while."""
        whole = self.desk
        if part == "rasa":
            gone = Rasa(f"http://127.0.0.1:{free_port()}", TURN_SECONDS)
            self.desk = replace(whole, rasa=gone)
        elif part == "embedding":
            self.desk = replace(whole, hearer=Hearer.load(None))
        else:
            assert part == "actions", part
            self.down.add("actions")
        try:
            yield
        finally:
            self.desk = whole
            self.down.discard("actions")

    @contextmanager
    def faintly(self, risks: tuple[str, ...]) -> Iterator[None]:
        """Have the ears suspect something for a while."""
        whole = self.desk
        self.desk = replace(whole, hearer=PricksUp(whole.hearer, risks))
        try:
            yield
        finally:
            self.desk = whole

    def say(
        self, resident: str, text: str, *, channel: str = "sms", photo: bool = False
    ) -> list[Message]:
        """One inbound message through the record and the desk; the replies, in order."""
        received = self._receive(resident, text, channel, photo=photo)
        # A turn that failed is tried again once its wait is over, as the worker would.
        for _ in range(3):
            with self.database.writing() as session:
                claims = conversations.claim(
                    session, self.profile.id, self.desk.clock(), LEASE_SECONDS
                )
            for claim in claims:
                answer(self.desk, claim)
            with self.database.reading() as session:
                row = session.get_one(Message, received.message_id)
                if row.status == Status.HANDLED:
                    break
            self.move(seconds=2)
        else:
            raise AssertionError("the message was not answered")
        return self._said_since(received)

    def say_at_once(
        self, resident: str, texts: list[str], *, channel: str = "sms"
    ) -> list[Message]:
        """Several messages in one breath, and then the worker; all that is said, in order."""
        rows = [self._receive(resident, text, channel) for text in texts]
        for _ in range(4 * len(texts)):
            with self.database.writing() as session:
                claims = conversations.claim(
                    session, self.profile.id, self.desk.clock(), LEASE_SECONDS
                )
            for claim in claims:
                answer(self.desk, claim)
            with self.database.reading() as session:
                left = [session.get_one(Message, row.message_id).status for row in rows]
            if set(left) == {Status.HANDLED}:
                return self._said_since(rows[-1])
            self.move(seconds=2)
        raise AssertionError(f"not every message was answered: {left}")

    def _receive(
        self, resident: str, text: str, channel: str, *, photo: bool = False
    ) -> messages.Received:
        self.counter += 1
        media = ({"url": "https://example.org/1", "content_type": "image/jpeg"},) if photo else ()
        inbound = Inbound(
            reach=Reach(Channel(channel), resident),
            provider_id=f"SM{self.counter:032d}",
            text=text,
            media=media,
        )
        with self.database.writing() as session:
            return messages.receive(session, self.profile.id, inbound, self.desk.clock())

    def _said_since(self, received: messages.Received) -> list[Message]:
        with self.database.reading() as session:
            return [
                message
                for message in messages.transcript(session, received.conversation_id)
                if message.direction == Direction.OUT and message.id > received.message_id
            ]

    def move(self, **by: float) -> None:
        """Let time pass, as in `move(days=3)`."""
        clock = self.desk.clock
        assert isinstance(clock, SetClock)
        clock.move(**by)

    def conversation(self, session: Session, resident: str, channel: str) -> Conversation:
        """The conversation of somebody who has written before."""
        reach = Reach(Channel(channel), resident)
        address = people.find_or_create(session, self.profile.id, reach, self.desk.clock())
        return conversations.conversation_for(session, address, self.desk.clock())


@contextmanager
def running(
    database: Database, profile: Profile, clock: Clock, log: Path, hearing: Path
) -> Iterator[Stack]:
    """Start everything; stop everything. `hearing` is the folder of the trained hearer."""
    assert (hearing / "model.json").exists(), "the hearer is not trained yet: run `make train`"
    places = places_of(profile.folder)
    hearer = Hearer.load(hearing, places=places.names())
    embedding = Embedding.open()
    result = sync(database, profile, profile.feeds[0].id, clock=clock)
    assert result.exit_status == 0, result.detail
    matcher = Matcher(profile, places, embedding.encode)
    with database.reading() as session:
        matcher.prepare(session)
    words = Words.load(hub=profile.name)
    calendar = Calendar(profile)
    office = Office(database, words, profile, calendar, clock, matcher)
    down: set[str] = set()
    app = make_app(every(office))

    @app.middleware("http")
    async def gone(request: Request, go_on: RequestResponseEndpoint) -> Response:
        return Response(status_code=503) if "actions" in down else await go_on(request)

    with served(app) as actions, rasa_server(f"{actions}/webhook", log) as url:
        rasa = Rasa(url, TURN_SECONDS)
        yield Stack(
            database,
            Desk(profile.id, database, hearer, rasa, words, calendar, clock),
            profile,
            down,
        )
        rasa.close()


@contextmanager
def rasa_server(actions: str, log: Path) -> Iterator[str]:
    """The island's own server, started as it is started in the product."""
    port = free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            [
                sys.executable, str(ROOT / "dialogue" / "serve.py"),
                "--port", str(port), "--actions", actions,
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    rasa = Rasa(url, 2.0)
    until = time.monotonic() + RASA_START_SECONDS
    try:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise AssertionError(f"Rasa ended at once:\n{log.read_text()[-2000:]}")
            if rasa.ready():
                return
            time.sleep(0.5)
    finally:
        rasa.close()
    raise AssertionError("Rasa did not start")
