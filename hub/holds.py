"""A safeguarding hold: a ticket that stays although its person asked to be deleted.

Software never decides this for good. Where somebody asks to be deleted while a risk is open, the
ticket is held until a member of staff says whether it must stay.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub import tickets
from hub.crypto import Sealed
from hub.database import Base, UtcDateTime
from hub.errors import BadInput
from hub.people import User
from hub.tickets import Ticket

MAX_REASON = 1_000
BY_THE_ASSISTANT = "They asked to be deleted while a risk was open. Please decide."
# Hardship is urgent, but no reason to keep a record that somebody wants gone.
NOT_SAFEGUARDING = {"no_essentials", "no_shelter_tonight"}


class Hold(Base):
    """One hold on one ticket: why, by whom (nobody: the assistant), and until when."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User | None] = relationship()


def of(session: Session, ticket: Ticket) -> Hold | None:
    """The hold on a ticket, if there is one."""
    return session.scalar(select(Hold).where(Hold.ticket_id == ticket.id))


def ids(session: Session, hub_id: str | None = None) -> set[int]:
    """The ids of every ticket that is held."""
    query = select(Hold.ticket_id)
    return set(session.scalars(query if hub_id is None else query.where(Hold.hub_id == hub_id)))


def place(session: Session, ticket: Ticket, user: User | None, reason: str, now: datetime) -> Hold:
    """Hold a ticket, or give the hold that is there a reason of one's own."""
    reason = reason.strip()
    if not reason:
        raise BadInput("Say why this has to be kept for safeguarding.")
    if len(reason) > MAX_REASON:
        raise BadInput(f"The reason can have {MAX_REASON:,} characters.")
    found = of(session, ticket)
    if found is None:
        found = Hold(hub_id=ticket.hub_id, ticket_id=ticket.id)
        session.add(found)
    found.user_id, found.reason, found.at = user.id if user else None, reason, now
    _tell(session, ticket, "held", user, now, reason)
    return found


def release(session: Session, ticket: Ticket, user: User, now: datetime) -> None:
    """End a hold: the ticket is then kept, or deleted, as any other."""
    found = of(session, ticket)
    if found is None:
        raise BadInput("This ticket is not held.")
    session.delete(found)
    _tell(session, ticket, "hold released", user, now, None)


def must_stay(session: Session, ticket: Ticket) -> bool:
    """Whether a ticket is held, or has a safeguarding risk that nobody has settled yet."""
    undecided = ticket.closed_at is None and bool(set(ticket.risks) - NOT_SAFEGUARDING)
    return undecided or of(session, ticket) is not None


def _tell(
    session: Session, ticket: Ticket, kind: str, user: User | None, now: datetime, text: str | None
) -> None:
    ticket.updated_at = now
    ticket.version += 1
    tickets.add_event(session, ticket, kind, now, user=user, text=text)
