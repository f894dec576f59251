"""Never the same words a third time running: it sounds as if nobody listened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import asking
from actions.step import Step

if TYPE_CHECKING:
    from actions.turn import Turn

TWICE = 2


def varied(turn: Turn, step: Step) -> Step:
    """The step as it is, or in other words where the same was said twice already."""
    texts = tuple(reply.text for reply in step.replies)
    same = turn.state.same + 1 if texts == turn.state.said else 1
    if same > TWICE:
        line = "stuck_human" if turn.intent == "human" else "stuck"
        other = (*turn.say(line, when=turn.promise.text), *asking.again(turn, step.state))
        step = asking.together(Step(step.state, other, step.effects))
        texts, same = tuple(reply.text for reply in step.replies), 1
    return step.but(said=texts, same=same)
