"""DELETE means deleted: every row about a person goes, in one transaction.

What remains is a keyed hash of their number (`hub/suppressions.py`) and, under a safeguarding
hold, the held ticket with the messages in which a risk was heard. Somebody who asks by text is
answered first: their number and our answer go as soon as it was sent (`complete`).
"""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from hub import holds, suppressions
from hub.conversations import Conversation, HeldBy
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.holds import Hold
from hub.kept import Erasure
from hub.links import LinkCode, LinkedPerson, LinkTry
from hub.messages import Direction, Message, Status
from hub.people import Address, Consent, Person, SafeContact
from hub.removal import delete_messages, delete_person, delete_tickets, gone
from hub.tickets import Ticket
from hub.topics import Contact, UnmetNeed

# Our answer is not waited for longer than this, and is left alone for a moment after it was sent:
# a practice phone shows what is in the record, and a provider reports what became of it.
ANSWER_WITHIN = timedelta(hours=24)
SETTLES_IN = timedelta(minutes=2)
ON_THEIR_WAY = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)


def erase(
    session: Session, person: Person, now: datetime, *, answering: Message | None = None
) -> Erasure:
    """Delete everything about a person, but for what is held.

    `answering` is the message that asked for it: its words go, its row and the way to answer stay
    until `complete`, and so does what came in after it. Without it everything goes at once.
    """
    kept = _held(session, person, now)
    row = Erasure(
        hub_id=person.hub_id,
        person_id=person.id,
        message_id=answering.id if answering else None,
        held=bool(kept),
        asked_at=now,
        counts={},
    )
    for address in _addresses(session, person):
        suppressions.suppress(session, address, now)
    counts = _rows(session, person, kept)
    counts["messages"] = _messages(session, person, kept, answering)
    _reset(session, person, held=bool(kept))
    if answering is not None:
        answering.text, answering.media, answering.heard = "", [], None
        answering.edited_text = None
    else:
        row.done_at = now
        if not kept:
            delete_person(session, person.id)
            row.person_id = None
    row.counts = dict(counts)
    session.add(row)
    session.flush()
    return row


def complete(session: Session, row: Erasure, now: datetime) -> bool:
    """End an erasure that was asked for by text, once our answer is out; True where it was."""
    person = session.get(Person, row.person_id, with_for_update=True) if row.person_id else None
    asked = Message.id == row.message_id
    if person is not None:
        answers = session.scalars(select(Message).where(Message.reply_to_id == row.message_id))
        waits = any(answer.status in ON_THEIR_WAY for answer in answers)
        if now - row.asked_at < (ANSWER_WITHIN if waits else SETTLES_IN):
            return False
        delete_messages(session, select(Message.id).where(Message.reply_to_id == row.message_id))
        delete_messages(session, select(Message.id).where(asked))
        if not row.held and not _is_back(session, person):
            delete_person(session, person.id)
    row.done_at, row.message_id = now, None
    if not row.held:
        row.person_id = None
    return True


def stays(session: Session, person_id: int) -> bool:
    """Whether something would have to stay if they were deleted now."""
    found = session.scalars(select(Ticket).where(Ticket.person_id == person_id))
    return any(holds.must_stay(session, ticket) for ticket in found)


def unfinished(session: Session, hub_id: str) -> list[Erasure]:
    """Erasures whose answer is still on its way."""
    return list(
        session.scalars(select(Erasure).where(Erasure.hub_id == hub_id, Erasure.done_at.is_(None)))
    )


def unscrubbed(session: Session, hub_id: str) -> bool:
    """Whether an erasure is done of which the database's files may still hold something."""
    left = select(Erasure.id).where(
        Erasure.hub_id == hub_id, Erasure.done_at.is_not(None), Erasure.scrubbed_at.is_(None)
    )
    return session.scalar(left.limit(1)) is not None


def scrubbed(session: Session, hub_id: str, until: datetime, now: datetime) -> None:
    """Mark what was done until a moment as cleared from the files too."""
    session.execute(
        update(Erasure)
        .where(Erasure.hub_id == hub_id, Erasure.done_at <= until, Erasure.scrubbed_at.is_(None))
        .values(scrubbed_at=now)
    )


def waiting_for_a_person(session: Session, hub_id: str) -> list[Erasure]:
    """Erasures of which a part is held until somebody decides."""
    return list(
        session.scalars(
            select(Erasure)
            .where(Erasure.hub_id == hub_id, Erasure.held, Erasure.person_id.is_not(None))
            .order_by(Erasure.id)
        )
    )


