"""After "Did you meet Mo?": what is asked next, and how the follow-up ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from actions import asking
from actions.state import State
from actions.step import Step
from hub import feedback
from hub.conversations import Conversation
from hub.follow_ups import FollowUp
from hub.messages import Message, Reply
from hub.tickets import add_event
from hub.turns import Effect

if TYPE_CHECKING:
    from actions.turn import Turn

# Stages of a follow-up: they are no place to come back to.
OURS = ("follow_up", "usefulness", "soft_outcome", "feedback", "erasing")


def asked(turn: Turn, state: State) -> tuple[Reply, ...]:
    """The open question of a follow-up, in few words."""
    following = state.follow_up or {}
    if state.stage == "soft_outcome" and following.get("ask"):
        return turn.say(f"follow_up.outcomes.{following['ask'][0]}")
    name = following.get("name")
    return turn.say("again.follow_up" if name else "again.follow_up_nobody", name=name or "")


def next_question(turn: Turn, step: Step) -> Step:
    """The next soft-outcome question, or the end."""
    following = step.state.follow_up or {}
    known = (f"follow_up.outcomes.{name}" in turn.words for name in following.get("ask") or ())
    if any(known):
        step = step.but(stage="soft_outcome")
        return step.say(*asked(turn, step.state))
    return end(turn, step)


def passed(state: State) -> Step:
    """The same without the question that was open."""
    following = dict(state.follow_up or {})
    following["ask"] = list(following.get("ask") or ())[1:]
    return Step(state.but(follow_up=following))


def end(turn: Turn, step: Step) -> Step:
    """Thanks, and on with a need that still waits; else the door stays open."""
    step = step.but(follow_up=None, stage="returned", misses=0)
    if step.state.waiting:
        return asking.next_need(turn, step.say(*turn.say("follow_up.thanks_short")))
    return step.say(*turn.say("follow_up.thanks"))


def back(turn: Turn, step: Step) -> Step:
    """To the question that was open before feedback was given."""
    before = turn.state.before
    stage = before if before and before not in (*OURS, "new") else "returned"
    step = step.but(stage=stage, before="")
    return step.say(*asking.again(turn, step.state))


def keep(turn: Turn, write: Callable[[Session, FollowUp, datetime], None]) -> Effect:
    """Write an answer to the follow-up of this conversation, where it is still there."""
    following, now = turn.state.follow_up or {}, turn.now

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        row = session.get(FollowUp, following.get("id", 0), with_for_update=True)
        if row is not None and row.person_id == conversation.person_id:
            write(session, row, now)

    return effect


def log(turn: Turn, words: str) -> Effect:
    """Keep feedback in their own words, and show on the ticket that there is some."""
    following, now = turn.state.follow_up or {}, turn.now

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        row = session.get(FollowUp, following.get("id", 0))
        ticket = row.ticket if row is not None else None
        feedback.log(session, conversation, words, now, ticket.id if ticket else None)
        if ticket is not None:
            add_event(session, ticket, "feedback", now, text=words)

    return effect
