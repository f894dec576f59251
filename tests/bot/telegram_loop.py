"""The product and the stand-in for Telegram, each calling the other over HTTP."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from bot.channels.registry import Registry, make_registry
from bot.converse import Desk, answer
from bot.deliver import Deliverer
from bot.rasa import Rasa
from bot.webhooks import make_router
from hub import conversations, messages, people
from hub.calendar import Calendar
from hub.database import Database
from hub.messages import Author, Message, Reply
from hub.people import Channel, Reach
from hub.profile import Profile
from hub.settings import Settings
from hub.words import Words
from nlu.hearer import Hearer
from standin.app import make_app
from standin.said import Target
from standin.state import State
from tests.bot.conftest import SECRET, make_settings
from tests.conftest import SetClock
from tests.serving import served

HUB = "croxteth"
CHAT = 42


@dataclass
class Loop:
    """Rita is chat 42. `state` is what Telegram knows."""

    database: Database
    clock: SetClock
    desk: Desk
    state: State
    telegram: str
    settings: Settings
    registry: Registry

    def tell(self, update: dict[str, Any]) -> None:
        """Telegram gives us an update."""
        told = httpx.post(f"{self.telegram}/telegram/updates", json=update)
        assert told.json() == {"status": 200}, told.text

    def say(self, text: str, chat: int = CHAT) -> None:
        said = {"channel": "telegram", "sender": str(chat), "text": text}
        assert httpx.post(f"{self.telegram}/said", json=said).json()["status"] == 200

    def tap(self, key: int, message: str | None = None, *, late: bool = False) -> None:
        body = {"sender": str(CHAT), "key": key, "message": message, "late": late}
        told = httpx.post(f"{self.telegram}/telegram/taps", json=body)
        assert told.json() == {"status": 200}, told.text

    def ask(self, text: str, *options: str, author: Author = Author.BOT) -> int:
        """We send something; the row's id."""
        with self.database.writing() as session:
            reach = Reach(Channel.TELEGRAM, str(CHAT))
            address = people.find_or_create(session, HUB, reach, self.clock())
            talk = conversations.conversation_for(session, address, self.clock())
            reply = Reply(text, options)
            row = messages.queue_reply(session, talk, reply, author=author, now=self.clock())
        self.deliver()
        return row.id

    def deliver(self) -> None:
        deliverer = Deliverer(self.database, self.registry, self.clock, "croxteth")
        while deliverer.deliver_next():
            pass

    def work(self) -> None:
        """Every waiting message is answered, with a Rasa that is not there, and sent."""
        for _ in range(8):
            with self.database.writing() as session:
                claims = conversations.claim(session, HUB, self.clock(), 30)
            for claim in claims:
                answer(self.desk, claim)
            self.clock.move(seconds=2)
        self.deliver()

    def rows(self) -> list[Message]:
        with self.database.reading() as session:
            return session.query(Message).order_by(Message.id).all()

    def inbound(self) -> list[Message]:
        return [row for row in self.rows() if row.direction == "in"]

    def sent(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self.telegram}/sent").json()
        return found

    def bot(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.telegram}/telegram").json()
        return found

    def fault(self, **fault: Any) -> None:
        told = httpx.post(f"{self.telegram}/faults", json={"provider": "telegram", **fault})
        assert told.status_code == 201

    def until(self, what: Callable[[], object]) -> None:
        """Wait for what is told to Telegram besides."""
        for _ in range(250):
            if what():
                return
            time.sleep(0.02)
        raise AssertionError("it did not happen")


@contextmanager
def running(
    database: Database, clock: SetClock, profile: Profile, hearer: Hearer, **more: Any
) -> Iterator[Loop]:
    """Both sides, with a webhook that both know."""
    target = Target(telegram_secret=SECRET)
    app, web = make_app(target), FastAPI()
    with served(web) as url, served(app) as telegram:
        target.url = url
        settings = make_settings(public_url=url, telegram_api_url=telegram, **more)
        registry = make_registry(settings)
        web.include_router(make_router(database, registry, settings, clock))
        desk = Desk(
            hub_id=profile.id,
            database=database,
            hearer=hearer,
            rasa=Rasa("http://127.0.0.1:9", 1.0),
            words=Words.load("en", hub=profile.name),
            calendar=Calendar(profile),
            clock=clock,
        )
        try:
            yield Loop(database, clock, desk, app.state.standin, telegram, settings, registry)
        finally:
            registry.close()
