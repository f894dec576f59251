"""A resident who says anything at any time is never left in silence, and never overrun.

    make walk        # the long form: thousands of turns

`GOODHELP_WALK_TURNS` and `GOODHELP_WALK_SEED` choose another walk.
"""

import os
import random
from typing import Any

import pytest
from sqlalchemy import select

from hub import tickets
from hub.gsm7 import parts
from hub.messages import Message
from hub.people import Consent
from tests.conftest import SUNDAY_NIGHT, SetClock
from tests.conversations.stack import Stack
from tests.conversations.wandering import Saying, sayings

TURNS = int(os.environ.get("GOODHELP_WALK_TURNS", "600"))
SEED = int(os.environ.get("GOODHELP_WALK_SEED", "20261122"))
TURNS_EACH = 50
# These words are what is to be shared, not what is needed.
NOT_LISTENING = ("wording",)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(7200)]


def test_anything_at_any_time_is_answered(stack: Stack) -> None:
    dice = random.Random(SEED)
    for resident in range(max(1, TURNS // TURNS_EACH)):
        walk = Walk(stack, f"+4477009{resident:05d}9")
        clock = stack.desk.clock
        assert isinstance(clock, SetClock)
        clock.at = SUNDAY_NIGHT
        for number, saying in zip(range(TURNS_EACH), sayings(dice), strict=False):
            walk.step(number, saying)


class Walk:
    """One resident's way, and what has to hold after each step."""

    def __init__(self, stack: Stack, resident: str) -> None:
        self.stack, self.resident = stack, resident
        self.before: list[tuple[str, ...]] = []
        self.needs: set[str] = set()
        self.consents = 0
        self.stage = "new"
        self.told: list[str] = []

    def step(self, number: int, saying: Saying) -> None:
        """Say it, and look at everything."""
        # Not so quick that the brake on floods holds (bot/brakes.py).
        self.stack.move(minutes=2, days=saying.days)
        self.told.append(saying.text)
        rows = self.stack.say(self.resident, saying.text, photo=saying.photo)
        texts = tuple(row.text for row in rows)
        where = f"{self.resident} turn {number}, {self.stage}: {self.told[-4:]} got {texts}"
        with self.stack.database.writing() as session:
            conversation = self.stack.conversation(session, self.resident, "sms")
            state = dict(conversation.state)
            person = conversation.person_id
            given = list(session.scalars(select(Consent).where(Consent.person_id == person)))
            consents = [(row.words, row.withdrawn_at) for row in given]
            ticket = tickets.open_ticket(session, person)
            urgent = ticket is not None and ticket.urgent
        self._answered(saying, rows, texts, where)
        self._kept(saying, state, where)
        if saying.danger:
            assert "999" in " ".join(texts) or self._told_before(state), where
            assert urgent, where
        if len(consents) > self.consents:
            # Nobody agrees to words that were not before their eyes a moment ago.
            assert consents[-1][0] in " ".join(self.before[-1]), where
        self.consents = len(consents)
        self.before.append(texts)
        self.stage = state.get("stage") or "new"

    def _answered(
        self, saying: Saying, rows: list[Message], texts: tuple[str, ...], where: str
    ) -> None:
        assert texts or saying.may_be_silent, where
        assert len(texts) <= 4, where
        assert not any("can't answer properly" in text for text in texts), where
        for row in rows:
            shown = "\n".join([row.text, *(f"{n} {o}" for n, o in enumerate(row.options, 1))])
            counted = parts(shown)
            assert counted.parts <= 2 or counted.encoding == "UCS-2", where
        ours = "".join("\n".join(texts).split('"')[::2])
        assert ours.count("?") <= 1, where
        assert not (texts and self.before[-2:] == [texts, texts]), where

    def _kept(self, saying: Saying, state: dict[str, Any], where: str) -> None:
        """What was voiced once stays known, however the talk wanders, until they say DELETE."""
        now = {need["id"] for need in state.get("needs", [])}
        deleted = "It is deleted" in where or "Your messages are deleted" in where
        if deleted:
            self.needs, self.consents = now, 0
        assert self.needs <= now, (self.needs - now, where)
        if saying.plain_need and self.stage not in NOT_LISTENING and not deleted:
            heard = set(self.stack.desk.hearer.hear(saying.text).need_ids)
            assert heard <= now, (heard - now, where)
        self.needs = now

    @staticmethod
    def _told_before(state: dict[str, Any]) -> bool:
        """A practical danger is spoken to once; after that what they asked for is looked for."""
        told = (state.get("safety") or {}).get("told") or {}
        return any(told.get(risk) for risk in ("no_shelter_tonight", "no_essentials"))
