"""No to a person: the door stays open."""

from actions import asking
from actions.asking import together
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn


class NoPerson(ResidentAction):
    """NO to "shall a person look at this with you"."""

    rasa_name = "action_no_person"

    def take(self, turn: Turn) -> Step:
        """Leave it, and on to the next need."""
        state = turn.state
        if state.current in state.with_status(NeedStatus.OPEN):
            state = state.mark((state.current,), NeedStatus.DROPPED)
        step = Step(state).say(*turn.say("person.left"))
        return together(asking.next_need(turn, step))
