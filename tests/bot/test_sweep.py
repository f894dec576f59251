"""What a webhook missed is found in Twilio's list, once, and what became of our messages too."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.channels.registry import Registry, make_registry
from bot.sweep import Sweep
from hub import messages, sweeps
from hub.database import Database
from hub.messages import Inbound, Message
from hub.people import Channel, Person, Reach
from standin.state import State
from tests.bot.conftest import ACCOUNT, HUB_NUMBER, RITA, Post, make_settings
from tests.conftest import SetClock

SAM = "+447700900002"


class Swept:
    """A stand-in whose webhooks never come, and a sweep of its lists."""

    def __init__(self, post: Post, registry: Registry) -> None:
        self.post = post
        self.registry = registry
        self.sweep = Sweep(post.database, registry, "croxteth", post.clock, 0)

    def lost(self, text: str, sender: str = RITA, **more: Any) -> str:
        more.setdefault("minutes_ago", 5)
        said = {"sender": sender, "text": text, "to": HUB_NUMBER, "lost": True} | more
        return str(httpx.post(f"{self.post.url}/said", json=said).json()["sid"])

    def stored(self) -> list[Message]:
        with self.post.database.reading() as session:
            rows = session.query(Message).where(Message.direction == "in").order_by(Message.id)
            return list(rows)


@pytest.fixture
def swept(post: Post) -> Iterator[Swept]:
    registry = make_registry(
        make_settings(twilio_api_url=post.url, public_url="http://127.0.0.1:9")
    )
    yield Swept(post, registry)
    registry.close()


def test_what_was_missed_is_found_once_and_in_order(swept: Swept) -> None:
    swept.lost("second", minutes_ago=4)
    swept.lost("first", minutes_ago=6)
    swept.lost("on whatsapp", channel="whatsapp")
    assert swept.sweep.run() == 3
    assert swept.sweep.run() == 0
    texts = [(row.channel, row.text) for row in swept.stored()]
    assert texts == [("sms", "first"), ("sms", "second"), ("whatsapp", "on whatsapp")]


def test_what_came_by_webhook_is_not_stored_again(swept: Swept) -> None:
    sid = swept.lost("no food in")
    with swept.post.database.writing() as session:
        inbound = Inbound(Reach(Channel.SMS, RITA), sid, "no food in")
        messages.receive(session, "croxteth", inbound, swept.post.clock())
    assert swept.sweep.run() == 0
    assert len(swept.stored()) == 1


def test_a_message_whose_webhook_may_still_come_is_left_for_a_moment(swept: Swept) -> None:
    swept.lost("just now", minutes_ago=0)
    assert swept.sweep.run() == 0
    swept.post.clock.move(seconds=21)
    assert swept.sweep.run() == 1


def test_pictures_come_along(swept: Swept) -> None:
    sid = swept.lost("", media=["image/jpeg", "audio/ogg"])
    swept.sweep.run()
    (row,) = swept.stored()
    assert [item["content_type"] for item in row.media] == ["image/jpeg", "audio/ogg"]
    folder = f"{swept.post.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/"
    assert all(item["url"].startswith(folder) for item in row.media)


def test_a_webhook_that_comes_late_adds_the_pin_that_a_list_does_not_have(swept: Swept) -> None:
    sid = swept.lost("", channel="whatsapp")
    swept.sweep.run()
    with swept.post.database.writing() as session:
        pin = Inbound(Reach(Channel.WHATSAPP, RITA), sid, "", location=(53.45, -2.9))
        assert messages.receive(session, "croxteth", pin, swept.post.clock()).duplicate
    (row,) = swept.stored()
    assert row.media == [{"latitude": 53.45, "longitude": -2.9}]


def test_the_whatsapp_window_counts_from_when_they_wrote(swept: Swept) -> None:
    swept.lost("hello", channel="whatsapp", minutes_ago=30)
    swept.sweep.run()
    with swept.post.database.reading() as session:
        address = session.query(Person).one().addresses[0]
        assert address.last_inbound_at == swept.post.clock() - timedelta(minutes=30)


def test_what_somebody_had_deleted_does_not_come_back(swept: Swept) -> None:
    from hub import erasure

    swept.lost("my name is Rita")
    swept.sweep.run()
    with swept.post.database.writing() as session:
        erasure.erase(session, session.query(Person).one(), swept.post.clock())
    assert swept.sweep.run() == 0
    assert swept.stored() == []
    swept.post.clock.move(minutes=10)
    swept.lost("hello again", minutes_ago=5)
    assert swept.sweep.run() == 1


def test_a_list_is_read_from_where_it_was_left(swept: Swept) -> None:
    swept.lost("before our time", minutes_ago=120)
    assert swept.sweep.run() == 0
    # Down for three days.
    swept.post.clock.move(days=3)
    swept.lost("are you there?", minutes_ago=2 * 24 * 60)
    assert swept.sweep.run() == 1
    with swept.post.database.reading() as session:
        assert sweeps.read_to(session, "croxteth", Channel.SMS) == swept.post.clock()


def test_a_list_that_does_not_answer_is_read_again_later(swept: Swept) -> None:
    swept.lost("no food in")
    swept.post.fault(kind="refuse", http=503, method="list", times=2)
    assert swept.sweep.run() == 0
    assert swept.sweep.run() == 1


def test_news_that_never_came_is_found(swept: Swept, provider: tuple[str, State]) -> None:
    one, two = swept.post.queue("one"), swept.post.queue("two", SAM)
    swept.post.fault(kind="news", statuses=["sent", "undelivered"], code=30005, to=SAM)
    swept.post.work()
    for _ in range(200):
        if {sent.status for sent in provider[1].sent} == {"delivered", "undelivered"}:
            break
        time.sleep(0.02)
    swept.sweep.run()
    assert swept.post.row(one).status == "delivered"
    row = swept.post.row(two)
    assert (row.status, row.reason) == ("failed", "The number does not exist any more.")


def test_it_runs_by_itself_and_stops(
    sqlite: Database, clock: SetClock, provider: tuple[str, State]
) -> None:
    url, state = provider
    httpx.delete(f"{url}/sent")
    state.clock = clock
    registry = make_registry(make_settings(twilio_api_url=url))
    sweep = Sweep(sqlite, registry, "croxteth", clock, 60)
    said = {"sender": RITA, "text": "hello", "to": HUB_NUMBER, "lost": True, "minutes_ago": 5}
    httpx.post(f"{url}/said", json=said)
    sweep.start()
    for _ in range(200):
        with sqlite.reading() as session:
            if session.query(Message).count():
                break
        time.sleep(0.02)
    sweep.stop()
    registry.close()
    with sqlite.reading() as session:
        assert [row.text for row in session.query(Message)] == ["hello"]
