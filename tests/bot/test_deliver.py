"""Sent once, in order, or said plainly that it was not."""

import threading
from datetime import timedelta

import httpx
import pytest

from bot.channels.registry import make_registry
from bot.deliver import Deliverer
from hub.messages import Status
from hub.people import Address, Channel
from tests.bot.conftest import RITA, Post, make_settings

SAM = "+447700900002"


def test_a_reply_goes_out_and_is_marked(post: Post) -> None:
    reply = post.queue("You\u2019re not alone \u2013 we\u2019re here\u2026", options=("Yes", "No"))
    assert post.work() == 1
    (sent,) = post.sent()
    assert sent["to"] == RITA
    assert sent["text"] == "You're not alone - we're here...\n1 Yes\n2 No"
    assert sent["callback"] == f"http://127.0.0.1:9/webhooks/twilio/status?message={reply}"
    row = post.row(reply)
    assert (row.status, row.provider_id, row.attempts) == ("sent", sent["id"], 1)


def test_each_channel_says_it_in_its_own_way(post: Post) -> None:
    whatsapp = post.queue("Yes or no?", channel=Channel.WHATSAPP, options=("Yes", "No"))
    telegram = post.queue("Yes or no?", "4242", Channel.TELEGRAM, options=("Yes", "No"))
    shown = post.queue("Yes or no?", "sms:0001", Channel.SIMULATOR, options=("Yes", "No"))
    post.work()
    first, second = post.sent()
    assert (first["to"], first["text"]) == (f"whatsapp:{RITA}", "Yes or no?\n1 Yes\n2 No")
    assert (second["to"], second["options"]) == ("4242", ["Yes", "No"])
    assert [post.row(row).status for row in (whatsapp, telegram, shown)] == [
        "sent",
        "sent",
        "delivered",
    ]


def test_order_is_kept_and_a_failing_first_holds_the_second_back(post: Post) -> None:
    first, second = post.queue("one"), post.queue("two")
    other = post.queue("three", SAM)
    post.fault(kind="refuse", http=429, code=20429, to=RITA)
    post.work()
    assert post.texts() == ["three"]
    assert post.row(first).reason == "The provider was too busy. We tried for a long time."
    assert post.row(second).attempts == 0
    assert post.row(other).status == "sent"
    post.clock.move(seconds=10)
    post.work()
    assert post.texts() == ["three", "one", "two"]
    assert post.row(first).attempts == 2


def test_a_safety_reply_goes_first_and_past_what_waits(post: Post) -> None:
    post.queue("to Sam", SAM)
    post.queue("to Rita")
    post.queue("Call 999", urgent=True)
    post.work()
    assert post.texts() == ["Call 999", "to Sam", "to Rita"]


def test_a_follow_up_for_later_blocks_nothing(post: Post) -> None:
    later = post.queue("How did it go?", not_before=post.clock() + timedelta(days=7))
    post.queue("hello")
    post.work()
    assert post.texts() == ["hello"]
    assert post.row(later).status == "queued"
    post.clock.move(days=8)
    post.work()
    assert post.texts() == ["hello", "How did it go?"]


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (21211, "failed", "This is not a phone number."),
        (21614, "failed", "This number cannot get texts."),
        (21617, "failed", "The message is too long."),
        (30007, "failed", "The phone company blocked this message."),
        (21610, "failed", "They asked for no more messages."),
        (63016, "held", "Held: WhatsApp allows no free text 24 hours after their last message."),
        (99999, "failed", "Not delivered (code 99999)."),
        (30003, "queued", "The phone could not be reached. We try again."),
        (20003, "queued", "Our account is not set up for this. Please tell the administrator."),
    ],
)
def test_each_refusal_has_its_consequence(post: Post, code: int, status: str, reason: str) -> None:
    reply = post.queue("hello")
    post.fault(kind="refuse", http=400, code=code)
    post.work()
    row = post.row(reply)
    assert (row.status, row.reason) == (status, reason)
    assert post.texts() == []


