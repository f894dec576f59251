"""Brakes: a channel that is paused, a sender who writes too much, the same text again and again.

Two machines that answer each other, or a phone in a pocket, must not go on for ever. Whatever
the brake, the message is kept, the safety gate has read it, and a person is called.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from bot.situation import Situation
from hub import pauses, tickets
from hub.conversations import Conversation
from hub.database import UtcDateTime
from hub.messages import Direction, Message
from hub.tickets import Why
from hub.turns import Answer

WINDOW = timedelta(hours=1)
MOST_IN_A_WINDOW = 40
MOST_ALIKE = 6
# After this long it is said again.
SAY_AGAIN = timedelta(hours=12)
SAFETY_AGAIN = timedelta(minutes=5)

_LATELY = (
    select(Message.text)
    .where(
        Message.conversation_id == bindparam("conversation_id", type_=Integer),
        Message.direction == Direction.IN,
        Message.created_at > bindparam("since", type_=UtcDateTime),
        Message.id <= bindparam("message_id", type_=Integer),
    )
    .order_by(Message.id.desc())
    .limit(MOST_IN_A_WINDOW + 1)
)


class Brake(StrEnum):
    """Why the bot does not answer. Each has its line in the words."""

    PAUSED = "paused"
    TOO_MANY = "too_many"
    SAME_AGAIN = "same_again"


def on(session: Session, conversation: Conversation, message: Message) -> Brake | None:
    """The brake that holds for a message, or None."""
    if pauses.stands(session, conversation.hub_id, message.channel):
        return Brake.PAUSED
    if (message.seq or 0) <= MOST_ALIKE:
        return None
    lately = session.scalars(
        _LATELY,
        {
            "conversation_id": conversation.id,
            "since": message.created_at - WINDOW,
            "message_id": message.id,
        },
    ).all()
    if len(lately) > MOST_IN_A_WINDOW:
        return Brake.TOO_MANY
    alike = {text.strip().casefold() for text in lately[: MOST_ALIKE + 1]}
    return Brake.SAME_AGAIN if len(lately) > MOST_ALIKE and len(alike) == 1 else None


def slow(brake: Brake | None, situation: Situation, state: dict[str, Any], safe: Answer) -> Answer:
    """The gate's answer, but in a flood its texts only now and then. Its ticket is always made."""
    said = (state.get("safety") or {}).get("at")
    if brake is not Brake.TOO_MANY or not said:
        return safe
    if situation.now - datetime.fromisoformat(said) >= SAFETY_AGAIN:
        return safe
    return replace(safe, replies=(), state=None)


def answer(brake: Brake, situation: Situation, state: dict[str, Any], text: str) -> Answer:
    """The brake's line and a ticket; later only the ticket shows that more has come."""
    now = situation.now
    said = (state.get("braked") or {}).get(brake)
    if said and now - datetime.fromisoformat(said) < SAY_AGAIN:
        return Answer(effects=(tickets.resident_wrote(now),))

    def call_a_person(session: Session, conversation: Conversation, message: Message) -> None:
        tickets.open_for(
            session,
            conversation,
            why=Why.NO_ANSWER,
            now=now,
            message_id=message.id,
            own_words=(text,),
            reply_promised=situation.promise.text,
        )

    return Answer(
        replies=situation.words.say(f"brakes.{brake}", when=situation.promise.text),
        state={"braked": {**(state.get("braked") or {}), str(brake): now.isoformat()}},
        effects=(call_a_person,),
    )
