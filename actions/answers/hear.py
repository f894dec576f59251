"""Free talk: what was said is kept, a strength is affirmed, and their own words come back."""

from actions import asking, complaint, facts, hearing, introducing
from actions.answers.question import Question
from actions.asking import together
from actions.denying import denied
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.contact_way import contact_way
from hub.messages import Reply
from hub.people import ContactWay

# After these nobody is praised: it would sound as if it had not been heard.
HEAVY = {"domestic_abuse", "bereavement", "homelessness", "addiction", "mental_health"}
# Here a question is about the service that was picked last.
ENDED = ("done", "returned")
CONTACT = ("contact_text", "contact_neither")
# Answers that say nothing which could be quoted back.
SHORT = ("affirm", "deny", "greet", "thanks", "skip", "choose")


class Hear(ResidentAction):
    """Anything that is told while the talk is open."""

    rasa_name = "action_hear"

    def take(self, turn: Turn) -> Step:
        """Keep it, show that it was heard, and go on to the next question."""
        state = turn.state
        asked = facts.is_question(turn.text) and not turn.fresh
        if state.stage in ENDED and state.last_service and asked:
            return Question(self.office).take(turn)
        way = contact_way(turn.text, turn.channel)
        plain = turn.intent in CONTACT and way is not ContactWay.UNKNOWN
        plain = plain or introducing.asks_for_no_call(turn.text)
        if plain and turn.intent != "tell" and not turn.heard.needs:
            step = Step(state.but(contact_way=str(way))).do(introducing.keep_contact(turn, way))
            step = step.say(*turn.say(f"contact_way.noted_{way}"))
            return together(step.say(*asking.again(turn, state)))
        if state.stage == "good_life" and turn.intent not in SHORT:
            state = state.but(good_life=state.good_life or turn.text[: hearing.WORDS_KEPT])
        listed = state.with_status(NeedStatus.HEARD)
        state = state.mark(
            tuple(need for need in denied(turn, listed) if need not in turn.heard.needs),
            NeedStatus.DROPPED,
        )
        step = Step(state)
        if complaint.heard(turn.text):
            step = step.do(complaint.keep(turn))
        step = step.say(*self._heard(turn), *hearing.noted_lines(turn))
        if state.with_status(NeedStatus.HEARD):
            return together(asking.onward(turn, step))
        if state.stage == "listening" and state.with_status(NeedStatus.OPEN):
            return together(asking.onward(turn, step))
        if state.stage == "listening" and not turn.eased:
            return together(self._nothing_named(turn, step))
        if state.stage == "done" and turn.yes:
            return together(asking.listen(turn, Step(state)))
        if state.stage in ("done", "returned") and state.with_status(NeedStatus.OPEN):
            return together(asking.onward(turn, step))
        return together(asking.listen(turn, step))

    def _heard(self, turn: Turn) -> tuple[Reply, ...]:
        if complaint.heard(turn.text):
            return turn.say("complaint")
        calm = not turn.state.at_risk and not HEAVY.intersection(turn.heard.needs)
        if turn.heard.strengths and calm:
            return turn.say(f"strengths.{turn.heard.strengths[0]}")
        words = hearing.phrase(turn)
        if turn.intent in SHORT and not turn.heard.needs:
            return turn.say("reflect.short")
        if facts.is_question(turn.text) and not turn.heard.needs:
            return turn.say("reflect.question")
        return turn.say("reflect.words", words=words) if words else turn.say("reflect.plain")

    def _nothing_named(self, turn: Turn, step: Step) -> Step:
        """Nothing that a service could help with was named: ask once more, then offer a person."""
        if step.state.misses:
            return Step(step.state.but(stage="person")).say(*turn.say("person.not_sure"))
        return step.but(misses=1).say(*turn.say("listening.more"))
