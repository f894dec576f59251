"""FollowUp: some days after an introduction, "Did you meet Mo?" and what came of it.

A row waits until its time; the worker turns it into a message (`bot/follow_up.py`) in the same
transaction that marks it as asked. So it survives restarts and is asked once.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.crypto import Sealed
from hub.database import Base, UtcDateTime
from hub.messages import Message, Status
from hub.people import Person
from hub.tickets import Ticket, add_event

WITHDRAWN = "Withdrawn: the follow-up is not needed any more."
HUSHED = "They asked us to stop texting at once."
OPTED_OUT = "They asked for no more messages."


class Stage(StrEnum):
    """How far a follow-up has come."""

    PLANNED = "planned"
    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Met(StrEnum):
    """What they answered to "Did you meet ...?"."""

    MET = "met"
    NOT_YET = "not_yet"
    NOT_MET = "not_met"


class FollowUp(Base):
    """One follow-up of one ticket. `name` is what may be said: a first name, never the topic.

    `usefulness` is 1 to 10. `outcomes` holds the soft outcomes that were answered, by id.
    `reason` says why it waits longer or was withdrawn, in words for staff.
    """

    __tablename__ = "follow_ups"
    __table_args__ = (Index("ix_follow_ups_stage_due_at", "stage", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    name: Mapped[str | None] = mapped_column(Sealed)
    stage: Mapped[str] = mapped_column(String(12))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[str | None] = mapped_column(String(12))
    usefulness: Mapped[int | None]
    outcomes: Mapped[dict[str, bool]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket | None] = relationship()
    person: Mapped[Person] = relationship()


def plan(
    session: Session, ticket: Ticket, name: str | None, due_at: datetime, now: datetime
) -> FollowUp:
    """Plan to ask about a ticket. A person has one follow-up at most: the newest."""
    withdraw(session, ticket.person_id, "A newer follow-up took its place.", now)
    made = FollowUp(
        hub_id=ticket.hub_id,
        person_id=ticket.person_id,
        ticket_id=ticket.id,
        name=name,
        stage=Stage.PLANNED,
        due_at=due_at,
        outcomes={},
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def planned(session: Session, person_id: int) -> list[FollowUp]:
    """What is still to be asked of a person."""
    return list(
        session.scalars(
            select(FollowUp).where(FollowUp.person_id == person_id, FollowUp.stage == Stage.PLANNED)
        )
    )


def withdraw(session: Session, person_id: int, reason: str, now: datetime) -> int:
    """Withdraw what is planned for a person, and what is queued but not sent; how many."""
    found = session.scalars(
        select(FollowUp).where(
            FollowUp.person_id == person_id,
            FollowUp.stage.in_((Stage.PLANNED, Stage.ASKED)),
            FollowUp.answered_at.is_(None),
        )
    ).all()
    count = 0
    for row in found:
        if row.stage == Stage.ASKED and not _unsent(session, row, now):
            continue
        row.stage, row.reason = Stage.WITHDRAWN, reason
        count += 1
        if row.ticket is not None:
            add_event(session, row.ticket, "follow-up withdrawn", now, text=reason)
    return count


def newest(session: Session, ticket: Ticket) -> FollowUp | None:
    """The last follow-up of a ticket, whatever became of it."""
    return session.scalar(
        select(FollowUp)
        .where(FollowUp.ticket_id == ticket.id)
        .order_by(FollowUp.id.desc())
        .limit(1)
    )


def postpone(row: FollowUp, until: datetime, reason: str) -> None:
    """Ask later, and say why."""
    row.due_at, row.reason = until, reason


def too_old(row: FollowUp, now: datetime, after: timedelta) -> bool:
    """Whether a follow-up has waited so long that it would only puzzle."""
    return now - row.created_at > after


def _unsent(session: Session, row: FollowUp, now: datetime) -> bool:
    """Hold the message of a follow-up back; False where it is on its way already."""
    message = session.get(Message, row.message_id, with_for_update=True) if row.message_id else None
    if message is None or message.status not in (Status.QUEUED, Status.HELD):
        return False
    message.status, message.reason, message.updated_at = Status.HELD, WITHDRAWN, now
    return True
