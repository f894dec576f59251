"""A Rasa that answers 200 with nothing in it: a failure, said plainly once, and a ticket."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.converse import Desk, answer
from bot.rasa import Rasa
from hub import conversations, messages
from hub.calendar import Calendar
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Direction, Inbound, Message
from hub.people import Channel, Reach
from hub.profile import Profile
from hub.tickets import Ticket, Why
from hub.words import Words
from nlu.hearer import Hearer
from tests.conftest import SetClock
from tests.serving import served

RITA = Reach(Channel.SMS, "+447700900001")


@pytest.fixture
def asked() -> list[int]:
    """The ids of the messages that Rasa was asked about."""
    return []


@pytest.fixture
def desk(database: Database, profile: Profile, clock: SetClock, asked: list[int]) -> Iterator[Desk]:
    empty = FastAPI()

    @empty.post("/webhooks/rest/webhook")
    def turn(body: dict[str, dict[str, int]] | dict[str, object]) -> list[object]:
        metadata = body["metadata"]
        assert isinstance(metadata, dict)
        asked.append(metadata["message_id"])
        return []

    with served(empty) as url:
        rasa = Rasa(url, 10.0)
        words, calendar = Words.load(hub=profile.name), Calendar(profile)
        yield Desk(profile.id, database, Hearer.load(None), rasa, words, calendar, clock)
        rasa.close()


def write(desk: Desk, number: int) -> int:
    with desk.database.writing() as session:
        inbound = Inbound(RITA, f"SM{number}", "need help with my bills")
        return messages.receive(session, desk.hub_id, inbound, desk.clock()).message_id


def take(desk: Desk) -> bool:
    with desk.database.writing() as session:
        claims = conversations.claim(session, desk.hub_id, desk.clock(), 60.0)
    for claim in claims:
        answer(desk, claim)
    return bool(claims)


def test_empty_twice_is_said_plainly_once_and_calls_a_person(
    desk: Desk, clock: SetClock, asked: list[int]
) -> None:
    first = write(desk, 1)
    assert take(desk)
    assert not take(desk), "it is left alone for a moment"
    clock.move(seconds=2)
    assert take(desk)
    second = write(desk, 2)
    for _ in range(2):
        clock.move(seconds=2)
        assert take(desk)
    assert not take(desk)
    assert asked[:2] == [first, first]
    with desk.database.reading() as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
        told = [row for row in rows if row.direction == Direction.OUT]
        assert {row.reply_to_id for row in told} == {first}, "a row of holding replies"
        assert {row.status for row in rows if row.id in (first, second)} == {"handled"}
        (ticket,) = session.scalars(select(Ticket)).all()
        assert ticket.why == Why.NO_ANSWER
        conversation = session.scalars(select(Conversation)).one()
        assert (conversation.last_seq, conversation.done_seq) == (2, 2)
