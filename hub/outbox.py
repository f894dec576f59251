"""The outbound queue: which message may be sent next, and what became of it.

Order within a conversation is kept: nothing is sent while an earlier message is still on its
way. Only an urgent (safety) message may overtake one that merely waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, defer, joinedload
from sqlalchemy.sql.base import ExecutableOption

from hub import follow_ups
from hub.clock import CLOCK_SLACK
from hub.conversations import Conversation
from hub.database import UtcDateTime
from hub.messages import Direction, Message, Status
from hub.people import Address, Reach, blind

# Reasons that the queue itself acts on. Staff read them as they are.
UNREACHABLE = "The phone could not be reached. We try again."
OPTED_OUT = "They asked for no more messages."

# After its end a call may still reach the provider for this long. A row that a dead worker left,
# or one whose lease ended because the clock was set forward, is not looked up before.
SETTLED_AFTER = timedelta(seconds=20)
LOOK_LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Attempt:
    """One try to send one message. `number` tells a slow try from the one that replaced it."""

    message_id: int
    number: int


@dataclass(frozen=True)
class ToDo:
    """Whether there is something to send, and something to look up."""

    send: bool
    look_up: bool


@dataclass(frozen=True)
class Queue:
    """One hub's queue. `lease` is how long a row may say `sending` before it counts as left."""

    hub_id: str
    lease: timedelta

    def moment(self, now: datetime) -> dict[str, str | datetime]:
        """What the queries below are asked with."""
        return {
            "hub_id": self.hub_id,
            "now": now,
            "stale": now - self.lease,
            "ahead": now + CLOCK_SLACK,
        }

    def to_do(self, session: Session, now: datetime) -> ToDo:
        """What the queue holds at this moment. Cheap: takes no lock."""
        return ToDo(*session.execute(select(SEND, LOOK_UP), self.moment(now)).one())

    def claim(
        self, session: Session, now: datetime, most: int = 1, *, whole: bool = True
    ) -> list[Message]:
        """Mark the next messages as `sending`: urgent ones first, then the oldest.

        `whole` reads what is encrypted in the same query; without it each row is read when it is
        looked at, so that one which cannot be read does not stop the others.
        """
        query = _NEXT_WHOLE if whole else _NEXT_UNREAD
        found = session.scalars(query, {**self.moment(now), "most": most}).all()
        for one in found:
            one.status, one.reason, one.not_before = Status.SENDING, None, None
            one.attempts += 1
            # A try of its own: what the provider calls the one before is no use any more.
            one.provider_id = None
            one.updated_at = now
        return list(found)

    def claim_unsure(self, session: Session, now: datetime, most: int = 1) -> list[Message]:
        """Take messages whose fate is not known, to look them up; nobody else takes them.

        Those that were left as `sending` are only marked: the call that was under way may still
        reach the provider, so they are looked up after `SETTLED_AFTER`.
        """
        found = session.scalars(_NEXT_UNSURE, {**self.moment(now), "most": most}).all()
        ready = []
        for one in found:
            if one.status == Status.SENDING:
                doubt(one, now)
                continue
            # Never ahead of the clock, or a clock that was set back would have it taken twice.
            one.updated_at = min(one.updated_at, now)
            one.not_before = now + LOOK_LEASE
            ready.append(one)
        return ready


def doubt(message: Message, now: datetime) -> None:
    """Nobody knows whether a message went out: it is looked up once all calls have ended."""
    message.status, message.updated_at = Status.UNKNOWN, now
    message.not_before = now + SETTLED_AFTER


def locked(session: Session, message_id: int) -> Message | None:
    """An outbound message, locked for this transaction, as it is now."""
    message = session.get(Message, message_id, with_for_update=True, populate_existing=True)
    return message if message is not None and message.direction == Direction.OUT else None


def by_provider_id(session: Session, channels: tuple[str, ...], provider_id: str) -> int | None:
    """Our id of the message that a provider knows as `provider_id`."""
    return session.scalar(
        select(Message.id).where(Message.channel.in_(channels), Message.provider_id == provider_id)
    )


