"""Ticket: a warm introduction, or a person who is needed. Its trail says who did what, when."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.conversations import Conversation, HeldBy
from hub.crypto import Sealed, SealedJson
from hub.database import Base, UtcDateTime
from hub.errors import BadInput, ClaimRefused, NotAllowed, StaleEdit
from hub.messages import Message
from hub.people import Person, User

MAX_NOTE = 10_000
_DELETE = re.compile(
    r"\W*(please )?(delete|erase|forget) ?(me|it|all|everything|my data)?\W*$", re.I
)
# Somebody who opens a ticket again within this time is not written into the trail again.
READ_AGAIN = timedelta(minutes=30)


class TicketStatus(StrEnum):
    """How far a ticket has come."""

    NEW = "new"
    CLAIMED = "claimed"
    ATTEMPTING = "attempting"
    INTRODUCED = "introduced"
    ATTENDED = "attended"
    NOT_ATTENDED = "not_attended"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NO_SERVICE = "no_service"
    FOLLOWED_UP = "followed_up"


# The outcomes a ticket may be closed with. `introduced`: they are asked later how it went.
OUTCOMES = (
    TicketStatus.INTRODUCED,
    TicketStatus.ATTENDED,
    TicketStatus.NOT_ATTENDED,
    TicketStatus.DECLINED,
    TicketStatus.UNREACHABLE,
    TicketStatus.NO_SERVICE,
    TicketStatus.FOLLOWED_UP,
)


class Why(StrEnum):
    """Why a ticket was opened."""

    INTRODUCTION = "introduction"
    RISK = "risk"
    HUMAN = "human"
    NO_ANSWER = "no_answer"
    LANGUAGE = "language"
    THIRD_PARTY = "third_party"
    NO_MATCH = "no_match"


class Ticket(Base):
    """Work for a member of staff.

    `needs`, `risks`, `strengths` and `barriers` are ids. `own_words` is a list of what the
    resident said, in their words. `share_words` is exactly what may be passed on, set only
    with consent. `version` answers a stale edit.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("opened_by_message_id"),
        Index("ix_tickets_hub_id_closed_at", "hub_id", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    opened_by_message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    why: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[list[str]] = mapped_column(JSON, default=list)
    risks: Mapped[list[str]] = mapped_column(SealedJson, default=list)
    strengths: Mapped[list[str]] = mapped_column(JSON, default=list)
    barriers: Mapped[list[str]] = mapped_column(JSON, default=list)
    own_words: Mapped[list[str]] = mapped_column(SealedJson, default=list)
    good_life: Mapped[str | None] = mapped_column(Sealed)
    service_id: Mapped[str | None] = mapped_column(String(200))
    service_name: Mapped[str | None] = mapped_column(String(300))
    share_words: Mapped[str | None] = mapped_column(Sealed)
    reply_promised: Mapped[str | None] = mapped_column(String(200))
    level: Mapped[str | None] = mapped_column(String(30))
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person] = relationship()
    conversation: Mapped[Conversation] = relationship()
    claimed_by: Mapped[User | None] = relationship()
    events: Mapped[list["TicketEvent"]] = relationship(
        back_populates="ticket", order_by="TicketEvent.id"
    )


class TicketEvent(Base):
    """One line of a ticket's trail: opened, read, claimed, note, replied, introduced, closed…"""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(30))
    text: Mapped[str | None] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship(back_populates="events")
    user: Mapped[User | None] = relationship()


