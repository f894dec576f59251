"""What a resident did to a message afterwards: put it in other words, or took it back.

An edit is no new turn. What was answered stays as it was; staff see both. A message that nobody
has answered yet is answered in its new words. Where the channel tells of the edit as a message
(`Changed.again`), its words are heard too, and a danger that was not there before is answered.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.conversations import Conversation
from hub.messages import Direction, Message, storable
from hub.people import Address, Channel, Reach, blind


def edit(
    session: Session, channel: Channel, provider_id: str, text: str, now: datetime
) -> Message | None:
    """Keep the new words of a message beside the old ones. None where there is no such message."""
    message = _theirs(session, channel, provider_id)
    if message is not None and storable(text) != (message.edited_text or message.text):
        message.edited_text, message.edited_at = storable(text), now
    return message


def take_back(
    session: Session, channel: Channel, provider_id: str, now: datetime
) -> Message | None:
    """Keep that the resident deleted a message on their phone. None where there is none."""
    message = _theirs(session, channel, provider_id)
    if message is not None:
        message.deleted_at = message.deleted_at or now
    return message


def known_by(session: Session, hub_id: str, reach: Reach, ending: str) -> str | None:
    """The provider id of somebody's message of which only the end is told; None where none is."""
    return session.scalar(
        select(Message.provider_id)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .join(Address, Conversation.address_id == Address.id)
        .where(
            Address.hub_id == hub_id,
            Address.channel == reach.channel,
            Address.lookup == blind(session, reach.value),
            Message.direction == Direction.IN,
            Message.provider_id.endswith(ending, autoescape=True),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


def _theirs(session: Session, channel: Channel, provider_id: str) -> Message | None:
    return session.scalar(
        select(Message)
        .where(
            Message.channel == channel,
            Message.provider_id == provider_id,
            Message.direction == Direction.IN,
        )
        .with_for_update()
    )