def queue_again(message: Message, now: datetime, wait_seconds: float, reason: str | None) -> None:
    """Try again later. The message keeps its place in the conversation."""
    message.status, message.reason = Status.QUEUED, reason
    message.not_before = now + timedelta(seconds=wait_seconds)
    message.updated_at = now


def set_opted_out(session: Session, address_id: int, at: datetime | None) -> None:
    """Keep that somebody stopped us (`at`), or lets us write again (None)."""
    conversation = session.scalar(
        select(Conversation).where(Conversation.address_id == address_id).with_for_update()
    )
    address = session.get_one(Address, address_id)
    address.opted_out_at = at
    if at is not None:
        follow_ups.withdraw(session, address.person_id, follow_ups.OPTED_OUT, at)
    if conversation is not None:
        # The dialogue reads it here: START is only an answer to somebody who is opted out.
        conversation.state = {**conversation.state, "opted_out": at is not None}


def known_address(session: Session, hub_id: str, reach: Reach) -> int | None:
    """The id of an address that has written before."""
    return session.scalar(
        select(Address.id).where(
            Address.hub_id == hub_id,
            Address.channel == reach.channel,
            Address.lookup == blind(session, reach.value),
        )
    )


# The queries are built once: building them anew costs more than asking them.
_NOW = bindparam("now", type_=UtcDateTime)
_OURS = and_(
    Message.hub_id == bindparam("hub_id", type_=String), Message.direction == Direction.OUT
)
# Touched in the future: the clock was set back since, and what was to wait a little would wait
# that much longer. Nothing that was never tried is hurried by it: a follow-up keeps its time.
_SET_BACK = Message.updated_at > bindparam("ahead", type_=UtcDateTime)
_DUE = or_(
    Message.not_before.is_(None),
    Message.not_before <= _NOW,
    and_(Message.attempts > 0, _SET_BACK),
)
_SENDABLE = and_(_OURS, Message.status == Status.QUEUED, _DUE)
_STALE = and_(
    Message.status == Status.SENDING,
    or_(Message.updated_at < bindparam("stale", type_=UtcDateTime), _SET_BACK),
)
_UNSURE = and_(_OURS, or_(_STALE, and_(Message.status == Status.UNKNOWN, _DUE)))


def _blocked() -> ColumnElement[bool]:
    """An earlier message of the same conversation is still on its way.

    A follow-up for next week blocks nothing, and neither does one to a phone that is off.
    """
    earlier = aliased(Message)
    due = or_(earlier.not_before.is_(None), earlier.not_before <= _NOW, earlier.attempts > 0)
    waits = and_(earlier.status == Status.QUEUED, due, earlier.reason.is_distinct_from(UNREACHABLE))
    return exists().where(
        earlier.conversation_id == Message.conversation_id,
        earlier.direction == Direction.OUT,
        earlier.id < Message.id,
        or_(
            earlier.status == Status.SENDING,
            and_(
                or_(earlier.status == Status.UNKNOWN, waits),
                or_(Message.urgent.is_(False), earlier.urgent.is_(True)),
            ),
        ),
    )


def _next(where: ColumnElement[bool], *options: ExecutableOption) -> Select[Message]:
    return (
        select(Message)
        .options(*options)
        .where(where)
        .order_by(Message.urgent.desc(), Message.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=Message)
    )


_READY = and_(_SENDABLE, ~_blocked())
SEND = exists().where(_READY)
LOOK_UP = exists().where(_UNSURE)
_NEXT_WHOLE = _next(
    _READY,
    joinedload(Message.conversation, innerjoin=True).joinedload(
        Conversation.address, innerjoin=True
    ),
)
_NEXT_UNREAD = _next(_READY, defer(Message.text), defer(Message.options), defer(Message.media))
_NEXT_UNSURE = _next(_UNSURE)