def test_a_stop_is_kept_and_nothing_follows(post: Post) -> None:
    post.queue("one")
    post.fault(kind="refuse", http=400, code=21610)
    post.work()
    second = post.queue("two")
    with post.database.reading() as session:
        opted_out = session.query(Address).one().opted_out_at
    assert opted_out == post.clock()
    calls = post.texts()
    post.work()
    assert post.texts() == calls == []
    assert (post.row(second).status, post.row(second).reason) == (
        "failed",
        "They asked for no more messages.",
    )


def test_where_the_provider_does_not_stop_us_a_direct_answer_is_still_given(post: Post) -> None:
    out = post.clock()
    told = post.queue("You will get no more.", "4242", Channel.TELEGRAM, opted_out_at=out)
    with post.database.writing() as session:
        row = post.row(told)
        session.add(row)
        row.reply_to_id = told
    unasked = post.queue("How did it go?", "4242", Channel.TELEGRAM)
    post.work()
    assert post.texts() == ["You will get no more."]
    assert post.row(unasked).reason == "They asked for no more messages."


def test_a_phone_that_is_off_does_not_hold_back_what_comes_next(post: Post) -> None:
    first = post.queue("one")
    post.fault(kind="refuse", http=400, code=30003)
    post.work()
    post.queue("two")
    post.work()
    assert post.texts() == ["two"]
    for _ in range(2):
        post.fault(kind="refuse", http=400, code=30003)
        post.clock.move(hours=1)
        post.work()
    row = post.row(first)
    assert (row.status, row.reason, row.attempts) == (
        "failed",
        "The phone could not be reached.",
        3,
    )


def test_whatsapp_is_held_after_a_day_and_goes_out_when_they_write(post: Post) -> None:
    from hub import messages
    from hub.messages import Inbound
    from hub.people import Reach

    yesterday = post.clock() - timedelta(hours=25)
    reply = post.queue("Monday it is", channel=Channel.WHATSAPP, last_inbound_at=yesterday)
    post.work()
    assert post.row(reply).status == "held"
    with post.database.writing() as session:
        inbound = Inbound(Reach(Channel.WHATSAPP, RITA), "SM9", "hello?")
        messages.receive(session, "croxteth", inbound, post.clock())
    post.work()
    assert post.texts() == ["Monday it is"]


def test_taken_but_answered_with_an_error_is_looked_up_and_not_sent_twice(post: Post) -> None:
    same = post.queue("hello")
    post.work()
    reply = post.queue("hello")
    post.fault(kind="accept_then_refuse", http=502)
    post.work()
    assert post.row(reply).status == "unknown"
    post.clock.move(seconds=6)
    post.work()
    first, second = post.sent()
    row = post.row(reply)
    assert row.provider_id == second["id"]
    assert row.status in ("sent", "delivered")
    assert post.row(same).provider_id == first["id"]


def test_not_taken_is_sent_again_only_once_that_is_sure(post: Post) -> None:
    reply, following = post.queue("one"), post.queue("two")
    post.fault(kind="refuse", http=503)
    post.work()
    post.clock.move(seconds=6)
    post.work()
    assert post.row(reply).status == "unknown"
    assert post.texts() == []
    post.clock.move(seconds=20)
    post.work()
    assert post.texts() == ["one", "two"]
    assert post.row(following).status == "sent"


def test_telegram_is_sent_again_once_at_most(post: Post) -> None:
    reply = post.queue("hello", "4242", Channel.TELEGRAM)
    post.fault(provider="telegram", kind="accept_then_refuse", http=502, times=9)
    for _ in range(5):
        post.work()
        post.clock.move(minutes=2)
    assert post.texts() == ["hello", "hello"]
    row = post.row(reply)
    assert (row.status, row.reason) == ("failed", "Nobody can tell whether this arrived.")


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_telegram_asks_for_patience_blocks_and_refuses(post: Post) -> None:
    reply = post.queue("hello", "4242", Channel.TELEGRAM)
    post.fault(provider="telegram", kind="refuse", http=429, retry_after=30)
    post.work()
    wait = post.row(reply).not_before
    assert wait is not None
    assert timedelta(seconds=30) <= wait - post.clock() <= timedelta(seconds=32)
    post.fault(provider="telegram", kind="refuse", http=403)
    post.clock.move(minutes=1)
    post.work()
    assert post.row(reply).reason == "They blocked us on Telegram."
    bad = post.queue("hello", "not a chat", Channel.TELEGRAM)
    post.work()
    assert (post.row(bad).status, post.row(bad).reason) == (
        "failed",
        "This Telegram chat does not exist any more.",
    )


