"""A question about a service: answered from its record, or honestly not known."""

from typing import Any

from actions import asking, facts, finding, plain, reading
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.messages import Reply

ASKS = {
    "question_cost": "cost",
    "question_when": "when",
    "question_where": "where",
    "question_booking": "booking",
    "question_who": "who",
}


class Question(ResidentAction):
    """Cost, times, address, booking, who may come."""

    rasa_name = "action_question"

    def take(self, turn: Turn) -> Step:
        """Answer for the service that is meant, or for each one shown."""
        asked = ASKS.get(turn.intent, "cost")
        step = Step(turn.state).say(*self._answer(turn, asked))
        return asking.together(step.say(*asking.again(turn, turn.state)))

    def _answer(self, turn: Turn, asked: str) -> tuple[Reply, ...]:
        meant = self._meant(turn)
        lines = []
        for offer in meant:
            fact = facts.of(turn, offer, asked)
            if fact:
                lines.append(turn.words.text("question.answer", service=offer["name"], fact=fact))
        if lines:
            return plain.packed(lines)
        reach = finding.reach(meant[0]) if meant else ""
        if reach:
            name = meant[0]["name"]
            return turn.say("question.not_known_reach", service=name, reach=reach)
        return turn.say("question.not_known")

    def _meant(self, turn: Turn) -> tuple[dict[str, Any], ...]:
        if turn.state.chosen:
            return (turn.state.chosen,)
        at = reading.which(turn.text, [offer["name"] for offer in turn.state.offers])
        return turn.state.offers if at is None else (turn.state.offers[at],)
