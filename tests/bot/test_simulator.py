"""The three phones: words in by the same door, replies out of the same rows."""

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.registry import make_registry
from bot.deliver import Deliverer
from bot.simulator import make_simulator_router
from hub import messages
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Author, Reply
from tests.bot.conftest import Gateway, make_settings
from tests.conftest import SetClock
from tests.serving import served


def api(gateway: Gateway, skin: str = "sms") -> str:
    return f"{gateway.url}/simulator/api/{skin}/messages"


def shown(gateway: Gateway, phone: str, after: int = 0, skin: str = "sms") -> list[dict[str, str]]:
    answer = httpx.get(api(gateway, skin), params={"phone": phone, "after": after})
    assert answer.status_code == 200
    found: list[dict[str, str]] = answer.json()
    return found


def reply(gateway: Gateway, text: str, *options: str) -> None:
    with gateway.database.writing() as session:
        conversation = session.query(Conversation).one()
        messages.queue_reply(
            session, conversation, Reply(text, options), author=Author.BOT, now=gateway.clock()
        )


def test_a_phone_writes_and_sees_the_answer(gateway: Gateway) -> None:
    said = httpx.post(api(gateway), json={"text": "no food in", "phone": "0001"})
    assert said.status_code == 201
    first = said.json()["id"]
    assert [(m["direction"], m["text"]) for m in shown(gateway, "0001")] == [("in", "no food in")]
    reply(gateway, "Is it for tonight?", "Yes", "No")
    assert shown(gateway, "0001", first) == []
    registry = make_registry(gateway.settings)
    while Deliverer(gateway.database, registry, gateway.clock, "croxteth").deliver_next():
        pass
    registry.close()
    (answer,) = shown(gateway, "0001", first)
    assert answer["options"] == ["Yes", "No"]
    assert (answer["direction"], answer["status"]) == ("out", "delivered")
    assert shown(gateway, "0002") == []
    assert shown(gateway, "0001", skin="whatsapp") == []


def test_a_page_never_skips_a_reply_that_is_about_to_come(gateway: Gateway) -> None:
    httpx.post(api(gateway), data={"text": "one", "phone": "0001"})
    reply(gateway, "answer to one")
    httpx.post(api(gateway), data={"text": "two", "phone": "0001"})
    assert [m["text"] for m in shown(gateway, "0001")] == ["one"]
    gateway.clock.move(seconds=11)
    assert [m["text"] for m in shown(gateway, "0001")] == ["one", "two"]


def test_a_photo_without_words(gateway: Gateway) -> None:
    said = httpx.post(api(gateway, "whatsapp"), json={"phone": "7", "photo": True})
    assert said.status_code == 201
    (row,) = gateway.stored()
    assert (row.text, len(row.media)) == ("", 1)


@pytest.mark.parametrize(
    ("skin", "body", "status"),
    [
        ("pager", b'{"text": "x", "phone": "1"}', 404),
        ("sms", b'{"text": "x", "phone": "../1"}', 400),
        ("sms", b'{"text": "x"}', 400),
        ("sms", b"[1]", 400),
        ("sms", b"{", 400),
        ("sms", b"\xff", 400),
        ("sms", b"[" * 100_000, 400),
        ("sms", b'{"text": "' + b"x" * 20_001 + b'", "phone": "1"}', 400),
        ("sms", b"x" * 200_000, 413),
    ],
)
def test_nonsense_is_refused(gateway: Gateway, skin: str, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(api(gateway, skin), content=body, headers=headers)
    assert answer.status_code == status
    assert gateway.stored() == []


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_only_pages_of_this_machine(gateway: Gateway, headers: dict[str, str]) -> None:
    body = {"text": "x", "phone": "1"}
    assert httpx.post(api(gateway), json=body, headers=headers).status_code == 404
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert httpx.post(api(gateway), json=body, headers=forwarded).status_code == 404
    assert gateway.stored() == []


def test_it_is_not_there_unless_turned_on(sqlite: Database, clock: SetClock) -> None:
    app = FastAPI()
    app.include_router(make_simulator_router(sqlite, make_settings(simulator=False), clock))
    with served(app) as url:
        answer = httpx.get(f"{url}/simulator/api/sms/messages", params={"phone": "1"})
        assert answer.status_code == 404


def test_a_tapped_key_goes_as_its_message_and_place(gateway: Gateway) -> None:
    httpx.post(api(gateway, "telegram"), json={"text": "/start", "phone": "0001"})
    reply(gateway, "Is it for tonight?", "Yes", "No")
    asked = gateway.stored()[-1].id
    for _ in range(2):
        tapped = {"tap": f"{asked}:1", "phone": "0001"}
        assert httpx.post(api(gateway, "telegram"), json=tapped).status_code == 201
    first, _, tap = gateway.stored()
    assert (first.text, tap.text, tap.kind, tap.reply_to_id) == ("START", "No", "tap", asked)
    gateway.clock.move(seconds=11)
    assert shown(gateway, "0001", skin="telegram")[-1]["tapped"] == asked
    for odd in ("x", "1", "1:2:3", "-1:0"):
        body = {"tap": odd, "phone": "0001"}
        assert httpx.post(api(gateway, "telegram"), json=body).status_code == 400
