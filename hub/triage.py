"""What staff look at: the lists of tickets, what is new in them, one ticket and its trail."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from hub.conversations import Conversation
from hub.errors import NotAllowed
from hub.messages import Author, Direction, Message, Status
from hub.people import Consent, User
from hub.tickets import Ticket, TicketEvent

AT_MOST = 200
# Lines of a trail that say nothing new about the ticket itself.
QUIET = ("read",)


class Shelf(StrEnum):
    """The lists: nobody's yet, mine, everybody's that is open, closed."""

    NEW = "new"
    MINE = "mine"
    ALL = "all"
    CLOSED = "closed"


@dataclass(frozen=True)
class Talk:
    """Where a conversation stands: when they last wrote, whether a worker answered since.

    `delivery` is the status of the last message that went out.
    """

    last_in_at: datetime | None = None
    answered: bool = True
    delivery: str | None = None


def listed(session: Session, user: User, shelf: Shelf, limit: int = AT_MOST) -> list[Ticket]:
    """The tickets of one list, urgent first and then the oldest; closed ones newest first."""
    order = (
        (Ticket.closed_at.desc(),)
        if shelf == Shelf.CLOSED
        else (Ticket.urgent.desc(), Ticket.created_at, Ticket.id)
    )
    found = session.scalars(
        select(Ticket)
        .where(*_on(shelf, user))
        .order_by(*order)
        .limit(limit)
        .options(
            joinedload(Ticket.person),
            joinedload(Ticket.claimed_by),
            joinedload(Ticket.conversation).joinedload(Conversation.address),
        )
    )
    return list(found)


def counts(session: Session, user: User) -> dict[Shelf, int]:
    """How many tickets are on each list of open ones."""
    return {
        shelf: session.scalar(select(func.count()).select_from(Ticket).where(*_on(shelf, user)))
        or 0
        for shelf in (Shelf.NEW, Shelf.MINE, Shelf.ALL)
    }


def unseen_urgent(session: Session, user: User) -> int:
    """How many urgent tickets nobody has opened yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Ticket)
            .where(*_on(Shelf.ALL, user), Ticket.urgent, Ticket.first_seen_at.is_(None))
        )
        or 0
    )


def talks(session: Session, conversation_ids: list[int]) -> dict[int, Talk]:
    """Where each conversation stands, by its id."""
    newest = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(conversation_ids))
        .group_by(Message.conversation_id, Message.direction, Message.author == Author.STAFF)
    )
    # Only what is needed: a message's text would have to be decrypted.
    rows = session.execute(
        select(
            Message.conversation_id,
            Message.id,
            Message.direction,
            Message.author,
            Message.status,
            Message.created_at,
        ).where(Message.id.in_(newest))
    )
    found: dict[int, list[_Last]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).append(_Last(*row[1:]))
    return {conversation_id: _talk(last) for conversation_id, last in found.items()}


def promised_at(session: Session, ticket_ids: list[int]) -> dict[int, datetime]:
    """When each ticket's resident was last told when a person replies, by ticket id."""
    rows = session.execute(
        select(TicketEvent.ticket_id, func.max(TicketEvent.at).label("at"))
        .where(TicketEvent.ticket_id.in_(ticket_ids), TicketEvent.kind == "promised")
        .group_by(TicketEvent.ticket_id)
    )
    return {row.ticket_id: row.at for row in rows}


def find(session: Session, user: User, ticket_id: int) -> Ticket:
    """One ticket of the user's hub. Raises NotAllowed for any other."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id, Ticket.hub_id == user.hub_id)
        .options(joinedload(Ticket.person), joinedload(Ticket.claimed_by))
    )
    if ticket is None:
        raise NotAllowed("There is no such ticket at your hub.")
    return ticket


def since(session: Session, ticket: Ticket, event_id: int) -> list[TicketEvent]:
    """What happened to a ticket after a line of its trail; reading it is no change."""
    return list(
        session.scalars(
            select(TicketEvent)
            .where(
                TicketEvent.ticket_id == ticket.id,
                TicketEvent.id > event_id,
                TicketEvent.kind.not_in(QUIET),
            )
            .order_by(TicketEvent.id)
        )
    )


def consents(session: Session, ticket: Ticket) -> list[Consent]:
    """What the person agreed to for this ticket, standing or withdrawn, oldest first."""
    rows = session.scalars(
        select(Consent)
        .where(
            Consent.person_id == ticket.person_id,
            or_(Consent.ticket_id == ticket.id, Consent.ticket_id.is_(None)),
        )
        .order_by(Consent.id)
    )
    return [row for row in rows if row.ticket_id == ticket.id or row.words == ticket.share_words]


def mark(session: Session, hub_id: str) -> str:
    """A short text that differs when anything a page of this hub shows has changed.

    Cheap enough for every second: it reads the open tickets' index and the newest messages.
    """
    recent = (
        select(Message.id, Message.updated_at)
        .where(Message.hub_id == hub_id)
        .order_by(Message.id.desc())
        .limit(AT_MOST)
        .subquery()
    )
    told = session.execute(select(func.max(recent.c.id), func.max(recent.c.updated_at))).one()
    open_ones = session.execute(
        select(
            func.count(),
            func.sum(Ticket.version),
            func.count(Ticket.first_seen_at),
            func.max(Ticket.updated_at),
        ).where(Ticket.hub_id == hub_id, Ticket.closed_at.is_(None))
    ).one()
    closed = session.scalar(select(func.max(Ticket.closed_at)).where(Ticket.hub_id == hub_id))
    return "|".join(str(part) for part in (*told, *open_ones, closed))


def _on(shelf: Shelf, user: User) -> tuple[ColumnElement[bool], ...]:
    here = Ticket.hub_id == user.hub_id
    if shelf == Shelf.CLOSED:
        return here, Ticket.closed_at.is_not(None)
    if shelf == Shelf.NEW:
        return here, Ticket.closed_at.is_(None), Ticket.claimed_by_id.is_(None)
    if shelf == Shelf.MINE:
        return here, Ticket.closed_at.is_(None), Ticket.claimed_by_id == user.id
    return here, Ticket.closed_at.is_(None)


class _Last(NamedTuple):
    """The newest message of one kind in a conversation."""

    id: int
    direction: str
    author: str
    status: str
    at: datetime


def _talk(newest: list[_Last]) -> Talk:
    """`newest` holds the last message in, the last of a worker and the last of the bot."""
    came = max((m for m in newest if m.direction == Direction.IN), default=None)
    went = max((m for m in newest if m.direction == Direction.OUT), default=None)
    staff = max((m for m in newest if m.author == Author.STAFF), default=None)
    answered = came is None or (staff is not None and staff.id > came.id)
    return Talk(came.at if came else None, answered, Status(went.status) if went else None)
