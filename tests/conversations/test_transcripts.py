"""Whole conversations, as a hub worker can read them, replayed against the real thing.

A transcript is a file beside this one:

    title: what it shows
    channel: sms                      # the default
    turns:
      - resident: what they text      # or `photo: true`
        bot: [what must be said]      # each somewhere in the texts; [] where nothing may be said
        never: [what must not be said]
        stage: offer                  # where the talk stands afterwards
      - staff: introduces Mo          # or `claims`: a worker acts between two texts
      - days: 8                       # or time passes; `at` is a time of day
        at: "10:30"
        bot: [what we write first]
    ends:                             # what is in the record at the end
      ticket: {why: human, needs: [debt]}        # or `none`
      contact: {way: text, times: mornings}
      consent: {recipient: hub staff, withdrawn: false}
      unmet: {food: declined}
      person: {outcode: L11}
      needs: {food: dropped}
      follow_up: {stage: answered, answer: met, usefulness: 9}
      feedback: the room was cold

Rules for every turn: no text longer than two parts of SMS, one question at most, plain letters.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import tickets
from hub.conversations import Conversation
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.gsm7 import parts
from hub.messages import Message, Status
from hub.people import Consent, Person, SafeContact
from hub.tickets import Ticket
from hub.topics import UnmetNeed
from tests.conftest import SetClock
from tests.conversations import later
from tests.conversations.stack import Stack

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yml"))
KNOWN = {"title", "channel", "turns", "ends"}
KNOWN_IN_A_TURN = {"resident", "photo", "bot", "never", "stage", "staff", "days", "at"}

pytestmark = pytest.mark.stack


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 20


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_transcript(path: Path, stack: Stack) -> None:
    """Replay one file."""
    transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(transcript) <= KNOWN
    channel = transcript.get("channel", "sms")
    resident = f"+44770090{FILES.index(path):04d}"
    clock = stack.desk.clock
    assert isinstance(clock, SetClock)
    began = clock.at
    for at, turn in enumerate(transcript["turns"], start=1):
        assert set(turn) <= KNOWN_IN_A_TURN
        clock.move(seconds=30)
        replies = _take(stack, turn, resident, channel)
        text = str(turn.get("resident", turn))
        where = f"{path.stem}, turn {at}: {text!r} was answered {[row.text for row in replies]}"
        if "staff" in turn:
            continue
        _check_said(turn, replies, where)
        _check_form(replies, where)
        if "stage" in turn:
            with stack.database.writing() as session:
                state = stack.conversation(session, resident, channel).state
            assert state.get("stage") == turn["stage"], where
    with stack.database.writing() as session:
        conversation = stack.conversation(session, resident, channel)
        _check_end(session, conversation, transcript.get("ends") or {})
    if any("days" in turn for turn in transcript["turns"]):
        # The others live on the Sunday night that they begin in.
        clock.at = began


def _take(stack: Stack, turn: dict[str, Any], resident: str, channel: str) -> list[Message]:
    """One step of a transcript: a text, something staff do, or days that pass."""
    if "resident" in turn or "photo" in turn:
        text = str(turn.get("resident", ""))
        return stack.say(resident, text, channel=channel, photo=turn.get("photo", False))
    with stack.database.writing() as session:
        talk = stack.conversation(session, resident, channel).id
    if "days" in turn:
        return later.wait(stack, talk, turn["days"], turn.get("at", "10:30"))
    does, _, name = str(turn["staff"]).partition(" ")
    if does == "introduces":
        later.staff_introduce(stack, talk, name)
    else:
        later.staff_claim(stack, talk)
    return []


def _check_said(turn: dict[str, Any], replies: list[Message], where: str) -> None:
    said = "\n".join(row.text for row in replies)
    offered = [option for row in replies for option in row.options]
    wanted = turn.get("bot")
    if wanted == []:
        assert not replies, where
        return
    assert replies, where
    for piece in wanted or []:
        assert piece in said or piece in offered, f"{piece!r} is missing: {where}"
    for piece in turn.get("never") or []:
        assert piece.lower() not in said.lower(), f"{piece!r} was said: {where}"


def _check_form(replies: list[Message], where: str) -> None:
    questions = 0
    for row in replies:
        shown = "\n".join([row.text, *(f"{n} {o}" for n, o in enumerate(row.options, start=1))])
        counted = parts(shown)
        assert counted.parts <= 2 or counted.encoding == "UCS-2", where
        # What residents said themselves may hold a question mark.
        questions += sum(piece.rstrip().endswith("?") for piece in row.text.split('"')[::2])
        assert row.status == Status.QUEUED, where
    assert questions <= 1, where


def _check_end(session: Session, conversation: Conversation, ends: dict[str, Any]) -> None:
    person = conversation.person
    ticket = tickets.open_ticket(session, person.id)
    if ends.get("ticket") == "none":
        assert ticket is None
    elif "ticket" in ends:
        assert ticket is not None
        wanted = dict(ends["ticket"])
        assert set(wanted.pop("trail", [])) <= {event.kind for event in ticket.events}
        _same(ticket, wanted)
    if "contact" in ends:
        _same(session.get_one(SafeContact, person.id), ends["contact"])
    consents = session.scalars(select(Consent).where(Consent.person_id == person.id)).all()
    if ends.get("consent") == "none":
        assert not consents
    elif "consent" in ends:
        wanted = dict(ends["consent"])
        assert (consents[-1].withdrawn_at is not None) == wanted.pop("withdrawn", False)
        _same(consents[-1], wanted)
    if "unmet" in ends:
        rows = session.scalars(select(UnmetNeed).where(UnmetNeed.person_id == person.id)).all()
        assert {row.need: str(row.reason) for row in rows} == ends["unmet"]
    _same(person, ends.get("person") or {})
    _check_follow_up(session, person, ends)
    status = {need["id"]: need["status"] for need in conversation.state.get("needs", [])}
    for need, wanted in (ends.get("needs") or {}).items():
        assert status.get(need) == wanted, status


def _check_follow_up(session: Session, person: Person, ends: dict[str, Any]) -> None:
    rows = session.scalars(
        select(FollowUp).where(FollowUp.person_id == person.id).order_by(FollowUp.id)
    ).all()
    if ends.get("follow_up") == "none":
        assert not rows
    elif "follow_up" in ends:
        _same(rows[-1], ends["follow_up"])
    said = session.scalars(select(Feedback.words).where(Feedback.person_id == person.id)).all()
    assert list(said) == ([ends["feedback"]] if "feedback" in ends else [])
    if "newest_ticket" in ends:
        newest = select(Ticket).where(Ticket.person_id == person.id).order_by(Ticket.id.desc())
        _same(session.scalars(newest.limit(1)).one(), ends["newest_ticket"])


def _same(row: Any, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        found = getattr(row, name)
        if isinstance(value, list):
            assert set(value) <= set(found), (name, found)
        elif isinstance(value, str) and name in ("share_words", "words", "recipient", "own_words"):
            assert value in str(found), (name, found)
        else:
            assert found == value, (name, found)