def let_go(session: Session, person: Person, now: datetime) -> bool:
    """After a hold was released: what they asked to be deleted goes now; False where nothing was.

    What they have told us since they asked is theirs too, but it was not meant: it stays.
    """
    rows = session.scalars(
        select(Erasure).where(Erasure.person_id == person.id, Erasure.held)
    ).all()
    if not rows or _held_ids(session, person):
        return False
    if _is_back(session, person, since=max(row.asked_at for row in rows)):
        old = select(Ticket.id).where(
            Ticket.person_id == person.id, Ticket.created_at <= max(r.asked_at for r in rows)
        )
        delete_tickets(session, list(session.scalars(old)))
        for row in rows:
            row.held, row.person_id = False, None
        return True
    for row in rows:
        row.held, row.person_id = False, None
    erase(session, person, now)
    return True


def _held(session: Session, person: Person, now: datetime) -> list[Ticket]:
    """The tickets that stay. One whose risk nobody has settled is held from now on."""
    found = session.scalars(
        select(Ticket).where(Ticket.person_id == person.id).with_for_update()
    ).all()
    stays = [ticket for ticket in found if holds.must_stay(session, ticket)]
    for ticket in stays:
        if holds.of(session, ticket) is None:
            holds.place(session, ticket, None, holds.BY_THE_ASSISTANT, now)
    session.flush()
    return stays


def _held_ids(session: Session, person: Person) -> set[int]:
    return set(
        session.scalars(select(Hold.ticket_id).join(Ticket).where(Ticket.person_id == person.id))
    )


def _rows(session: Session, person: Person, stays: list[Ticket]) -> Counter[str]:
    """Delete every row but messages, addresses and the person; how many of each table."""
    kept = {ticket.id for ticket in stays}
    counts: Counter[str] = Counter()
    for kind in (FollowUp, Feedback, UnmetNeed, Contact, LinkedPerson, LinkCode, LinkTry):
        counts[kind.__tablename__] = gone(session, delete(kind).where(kind.person_id == person.id))
    agreed = delete(Consent).where(Consent.person_id == person.id)
    if kept:
        agreed = agreed.where(or_(Consent.ticket_id.is_(None), Consent.ticket_id.not_in(kept)))
    counts["consents"] = gone(session, agreed)
    mine = session.scalars(select(Ticket.id).where(Ticket.person_id == person.id))
    counts["tickets"] = delete_tickets(session, [one for one in mine if one not in kept])
    if not kept:
        safe = delete(SafeContact).where(SafeContact.person_id == person.id)
        counts["safe_contacts"] = gone(session, safe)
    return counts


def _messages(
    session: Session, person: Person, stays: list[Ticket], answering: Message | None
) -> int:
    """Delete messages; of a held person the ones with a risk stay, of others none."""
    rows = session.execute(
        select(Message.id, Message.direction, Message.heard)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(Conversation.person_id == person.id)
    ).all()
    go = []
    for message_id, direction, heard in rows:
        later = answering is not None and direction == Direction.IN and message_id > answering.id
        evidence = bool(stays) and bool((heard or {}).get("risks"))
        asking = answering is not None and message_id == answering.id
        if not (later or evidence or asking):
            go.append(message_id)
    return delete_messages(session, go)


def _reset(session: Session, person: Person, *, held: bool) -> None:
    """Forget what the dialogue knows, and what is known of the person."""
    talks = session.scalars(select(Conversation).where(Conversation.person_id == person.id))
    for conversation in talks:
        # Being opted out, and under a hold the open question about safety, are no words of theirs.
        still = ("opted_out", "safety") if held else ("opted_out",)
        conversation.state = {
            name: value for name, value in conversation.state.items() if name in still and value
        }
        if not held:
            conversation.held_by, conversation.holder_id = HeldBy.BOT, None
    if held:
        return
    person.name = person.age = person.outcode = person.ward = None
    person.strengths, person.barriers, person.language = [], [], "en"
    for address in _addresses(session, person):
        address.profile_name = None


def _is_back(session: Session, person: Person, since: datetime | None = None) -> bool:
    """Whether they have written to us since they asked to be deleted."""
    query = (
        select(Message.id)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .where(Conversation.person_id == person.id, Message.direction == Direction.IN)
    )
    if since is not None:
        query = query.where(Message.created_at > since)
    return session.scalar(query.limit(1)) is not None


def _addresses(session: Session, person: Person) -> list[Address]:
    return list(session.scalars(select(Address).where(Address.person_id == person.id)))
