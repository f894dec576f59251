"""One of the services is picked, by its number or in words."""

from typing import Any

from actions import asking, facts, finding, hearing, helping, plain, reading
from actions.answers.offer_more import more
from actions.answers.question import Question
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.messages import Reply


class Choose(ResidentAction):
    """Whatever is said to an offer that is not a question."""

    rasa_name = "action_choose"

    def take(self, turn: Turn) -> Step:
        """Offer the introduction to the one that was picked; else ask which."""
        state = turn.state
        helped = helping.changed(turn) if reading.number(turn.text) is None else None
        if helped is not None:
            return helped
        if not state.offers:
            return asking.onward(turn, Step(state))
        names = [offer["name"] for offer in state.offers]
        picked = reading.which(turn.text, names)
        if turn.fresh and reading.number(turn.text) is None:
            picked = None  # a new need is voiced: its words are no choice
        if picked is None and reading.number(turn.text) == len(names) + 1:
            return more(turn)
        if picked is None and turn.yes and len(names) == 1:
            picked = 0
        if picked is None:
            return self._which(turn)
        chosen = state.offers[picked]
        step = Step(state.but(stage="intro", chosen=chosen, last_service=chosen, misses=0))
        noted = hearing.noted(turn)
        lines = (noted,) if noted else ()
        return step.say(*self._ask(turn, chosen, lines))

    def _ask(self, turn: Turn, chosen: dict[str, Any], lines: tuple[str, ...]) -> tuple[Reply, ...]:
        asked = turn.words.text("intro.ask", service=chosen["name"])
        # What helps was said a moment ago where this very message named it.
        known = (kind for kind in turn.state.eases if kind not in turn.eased)
        helps = (turn.words.text(f"intro.with_{kind}") for kind in known)
        reach = finding.reach(chosen)
        own = turn.words.text("intro.reach", reach=reach) if reach else ""
        return plain.packed(filter(None, (*lines, own, *helps, asked)), asking.YES_NO)

    def _which(self, turn: Turn) -> Step:
        if hearing.noted(turn):
            step = Step(turn.state).say(*hearing.noted_lines(turn))
            return asking.together(step.say(*asking.again(turn, turn.state)))
        if facts.is_question(turn.text):
            return Question(self.office).take(turn)
        if turn.yes:
            return Step(turn.state).say(*turn.say("offer.which_one"))
        return asking.unclear(turn, Step(turn.state))
