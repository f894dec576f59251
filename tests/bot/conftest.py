"""The gateway as it runs: webhooks over HTTP, a stand-in provider, a deliverer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.channels.registry import Registry, make_registry
from bot.deliver import Deliverer
from bot.simulator import make_simulator_router
from bot.webhooks import make_router
from hub import conversations, messages, people
from hub.database import Database
from hub.messages import Author, Message, Reply
from hub.people import Channel, Reach
from hub.settings import Settings
from nlu.hearer import Hearer
from standin import twilio
from standin.app import make_app
from standin.state import State
from tests.conftest import SetClock
from tests.serving import served

ACCOUNT = "AC" + "1" * 32
TOKEN = "a token for tests"
SECRET = "a-secret-for-tests"
PUBLIC = "https://hub.example"
RITA = "+447700900001"
HUB_NUMBER = "+447700900000"


@dataclass
class Gateway:
    """A running web process of the bot, and everything a test needs to watch it."""

    url: str
    database: Database
    settings: Settings
    clock: SetClock

    def post(self, path: str, params: dict[str, str], **headers: str) -> httpx.Response:
        """A form post, signed as Twilio signs it unless a header says otherwise."""
        signed = {"X-Twilio-Signature": twilio.sign(TOKEN, PUBLIC + path, params)}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return httpx.post(
            self.url + path, content=urlencode(params), headers=signed | kind | headers
        )

    def text(self, text: str, sender: str = RITA, **more: str) -> httpx.Response:
        """A resident's text arrives."""
        params = twilio.inbound(text, sender, HUB_NUMBER, ACCOUNT, **more)
        return self.post("/webhooks/twilio/message", params)

    def stored(self) -> list[Message]:
        """Every message, oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))


@dataclass
class Post:
    """The stand-in provider and a deliverer that sends to it."""

    url: str
    database: Database
    registry: Registry
    deliverer: Deliverer
    clock: SetClock

    def queue(
        self, text: str, value: str = RITA, channel: Channel = Channel.SMS, **more: Any
    ) -> int:
        """Queue a reply to somebody who has just written; the row's id."""
        options = more.pop("options", ())
        with self.database.writing() as session:
            now = self.clock()
            address = people.find_or_create(session, "croxteth", Reach(channel, value), now)
            address.last_inbound_at = more.pop("last_inbound_at", now)
            address.opted_out_at = more.pop("opted_out_at", address.opted_out_at)
            conversation = conversations.conversation_for(session, address, now)
            reply = Reply(text, options)
            more.setdefault("author", Author.BOT)
            return messages.queue_reply(session, conversation, reply, now=now, **more).id

    def work(self, most: int = 50) -> int:
        """Deliver until there is nothing to do; how many steps it took."""
        for step in range(most):
            if not self.deliverer.deliver_next():
                return step
        raise AssertionError("the deliverer does not come to an end")

    def row(self, message_id: int) -> Message:
        """A message as it is now."""
        with self.database.reading() as session:
            message = session.get_one(Message, message_id)
            assert message.conversation.address.value
            return message

    def sent(self) -> list[dict[str, Any]]:
        """What reached the provider, oldest first."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/sent").json()
        return found

    def texts(self) -> list[str]:
        """The texts that reached the provider, oldest first."""
        return [one["text"] for one in self.sent()]

    def fault(self, **fault: Any) -> None:
        """Make the provider fail."""
        assert httpx.post(f"{self.url}/faults", json=fault).status_code == 201


def make_settings(**more: Any) -> Settings:
    """Settings with every channel turned on."""
    given: dict[str, Any] = {
        "public_url": PUBLIC,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "sms_number": HUB_NUMBER,
        "whatsapp_number": HUB_NUMBER,
        "telegram_token": "1:token",
        "telegram_secret": SECRET,
        "telegram_api_url": "http://127.0.0.1:9",
        "simulator": True,
    }
    return Settings(_env_file=None, **given | more)


@pytest.fixture
def gateway(database: Database, clock: SetClock) -> Iterator[Gateway]:
    """The webhooks and the simulator over HTTP, on each kind of database."""
    settings = make_settings()
    registry = make_registry(settings)
    app = FastAPI()
    app.include_router(make_router(database, registry, settings, clock))
    app.include_router(make_simulator_router(database, settings, clock))
    with served(app) as url:
        yield Gateway(url, database, settings, clock)
    registry.close()


@pytest.fixture(scope="session")
def provider() -> Iterator[tuple[str, State]]:
    """One stand-in provider for all; each test forgets what the one before sent."""
    app = make_app()
    with served(app) as url:
        yield url, app.state.standin


@pytest.fixture
def post(database: Database, clock: SetClock, provider: tuple[str, State]) -> Iterator[Post]:
    """A deliverer and its stand-in provider, on each kind of database."""
    url, state = provider
    httpx.delete(f"{url}/sent")
    state.clock = clock
    registry = make_registry(
        make_settings(twilio_api_url=url, telegram_api_url=url, public_url="http://127.0.0.1:9")
    )
    yield Post(url, database, registry, Deliverer(database, registry, clock, "croxteth"), clock)
    registry.close()


@pytest.fixture(scope="session")
def word_hearer(tmp_path_factory: pytest.TempPathFactory) -> Hearer:
    """Ears without a model: words only."""
    return Hearer.load(tmp_path_factory.mktemp("none") / "hearer", embedding="none", places={})
