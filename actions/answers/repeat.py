"""What was said last, once more."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.messages import Reply


class Repeat(ResidentAction):
    """ "what did you say?"."""

    rasa_name = "action_repeat"

    def take(self, turn: Turn) -> Step:
        """Say it again; a third time the same would not help, so a person is named."""
        misses = turn.state.misses + 1
        last = tuple(
            Reply(said["text"], tuple(said.get("options") or ())) for said in turn.state.last
        )
        step = Step(turn.state.but(misses=misses))
        if not last or misses > 2:
            step = step.say(*turn.say("repeat.person"), *asking.again(turn, turn.state))
            return asking.together(step)
        return step.say(*last)

    repeatable = False
