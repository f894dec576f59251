"""WhatsApp's 24 hours: held, asked with the template, released by an answer; or sent as a text."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from bot import arrivals
from bot.channels.base import News, Ways
from bot.channels.errors import TWILIO
from bot.channels.registry import make_registry
from bot.channels.whatsapp import reopening
from bot.deliver import Deliverer
from hub import messages, people
from hub.messages import TEMPLATE_FAILED, WINDOW_CLOSED, Author, Inbound, Status
from hub.people import Channel, ContactWay, Reach
from standin.state import State
from tests.bot.conftest import RITA, Post, make_settings

TEMPLATE = "HX" + "a" * 32
WHATSAPP = Reach(Channel.WHATSAPP, RITA)
ASKS = reopening(make_settings())


@pytest.fixture
def whatsapp(post: Post, provider: tuple[str, State]) -> Iterator[Post]:
    """A deliverer whose WhatsApp has an approved template."""
    _, state = provider
    state.contents[TEMPLATE] = {
        "sid": TEMPLATE,
        "approval": "approved",
        "types": {"twilio/text": {"body": ASKS}},
    }
    registry = make_registry(
        make_settings(twilio_api_url=post.url, public_url="http://127.0.0.1:9",
                      whatsapp_template=TEMPLATE)
    )  # fmt: skip
    yield Post(
        post.url,
        post.database,
        registry,
        Deliverer(post.database, registry, post.clock, "croxteth"),
        post.clock,
    )
    registry.close()


def late(post: Post, text: str, **more: object) -> int:
    """A worker's reply to somebody who last wrote 25 hours ago."""
    yesterday = more.pop("last_inbound_at", post.clock() - timedelta(hours=25))
    return post.queue(
        text, channel=Channel.WHATSAPP, author=Author.STAFF, last_inbound_at=yesterday, **more
    )


def safe(post: Post, way: ContactWay) -> None:
    with post.database.writing() as session:
        address = people.find_or_create(session, "croxteth", WHATSAPP, post.clock())
        people.set_safe_contact(session, address.person_id, way=way, now=post.clock())


def writes(post: Post, text: str, sid: str = "SM77") -> None:
    with post.database.writing() as session:
        inbound = Inbound(WHATSAPP, sid, text)
        messages.receive(session, "croxteth", inbound, post.clock())


