"""The stand-in tells what Telegram tells: python-telegram-bot's own client is the witness."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from standin.app import make_app
from tests.serving import served

KEYS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("YES", callback_data="a"),
            InlineKeyboardButton("NO", callback_data="b"),
        ]
    ]
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """One stand-in for all; each test begins anew."""
    with served(make_app()) as found:
        yield found


@pytest.fixture(autouse=True)
def anew(url: str) -> None:
    httpx.delete(f"{url}/sent")


def bot(url: str, what: Callable[[Bot], Awaitable[Any]], token: str = "1:token") -> Any:
    """Call the stand-in as the product does."""

    async def call() -> Any:
        request = HTTPXRequest(httpx_kwargs={"trust_env": False})
        try:
            client = Bot(token, base_url=f"{url}/bot", request=request, get_updates_request=request)
            return await what(client)
        finally:
            await request.shutdown()

    return asyncio.run(call())


def tell(url: str, body: dict[str, Any]) -> None:
    assert httpx.post(f"{url}/telegram/updates", json=body).json() == {"status": 200}


def said(number: int, text: str = "hello") -> dict[str, Any]:
    chat = {"id": 42, "type": "private", "first_name": "Rita"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1, "chat": chat, "text": text},
    }


def test_who_am_i_and_a_wrong_token(url: str) -> None:
    assert bot(url, lambda b: b.get_me()).username == "standin_bot"
    with pytest.raises(InvalidToken):
        bot(url, lambda b: b.get_me(), token="no-token")


def test_a_keyboard_is_sent_tapped_answered_once_and_taken_away(url: str) -> None:
    sent = bot(url, lambda b: b.send_message(42, "Yes or no?", reply_markup=KEYS))
    bot(url, lambda b: b.get_updates())
    assert httpx.post(f"{url}/telegram/taps", json={"sender": "42", "key": 1}).status_code == 200
    (update,) = bot(url, lambda b: b.get_updates())
    query = update.callback_query
    assert (query.data, query.message.text) == ("b", "Yes or no?")
    assert bot(url, lambda b: b.answer_callback_query(query.id, "Thank you"))
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        bot(url, lambda b: b.answer_callback_query(query.id))
    where = {"chat_id": 42, "message_id": sent.message_id}
    bot(url, lambda b: b.edit_message_text("Yes or no? You chose: NO", **where))
    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        bot(url, lambda b: b.edit_message_reply_markup(**where))
    (shown,) = httpx.get(f"{url}/sent").json()
    assert (shown["text"], shown["options"]) == ("Yes or no? You chose: NO", [])
    late = {"sender": "42", "key": 0, "message": str(sent.message_id), "late": True}
    assert httpx.post(f"{url}/telegram/taps", json=late).status_code == 200
    old = bot(url, lambda b: b.get_updates(offset=update.update_id + 1))[0].callback_query
    assert (old.data, old.message.is_accessible) == ("a", False)


def test_updates_wait_until_they_are_confirmed(url: str) -> None:
    assert bot(url, lambda b: b.get_updates()) == ()
    for number in (7, 8, 9):
        tell(url, said(number))
    first = bot(url, lambda b: b.get_updates(limit=2))
    again = bot(url, lambda b: b.get_updates())
    assert [one.update_id for one in first] == [7, 8]
    assert [one.update_id for one in again] == [7, 8, 9]
    assert [one.update_id for one in bot(url, lambda b: b.get_updates(offset=9))] == [9]
    assert httpx.get(f"{url}/telegram").json()["confirmed"] == 8


def test_a_poll_waits_for_news_and_a_second_one_ends_it(url: str) -> None:
    async def both(b: Bot) -> Any:
        first = asyncio.ensure_future(b.get_updates(timeout=5))
        await asyncio.sleep(0.2)
        second = asyncio.ensure_future(b.get_updates(timeout=5))
        with pytest.raises(Conflict, match="terminated by other"):
            await first
        await asyncio.to_thread(tell, url, said(1))
        return await second

    assert [one.message.text for one in bot(url, both)] == ["hello"]


def test_a_webhook_and_polling_exclude_each_other(url: str) -> None:
    bot(url, lambda b: b.set_webhook("http://127.0.0.1:9/", secret_token="s"))
    assert bot(url, lambda b: b.get_webhook_info()).url == "http://127.0.0.1:9/"
    with pytest.raises(Conflict, match="webhook is active"):
        bot(url, lambda b: b.get_updates())
    with pytest.raises(BadRequest, match=r"(?i)https"):
        bot(url, lambda b: b.set_webhook("http://hub.example/"))
    bot(url, lambda b: b.delete_webhook())
    assert bot(url, lambda b: b.get_updates()) == ()


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_refusals_are_told_as_telegram_tells_them(url: str) -> None:
    async def send(b: Bot, text: str = "hello", to: str = "42") -> Any:
        return await b.send_message(to, text)

    for text, to, words in (("x" * 4097, "42", "too long"), ("hello", "nobody", "chat not found")):
        with pytest.raises(BadRequest, match=rf"(?i){words}"):
            bot(url, lambda b, text=text, to=to: send(b, text, to))
    assert bot(url, lambda b: send(b, "x" * 4096)).message_id
    fault = {"provider": "telegram", "kind": "refuse", "http": 429, "retry_after": 7}
    httpx.post(f"{url}/faults", json=fault)
    with pytest.raises(RetryAfter, match="7"):
        bot(url, send)
    httpx.post(f"{url}/faults", json={**fault, "method": "getMe", "http": 409})
    with pytest.raises(Conflict):
        bot(url, lambda b: b.get_me())


def test_a_resident_blocks_the_bot_and_lets_it_in_again(url: str) -> None:
    bot(url, lambda b: b.get_updates())
    us = {"user": {"id": 1, "is_bot": True, "first_name": "Hub"}, "status": "member"}
    change = {"chat": {"id": 42, "type": "private"}, "from": us["user"], "date": 1}
    change["old_chat_member"] = us
    for status in ("kicked", "member"):
        tell(url, {"my_chat_member": {**change, "new_chat_member": {**us, "status": status}}})
        if status == "kicked":
            with pytest.raises(Forbidden, match="blocked"):
                bot(url, lambda b: b.send_message(42, "hello"))
    assert bot(url, lambda b: b.send_message(42, "hello"))