def open_for(
    session: Session,
    conversation: Conversation,
    *,
    why: Why,
    now: datetime,
    message_id: int | None = None,
    urgent: bool = False,
    needs: tuple[str, ...] = (),
    risks: tuple[str, ...] = (),
    strengths: tuple[str, ...] = (),
    barriers: tuple[str, ...] = (),
    own_words: tuple[str, ...] = (),
    good_life: str | None = None,
    service_id: str | None = None,
    service_name: str | None = None,
    share_words: str | None = None,
    reply_promised: str | None = None,
) -> Ticket:
    """Open a ticket, or add to the one that is open for this person and raise it.

    Safe to call twice for the same inbound message. Nothing already on the ticket is lost:
    lists are joined, urgency only rises.
    """
    ticket = open_ticket(session, conversation.person_id)
    if ticket is None:
        ticket = Ticket(
            hub_id=conversation.hub_id,
            person_id=conversation.person_id,
            conversation_id=conversation.id,
            opened_by_message_id=message_id,
            why=why,
            status=TicketStatus.NEW,
            urgent=False,
            needs=[],
            risks=[],
            strengths=[],
            barriers=[],
            own_words=[],
            created_at=now,
            updated_at=now,
            version=0,
        )
        session.add(ticket)
        session.flush()
        add_event(session, ticket, "opened", now, text=why)
    else:
        add_event(session, ticket, "added", now, text=why)
    ticket.urgent = ticket.urgent or urgent
    if urgent:
        # New danger on a ticket that somebody read before: nobody has seen *this* yet.
        ticket.first_seen_at = None
    if why == Why.RISK or (why == Why.INTRODUCTION and ticket.why != Why.RISK):
        ticket.why = why
    ticket.needs = _joined(ticket.needs, needs)
    ticket.risks = _joined(ticket.risks, risks)
    ticket.strengths = _joined(ticket.strengths, strengths)
    ticket.barriers = _joined(ticket.barriers, barriers)
    ticket.own_words = _joined(ticket.own_words, own_words)
    ticket.good_life = good_life or ticket.good_life
    ticket.service_id = service_id or ticket.service_id
    ticket.service_name = service_name or ticket.service_name
    ticket.share_words = share_words or ticket.share_words
    if reply_promised:
        ticket.reply_promised = reply_promised
        add_event(session, ticket, "promised", now, text=reply_promised)
    ticket.updated_at = now
    ticket.version += 1
    return ticket


def open_ticket(session: Session, person_id: int) -> Ticket | None:
    """The ticket that is open for a person, if there is one."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.person_id == person_id, Ticket.closed_at.is_(None))
        .order_by(Ticket.id.desc())
        .limit(1)
    )


def lock(session: Session, ticket_id: int, user: User, version: int | None = None) -> Ticket:
    """A ticket of the user's own hub, locked for a change.

    The conversation is locked first, as the worker does, so that neither waits for the other
    for ever. Raises NotAllowed for another hub's ticket, StaleEdit where `version` is not the
    newest.
    """
    session.scalar(
        select(Conversation)
        .join(Ticket, Ticket.conversation_id == Conversation.id)
        .where(Ticket.id == ticket_id, Ticket.hub_id == user.hub_id)
        .with_for_update(of=Conversation)
    )
    ticket = session.scalar(
        select(Ticket).where(Ticket.id == ticket_id, Ticket.hub_id == user.hub_id).with_for_update()
    )
    if ticket is None:
        raise NotAllowed("There is no such ticket at your hub.")
    if version is not None and ticket.version != version:
        raise StaleEdit()
    return ticket


def claim(session: Session, ticket: Ticket, user: User, now: datetime) -> None:
    """Give a ticket to one member of staff. A second claim is refused with the holder's name."""
    if ticket.closed_at is not None:
        raise ClaimRefused("This ticket is closed. A new message from the resident reopens it.")
    if ticket.claimed_by_id is not None and ticket.claimed_by_id != user.id:
        holder = session.get(User, ticket.claimed_by_id)
        name = holder.name if holder else "Someone else"
        raise ClaimRefused(f"{name} has already picked up this ticket.")
    ticket.claimed_by_id, ticket.claimed_at = user.id, now
    if ticket.status == TicketStatus.NEW:
        ticket.status = TicketStatus.CLAIMED
    ticket.conversation.held_by = HeldBy.PERSON
    ticket.conversation.holder_id = user.id
    changed(session, ticket, "claimed", user, now)


def release(session: Session, ticket: Ticket, user: User, now: datetime) -> None:
    """Put a claimed ticket back for somebody else; the resident still waits for a person."""
    held_by(ticket, user)
    ticket.claimed_by_id, ticket.claimed_at = None, None
    ticket.status = TicketStatus.NEW
    ticket.conversation.held_by = HeldBy.WAITING
    ticket.conversation.holder_id = None
    changed(session, ticket, "released", user, now)


