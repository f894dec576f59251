"""What a ticket's page shows of its follow-up, its hold and what staff may enter."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub import erasure, follow_ups, holds, writing_first
from hub.by_hand import How, Level
from hub.calendar import Calendar
from hub.conversations import Conversation
from hub.follow_ups import FollowUp, Stage
from hub.people import ContactWay
from hub.profile import Profile
from hub.tickets import Ticket
from inbox.labels import label
from inbox.times import when

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class After:
    """`follow_up` says how far it has come, `unsafe` why it will not go out as things stand.

    `held` is why the ticket is kept; `asked_to_go` that the person asked to be deleted.
    """

    follow_up: str
    unsafe: str
    answers: tuple[tuple[str, str], ...]
    level: str
    held: str
    held_by: str
    asked_to_go: bool
    code_word: str
    voicemail: bool
    days: int
    ways: Choices
    hows: Choices
    levels: Choices


def after(
    session: Session, ticket: Ticket, calendar: Calendar, profile: Profile, now: datetime
) -> After:
    """Everything of it, in plain words."""
    row = follow_ups.newest(session, ticket)
    hold, safe = holds.of(session, ticket), ticket.person.safe_contact
    pending = erasure.waiting_for_a_person(session, ticket.hub_id)
    return After(
        follow_up=_said(row, calendar, now) if row else "",
        unsafe=_unsafe(session, row, ticket, profile, now),
        answers=_answers(row) if row else (),
        level=ticket.level or "",
        held=hold.reason if hold else "",
        held_by=hold.user.name if hold and hold.user else "",
        asked_to_go=any(one.person_id == ticket.person_id for one in pending),
        code_word=(safe.code_word or "") if safe else "",
        voicemail=bool(safe and safe.voicemail),
        days=profile.follow_up_after_days,
        ways=[(way.value, label("ways", way)) for way in ContactWay],
        hows=[(how.value, label("hows", how)) for how in How],
        levels=[(level.value, label("levels", level)) for level in Level],
    )


def _said(row: FollowUp, calendar: Calendar, now: datetime) -> str:
    def at(moment: datetime | None) -> str:
        return when(moment, now, calendar.zone) if moment else ""

    if row.stage == Stage.PLANNED:
        return f"Planned for {at(row.due_at)}." + (f" {row.reason}" if row.reason else "")
    if row.stage == Stage.ASKED:
        return f"Asked {at(row.asked_at)}. No answer yet."
    if row.stage == Stage.WITHDRAWN:
        return f"Not asked. {row.reason or ''}".strip()
    return f"{label('met', row.answer)} Answered {at(row.answered_at)}."


def _unsafe(
    session: Session, row: FollowUp | None, ticket: Ticket, profile: Profile, now: datetime
) -> str:
    if row is None or row.stage != Stage.PLANNED:
        return ""
    conversation = session.get_one(Conversation, ticket.conversation_id)
    found = writing_first.verdict(session, conversation, profile, now, held_is_fine=True)
    return "" if found.at is not None else found.reason


def _answers(row: FollowUp) -> tuple[tuple[str, str], ...]:
    said = [("How useful we were", f"{row.usefulness} of 10")] if row.usefulness else []
    said += [
        (label("outcomes", name), "yes" if yes else "no") for name, yes in row.outcomes.items()
    ]
    return tuple(said)
