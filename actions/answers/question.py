"""A question about a service: answered from its record, or honestly not known."""

import re
from typing import Any

from actions import asking, facts, finding, hearing, plain, reading
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


# "Can you tell me if he is ok": nothing about another person is told.
ABOUT_THEM = re.compile(
    r"\b(he|she|they|him|her|them|his)\b.*\?|"
    r"\b(tell|told|know|find out|check|what|where|how|has|have|did|is|are)\b.*"
    r"\b(he|she|they|him|her|them)\b",
    re.I,
)


class Question(ResidentAction):
    """Cost, times, address, booking, who may come, the way in, and whatever else is asked."""

    rasa_name = "action_question"

    def take(self, turn: Turn) -> Step:
        """Answer for the service that is meant, or for each one shown; all that was asked."""
        named = facts.asked(turn.text)
        asked = named or (ASKS.get(turn.intent, "other"),)
        if not named and turn.state.third_party and ABOUT_THEM.search(turn.text):
            step = Step(turn.state).say(*turn.say("third_party.no_details"))
            return asking.together(step.say(*asking.again(turn, turn.state)))
        # "I need some furniture" only sounds like a question about the service.
        meant = named or facts.is_question(turn.text) or not turn.fresh
        answered = self._answer(turn, asked) if meant else ()
        step = Step(turn.state).say(*answered, *hearing.noted_lines(turn))
        return asking.together(step.say(*asking.again(turn, turn.state)))

    def _answer(self, turn: Turn, asked: tuple[str, ...]) -> tuple[Reply, ...]:
        meant = self._meant(turn)
        lines = []
        for offer in meant:
            known = filter(None, (facts.of(turn, offer, one) for one in asked))
            fact = "; ".join(dict.fromkeys(known))
            if fact:
                lines.append(turn.words.text("question.answer", service=offer["name"], fact=fact))
        if lines:
            return plain.packed(lines)
        reach = finding.reach(meant[0]) if meant else ""
        if reach and len(meant) == 1:
            name = meant[0]["name"]
            return turn.say("question.not_known_reach", service=name, reach=reach)
        return turn.say("question.not_known")

    def _meant(self, turn: Turn) -> tuple[dict[str, Any], ...]:
        """The service that is being talked about; once it is arranged, the last one picked."""
        state = turn.state
        if state.chosen:
            return (state.chosen,)
        at = reading.which(turn.text, [offer["name"] for offer in state.offers])
        if state.offers:
            return state.offers if at is None else (state.offers[at],)
        return (state.last_service,) if state.last_service else ()
