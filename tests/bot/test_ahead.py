"""A danger behind other messages of the same person does not wait for them, whatever Rasa does."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.converse import Desk, answer
from bot.rasa import Rasa
from hub import conversations, messages, tickets
from hub.calendar import Calendar
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Direction, Inbound, Message, Status
from hub.people import Channel, Reach
from hub.profile import Profile
from hub.words import Words
from nlu.hearer import Hearer
from tests.conftest import SetClock

RITA = "+447700900001"
DANGER = "i want to kill myself"


@contextmanager
def hanging() -> Iterator[str]:
    """A server that takes a call and never answers, as a stopped Rasa does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def desk(database: Database, profile: Profile, clock: SetClock) -> Iterator[Desk]:
    with hanging() as url:
        rasa = Rasa(url, 6.0)
        words, calendar = Words.load(hub=profile.name), Calendar(profile)
        hearer = Hearer.load(None)
        hearer.hear("the patterns are read once")
        yield Desk(profile.id, database, hearer, rasa, words, calendar, clock)
        rasa.close()


def write(desk: Desk, text: str, number: int) -> int:
    inbound = Inbound(Reach(Channel.SMS, RITA), f"SM{number:032d}", text)
    with desk.database.writing() as session:
        return messages.receive(session, desk.hub_id, inbound, desk.clock()).message_id


def take(desk: Desk) -> bool:
    with desk.database.writing() as session:
        claims = conversations.claim(session, desk.hub_id, desk.clock(), 60.0)
    for claim in claims:
        answer(desk, claim)
    return bool(claims)


def sent(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        rows = session.scalars(
            select(Message).where(Message.direction == Direction.OUT).order_by(Message.id)
        )
        return [row.text for row in rows]


def test_a_danger_behind_two_messages_is_answered_first_and_nothing_is_lost(desk: Desk) -> None:
    write(desk, "hiya", 1)
    write(desk, "i need help with my bills", 2)
    write(desk, DANGER, 3)
    began = time.monotonic()
    assert take(desk)
    assert time.monotonic() - began < 2.0
    assert "116 123" in sent(desk)[0]
    already = len(sent(desk))
    # What came before is kept for the worker; it is no answer to "are you safe right now?".
    while take(desk):
        pass
    assert len(sent(desk)) == already
    with desk.database.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
        ticket = tickets.open_ticket(session, conversation.person_id)
        assert ticket is not None and ticket.urgent
        said = [event.text for event in ticket.events if event.kind == "resident said"]
        assert said == ["hiya", "i need help with my bills"]
        assert "debt" in [need["id"] for need in conversation.state["needs"]]
        assert conversation.state["safety"]["asked"] == "safe"
        left = select(Message).where(Message.status == Status.RECEIVED)
        assert session.scalars(left).all() == []
        assert conversation.done_seq == conversation.last_seq == 3


def test_a_danger_that_comes_while_rasa_hangs_is_answered_within_two_seconds(desk: Desk) -> None:
    write(desk, "i need help with my bills", 1)
    turn = threading.Thread(target=take, args=(desk,))
    turn.start()
    time.sleep(0.6)
    began = time.monotonic()
    write(desk, DANGER, 2)
    while not sent(desk):
        assert time.monotonic() - began < 2.0
        time.sleep(0.05)
    turn.join(10)
    assert "116 123" in sent(desk)[0]


def test_a_danger_does_not_wait_until_a_failed_turn_is_tried_again(desk: Desk) -> None:
    gone = Rasa("http://127.0.0.1:9", 2.0)
    desk = replace(desk, rasa=gone)
    write(desk, "i need help with my bills", 1)
    assert take(desk)
    assert not take(desk), "it is put off for a moment"
    write(desk, DANGER, 2)
    assert take(desk)
    assert "116 123" in sent(desk)[0]
    gone.close()
