"""Somebody was let down by us or by others: that is heard before anything else, and kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from hub import feedback
from hub.conversations import Conversation
from hub.messages import Message
from hub.turns import Effect

if TYPE_CHECKING:
    from actions.turn import Turn

_COMPLAINT = re.compile(
    r"\b(nobody|no ?one|you|they|never|not once)\b.{0,25}\b(ever |even )?"
    r"(r[aiu]ng|rings?|call(ed|s)?|got|came|texts?|texted|turned up|answer(ed|s)?|bother(ed)?)\b"
    r".{0,12}\b(back|up|me|the phone)\b|"
    r"\b(you|your|yous|this|hub|lot)\b.{0,20}\b(useless|rubbish|a joke|disgrace|waste of time)\b|"
    r"\b(make|put in|want) (a|to) complain(t)?\b",
    re.I,
)


def heard(text: str) -> bool:
    """Whether a text says that somebody was let down by those who should help."""
    return bool(_COMPLAINT.search(text))


def keep(turn: Turn) -> Effect:
    """Among the feedback, in their own words, where staff answer for it."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        feedback.log(session, conversation, turn.text, turn.now, None)

    return effect
