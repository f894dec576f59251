"""A worker's own words on their way to a resident, and when they may not be sent."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import links, messages, tickets
from hub.errors import BadInput, NotSafe
from hub.gsm7 import plain
from hub.messages import Author, Direction, Message, Reply
from hub.people import Channel, ContactWay, User
from hub.tickets import Ticket, TicketStatus

# The longest reply a member of staff can send; providers cut or refuse longer ones.
MAX_REPLY = 1_600
# How long after the resident's own message a text from us still is an answer to it.
ANSWER_WITHIN = timedelta(hours=24)


def reply(session: Session, ticket: Ticket, user: User, text: str, now: datetime) -> Message:
    """Send a worker's own words by the channel the resident wrote on.

    Raises ClaimRefused where the user does not hold the ticket, BadInput for an empty or too
    long text, NotSafe where writing now is not what the resident said is safe.
    """
    tickets.held_by(ticket, user)
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise BadInput("Write your message first.")
    if ticket.conversation.address.channel == Channel.SMS:
        # One curly quote would make every part cost double; staff see what goes out.
        text = plain(text)
    if len(text) > MAX_REPLY:
        raise BadInput(f"That is {len(text):,} characters. Keep it under {MAX_REPLY:,}.")
    reason = why_not_write(session, ticket, now)
    if reason:
        raise NotSafe(reason)
    message = messages.queue_reply(
        session,
        ticket.conversation,
        Reply(text),
        author=Author.STAFF,
        now=now,
        user_id=user.id,
        urgent=ticket.urgent,
    )
    if ticket.status == TicketStatus.CLAIMED:
        ticket.status = TicketStatus.ATTEMPTING
    tickets.changed(session, ticket, "replied", user, now)
    return message


def why_not_write(session: Session, ticket: Ticket, now: datetime) -> str | None:
    """Why the resident may not be written to just now, in words for staff; None where it is fine.

    An opt-out always holds. "Neither", and an unknown way where a risk was heard, allow an
    answer to what they wrote themselves within a day, and nothing else.
    """
    if ticket.conversation.address.opted_out_at is not None:
        return "They asked us to stop texting. They can write to us again at any time."
    safe = ticket.person.safe_contact
    way = safe.way if safe else ContactWay.UNKNOWN
    elsewhere = links.hushed_elsewhere(session, ticket.person_id)
    if elsewhere:
        way = ContactWay.NEITHER
    if way != ContactWay.NEITHER and not (way == ContactWay.UNKNOWN and ticket.risks):
        return None
    last = session.scalar(
        select(Message)
        .where(Message.conversation_id == ticket.conversation_id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(1)
    )
    after = (safe.message_id or 0) if safe and way == ContactWay.NEITHER else 0
    if last is not None and last.id > after and now - last.created_at < ANSWER_WITHIN:
        return None
    if elsewhere:
        return "On another phone or app they said that nothing is safe. Wait until they write here."
    if way == ContactWay.NEITHER:
        return "They said neither a call nor a text is safe. Wait until they write to us."
    return "We do not know what is safe for them. Wait until they write to us."
