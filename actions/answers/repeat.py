"""What was said last, once more."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.messages import Reply


class Repeat(ResidentAction):
    """ "what did you say?"."""

    rasa_name = "action_repeat"

    def take(self, turn: Turn) -> Step:
        """Say it again; then in few words; a third time would not help, so a person is named."""
        repeats = turn.state.repeats + 1
        last = tuple(
            Reply(said["text"], tuple(said.get("options") or ())) for said in turn.state.last
        )
        step = Step(turn.state.but(repeats=repeats))
        if last and repeats == 1:
            return step.say(*last)
        if repeats > 2:
            step = step.say(*turn.say("repeat.person"))
        else:
            step = step.say(*turn.say("repeat.in_short"))
        return asking.together(step.say(*asking.again(turn, turn.state)))

    repeatable = False
