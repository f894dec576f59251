"""Message: what came in and what goes out. The row is the queue item."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub import people, suppressions, wake
from hub.conversations import Conversation, conversation_for
from hub.crypto import Sealed, SealedJson
from hub.database import Base, UtcDateTime
from hub.errors import BadInput
from hub.hush import hushed
from hub.parts import split
from hub.people import Address, Channel, Reach

MAX_CHARACTERS = 20_000
MAX_PROVIDER_ID = 100
MAX_NAME = 100
# WhatsApp takes free text for this long after the resident's last message.
WINDOW = timedelta(hours=24)
# Why a message is held: for good, after "stop texting me now", and on WhatsApp for a while.
HUSHED = "Held: they asked us to stop texting at once."
WINDOW_CLOSED = "Held: WhatsApp allows no free text 24 hours after their last message."
# The same, and the template that asks them to write did not get through.
TEMPLATE_FAILED = "Held: WhatsApp's 24 hours are over and we could not ask. They must write first."


class Direction(StrEnum):
    """In: from a resident. Out: to a resident."""

    IN = "in"
    OUT = "out"


class Status(StrEnum):
    """Where a message is on its way. In: received, handled. Out: all the others."""

    RECEIVED = "received"
    HANDLED = "handled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    UNKNOWN = "unknown"


# A status callback may come late or out of order: it only ever moves a message forward.
FORWARD = (Status.QUEUED, Status.SENDING, Status.UNKNOWN, Status.SENT, Status.DELIVERED)


class Kind(StrEnum):
    """What is out of the ordinary about a message; most have none.

    In: the provider took it for STOP, START or HELP and answered it already, or could not pass
    on what it held; a tapped key; other words for an earlier message. Out: a WhatsApp template
    that asks whether we may write.
    """

    STOP = "stop"
    START = "start"
    HELP = "help"
    UNSUPPORTED = "unsupported"
    TAP = "tap"
    EDIT = "edit"
    TEMPLATE = "template"


class Author(StrEnum):
    """Who wrote a message."""

    RESIDENT = "resident"
    BOT = "bot"
    GATE = "gate"
    STAFF = "staff"


class Message(Base):
    """One message, in or out. `seq` counts inbound messages within the conversation."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index("ix_messages_status_not_before", "status", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    direction: Mapped[str] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    seq: Mapped[int | None]
    author: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str | None] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Sealed)
    options: Mapped[list[str]] = mapped_column(SealedJson, default=list)
    media: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson, default=list)
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(100))
    urgent: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    heard: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    # What the resident made of it afterwards; `text` stays what was answered.
    edited_text: Mapped[str | None] = mapped_column(Sealed)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    conversation: Mapped[Conversation] = relationship()


# Built once: this is asked for every webhook.
_SEEN = select(Message).where(
    Message.channel == bindparam("channel", type_=String),
    Message.provider_id == bindparam("provider_id", type_=String),
)


@dataclass(frozen=True)
class Inbound:
    """What a channel understood of one webhook call.

    `provider_id` is the provider's own id, unique within the channel. `media` holds one
    dictionary an attachment: {"url", "content_type"}. `location` is (latitude, longitude), and
    `place` what the provider calls it. `name` is the one they go by on the channel. `sent_at`
    is when they wrote, where that is not now.
    """

    reach: Reach
    provider_id: str
    text: str
    media: tuple[dict[str, Any], ...] = ()
    location: tuple[float, float] | None = None
    place: str | None = None
    name: str | None = None
    kind: Kind | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Received:
    """What became of an inbound message: its row's id, and whether it was seen before."""

    message_id: int
    conversation_id: int
    duplicate: bool


@dataclass(frozen=True)
class Reply:
    """One text to a resident, and the options they can tap or type the number of."""

    text: str
    options: tuple[str, ...] = field(default=())


def receive(session: Session, hub_id: str, inbound: Inbound, now: datetime) -> Received:
    """Store an inbound message, once. A second call with the same provider id changes nothing.

    Raises BadInput where the message could never be stored.
    """
    text = storable(inbound.text)
    if len(text) > MAX_CHARACTERS:
        raise BadInput("a message has at most 20,000 characters")
    known_by = inbound.provider_id
    if not (0 < len(known_by) <= MAX_PROVIDER_ID and known_by.isascii() and known_by.isprintable()):
        raise BadInput("a message needs a provider id of at most 100 plain characters")
    if not inbound.reach.value:
        raise BadInput("a message needs to come from somebody")
    channel = inbound.reach.channel
    seen = session.scalar(_SEEN, {"channel": channel, "provider_id": known_by})
    if seen is not None:
        _complete(seen, inbound)
        return Received(seen.id, seen.conversation_id, duplicate=True)
    if inbound.sent_at and suppressions.erased(session, hub_id, inbound.reach, inbound.sent_at):
        # A provider's list reaches back further than a record that they had deleted.
        return Received(0, 0, duplicate=True)
    address = people.find_or_create(session, hub_id, inbound.reach, now)
    # The conversation's lock comes first: a turn takes them in this order too.
    conversation = conversation_for(session, address, now)
    written = min(inbound.sent_at or now, now)
    address.last_inbound_at = max(address.last_inbound_at or written, written)
    if inbound.name and inbound.name != address.profile_name:
        address.profile_name = storable(inbound.name)[:MAX_NAME]
    if not hushed(text) and now - written < WINDOW:
        _release_held(session, conversation, now)
    conversation.last_seq += 1
    # A turn that is put off is taken up again: what is said now may not wait for it.
    conversation.not_before = None
    conversation.waiting_since = conversation.waiting_since or now
    conversation.updated_at = now
    message = Message(
        hub_id=hub_id,
        conversation_id=conversation.id,
        direction=Direction.IN,
        channel=channel,
        provider_id=inbound.provider_id,
        seq=conversation.last_seq,
        author=Author.RESIDENT,
        kind=inbound.kind,
        text=text,
        options=[],
        media=_media(inbound),
        status=Status.RECEIVED,
        created_at=now,
        updated_at=now,
    )
    session.add(message)
    session.flush()
    if hushed(text):
        silence(session, conversation, now)
    wake.tell(session)
    return Received(message.id, conversation.id, duplicate=False)