def eventually(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def test_a_late_reply_is_held_asked_for_and_sent_when_they_answer(whatsapp: Post) -> None:
    first, second = late(whatsapp, "It is on Monday."), late(whatsapp, "At ten.")
    whatsapp.work()
    (asked,) = whatsapp.sent()
    assert (asked["content"], asked["text"]) == (TEMPLATE, ASKS)
    for row in (first, second):
        held = whatsapp.row(row)
        assert (held.status, held.reason) == (Status.HELD, WINDOW_CLOSED)
    writes(whatsapp, "yes?")
    whatsapp.work()
    assert whatsapp.texts() == [ASKS, "It is on Monday.", "At ten."]


def test_they_are_asked_once_however_much_waits(whatsapp: Post) -> None:
    since = whatsapp.clock() - timedelta(hours=25)
    for number in range(3):
        late(whatsapp, f"{number}", last_inbound_at=since)
        whatsapp.work()
        whatsapp.clock.move(days=2)
    assert whatsapp.texts() == [ASKS]


def test_after_an_answer_they_may_be_asked_again(whatsapp: Post) -> None:
    late(whatsapp, "one")
    whatsapp.work()
    writes(whatsapp, "hello")
    whatsapp.work()
    whatsapp.clock.move(days=3)
    late(whatsapp, "two")
    whatsapp.work()
    assert whatsapp.texts() == [ASKS, "one", ASKS]


def test_a_safety_reply_asks_first_too(whatsapp: Post) -> None:
    late(whatsapp, "Call 999", urgent=True)
    whatsapp.work()
    assert whatsapp.texts() == [ASKS]


def test_without_a_template_it_goes_as_a_text_where_that_is_safe(post: Post) -> None:
    safe(post, ContactWay.TEXT)
    reply = late(post, "It\u2019s on Monday", options=("Yes", "No"))
    post.work()
    (sent,) = post.sent()
    assert (sent["to"], sent["text"]) == (RITA, "It's on Monday\n1 Yes\n2 No")
    assert (post.row(reply).status, post.row(reply).channel) == (Status.SENT, Channel.SMS)


@pytest.mark.parametrize("way", [ContactWay.THIS_APP, ContactWay.NEITHER, ContactWay.UNKNOWN])
def test_nothing_goes_as_a_text_that_might_be_seen(post: Post, way: ContactWay) -> None:
    safe(post, way)
    reply = late(post, "It is on Monday.")
    post.work()
    assert post.sent() == []
    assert post.row(reply).reason == WINDOW_CLOSED


def test_a_stop_by_sms_holds_for_a_text_in_place_of_whatsapp(post: Post) -> None:
    safe(post, ContactWay.TEXT)
    with post.database.writing() as session:
        sms = people.find_or_create(session, "croxteth", Reach(Channel.SMS, RITA), post.clock())
        sms.opted_out_at = post.clock()
    late(post, "It is on Monday.")
    post.work()
    assert post.sent() == []


def test_a_hub_without_a_text_number_holds(post: Post) -> None:
    safe(post, ContactWay.TEXT)
    reply = late(post, "It is on Monday.")
    registry = make_registry(make_settings(twilio_api_url=post.url, sms_number=""))
    assert Deliverer(post.database, registry, post.clock, "croxteth").deliver_next()
    registry.close()
    assert post.row(reply).status == Status.HELD


@pytest.mark.parametrize(
    ("way", "status", "reason", "sent"),
    [
        (ContactWay.TEXT, Status.SENT, None, ["It is on Monday."]),
        (ContactWay.THIS_APP, Status.HELD, TEMPLATE_FAILED, []),
    ],
)
def test_a_template_that_fails_gives_way(
    whatsapp: Post, way: ContactWay, status: Status, reason: str | None, sent: list[str]
) -> None:
    safe(whatsapp, way)
    reply = late(whatsapp, "It is on Monday.")
    whatsapp.fault(kind="refuse", http=400, code=63049)
    whatsapp.work()
    row = whatsapp.row(reply)
    assert (row.status, row.reason, whatsapp.texts()) == (status, reason, sent)
    if status == Status.HELD:
        writes(whatsapp, "hello")
        whatsapp.work()
        assert whatsapp.row(reply).status == Status.SENT


def test_somebody_who_is_not_on_whatsapp_gets_a_text(post: Post) -> None:
    safe(post, ContactWay.TEXT)
    reply = post.queue("hello", channel=Channel.WHATSAPP)
    post.fault(kind="refuse", http=400, code=63003)
    post.work()
    assert [one["to"] for one in post.sent()] == [RITA]
    assert post.row(reply).channel == Channel.SMS


def test_news_that_the_window_is_closed_holds_and_asks(whatsapp: Post) -> None:
    """WhatsApp's clock decides, and may say so only after Twilio took the message."""
    reply = whatsapp.queue("hello", channel=Channel.WHATSAPP)
    whatsapp.work()
    news = News(
        (Channel.SMS, Channel.WHATSAPP),
        whatsapp.sent()[0]["id"],
        reply,
        Status.FAILED,
        TWILIO[63016],
    )
    with whatsapp.database.writing() as session:
        arrivals.store(session, "croxteth", news, whatsapp.clock(), whatsapp.registry.ways)
    whatsapp.work()
    assert whatsapp.row(reply).reason == WINDOW_CLOSED
    assert whatsapp.texts() == ["hello", ASKS]


def test_late_news_about_the_whatsapp_try_does_not_touch_the_text(post: Post) -> None:
    safe(post, ContactWay.TEXT)
    reply = post.queue("hello", channel=Channel.WHATSAPP)
    post.work()
    old = post.sent()[0]["id"]
    channels = (Channel.SMS, Channel.WHATSAPP)
    for problem in (63003, 63003):
        news = News(channels, old, reply, Status.FAILED, TWILIO[problem])
        with post.database.writing() as session:
            arrivals.store(session, "croxteth", news, post.clock(), Ways(texts=True))
        post.work()
    assert [one["to"] for one in post.sent()] == [f"whatsapp:{RITA}", RITA]
    assert post.row(reply).status == Status.SENT


def test_the_stand_in_keeps_the_window_as_whatsapp_does(whatsapp: Post) -> None:
    """We think they wrote; it knows that they did not."""
    httpx.post(f"{whatsapp.url}/window")
    whatsapp.queue("hello", channel=Channel.WHATSAPP)
    whatsapp.work()
    eventually(lambda: whatsapp.sent()[0]["status"] == "undelivered")
    assert whatsapp.sent()[0]["error_code"] == 63016
    late(whatsapp, "late")
    whatsapp.work()
    eventually(lambda: whatsapp.sent()[-1]["status"] == "delivered")
    assert whatsapp.sent()[-1]["content"] == TEMPLATE