def test_a_provider_that_is_away_loses_nothing(post: Post) -> None:
    """Connection refused: it surely was not sent, so it is queued and tried again."""
    away = make_registry(
        make_settings(twilio_api_url="http://127.0.0.1:9", telegram_api_url="http://127.0.0.1:9")
    )
    text = post.queue("hello")
    chat = post.queue("hello", "4242", Channel.TELEGRAM)
    deliverer = Deliverer(post.database, away, post.clock, "croxteth")
    assert deliverer.deliver_next()
    assert deliverer.deliver_next()
    away.close()
    for row in (post.row(text), post.row(chat)):
        assert (row.status, row.reason) == ("queued", "The provider could not be reached.")
    post.clock.move(minutes=1)
    post.work()
    assert post.texts() == ["hello", "hello"]


def test_a_channel_that_is_not_set_up_loses_nothing(post: Post) -> None:
    text = post.queue("hello")
    none = make_registry(make_settings(sms_number="", telegram_token=""))
    assert Deliverer(post.database, none, post.clock, "croxteth").deliver_next()
    none.close()
    assert post.row(text).status == "queued"
    post.clock.move(minutes=5)
    post.work()
    assert post.texts() == ["hello"]


def test_what_a_dead_worker_left_is_looked_up_first(post: Post) -> None:
    """Killed after the provider took it, before the row said so."""
    reply = post.queue("hello")
    post.work()
    with post.database.writing() as session:
        row = post.row(reply)
        session.add(row)
        row.status, row.provider_id = Status.SENDING, None
        row.updated_at = post.clock()
    post.clock.move(seconds=39)
    assert post.work() == 0
    post.clock.move(seconds=2)
    post.work()
    assert post.row(reply).status == "unknown"
    # The dead worker's call may still be on its way to the provider.
    post.clock.move(seconds=19)
    assert post.work() == 0
    post.clock.move(seconds=2)
    post.work()
    assert post.texts() == ["hello"]
    assert post.row(reply).provider_id == post.sent()[0]["id"]


def test_many_threads_send_each_message_once_and_in_order(post: Post) -> None:
    people = [f"+4477009010{number:02}" for number in range(6)]
    for turn in range(5):
        for person in people:
            post.queue(f"{turn}", person)

    def work() -> None:
        idle = 0
        while idle < 20:
            idle = 0 if post.deliverer.deliver_next() else idle + 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sent = post.sent()
    assert len(sent) == 30
    for person in people:
        assert [one["text"] for one in sent if one["to"] == person] == list("01234")


def test_a_long_text_becomes_several_with_the_options_last(post: Post) -> None:
    words = "Croxteth has a food pantry. " * 100
    post.queue(words, options=("Yes", "No"))
    post.work()
    texts = post.texts()
    assert len(texts) == 2
    assert all(len(text) <= 1600 for text in texts)
    assert " ".join(texts) == f"{words.strip()}\n1 Yes\n2 No"


def test_no_text_and_no_number_in_the_log(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="bot")
    post.queue("bailiffs at the door")
    post.queue("hello again", "4242", Channel.TELEGRAM)
    post.fault(kind="refuse", http=400, code=21211)
    post.fault(provider="telegram", kind="accept_then_refuse", http=502)
    post.work()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert any("code=21211" in line for line in ours)
    assert not [line for line in ours if "bailiff" in line or RITA in line or "4242" in line]
    assert httpx.get(f"{post.url}/sent").status_code == 200