def queue_reply(
    session: Session,
    conversation: Conversation,
    reply: Reply,
    *,
    author: Author,
    now: datetime,
    reply_to_id: int | None = None,
    user_id: int | None = None,
    urgent: bool = False,
    not_before: datetime | None = None,
    kind: Kind | None = None,
) -> Message:
    """Put one text on its way to a resident. It is sent after this transaction commits.

    A text that is too long for the channel becomes several rows; the options go with the
    last, and the last is what is returned.
    """
    *before, last = split(reply.text, reply.options, conversation.address.channel)
    rows = [
        Message(
            hub_id=conversation.hub_id,
            conversation_id=conversation.id,
            direction=Direction.OUT,
            channel=conversation.address.channel,
            author=author,
            kind=kind,
            user_id=user_id,
            text=text,
            options=list(options),
            media=[],
            reply_to_id=reply_to_id,
            status=Status.QUEUED,
            urgent=urgent,
            not_before=not_before,
            created_at=now,
            updated_at=now,
        )
        for text, options in [*((text, ()) for text in before), (last, reply.options)]
    ]
    for row in rows:
        session.add(row)
        # One at a time: the ids are the order they are sent in.
        session.flush()
    wake.tell(session)
    conversation.updated_at = now
    return rows[-1]


def silence(session: Session, conversation: Conversation, now: datetime) -> int:
    """Hold back everything that has not gone out yet; how many messages. Nothing releases them."""
    done = session.execute(
        update(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.direction == Direction.OUT,
            or_(Message.status == Status.QUEUED, Message.status == Status.HELD),
        )
        .values(status=Status.HELD, reason=HUSHED, updated_at=now)
        .execution_options(synchronize_session="fetch")
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def hushed_since(session: Session, message: Message) -> bool:
    """Whether "stop texting me now" came after a message that is only now being answered."""
    later = session.execute(
        select(Message.text, Message.edited_text).where(
            Message.conversation_id == message.conversation_id,
            Message.direction == Direction.IN,
            Message.status != Status.HANDLED,
            Message.id > message.id,
        )
    )
    return any(hushed(text or "") or hushed(edited or "") for text, edited in later)


def record_status(
    session: Session, message: Message, status: Status, now: datetime, reason: str | None = None
) -> bool:
    """Move an outbound message forward; False where the news is older than what we know.

    Delivered is the end. A failure can only be overtaken by the news that it did arrive.
    """
    if message.status == Status.DELIVERED:
        return False
    if message.status == Status.FAILED and status != Status.DELIVERED:
        return False
    both_forward = status in FORWARD and message.status in FORWARD
    if both_forward and FORWARD.index(status) <= FORWARD.index(Status(message.status)):
        return False
    message.status, message.reason, message.updated_at = status, reason, now
    return True


def next_received(session: Session, conversation: Conversation) -> Message | None:
    """The oldest inbound message of a conversation that nobody has handled."""
    return session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.direction == Direction.IN,
            Message.status == Status.RECEIVED,
        )
        .order_by(Message.seq)
        .limit(1)
    )


def transcript(session: Session, conversation_id: int) -> list[Message]:
    """Every message of a conversation, oldest first."""
    return list(
        session.scalars(
            select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id)
        )
    )


def address_of(session: Session, message: Message) -> Address:
    """Where an outbound message goes."""
    return message.conversation.address


def storable(text: str) -> str:
    """A text as every database takes it.

    A lone surrogate or a NUL cannot be stored or sent on; what they stood for is lost already.
    """
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _media(inbound: Inbound) -> list[dict[str, Any]]:
    media = list(inbound.media)
    if inbound.location is not None:
        pin: dict[str, Any] = {"latitude": inbound.location[0], "longitude": inbound.location[1]}
        media.append(pin | ({"place": storable(inbound.place)[:300]} if inbound.place else {}))
    return media


def _complete(seen: Message, inbound: Inbound) -> None:
    """A message that was found in a list first has no pin: its webhook came late, and has."""
    if inbound.location is not None and not seen.media:
        seen.media = _media(inbound)


def _release_held(session: Session, conversation: Conversation, now: datetime) -> None:
    """The resident has written, so WhatsApp allows again what was held for its 24 hours."""
    if conversation.address.channel != Channel.WHATSAPP:
        return
    session.execute(
        update(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.status == Status.HELD,
            Message.reason.in_((WINDOW_CLOSED, TEMPLATE_FAILED)),
        )
        .values(status=Status.QUEUED, reason=None, not_before=None, updated_at=now)
    )
