"""A resident who says anything at any time is never left in silence, and never overrun."""

import random

import pytest

from hub.gsm7 import parts
from tests.conversations.stack import Stack

TURNS = 150
RESIDENTS = 6
SAYINGS = (
    "hi",
    "yes",
    "no",
    "1",
    "2",
    "3",
    "9",
    "maybe",
    "skip",
    "HUMAN",
    "menu",
    "privacy",
    "delete",
    "what did you say",
    "go back",
    "thanks",
    "bye",
    "something else",
    "is it free",
    "L11",
    "text",
    "call",
    "neither",
    "mornings",
    "change",
    "need a job",
    "i need help with my bills",
    "i feel lonely",
    "not the bills",
    "are you a robot",
    "what do you know about me",
    "ive changed my mind",
    "🙂",
    "?",
    "/restart",
    "asdf ghjk",
    "x" * 3000,
    "a cuppa and a chat with someone",
    "CROXTETH",
    "the last one",
    "do i need to book",
    "none of these",
    "i would like to do a course",
    "\u202eabc",
    "...",
    "ok then",
)

pytestmark = pytest.mark.stack


def test_anything_at_any_time_is_answered(stack: Stack) -> None:
    dice = random.Random(20261122)
    for turn in range(TURNS):
        resident = f"+44770090{900 + turn % RESIDENTS:04d}"
        text = dice.choice(SAYINGS)
        stack.desk.clock.move(seconds=20)  # type: ignore[attr-defined]
        texts = [
            "\n".join([row.text, *(f"{n} {o}" for n, o in enumerate(row.options, start=1))])
            for row in stack.say(resident, text)
        ]
        assert texts, (turn, text)
        assert all(parts(said).parts <= 2 for said in texts), (turn, text, texts)
        assert len(texts) <= 4, (turn, text, texts)
        assert not any("can't answer properly" in said for said in texts), (turn, text)
