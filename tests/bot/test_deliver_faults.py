"""Other hubs, other clocks, answers that never come: sent once, or looked up, or once more."""

import threading
import time
from datetime import timedelta

import pytest

from bot.deliver import Deliverer
from hub import queues, users
from hub.people import Channel
from tests.bot.conftest import RITA, Post


def other_hub(post: Post) -> Deliverer:
    """A second hub on the same database, with a deliverer of its own."""
    with post.database.writing() as session:
        users.add_hub(session, "norris-green", "Norris Green")
    return Deliverer(post.database, post.registry, post.clock, "norris-green")


def test_a_hub_sends_and_looks_up_only_what_is_its_own(post: Post) -> None:
    other = other_hub(post)
    reply = post.queue("hello")
    assert not other.deliver_next()
    post.fault(kind="accept_then_refuse", http=502)
    post.work()
    post.clock.move(seconds=6)
    assert post.row(reply).status == "unknown"
    assert not other.deliver_next()
    post.work()
    assert post.row(reply).status in ("sent", "delivered")
    with post.database.reading() as session:
        assert queues.depths(session, "norris-green", post.clock()).outbound == {}
        assert sum(queues.depths(session, "croxteth", post.clock()).outbound.values()) == 1


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.TELEGRAM])
def test_a_clock_that_is_set_while_a_send_is_under_way_sends_nothing_twice(
    post: Post, channel: Channel, hours: int
) -> None:
    who = RITA if channel == Channel.SMS else "4242"
    provider = "twilio" if channel == Channel.SMS else "telegram"
    reply = post.queue("hello", who, channel)
    post.fault(provider=provider, kind="slow", seconds=2)
    sending = threading.Thread(target=post.deliverer.deliver_next)
    sending.start()
    until = time.monotonic() + 20
    while post.row(reply).status != "sending":
        assert time.monotonic() < until
        time.sleep(0.01)
    post.clock.move(hours=hours)
    # Another worker takes it for a dead worker's, and leaves it alone for the time of a call.
    second = Deliverer(post.database, post.registry, post.clock, "croxteth")
    while second.deliver_next():
        pass
    sending.join(20)
    post.clock.move(minutes=2)
    post.work()
    assert post.texts() == ["hello"]
    assert post.row(reply).status in ("sent", "delivered")


def test_a_retry_does_not_wait_an_hour_more_for_a_clock_that_was_set_back(post: Post) -> None:
    reply = post.queue("hello")
    later = post.queue("How did it go?", not_before=post.clock() + timedelta(days=7))
    post.fault(kind="refuse", http=429, code=20429)
    post.work()
    assert post.texts() == []
    post.clock.move(hours=-1)
    post.work()
    assert post.texts() == ["hello"]
    assert (post.row(reply).status, post.row(later).status) == ("sent", "queued")


def test_a_look_up_does_not_wait_for_a_clock_that_was_set_back(post: Post) -> None:
    reply = post.queue("hello")
    post.fault(kind="accept_then_refuse", http=502)
    post.work()
    post.clock.move(hours=-1)
    post.work()
    assert post.texts() == ["hello"]
    assert post.row(reply).status in ("sent", "delivered")


def test_an_answer_that_never_comes_is_looked_up_or_sent_once_more(post: Post) -> None:
    """Both providers take the message and hang longer than we wait."""
    text, chat = post.queue("hello"), post.queue("hello", "4242", Channel.TELEGRAM)
    for provider in ("twilio", "telegram"):
        post.fault(provider=provider, kind="accept_then_hang", seconds=14)
    jobs = [threading.Thread(target=job) for job in post.deliverer.claim(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(40)
    assert {post.row(text).status, post.row(chat).status} == {"unknown"}
    for _ in range(3):
        post.clock.move(seconds=30)
        post.work()
    to = [one["to"] for one in post.sent()]
    assert (to.count(RITA), to.count("4242")) == (1, 2)
    assert {post.row(text).status, post.row(chat).status} <= {"sent", "delivered"}


def test_what_is_let_go_is_looked_up_soon_by_the_next_worker(post: Post) -> None:
    reply = post.queue("hello")
    (job,) = post.deliverer.claim(1)
    post.fault(kind="accept_then_hang", seconds=3)
    sending = threading.Thread(target=job)
    sending.start()
    until = time.monotonic() + 20
    while not post.sent():
        assert time.monotonic() < until
        time.sleep(0.01)
    post.deliverer.let_go()
    assert post.row(reply).status == "unknown"
    post.clock.move(seconds=21)
    following = Deliverer(post.database, post.registry, post.clock, "croxteth")
    assert following.deliver_next()
    assert post.row(reply).status in ("sent", "delivered")
    sending.join(20)
    assert post.texts() == ["hello"]
