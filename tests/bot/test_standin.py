"""The stand-in is believed by the real webhooks and tells what a provider tells."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.registry import make_registry
from bot.deliver import Deliverer
from bot.webhooks import make_router
from hub import messages
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Author, Message, Reply
from hub.settings import ROOT
from standin.app import make_app
from standin.said import Target
from tests.bot.conftest import ACCOUNT, RITA, SECRET, TOKEN, make_settings
from tests.conftest import SetClock
from tests.serving import served


class Loop:
    """The product and the stand-in, each calling the other."""

    def __init__(self, database: Database, clock: SetClock, target: Target, web: FastAPI) -> None:
        self.database = database
        self.clock = clock
        self.target = target
        self.web = web
        self.standin = ""

    def say(self, **said: object) -> dict[str, object]:
        answer: dict[str, object] = httpx.post(f"{self.standin}/said", json=said).json()
        return answer

    def rows(self) -> list[Message]:
        with self.database.reading() as session:
            return session.query(Message).order_by(Message.id).all()

    def reply(self, text: str) -> None:
        with self.database.writing() as session:
            conversation = session.query(Conversation).one()
            messages.queue_reply(
                session, conversation, Reply(text), author=Author.BOT, now=self.clock()
            )
        registry = make_registry(
            make_settings(twilio_api_url=self.standin, public_url=self.target.url)
        )
        deliverer = Deliverer(self.database, registry, self.clock, "croxteth")
        while deliverer.deliver_next():
            pass
        registry.close()

    def wait_for(self, status: str) -> Message:
        for _ in range(200):
            row = self.rows()[-1]
            if row.status == status:
                return row
            time.sleep(0.02)
        raise AssertionError(f"still {row.status}")


@pytest.fixture
def loop(sqlite: Database, clock: SetClock) -> Iterator[Loop]:
    """The product over HTTP and the stand-in over HTTP, on SQLite."""
    target = Target(account_sid=ACCOUNT, auth_token=TOKEN, telegram_secret=SECRET)
    web = FastAPI()
    with served(web) as url, served(make_app(target)) as standin:
        target.url = url
        settings = make_settings(public_url=url)
        web.include_router(make_router(sqlite, make_registry(settings), settings, clock))
        made = Loop(sqlite, clock, target, web)
        made.standin = standin
        yield made


def test_a_resident_writes_and_is_answered(loop: Loop) -> None:
    assert loop.say(sender=RITA, text="no food in")["status"] == 204
    loop.reply("Is it for tonight?")
    assert loop.wait_for("delivered").text == "Is it for tonight?"
    (sent,) = httpx.get(f"{loop.standin}/sent", params={"to": RITA}).json()
    assert sent["text"] == "Is it for tonight?"


def test_telegram_and_whatsapp_too(loop: Loop) -> None:
    assert loop.say(channel="telegram", sender="4242", text="hello")["status"] == 200
    assert loop.say(channel="whatsapp", sender=RITA, text="hello")["status"] == 204
    assert [row.channel for row in loop.rows()] == ["telegram", "whatsapp"]


def test_a_duplicate_is_stored_once(loop: Loop) -> None:
    first = loop.say(sender=RITA, text="hello")
    assert loop.say(sender=RITA, text="hello", sid=first["sid"])["status"] == 204
    assert len(loop.rows()) == 1


def test_news_out_of_order_and_bad_news(loop: Loop) -> None:
    loop.say(sender=RITA, text="hello")
    fault = {"kind": "news", "statuses": ["delivered", "sent", "delivered"]}
    httpx.post(f"{loop.standin}/faults", json=fault)
    loop.reply("one")
    loop.wait_for("delivered")
    bad = {"kind": "news", "statuses": ["sent", "undelivered"], "code": 30005}
    httpx.post(f"{loop.standin}/faults", json=bad)
    loop.reply("two")
    assert loop.wait_for("failed").reason == "The number does not exist any more."


def test_stop_is_enforced_as_at_twilio(loop: Loop) -> None:
    loop.say(sender=RITA, text="STOP")
    loop.reply("one more thing")
    row = loop.wait_for("failed")
    assert row.reason == "They asked for no more messages."
    assert httpx.get(f"{loop.standin}/sent").json() == []


def test_it_refuses_whoever_does_not_sign_in(loop: Loop) -> None:
    path = f"{loop.standin}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert httpx.get(path).status_code == 401
    assert httpx.post(path, data={"To": RITA}, auth=("ACother", "x")).status_code == 401
    assert httpx.post(path, data={"To": "12"}, auth=(ACCOUNT, "x")).json()["code"] == 21211


def test_pages_of_the_message_list(loop: Loop) -> None:
    loop.say(sender=RITA, text="hello")
    for number in range(3):
        loop.reply(f"{number}")
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    auth = (ACCOUNT, "x")
    first = httpx.get(f"{loop.standin}{path}?PageSize=2&To=%2B447700900001", auth=auth).json()
    assert [one["body"] for one in first["messages"]] == ["2", "1"]
    rest = httpx.get(loop.standin + first["next_page_uri"], auth=auth).json()
    assert [one["body"] for one in rest["messages"]] == ["0"]
    assert rest["next_page_uri"] is None
    sid = rest["messages"][0]["sid"]
    one = httpx.get(f"{loop.standin}{path[:-5]}/{sid}.json", auth=auth).json()
    assert one["sid"] == sid


def test_the_command_runs_as_the_readme_says() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "standin", "--port", str(port)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        assert f"http://127.0.0.1:{port}/" in running.stdout.readline()
        for _ in range(200):
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/sent").json() == []
                break
            except httpx.ConnectError:
                assert running.poll() is None, "it ended"
                time.sleep(0.05)
        else:
            raise AssertionError("nobody listens")
    finally:
        running.terminate()
        running.wait(10)
        if running.stdout:
            running.stdout.close()
