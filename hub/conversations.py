"""Conversation: who holds it, and which worker is answering it now."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    String,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, undefer

from hub.clock import CLOCK_SLACK
from hub.crypto import SealedJson
from hub.database import Base, UtcDateTime
from hub.errors import StaleLease
from hub.people import Address, Person

# Seconds: a turn that broke again and again is tried this seldom.
LONGEST_WAIT = 300.0


class HeldBy(StrEnum):
    """Who answers: the bot, nobody yet (a person is needed), or a named person."""

    BOT = "bot"
    WAITING = "waiting"
    PERSON = "person"


class Conversation(Base):
    """One person on one address. The row is also the lock for answering them in order.

    `last_seq` is the newest inbound message, `done_seq` the newest that was handled: work is
    waiting when they differ. `state` is what the dialogue knows (see `actions/state.py`).
    """

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_waiting_since", "waiting_since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"), unique=True)
    held_by: Mapped[str] = mapped_column(String(10), default=HeldBy.BOT)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # Deferred: a row that cannot be decrypted must not stop others from being claimed.
    state: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict, deferred=True)
    last_seq: Mapped[int] = mapped_column(default=0)
    done_seq: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    address: Mapped[Address] = relationship()
    person: Mapped[Person] = relationship()


@dataclass(frozen=True)
class Claim:
    """A worker's right to answer one conversation until the lease ends."""

    conversation_id: int
    token: str
    attempts: int = 1


def conversation_for(session: Session, address: Address, now: datetime) -> Conversation:
    """The conversation of an address, locked for this transaction; made where there is none."""
    found = session.scalar(_OF_ADDRESS, {"address_id": address.id})
    if found is not None:
        return found
    made = Conversation(
        hub_id=address.hub_id,
        person_id=address.person_id,
        address_id=address.id,
        held_by=HeldBy.BOT,
        state={},
        last_seq=0,
        done_seq=0,
        attempts=0,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    return made


def lock(session: Session, conversation_id: int) -> Conversation | None:
    """Lock a conversation for this transaction, before any of its messages is locked."""
    return session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)


def moment(hub_id: str, now: datetime, lease_seconds: float) -> dict[str, str | datetime]:
    """What the queries below are asked with."""
    return {
        "hub_id": hub_id,
        "now": now,
        "no_lease": now + timedelta(seconds=lease_seconds) + CLOCK_SLACK,
        "no_wait": now + timedelta(seconds=LONGEST_WAIT) + CLOCK_SLACK,
    }


def claim(
    session: Session, hub_id: str, now: datetime, lease_seconds: float, most: int = 1
) -> list[Claim]:
    """Take at most so many conversations of a hub: those that have waited longest, unheld."""
    asked = {**moment(hub_id, now, lease_seconds), "most": most}
    found = session.scalars(_NEXT, asked).all()
    for one in found:
        one.lease_token = secrets.token_hex(16)
        one.lease_until = now + timedelta(seconds=lease_seconds)
        one.attempts += 1
    return [Claim(one.id, one.lease_token or "", one.attempts) for one in found]


def hold(session: Session, claim: Claim) -> Conversation:
    """Lock the claimed conversation. Raises StaleLease where somebody else has it now."""
    found = session.scalar(_WHOLE_LOCKED, {"id": claim.conversation_id})
    if found is None or found.lease_token != claim.token:
        raise StaleLease()
    return found


def whole(session: Session, conversation_id: int) -> Conversation | None:
    """A conversation with its state, its person and its address, in one query."""
    return session.scalar(_WHOLE, {"id": conversation_id})


def done(conversation: Conversation, seq: int, now: datetime) -> None:
    """Mark everything up to `seq` as handled and give the lease back.

    The caller holds the row's lock, so a message that arrives meanwhile waits for this
    commit and then sees `done_seq`: no wake-up is lost.
    """
    conversation.done_seq = max(conversation.done_seq, seq)
    conversation.waiting_since = now if conversation.last_seq > conversation.done_seq else None
    conversation.lease_token = None
    conversation.lease_until = None
    conversation.not_before = None
    conversation.attempts = 0
    conversation.updated_at = now


def give_back(conversation: Conversation, now: datetime, wait_seconds: float) -> None:
    """Release the lease with the work undone; it is tried again after `wait_seconds`."""
    conversation.lease_token = None
    conversation.lease_until = None
    conversation.not_before = now + timedelta(seconds=min(wait_seconds, LONGEST_WAIT))


def let_go(conversation: Conversation) -> None:
    """Release the lease as if it had never been taken: the work goes to whoever comes next."""
    conversation.lease_token = None
    conversation.lease_until = None
    conversation.attempts = max(0, conversation.attempts - 1)


# The queries are built once: building them anew costs more than asking them.
_NOW = bindparam("now", type_=UtcDateTime)
_CLAIMABLE = and_(
    Conversation.hub_id == bindparam("hub_id", type_=String),
    Conversation.last_seq > Conversation.done_seq,
    # What ends later than any lease or wait can is from before the clock was set back.
    or_(
        Conversation.lease_until.is_(None),
        Conversation.lease_until < _NOW,
        Conversation.lease_until > bindparam("no_lease", type_=UtcDateTime),
    ),
    or_(
        Conversation.not_before.is_(None),
        Conversation.not_before <= _NOW,
        Conversation.not_before > bindparam("no_wait", type_=UtcDateTime),
    ),
)
WAITS = exists().where(_CLAIMABLE)
_NEXT = (
    select(Conversation)
    .where(_CLAIMABLE)
    .order_by(Conversation.waiting_since)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_OF_ADDRESS = (
    select(Conversation)
    .where(Conversation.address_id == bindparam("address_id", type_=Integer))
    .with_for_update()
)
_WHOLE = (
    select(Conversation)
    .where(Conversation.id == bindparam("id", type_=Integer))
    .options(
        undefer(Conversation.state),
        joinedload(Conversation.person, innerjoin=True),
        joinedload(Conversation.address, innerjoin=True),
    )
)
_WHOLE_LOCKED = _WHOLE.with_for_update(of=Conversation)
