"""A tapped key: the option's words as a message, and whether its question still stands.

A key that was shown for an earlier question must never answer the one that is asked now: YES to
"shall I look further" is not YES to "is it OK to share this".
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from hub import messages
from hub.messages import Author, Direction, Inbound, Kind, Message, Received, Status
from hub.people import Reach

# Rows that the resident has, or is about to have.
SHOWN = (Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.SENT, Status.DELIVERED)


@dataclass(frozen=True)
class Tap:
    """Somebody tapped a key.

    `our_id` is the message that the key belongs to and `place` the option's, from 0; None where
    the key is not one of ours. `shown` are the words on it, where the provider told them.
    """

    reach: Reach
    provider_id: str
    our_id: int | None
    place: int
    shown: str = ""
    name: str | None = None


def receive(session: Session, hub_id: str, tap: Tap, now: datetime) -> Received:
    """Store a tap as a message in the option's words. The same key again changes nothing."""
    asked = _asked(session, hub_id, tap)
    if asked is None:
        inbound = Inbound(tap.reach, tap.provider_id, tap.shown, name=tap.name, kind=Kind.TAP)
        return messages.receive(session, hub_id, inbound, now)
    text = asked.options[tap.place]
    key = f"tap:{asked.id}:{tap.place}"
    inbound = Inbound(tap.reach, key, text, name=tap.name, kind=Kind.TAP)
    received = messages.receive(session, hub_id, inbound, now)
    if not received.duplicate:
        session.get_one(Message, received.message_id).reply_to_id = asked.id
    return received


def is_old(session: Session, message: Message, now: datetime) -> bool:
    """Whether a tap was on a key of an earlier question: we have said something since."""
    if message.kind != Kind.TAP:
        return False
    if message.reply_to_id is None:
        return True
    newest = last_said(session, message.conversation_id, now)
    if newest is None or newest.id <= message.reply_to_id:
        return False
    # A safety reply has its question in the first of several texts.
    asked = session.get_one(Message, message.reply_to_id)
    return newest.author != Author.GATE or newest.reply_to_id != asked.reply_to_id


def last_said(session: Session, conversation_id: int, now: datetime) -> Message | None:
    """The newest message to them that they have or get now; not a follow-up for next week."""
    return session.scalar(_said(conversation_id, now).order_by(Message.id.desc()).limit(1))


def question(session: Session, conversation_id: int, now: datetime) -> Message | None:
    """The question that stands: the first text of a safety reply, the last of any other."""
    newest = last_said(session, conversation_id, now)
    if newest is None or newest.author != Author.GATE:
        return newest
    same = _said(conversation_id, now).where(Message.reply_to_id == newest.reply_to_id)
    return session.scalar(same.order_by(Message.id).limit(1))


def _said(conversation_id: int, now: datetime) -> Select[Message]:
    return select(Message).where(
        Message.conversation_id == conversation_id,
        Message.direction == Direction.OUT,
        Message.status.in_(SHOWN),
        or_(Message.not_before.is_(None), Message.not_before <= now, Message.attempts > 0),
    )


def _asked(session: Session, hub_id: str, tap: Tap) -> Message | None:
    """Our message that the key belongs to, if it went to whoever tapped."""
    asked = session.get(Message, tap.our_id) if tap.our_id is not None else None
    if asked is None or asked.hub_id != hub_id or asked.direction != Direction.OUT:
        return None
    address = asked.conversation.address
    theirs = (address.channel, address.value) == (tap.reach.channel, tap.reach.value)
    return asked if theirs and tap.place < len(asked.options) else None
