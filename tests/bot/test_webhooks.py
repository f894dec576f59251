"""Stored before it is acknowledged, once, and only where the provider really called."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from bot.channels.registry import make_registry
from bot.webhooks import MOST_BYTES, make_router
from hub import conversations, messages, people
from hub.database import Database
from hub.messages import Author, Message, Reply, Status
from hub.people import Address, Channel, Person, Reach
from standin import telegram_says as telegram
from standin import twilio
from tests.bot.conftest import (
    ACCOUNT,
    HUB_NUMBER,
    RITA,
    SECRET,
    TOKEN,
    Gateway,
    make_settings,
)
from tests.conftest import SetClock
from tests.serving import served

MESSAGE = "/webhooks/twilio/message"
STATUS = "/webhooks/twilio/status"


def test_a_text_is_stored_and_answered_with_nothing(gateway: Gateway) -> None:
    answer = gateway.text("no food in and a letter from the bailiffs")
    assert answer.status_code == 204
    assert answer.content == b""
    (row,) = gateway.stored()
    assert (row.text, row.channel, row.status) == (
        "no food in and a letter from the bailiffs",
        "sms",
        "received",
    )
    with gateway.database.reading() as session:
        assert session.scalars(select(Address)).one().value == RITA


@pytest.mark.parametrize(
    "words",
    [
        "",
        "😀 " * 4000,
        "مرحبا، لا يوجد طعام",
        "a\x00b",
        "\u202eabc",
        "x" * 10_000,
        "é" * 1600,
        "/session_start{}",
        "a & b = c + d % e; f\r\ng",
    ],
    ids=["empty", "emoji", "arabic", "nul", "rtl", "long", "accents", "slash", "signs"],
)
def test_any_text_is_stored(gateway: Gateway, words: str) -> None:
    assert gateway.text(words).status_code == 204
    (row,) = gateway.stored()
    assert row.text == words.replace("\x00", "")


def test_whatsapp_a_photo_and_a_place(gateway: Gateway) -> None:
    answer = gateway.text(
        "",
        f"whatsapp:{RITA}",
        NumMedia="1",
        MediaUrl0="https://api.twilio.com/media/1",
        MediaContentType0="image/jpeg",
        Latitude="53.45",
        Longitude="-2.9",
        ProfileName="Rita",
    )
    assert answer.status_code == 204
    (row,) = gateway.stored()
    assert row.channel == "whatsapp"
    assert row.media == [
        {"url": "https://api.twilio.com/media/1", "content_type": "image/jpeg"},
        {"latitude": 53.45, "longitude": -2.9},
    ]


def test_a_duplicate_is_acknowledged_and_changes_nothing(gateway: Gateway) -> None:
    for _ in range(3):
        assert gateway.text("hello", MessageSid="SM1").status_code == 204
    assert len(gateway.stored()) == 1


def test_twenty_at_once_ten_of_them_twins_of_a_stranger(gateway: Gateway) -> None:
    """The same new person, the same new message, at the same time."""
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: gateway.text("hi", MessageSid=f"SM{n % 10}"), range(20)))
    assert {answer.status_code for answer in answers} == {204}
    rows = gateway.stored()
    assert sorted(row.seq or 0 for row in rows) == list(range(1, 11))
    with gateway.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize(
    "headers",
    [{"X-Twilio-Signature": "forged"}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "é"}],
    ids=["forged", "empty", "odd"],
)
def test_a_forged_call_is_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    params = twilio.inbound("let me in", RITA, HUB_NUMBER, ACCOUNT)
    raw = {name: value.encode() for name, value in headers.items()}
    for path in (MESSAGE, STATUS):
        answer = httpx.post(gateway.url + path, data=params, headers=raw)
        assert answer.status_code == 403
    assert httpx.post(gateway.url + MESSAGE, data=params).status_code == 403
    assert gateway.stored() == []


def test_a_signature_is_for_this_text_and_this_address_only(gateway: Gateway) -> None:
    params = twilio.inbound("no", RITA, HUB_NUMBER, ACCOUNT)
    signature = {"X-Twilio-Signature": twilio.sign(TOKEN, f"https://hub.example{MESSAGE}", params)}
    changed = httpx.post(gateway.url + MESSAGE, data={**params, "Body": "yes"}, headers=signature)
    elsewhere = httpx.post(gateway.url + STATUS, data=params, headers=signature)
    more = httpx.post(f"{gateway.url}{MESSAGE}?message=1", data=params, headers=signature)
    assert {changed.status_code, elsewhere.status_code, more.status_code} == {403}
    assert gateway.stored() == []


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_what_cannot_be_stored_is_refused(gateway: Gateway, missing: str) -> None:
    params = twilio.inbound("hello", RITA, HUB_NUMBER, ACCOUNT)
    params = {k: v for k, v in params.items() if k not in (missing, f"Sms{missing[7:]}")}
    params.pop("SmsMessageSid", None)
    assert gateway.post(MESSAGE, params).status_code == 400
    assert gateway.text("x" * 20_001).status_code == 400
    assert gateway.text("hello", MessageSid="S\x00M").status_code == 400
    assert gateway.text("hello", MessageSid="S" * 200).status_code == 400
    assert gateway.stored() == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=\x00", "application/x-www-form-urlencoded"),
        (b"Body=%ED%A0%80&From=1&MessageSid=2", "application/x-www-form-urlencoded"),
        (b"no form at all", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(300)), "application/x-www-form-urlencoded"),
        (b'{"Body": "hello"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
    ids=["binary", "surrogate", "prose", "fields", "json", "deep", "multipart"],
)
def test_malformed_bodies_are_refused(gateway: Gateway, body: bytes, kind: str) -> None:
    headers = {
        "Content-Type": kind,
        "X-Twilio-Signature": twilio.sign(TOKEN, f"https://hub.example{MESSAGE}", {}),
    }
    answer = httpx.post(gateway.url + MESSAGE, content=body, headers=headers)
    assert answer.status_code in (400, 403)
    assert gateway.stored() == []


def test_oversize_bodies_are_refused_told_or_not(gateway: Gateway) -> None:
    big = b"Body=" + b"x" * MOST_BYTES
    for path in (MESSAGE, STATUS, "/webhooks/telegram"):
        assert httpx.post(gateway.url + path, content=big).status_code == 413

        def parts() -> Any:
            yield from (big[at : at + 9999] for at in range(0, len(big), 9999))

        assert httpx.post(gateway.url + path, content=parts()).status_code == 413


def test_without_a_token_nothing_is_believed(sqlite: Database, clock: SetClock) -> None:
    """An empty key would let anybody sign."""
    settings = make_settings(twilio_auth_token="", telegram_secret="")
    app = FastAPI()
    app.include_router(make_router(sqlite, make_registry(settings), settings, clock))
    params = twilio.inbound("hello", RITA, HUB_NUMBER, ACCOUNT)
    with served(app) as url:
        signed = {"X-Twilio-Signature": twilio.sign("", f"https://hub.example{MESSAGE}", params)}
        assert httpx.post(url + MESSAGE, data=params, headers=signed).status_code == 403
        empty = {"X-Telegram-Bot-Api-Secret-Token": ""}
        answer = httpx.post(f"{url}/webhooks/telegram", json={"update_id": 1}, headers=empty)
        assert answer.status_code == 403


def test_database_trouble_is_never_acknowledged(gateway: Gateway) -> None:
    with gateway.database.writing() as session:
        session.execute(text("ALTER TABLE messages RENAME TO gone"))
    assert gateway.text("hello", MessageSid="SM1").status_code == 503
    with gateway.database.writing() as session:
        session.execute(text("ALTER TABLE gone RENAME TO messages"))
    assert gateway.text("hello", MessageSid="SM1").status_code == 204


def queue(gateway: Gateway, status: Status, provider_id: str | None = None) -> int:
    with gateway.database.writing() as session:
        now = gateway.clock()
        address = people.find_or_create(session, "croxteth", Reach(Channel.SMS, RITA), now)
        conversation = conversations.conversation_for(session, address, now)
        row = messages.queue_reply(
            session, conversation, Reply("hello"), author=Author.BOT, now=now
        )
        row.status, row.provider_id, row.attempts = status, provider_id, 1
        return row.id


def news(gateway: Gateway, our_id: int | str, status: str, **more: str) -> int:
    params = {"MessageSid": "SM1", "MessageStatus": status, "AccountSid": ACCOUNT, **more}
    return gateway.post(f"{STATUS}?message={our_id}", params).status_code


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent", "queued"], "delivered"),
        (["queued"], "sent"),
        (["delivered", "undelivered"], "delivered"),
        (["undelivered", "sent"], "failed"),
        (["read"], "delivered"),
        (["receiving", "nonsense", ""], "unknown"),
    ],
)
def test_a_status_only_moves_forward(gateway: Gateway, told: list[str], ends: str) -> None:
    our_id = queue(gateway, Status.UNKNOWN)
    for status in told:
        more = {"ErrorCode": "30005"} if status == "undelivered" else {}
        assert news(gateway, our_id, status, **more) == 204
    (row,) = gateway.stored()
    assert row.status == ends
    if ends == "failed":
        assert row.reason == "The number does not exist any more."


def test_a_status_finds_its_message_by_either_id(gateway: Gateway) -> None:
    queue(gateway, Status.SENT, "SM1")
    assert gateway.post(STATUS, {"MessageSid": "SM1", "MessageStatus": "delivered"}).is_success
    assert gateway.stored()[0].status == "delivered"
    for odd in ("999999", "abc", "-1", "%C2%B2", "9" * 40):
        assert news(gateway, odd, "delivered") == 204
    assert gateway.post(STATUS, {"MessageStatus": "sent"}).status_code == 400


def test_news_about_another_record_is_left(gateway: Gateway) -> None:
    """A restored database may have given the id to another message."""
    our_id = queue(gateway, Status.SENT, "SM7")
    assert news(gateway, our_id, "delivered") == 204
    assert gateway.stored()[0].status == "sent"


def test_a_status_never_touches_a_residents_own_message(gateway: Gateway) -> None:
    gateway.text("hello", MessageSid="SM1")
    assert news(gateway, gateway.stored()[0].id, "delivered") == 204
    assert gateway.stored()[0].status == "received"


def test_a_phone_that_is_off_is_tried_again_and_a_stop_is_kept(gateway: Gateway) -> None:
    off = queue(gateway, Status.SENT, "SM1")
    assert news(gateway, off, "undelivered", ErrorCode="30003") == 204
    row = gateway.stored()[0]
    assert row.status == "queued"
    assert row.not_before is not None
    assert row.not_before > gateway.clock()
    stopped = queue(gateway, Status.SENT, "SM2")
    assert news(gateway, stopped, "failed", ErrorCode="21610", MessageSid="SM2") == 204
    with gateway.database.reading() as session:
        assert session.get_one(Message, stopped).status == "failed"
        assert session.scalars(select(Address)).one().opted_out_at == gateway.clock()


def telegram_post(gateway: Gateway, body: object, secret: str = SECRET) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"{gateway.url}/webhooks/telegram"
    return httpx.post(url, content=content, headers=headers).status_code


def test_telegram_updates_are_stored_once(gateway: Gateway) -> None:
    for _ in range(2):
        assert telegram_post(gateway, telegram.update(7, 4242, "no food in")) == 200
    assert telegram_post(gateway, telegram.update(8, 4242, "x"), secret="wrong") == 403
    (row,) = gateway.stored()
    assert (row.text, row.channel, row.provider_id) == ("no food in", "telegram", "update:7:m7")


def telegram_odd(name: str) -> dict[str, Any]:
    update = telegram.update(9, 4242, "hello")
    message = update["message"]
    if name == "edit":
        return {"update_id": 9, "edited_message": {**message, "edit_date": 1}}
    if name == "group":
        return {"update_id": 9, "message": {**message, "chat": {"id": -5, "type": "group"}}}
    if name == "bot":
        return {"update_id": 9, "message": {**message, "from": {**message["from"], "is_bot": True}}}
    return {"update_id": 9, "message": {"of": "the future"}, "new_kind": {}}


@pytest.mark.parametrize("name", ["edit", "group", "bot", "future"])
def test_what_is_no_private_message_is_acknowledged_and_left(gateway: Gateway, name: str) -> None:
    assert telegram_post(gateway, telegram_odd(name)) == 200
    assert gateway.stored() == []


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", b'{"update_id": "x"}', b"[" * 9999]
)
def test_what_is_no_update_is_refused(gateway: Gateway, body: bytes) -> None:
    assert telegram_post(gateway, body) == 400


def test_a_telegram_photo_and_a_place(gateway: Gateway) -> None:
    update = telegram.update(1, 4242, "")
    sizes = [
        {"file_id": f"f{n}", "file_unique_id": f"u{n}", "width": n, "height": n} for n in (1, 2)
    ]
    photo = {"update_id": 1, "message": {**update["message"], "photo": sizes}}
    place = {"latitude": 53.45, "longitude": -2.9}
    location = {"update_id": 2, "message": {**update["message"], "location": place}}
    assert telegram_post(gateway, photo) == 200
    assert telegram_post(gateway, location) == 200
    first, second = gateway.stored()
    assert first.media == [{"url": "telegram:f2", "content_type": "image/jpeg"}]
    assert second.media == [place]


def test_blocked_on_telegram_is_stopped_until_unblocked(gateway: Gateway) -> None:
    telegram_post(gateway, telegram.update(1, 4242, "hello"))
    person = {"id": 4242, "is_bot": False, "first_name": "Rita"}
    us = {"id": 1, "is_bot": True, "first_name": "Hub"}

    def change(number: int, status: str) -> dict[str, Any]:
        extra = {"until_date": 0} if status == "kicked" else {}
        return {
            "update_id": number,
            "my_chat_member": {
                "chat": {"id": 4242, "type": "private"},
                "from": person,
                "date": 1,
                "old_chat_member": {"user": us, "status": "member"},
                "new_chat_member": {"user": us, "status": status, **extra},
            },
        }

    def stopped() -> bool:
        with gateway.database.reading() as session:
            return session.scalars(select(Address)).one().opted_out_at is not None

    assert telegram_post(gateway, change(2, "kicked")) == 200
    assert stopped()
    assert telegram_post(gateway, change(3, "member")) == 200
    assert not stopped()
