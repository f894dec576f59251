"""Whole conversations, as a hub worker can read them, replayed against the real thing.

A transcript is a file beside this one; `replay.py` says what stands in it. At its end:

    ends:                             # what is in the record
      ticket: {why: human, needs: [debt], events: [refused elsewhere]}    # or `none`
      contact: {way: text, times: mornings}
      consent: {recipient: hub staff, withdrawn: false}
      unmet: {food: declined}
      person: {outcode: L11, barriers: [social]}
      needs: {food: dropped}
      follow_up: {stage: answered, answer: met, usefulness: 9}
      feedback: the room was cold

Rules for every turn: no text longer than two parts of SMS, one question at most, plain letters.
"""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import tickets
from hub.conversations import Conversation
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.gsm7 import parts
from hub.messages import Status
from hub.people import Consent, Person, SafeContact
from hub.tickets import Ticket
from hub.topics import UnmetNeed
from tests.conversations.replay import FILES, Played, Turn, play, read
from tests.conversations.rubric import findings
from tests.conversations.stack import Stack

pytestmark = pytest.mark.stack


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_transcript(path: Path, stack: Stack) -> None:
    """Replay one file, and hold it to the rubric."""
    played = play(path, stack)
    for turn in played.turns:
        if "staff" not in turn.script:
            _check_said(turn, f"{path.stem}, {turn.where}")
            _check_form(turn, f"{path.stem}, {turn.where}")
    with stack.database.writing() as session:
        conversation = stack.conversation(session, played.resident, played.channel)
        checked = any(turn.checked for turn in played.turns)
        _check_end(session, conversation, _ends(path, checked=checked))
        _check_urgent(session, conversation, played)
    assert findings(played) == []


def _ends(path: Path, *, checked: bool) -> dict[str, Any]:
    """What is in the record at the end. A faint danger has left a ticket, whoever was fine."""
    ends = dict(read(path).get("ends") or {})
    if checked and ends.get("ticket") == "none":
        ends["ticket"] = {"why": "risk", "trail": ["heard faintly", "says all are safe"]}
    elif checked and "ticket" in ends:
        ends["ticket"] = {**ends["ticket"], "why": "risk", "urgent": True}
    return ends


def _check_said(turn: Turn, where: str) -> None:
    offered = [option for row in turn.replies for option in row.options]
    wanted = turn.script.get("bot")
    if wanted == []:
        assert not turn.replies, where
    else:
        assert turn.replies, where
    for piece in wanted or []:
        assert piece in turn.said_in_all or piece in offered, f"{piece!r} is missing: {where}"
    for piece in turn.script.get("never") or []:
        assert piece.lower() not in turn.said.lower(), f"{piece!r} was said: {where}"
    if "stage" in turn.script:
        assert turn.stage == turn.script["stage"], where


def _check_form(turn: Turn, where: str) -> None:
    questions = 0
    for row, shown in zip(turn.replies, turn.shown, strict=True):
        counted = parts(shown)
        assert counted.parts <= 2 or counted.encoding == "UCS-2", where
        # What residents said themselves may hold a question mark.
        questions += sum(piece.count("?") for piece in row.text.split('"')[::2])
        assert row.status == Status.QUEUED, where
    assert questions <= 1, where


def _check_urgent(session: Session, conversation: Conversation, played: Played) -> None:
    """Whoever told of a danger has an urgent ticket with it, which nobody has closed by machine."""
    risks = {risk for turn in played.turns for risk in turn.script.get("risk", [])}
    if not risks:
        return
    ticket = tickets.open_ticket(session, conversation.person_id)
    assert ticket is not None and ticket.urgent
    assert risks & set(ticket.risks), (risks, ticket.risks)


def _check_end(session: Session, conversation: Conversation, ends: dict[str, Any]) -> None:
    person = conversation.person
    ticket = tickets.open_ticket(session, person.id)
    if ends.get("ticket") == "none":
        assert ticket is None
    elif "ticket" in ends:
        assert ticket is not None
        wanted = dict(ends["ticket"])
        assert set(wanted.pop("trail", [])) <= {event.kind for event in ticket.events}
        assert set(wanted.pop("events", [])) <= {event.kind for event in ticket.events}
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
