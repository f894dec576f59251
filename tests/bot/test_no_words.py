"""Messages that are not words: pictures, pins, STOP, and what a provider could not pass on.

Each is answered, but for what the provider has answered itself. Only the record is running.
"""

from collections.abc import Callable
from typing import Any

import pytest

from bot.converse import Desk, answer
from bot.rasa import Rasa
from hub import changes, conversations, messages
from hub.calendar import Calendar
from hub.database import Database
from hub.messages import Inbound, Kind, Message
from hub.people import Address, Channel, Reach
from hub.places import places_of
from hub.profile import Profile
from hub.words import Words
from nlu.hearer import Hearer
from tests.conftest import SetClock

Say = Callable[..., list[str]]
SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP
HUB = "croxteth"
RITA = "+447700900001"


@pytest.fixture(scope="module")
def hearer(tmp_path_factory: pytest.TempPathFactory) -> Hearer:
    return Hearer.load(tmp_path_factory.mktemp("none") / "hearer", embedding="none", places={})


@pytest.fixture
def desk(database: Database, profile: Profile, clock: SetClock, hearer: Hearer) -> Desk:
    return Desk(
        hub_id=profile.id,
        database=database,
        hearer=hearer,
        rasa=Rasa("http://127.0.0.1:9", 1.0),
        words=Words.load("en", hub=profile.name),
        calendar=Calendar(profile),
        clock=clock,
        places=places_of(profile.folder),
    )


@pytest.fixture
def say(desk: Desk, clock: SetClock) -> Say:
    """Rita writes; the texts of the answer. Rasa is not there."""
    count = iter(range(1000))

    def write(text: str, channel: Channel = SMS, **more: Any) -> list[str]:
        with desk.database.writing() as session:
            inbound = Inbound(Reach(channel, RITA), f"SM{next(count)}", text, **more)
            told = messages.receive(session, HUB, inbound, clock())
        for _ in range(2):
            with desk.database.writing() as session:
                claims = conversations.claim(session, HUB, clock(), 30)
            for claim in claims:
                answer(desk, claim)
            clock.move(seconds=2)
        with desk.database.reading() as session:
            rows = session.query(Message).filter_by(reply_to_id=told.message_id)
            return [row.text for row in rows.order_by(Message.id)]

    return write


def opted_out(desk: Desk) -> bool:
    with desk.database.reading() as session:
        return session.query(Address).one().opted_out_at is not None


PHOTO = ({"url": "https://api.twilio.com/x", "content_type": "image/jpeg"},)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"media": PHOTO}, "I can't see pictures"),
        ({"kind": Kind.UNSUPPORTED}, "came through empty"),
        ({}, "came through empty"),
        ({"location": (48.85, 2.35)}, "Thank you for the pin"),
    ],
    ids=["photo", "unsupported", "empty", "far pin"],
)
def test_what_has_no_words_is_answered_kindly(say: Say, more: dict[str, Any], said: str) -> None:
    texts = say("", WHATSAPP, **more)
    assert "computer" in texts[0], "a new person is told who we are"
    assert said in texts[-1]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"location": (53.45, -2.92)}, "L11"),
        ({"location": (0.0, 0.0), "place": "1 High Street, L4 0TH"}, "L4"),
        ({"text": "hello", "location": (53.45, -2.92)}, "hello"),
    ],
)
def test_a_pin_is_read_as_the_area_it_is_in(
    desk: Desk, clock: SetClock, more: dict[str, Any], words: str
) -> None:
    from bot.converse import _words_of

    with desk.database.writing() as session:
        inbound = Inbound(Reach(WHATSAPP, RITA), "SM1", **{"text": "", **more})
        told = messages.receive(session, HUB, inbound, clock())
        assert _words_of(desk, session.get_one(Message, told.message_id)) == words


def test_a_message_edited_before_it_was_answered_is_answered_in_its_new_words(
    desk: Desk, clock: SetClock
) -> None:
    with desk.database.writing() as session:
        inbound = Inbound(Reach(WHATSAPP, RITA), "SM1", "i have eaten pills")
        messages.receive(session, HUB, inbound, clock())
        changes.edit(session, WHATSAPP, "SM1", "i want to kill myself", clock())
    with desk.database.writing() as session:
        (claim,) = conversations.claim(session, HUB, clock(), 30)
    answer(desk, claim)
    with desk.database.reading() as session:
        texts = [row.text for row in session.query(Message).filter_by(direction="out")]
    assert any("Samaritans" in text for text in texts)


def test_stop_on_sms_is_kept_and_left_to_twilio(say: Say, desk: Desk) -> None:
    say("hello")
    assert say("STOP") == []
    assert opted_out(desk)
    # YES is a START to Twilio, which answers it too.
    assert say("yes") == []
    assert not opted_out(desk)


def test_stop_on_whatsapp_is_ours_to_answer(say: Say, desk: Desk) -> None:
    assert "won't text you again" in say("stop", WHATSAPP)[-1]
    assert opted_out(desk)
    assert "Welcome back" in say("START", WHATSAPP)[-1]
    assert not opted_out(desk)


def test_what_advanced_opt_out_took_is_not_answered_twice(say: Say, desk: Desk) -> None:
    assert say("arret", WHATSAPP, kind=Kind.STOP) == []
    assert opted_out(desk)
    assert say("go on", WHATSAPP, kind=Kind.START) == []
    assert not opted_out(desk)
    assert say("aide", WHATSAPP, kind=Kind.HELP) == []


def test_their_own_word_for_stop_is_answered_on_sms_too(say: Say, desk: Desk) -> None:
    assert "won't text you again" in say("opt out")[-1]
    assert opted_out(desk)
