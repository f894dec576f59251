"""Taking rows away with everything that hangs on them. Who may go is decided elsewhere."""

from typing import Any

from sqlalchemy import Select, delete, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from hub.conversations import Conversation
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.holds import Hold
from hub.kept import MadeUpPerson
from hub.messages import Message
from hub.people import Address, Consent, Person, SafeContact
from hub.tickets import Ticket, TicketEvent
from hub.topics import Contact, UnmetNeed

# So many ids fit into one statement on either database.
AT_ONCE = 500
# Columns that point at a message; they are emptied before it goes.
POINTERS: tuple[InstrumentedAttribute[int | None], ...] = (
    Message.reply_to_id,
    Ticket.opened_by_message_id,
    SafeContact.message_id,
    Consent.message_id,
    UnmetNeed.message_id,
    FollowUp.message_id,
    Feedback.told_id,
)


def delete_messages(session: Session, which: list[int] | Select[int]) -> int:
    """Delete messages by their ids, or those a query gives; how many."""
    ids = which if isinstance(which, list) else list(session.scalars(which))
    count = 0
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        for pointer in POINTERS:
            gone(
                session,
                update(pointer.class_).where(pointer.in_(some)).values({pointer.key: None}),
            )
        count += gone(session, delete(Message).where(Message.id.in_(some)))
    return count


def delete_tickets(session: Session, ids: list[int], *, keep_consents: bool = False) -> int:
    """Delete tickets with their trail, hold and follow-ups; how many.

    `keep_consents` leaves the proof of what was agreed, which is kept longer than the ticket.
    """
    kinds: tuple[Any, ...] = (Hold, TicketEvent, FollowUp)
    for kind in kinds if keep_consents else (*kinds, Consent):
        gone(session, delete(kind).where(kind.ticket_id.in_(ids)))
    for kind in (Feedback, Consent):
        gone(session, update(kind).where(kind.ticket_id.in_(ids)).values(ticket_id=None))
    return gone(session, delete(Ticket).where(Ticket.id.in_(ids)))


def delete_person(session: Session, person_id: int) -> None:
    """Delete a person of whom no message, ticket, consent or answer is left."""
    session.flush()
    for kind in (SafeContact, Contact, UnmetNeed, Conversation, Address, MadeUpPerson):
        gone(session, delete(kind).where(kind.person_id == person_id))
    gone(session, delete(Person).where(Person.id == person_id))


def gone(session: Session, statement: Any) -> int:
    """Run an update or delete, objects in this session included; how many rows."""
    done: Any = session.execute(statement.execution_options(synchronize_session="fetch"))
    return int(done.rowcount)
