"""Brakes: said once, a person called, nothing lost, and the safety gate always through."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot.brakes import MOST_ALIKE, MOST_IN_A_WINDOW
from bot.converse import Desk, answer
from bot.rasa import Rasa
from hub import conversations, messages, pauses, tickets
from hub.calendar import Calendar
from hub.database import Database
from hub.messages import Inbound, Message, Status
from hub.people import Channel, Reach
from hub.profile import Profile
from hub.words import Words
from nlu.hearer import Hearer
from tests.conftest import SetClock

Say = Callable[[str], list[str]]
RITA = Reach(Channel.SMS, "+447700900123")
WORDS = Words.load("en", hub="Good Help Croxteth")


@pytest.fixture(scope="module")
def hearer(tmp_path_factory: pytest.TempPathFactory) -> Hearer:
    """Ears without a model: words only."""
    return Hearer.load(tmp_path_factory.mktemp("none") / "hearer", embedding="none", places={})


@pytest.fixture
def say(database: Database, profile: Profile, clock: SetClock, hearer: Hearer) -> Say:
    """Rita writes; the texts of the answer. Rasa is not there."""
    desk = Desk(
        hub_id=profile.id,
        database=database,
        hearer=hearer,
        rasa=Rasa("http://127.0.0.1:9", 1.0),
        words=Words.load("en", hub=profile.name),
        calendar=Calendar(profile),
        clock=clock,
    )
    count = iter(range(1000))

    def write(text: str) -> list[str]:
        with database.writing() as session:
            inbound = Inbound(RITA, f"SM{next(count)}", text)
            told = messages.receive(session, "croxteth", inbound, clock())
        for _ in range(2):
            with database.writing() as session:
                claims = conversations.claim(session, "croxteth", clock(), 30)
            for claim in claims:
                answer(desk, claim)
            clock.move(seconds=2)
        with database.reading() as session:
            row = session.get_one(Message, told.message_id)
            assert row.status == Status.HANDLED
            rows = session.query(Message).filter_by(reply_to_id=told.message_id)
            return [row.text for row in rows.order_by(Message.id)]

    return write


def line(brake: str) -> str:
    """The part of a brake's line before the promise."""
    return str(WORDS.text(f"brakes.{brake}", when="X")).partition("X")[0].strip()


def test_a_paused_channel_says_so_once_and_calls_a_person(
    say: Say, database: Database, clock: SetClock
) -> None:
    with database.writing() as session:
        pauses.pause(session, "croxteth", Channel.SMS, clock())
        pauses.pause(session, "croxteth", Channel.SMS, clock())
    assert line("paused") in say("need a job")[-1]
    assert say("anyone there") == [], "said once, not each time"
    with database.reading() as session:
        person_id = session.scalars(select(conversations.Conversation.person_id)).one()
        ticket = tickets.open_ticket(session, person_id)
        assert ticket is not None
        assert ticket.own_words == ["need a job"]
    clock.move(hours=13)
    assert line("paused") in say("hello again")[-1]
    with database.writing() as session:
        pauses.resume(session, "croxteth", Channel.SMS)
    assert line("paused") not in "".join(say("need a job"))


def test_danger_is_answered_on_a_paused_channel(
    say: Say, database: Database, clock: SetClock
) -> None:
    with database.writing() as session:
        pauses.pause(session, "croxteth", Channel.SMS, clock())
    said = " ".join(say("i want to kill myself"))
    assert "999" in said
    assert "116 123" in said


def test_two_machines_do_not_answer_each_other_for_ever(say: Say, database: Database) -> None:
    away = "Thank you for your message. This inbox is read once a week."
    answers = [say(away) for _ in range(MOST_ALIKE + 4)]
    stopped = [texts for texts in answers if line("same_again") in " ".join(texts)]
    assert len(stopped) == 1, answers
    assert answers[-1] == []
    assert line("same_again") not in " ".join(say("hello, this is really me now")), "other words"
    with database.reading() as session:
        kept = session.scalar(select(func.count()).where(Message.direction == "in"))
    assert kept == MOST_ALIKE + 5, "every message is kept"


def test_a_flood_is_answered_once_and_the_next_hour_is_free(say: Say, clock: SetClock) -> None:
    answers = [say(f"text number {n}") for n in range(MOST_IN_A_WINDOW + 3)]
    flood = [n for n, texts in enumerate(answers) if line("too_many") in " ".join(texts)]
    assert flood == [MOST_IN_A_WINDOW]
    assert "116 123" in " ".join(say("i want to kill myself")), "danger is still heard"
    assert [say("i want to kill myself") for _ in range(5)].count([]) == 5, "not each time"
    clock.move(minutes=6)
    assert "999" in " ".join(say("i want to kill myself")), "but again and again"
    clock.move(hours=1, minutes=1)
    assert line("too_many") not in " ".join(say("need a job"))
