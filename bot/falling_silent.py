"""Somebody asks us to stop because they are overlooked."""

from typing import Any

from sqlalchemy.orm import Session

from bot.situation import Situation
from hub import follow_ups, messages, people, tickets
from hub.conversations import Conversation
from hub.messages import Message
from hub.people import ContactWay
from hub.tickets import Why
from hub.turns import Answer
from nlu.heard import Heard

# Stages whose YES cannot be taken back.
BINDING = ("consent", "erasing")


def unbound(state: dict[str, Any]) -> dict[str, Any]:
    """What to change so that a YES meant for something else agrees to nothing."""
    return {"stage": "returned"} if state.get("stage") in BINDING else {}


def answer(heard: Heard, text: str, situation: Situation) -> Answer:
    """Somebody may be looking over their shoulder: fall silent at once, and tell a person."""

    def silence(session: Session, conversation: Conversation, message: Message) -> None:
        messages.silence(session, conversation, situation.now)
        follow_ups.withdraw(session, conversation.person_id, follow_ups.HUSHED, situation.now)
        people.set_safe_contact(
            session,
            conversation.person_id,
            way=ContactWay.NEITHER,
            now=situation.now,
            message_id=message.id,
        )
        safety = conversation.state.get("safety")
        if safety:
            conversation.state = {**conversation.state, "safety": {**safety, "asked": None}}
        # A YES that comes next may be another hand's.
        conversation.state = {**conversation.state, **unbound(conversation.state)}
        tickets.open_for(
            session,
            conversation,
            why=Why.RISK if heard.risks or safety else Why.HUMAN,
            now=situation.now,
            message_id=message.id,
            urgent=bool(heard.risks or safety),
            risks=heard.risk_ids,
            own_words=(text,),
        )

    return Answer(effects=(silence,))