def note(session: Session, ticket: Ticket, user: User, text: str, now: datetime) -> None:
    """Keep a note that only staff can read."""
    if not text.strip():
        raise BadInput("Write something in the note first.")
    if len(text) > MAX_NOTE:
        raise BadInput(f"A note can have {MAX_NOTE:,} characters.")
    changed(session, ticket, "note", user, now, text.strip())


def introduce(
    session: Session, ticket: Ticket, user: User, to: str, service: str, now: datetime
) -> None:
    """Record the introduction: who will meet the resident, and at which service."""
    held_by(ticket, user)
    if not to.strip() or not service.strip():
        raise BadInput("Say who will meet the resident, and at which service.")
    ticket.status = TicketStatus.INTRODUCED
    changed(session, ticket, "introduced", user, now, f"{to.strip()}, {service.strip()}")


def close(
    session: Session, ticket: Ticket, user: User, outcome: TicketStatus, text: str, now: datetime
) -> None:
    """Close a ticket with its outcome and hand the conversation back to the bot."""
    if ticket.closed_at is not None:
        raise StaleEdit("This ticket is closed already.")
    held_by(ticket, user)
    if outcome not in OUTCOMES:
        raise BadInput("Choose how it ended before you close the ticket.")
    if outcome == TicketStatus.INTRODUCED and ticket.status != TicketStatus.INTRODUCED:
        raise BadInput("Record the introduction before you close the ticket as introduced.")
    ticket.status, ticket.closed_at = outcome, now
    ticket.conversation.held_by = HeldBy.BOT
    ticket.conversation.holder_id = None
    state = dict(ticket.conversation.state)
    if state.get("safety"):
        state["safety"] = {**state["safety"], "asked": None}
    ticket.conversation.state = {**state, "stage": "returned", "holding": False}
    changed(session, ticket, "closed", user, now, text.strip() or None)


def resident_wrote(now: datetime) -> Callable[[Session, Conversation, Message], None]:
    """An effect of a turn (`hub/turns.py`): the open ticket shows that there is a new message."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = open_ticket(session, conversation.person_id)
        if ticket is not None:
            ticket.updated_at = now
            add_event(session, ticket, "resident wrote", now)
            if _DELETE.match(message.text):
                # The assistant is silent while a worker has them: the worker is told.
                add_event(session, ticket, "asked to be deleted", now)

    return effect


def seen(session: Session, ticket: Ticket, user: User, now: datetime) -> None:
    """Record that somebody read the ticket; the first time ends 'nobody has seen this yet'."""
    if ticket.first_seen_at is not None and read_since(session, ticket, user, now - READ_AGAIN):
        return
    ticket.first_seen_at = ticket.first_seen_at or now
    add_event(session, ticket, "read", now, user=user)


def read_since(session: Session, ticket: Ticket, user: User, since: datetime) -> bool:
    """Whether the trail says that this user read the ticket since a moment."""
    found = session.scalar(
        select(TicketEvent.id)
        .where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.user_id == user.id,
            TicketEvent.kind == "read",
            TicketEvent.at > since,
        )
        .limit(1)
    )
    return found is not None


def add_event(
    session: Session,
    ticket: Ticket,
    kind: str,
    now: datetime,
    *,
    user: User | None = None,
    text: str | None = None,
) -> None:
    """Write one line of the trail."""
    session.add(
        TicketEvent(
            ticket_id=ticket.id, user_id=user.id if user else None, kind=kind, text=text, at=now
        )
    )


def held_by(ticket: Ticket, user: User) -> None:
    """Raise ClaimRefused where the user does not hold the ticket."""
    if ticket.claimed_by_id != user.id:
        raise ClaimRefused("Claim this ticket first.")


def changed(
    session: Session, ticket: Ticket, kind: str, user: User, now: datetime, text: str | None = None
) -> None:
    """Count a change of the ticket and write it into the trail."""
    ticket.updated_at = now
    ticket.version += 1
    add_event(session, ticket, kind, now, user=user, text=text)


def _joined(old: list[Any], new: tuple[Any, ...]) -> list[Any]:
    return [*old, *(item for item in new if item not in old)]
