"""LINK on one phone, the code on the other, UNLINK: with nothing but the record running."""

import re
from collections.abc import Callable

import pytest

from bot.converse import Desk, answer
from bot.rasa import Rasa
from hub import conversations, links, messages
from hub.calendar import Calendar
from hub.database import Database
from hub.messages import Inbound, Message
from hub.people import Channel, Person, Reach
from hub.profile import Profile
from hub.words import Words
from nlu.hearer import Hearer
from tests.conftest import SetClock

Say = Callable[[Channel, str, str], list[str]]
SMS, TELEGRAM = Channel.SMS, Channel.TELEGRAM
HUB = "croxteth"


@pytest.fixture
def say(database: Database, profile: Profile, clock: SetClock, word_hearer: Hearer) -> Say:
    """Somebody writes; the texts of the answer. Rasa is not there."""
    desk = Desk(
        hub_id=profile.id,
        database=database,
        hearer=word_hearer,
        rasa=Rasa("http://127.0.0.1:9", 1.0),
        words=Words.load("en", hub=profile.name),
        calendar=Calendar(profile),
        clock=clock,
    )
    count = iter(range(1000))

    def write(channel: Channel, who: str, text: str) -> list[str]:
        with database.writing() as session:
            inbound = Inbound(Reach(channel, who), f"update:{next(count)}", text)
            told = messages.receive(session, HUB, inbound, clock())
        # What is not ours waits for Rasa once, and gets the holding reply the second time.
        for _ in range(2):
            with database.writing() as session:
                claims = conversations.claim(session, HUB, clock(), 30)
            for claim in claims:
                answer(desk, claim)
            clock.move(seconds=2)
        with database.reading() as session:
            rows = session.query(Message).filter_by(reply_to_id=told.message_id)
            return [row.text for row in rows.order_by(Message.id)]

    return write


def code_in(texts: list[str]) -> str:
    (code,) = re.findall(r"\b\d{6}\b", texts[-1])
    return str(code)


def test_linked_and_undone_by_text(say: Say, database: Database) -> None:
    texts = say(SMS, "1", "LINK")
    assert "computer" in texts[0], "a new person is told who we are"
    code = code_in(texts)
    done = say(TELEGRAM, "42", f"{code[:3]} {code[3:]}")
    assert "both are you" in done[-1]
    with database.reading() as session:
        one, other = session.query(Person).order_by(Person.id)
        assert links.others(session, one.id) == [other.id]
    undone = say(SMS, "1", "unlink my other phone")
    with database.reading() as session:
        assert links.others(session, one.id) == []
    assert undone[-1] == say(SMS, "1", "UNLINK")[-1], "the same words, linked or not"


def test_nothing_goes_to_the_other_phone(say: Say, database: Database) -> None:
    code = code_in(say(SMS, "1", "LINK"))
    with database.reading() as session:
        before = session.query(Message).count()
    said = say(TELEGRAM, "42", f"link {code}")
    with database.reading() as session:
        after = session.query(Message).count()
        assert session.get_one(conversations.Conversation, 1).last_seq == 1
    assert after - before == 1 + len(said)


def test_six_digits_are_only_a_code_while_one_is_expected(say: Say, clock: SetClock) -> None:
    assert "not right" not in " ".join(say(TELEGRAM, "42", "482913"))
    code = code_in(say(SMS, "1", "link"))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "not right" in say(TELEGRAM, "42", wrong)[-1]
    assert "other phone" in say(SMS, "1", f"code is {code}")[-1]
    clock.move(minutes=16)
    assert "not right" not in " ".join(say(TELEGRAM, "42", wrong))
    assert "not right" in say(TELEGRAM, "42", f"LINK {code}")[-1]


def test_asked_too_often(say: Say) -> None:
    for _ in range(links.MOST_CODES):
        code_in(say(SMS, "1", "link"))
    assert "wait an hour" in say(SMS, "1", "link")[-1]


@pytest.mark.parametrize("text", ["the link you sent is broken", "unlinked socks", "call 482913"])
def test_other_words_are_not_ours(say: Say, text: str) -> None:
    code_in(say(SMS, "1", "LINK"))
    texts = say(TELEGRAM, "42", text)
    assert "can't answer properly" in texts[-1]


def test_what_was_asked_is_asked_again(say: Say, database: Database) -> None:
    say(TELEGRAM, "42", "LINK")
    with database.writing() as session:
        talk = session.query(conversations.Conversation).one()
        asked = {"text": "Shall I look further?", "options": ["YES", "NO"]}
        talk.state = {**talk.state, "stage": "summary", "last": [asked]}
    assert say(TELEGRAM, "42", "UNLINK")[-1] == "Shall I look further?"
    with database.reading() as session:
        assert session.query(Message).order_by(Message.id.desc()).first().options == ["YES", "NO"]
