"""Nothing is lost, doubled or reordered between arrival, claim and commit."""

import threading
from datetime import datetime

import pytest

from hub import conversations, messages, turns
from hub.conversations import Claim
from hub.database import Database
from hub.errors import StaleLease
from hub.messages import Author, Inbound, Message, Reply
from hub.people import Channel, Reach
from hub.turns import Answer
from tests.conftest import SetClock

RITA = Reach(Channel.SMS, "+447700900001")
SAM = Reach(Channel.SMS, "+447700900002")


def arrive(database: Database, who: Reach, provider_id: str, text: str, now: datetime) -> int:
    with database.writing() as session:
        inbound = Inbound(who, provider_id, text)
        return messages.receive(session, "croxteth", inbound, now).message_id


def claim(database: Database, now: datetime, lease: float = 30) -> Claim | None:
    with database.writing() as session:
        return next(iter(conversations.claim(session, "croxteth", now, lease)), None)


def say(database: Database, claim: Claim, message_id: int, text: str, now: datetime) -> bool:
    with database.writing() as session:
        answer = Answer(replies=(Reply(text),))
        return turns.finish(session, claim, message_id, answer, author=Author.BOT, now=now)


def next_text(database: Database, claim: Claim) -> str | None:
    with database.reading() as session:
        conversation = session.get_one(conversations.Conversation, claim.conversation_id)
        message = messages.next_received(session, conversation)
        return message.text if message else None


def test_a_duplicate_changes_nothing(database: Database, clock: SetClock) -> None:
    first = arrive(database, RITA, "SM1", "no food in", clock())
    assert arrive(database, RITA, "SM1", "no food in", clock()) == first
    with database.reading() as session:
        assert session.query(Message).count() == 1


def test_messages_are_answered_in_order(database: Database, clock: SetClock) -> None:
    ids = [arrive(database, RITA, f"SM{n}", f"text {n}", clock()) for n in range(3)]
    for number, message_id in enumerate(ids):
        held = claim(database, clock())
        assert held is not None
        assert next_text(database, held) == f"text {number}"
        assert say(database, held, message_id, "ok", clock())
    assert claim(database, clock()) is None


def test_nothing_goes_out_after_they_asked_us_to_stop(database: Database, clock: SetClock) -> None:
    first = arrive(database, RITA, "SM1", "he shouts at me", clock())
    held = claim(database, clock())
    assert held is not None
    arrive(database, RITA, "SM2", "stop texting me now", clock())
    assert say(database, held, first, "Are you safe?", clock())
    with database.reading() as session:
        assert session.query(Message).filter_by(direction="out").count() == 0


def test_one_person_is_never_answered_by_two_workers(database: Database, clock: SetClock) -> None:
    arrive(database, RITA, "SM1", "one", clock())
    arrive(database, RITA, "SM2", "two", clock())
    arrive(database, SAM, "SM3", "other", clock())
    held = [claim(database, clock()) for _ in range(3)]
    assert held[0] is not None
    assert held[1] is not None
    assert held[0].conversation_id != held[1].conversation_id
    assert held[2] is None


def test_an_expired_lease_is_taken_over_and_the_slow_worker_is_refused(
    database: Database, clock: SetClock
) -> None:
    message_id = arrive(database, RITA, "SM1", "one", clock())
    slow = claim(database, clock(), lease=30)
    clock.move(seconds=31)
    quick = claim(database, clock(), lease=30)
    assert slow is not None
    assert quick is not None
    assert say(database, quick, message_id, "from the quick one", clock())
    with database.writing() as session:
        session.get_one(Message, message_id).status = "received"
    with pytest.raises(StaleLease):
        say(database, slow, message_id, "from the slow one", clock())
    with database.reading() as session:
        sent = [m.text for m in messages.transcript(session, quick.conversation_id)]
    assert sent == ["one", "from the quick one"]


def test_a_turn_told_twice_is_done_once(database: Database, clock: SetClock) -> None:
    message_id = arrive(database, RITA, "SM1", "one", clock())
    held = claim(database, clock())
    assert held is not None
    assert say(database, held, message_id, "once", clock())
    assert not say(database, held, message_id, "twice", clock())


def test_a_message_that_arrives_while_a_turn_commits_is_not_forgotten(
    database: Database, clock: SetClock
) -> None:
    """Arrival against release: the second text comes in while the first turn is open."""
    first = arrive(database, RITA, "SM1", "one", clock())
    held = claim(database, clock())
    assert held is not None
    arrived = threading.Event()

    def second() -> None:
        arrive(database, RITA, "SM2", "two", clock())
        arrived.set()

    with database.writing() as session:
        turns.finish(
            session, held, first, Answer(replies=(Reply("ok"),)), author=Author.BOT, now=clock()
        )
        session.flush()
        other = threading.Thread(target=second)
        other.start()
        # The arrival has to wait for the row that this transaction holds.
        assert not arrived.wait(0.3)
    other.join(20)
    assert arrived.is_set()
    again = claim(database, clock())
    assert again is not None
    assert next_text(database, again) == "two"
