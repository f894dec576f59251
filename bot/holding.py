"""When WhatsApp does not let us write: hold, ask with the template, or send a text instead.

WhatsApp takes free text only within 24 hours of the resident's last message. After that a reply
is held; a template that WhatsApp has approved asks them to write; their answer releases what was
held (`hub.messages.receive`). Without a template, or where it does not get through, the reply
goes out as a text message, if they said that texts are safe.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.base import Ways
from hub import messages, outbox, wake, window
from hub.messages import (
    TEMPLATE_FAILED,
    WINDOW_CLOSED,
    Author,
    Direction,
    Kind,
    Message,
    Reply,
    Status,
)
from hub.people import Channel


def hold(session: Session, message: Message, ways: Ways, now: datetime) -> None:
    """Hold a message until they write, and ask them to, once. The conversation is locked."""
    if ways.reopen is None and as_text(session, message, ways, now):
        return
    messages.record_status(session, message, Status.HELD, now, WINDOW_CLOSED)
    asked = _asked(session, message)
    if ways.reopen is not None and asked is None:
        messages.queue_reply(
            session,
            message.conversation,
            Reply(ways.reopen),
            author=Author.BOT,
            kind=Kind.TEMPLATE,
            now=now,
            urgent=message.urgent,
        )
    elif asked is not None and asked.status == Status.FAILED:
        _without_asking(session, message, ways, now)


def not_asked(session: Session, template: Message, ways: Ways, now: datetime) -> None:
    """The template did not get through: what waits for an answer goes out as a text, or says so."""
    held = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == template.conversation_id,
            Message.status == Status.HELD,
            Message.reason == WINDOW_CLOSED,
        )
        .order_by(Message.id)
        .with_for_update()
    ).all()
    for message in held:
        _without_asking(session, message, ways, now)


def as_text(session: Session, message: Message, ways: Ways, now: datetime) -> bool:
    """Queue a WhatsApp message as a text message to the same number; False where it may not."""
    if message.channel != Channel.WHATSAPP or message.kind == Kind.TEMPLATE or not ways.texts:
        return False
    if not window.may_text(session, message.conversation):
        return False
    message.channel = Channel.SMS
    message.provider_id = None
    outbox.queue_again(message, now, 0, None)
    wake.tell(session)
    return True


def _without_asking(session: Session, message: Message, ways: Ways, now: datetime) -> None:
    if not as_text(session, message, ways, now):
        messages.record_status(session, message, Status.HELD, now, TEMPLATE_FAILED)


def _asked(session: Session, message: Message) -> Message | None:
    """The template that was sent since they last wrote."""
    since = message.conversation.address.last_inbound_at
    asked = select(Message).where(
        Message.conversation_id == message.conversation_id,
        Message.direction == Direction.OUT,
        Message.kind == Kind.TEMPLATE,
    )
    if since is not None:
        asked = asked.where(Message.created_at > since)
    return session.scalar(asked.order_by(Message.id.desc()).limit(1))
