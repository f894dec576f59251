"""A person is asked for, at any moment: said concretely when, and the talk goes on."""

import re

from actions import asking, introducing
from actions.answers.set_contact import SetContact
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.people import ContactWay
from hub.tickets import Why

CALL_ME = re.compile(
    r"\b(call|ring|phone|bell)\b.{0,12}\b(me|us|back)\b|\b(give|get) (me|us) a (ring|call|bell)\b",
    re.I,
)
# Here the next question is about the introduction; a person is coming anyway.
ARRANGING = ("contact_way", "contact_time")


class Human(ResidentAction):
    """HUMAN, "can someone ring me"."""

    rasa_name = "action_human"

    def take(self, turn: Turn) -> Step:
        """Open a ticket or raise the one that is open."""
        if introducing.asks_for_no_call(turn.text):
            return SetContact(self.office).take(turn)
        state = turn.state.but(misses=0)
        step = Step(state).do(introducing.call_a_person(turn, state, Why.HUMAN))
        if state.stage == "person":
            return introducing.ask_contact_way(turn, step)
        if state.at_risk and state.stage not in ARRANGING:
            # After a risk the safe way is asked anew before anybody is sent.
            step = step.say(*turn.say("human.first", when=turn.promise.text))
            return asking.together(introducing.ask_contact_way(turn, step))
        key = "human.again" if state.human_asked else "human.coming"
        step = step.but(human_asked=True)
        if CALL_ME.search(turn.text):
            # Asking to be rung says that a call is safe.
            step = step.but(contact_way=str(ContactWay.CALL))
            step = step.do(introducing.keep_contact(turn, ContactWay.CALL))
            key = "human.coming_call"
        step = step.say(*turn.say(key, when=turn.promise.text))
        if not turn.state.known:
            return asking.together(step.but(stage="good_life").say(*turn.say("human.meanwhile")))
        return asking.together(step.say(*asking.again(turn, state)))
