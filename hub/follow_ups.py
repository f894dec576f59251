"""FollowUp: some days after an introduction, "Did you meet Mo?" and what came of it.

A row waits until its time; the worker turns it into a message (`bot/follow_up.py`) in the same
transaction that marks it as asked. So it survives restarts and is asked once.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.calendar import Promise
from hub.conversations import Conversation, HeldBy
from hub.crypto import Sealed
from hub.database import Base, UtcDateTime
from hub.errors import BadInput
from hub.messages import Message, Status
from hub.people import Person, User
from hub.tickets import Ticket, TicketStatus, Why, add_event, open_for, open_ticket

# A ticket that ended otherwise is not asked about.
STILL_ASKED = (TicketStatus.INTRODUCED, TicketStatus.ATTENDED)
# After this a question would only puzzle.
GIVE_UP_AFTER = timedelta(days=28)
ONE_FIRST_NAME = re.compile(r"[A-Za-z][A-Za-z'-]{1,19}( [A-Za-z][A-Za-z'-]{0,19})?")
ROLE = re.compile(
    r"\b(advis\w*|work\w*|officer|nurse|doctor|gp|counsel\w*|police|pc|support|debt|housing|money|"
    r"benefit\w*|abuse|refuge|drugs?|alcohol|mental|health|council|centre|center|team|service|"
    r"citizens|advocate|volunteer|coach|bank|food|job\w*|court|probation|social|carer)\b",
    re.I,
)
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


def sayable(name: str, service: str) -> str | None:
    """A first name that may stand in a text; None for an empty one.

    Raises BadInput where it says who they are or where: somebody else may read the phone.
    """
    name = " ".join(name.split())
    if not name:
        return None
    telling = set(re.findall(r"[a-z]{4,}", service.lower()))
    said = set(re.findall(r"[a-z]{4,}", name.lower()))
    if not ONE_FIRST_NAME.fullmatch(name) or ROLE.search(name) or said & telling:
        raise BadInput(
            "The follow-up never says what it is about. Write a first name only, or leave it empty."
        )
    return name


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
    add_event(session, ticket, "follow-up planned", now)
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


def due(session: Session, hub_id: str, now: datetime) -> list[int]:
    """The ids of the follow-ups whose time has come, oldest first."""
    return list(
        session.scalars(
            select(FollowUp.id)
            .where(
                FollowUp.hub_id == hub_id,
                FollowUp.stage == Stage.PLANNED,
                FollowUp.due_at <= now,
            )
            .order_by(FollowUp.due_at)
            .limit(50)
        )
    )


def on_close(session: Session, ticket: Ticket, now: datetime, after: timedelta) -> None:
    """A ticket was closed: what is planned stays, is withdrawn, or is planned anew."""
    row = newest(session, ticket)
    if ticket.status not in STILL_ASKED:
        if row is not None and row.stage == Stage.PLANNED:
            withdraw(session, ticket.person_id, "The ticket ended another way.", now)
        return
    if row is not None and row.answer == Met.NOT_YET:
        plan(session, ticket, row.name, now + after, now)


def answered(
    session: Session, row: FollowUp, met: Met, now: datetime, promise: Promise | None = None
) -> None:
    """Keep the answer, on the ticket too. NOT YET reopens it: `promise` is what they were told."""
    row.stage, row.answer, row.answered_at = Stage.ANSWERED, met, now
    ticket = row.ticket
    if ticket is None:
        return
    add_event(session, ticket, "follow-up answered", now, text=met)
    ticket.updated_at = now
    ticket.version += 1
    if met == Met.NOT_YET and promise is not None:
        _reopen(session, ticket, now, promise)
    elif ticket.closed_at is not None and ticket.status in STILL_ASKED:
        # What they say themselves is what counts.
        kept = {Met.MET: TicketStatus.ATTENDED, Met.NOT_MET: TicketStatus.NOT_ATTENDED}
        ticket.status = kept.get(met, TicketStatus(ticket.status))


def rated(session: Session, row: FollowUp, usefulness: int, now: datetime) -> None:
    """Keep how useful they found us, 1 to 10."""
    row.usefulness = usefulness
    _note(session, row, f"{usefulness} of 10", now)


def told(session: Session, row: FollowUp, outcome: str, yes: bool, now: datetime) -> None:
    """Keep the answer to a soft-outcome question."""
    row.outcomes = {**row.outcomes, outcome: yes}
    _note(session, row, f"{outcome.replace('_', ' ')}: {'yes' if yes else 'no'}", now)


def _note(session: Session, row: FollowUp, text: str, now: datetime) -> None:
    if row.ticket is not None:
        add_event(session, row.ticket, "follow-up answered", now, text=text)
        row.ticket.updated_at = now


def _reopen(session: Session, ticket: Ticket, now: datetime, promise: Promise) -> None:
    """Back among the new ones, with who had it before in the trail; or joined to the open one."""
    other = open_ticket(session, ticket.person_id)
    if other is not None and other.id != ticket.id:
        open_for(
            session, other.conversation, why=Why.INTRODUCTION, now=now,
            service_name=ticket.service_name, reply_promised=promise.text,
        )  # fmt: skip
        return
    had_it = session.get(User, ticket.claimed_by_id) if ticket.claimed_by_id else None
    ticket.status, ticket.closed_at = TicketStatus.NEW, None
    ticket.claimed_by_id, ticket.claimed_at = None, None
    ticket.reply_promised = promise.text
    conversation = session.get_one(Conversation, ticket.conversation_id)
    conversation.held_by, conversation.holder_id = HeldBy.WAITING, None
    was_with = f"It was with {had_it.name}." if had_it else None
    add_event(session, ticket, "reopened", now, text=was_with)
    add_event(session, ticket, "promised", now, text=promise.text)


def _unsent(session: Session, row: FollowUp, now: datetime) -> bool:
    """Hold the message of a follow-up back; False where it is on its way already."""
    message = session.get(Message, row.message_id, with_for_update=True) if row.message_id else None
    if message is None or message.status not in (Status.QUEUED, Status.HELD):
        return False
    message.status, message.reason, message.updated_at = Status.HELD, WITHDRAWN, now
    return True
