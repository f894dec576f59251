"""DELETE was not meant: nothing happened, and we are where we were."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn


class KeepToSelf(ResidentAction):
    """Anything but YES to "delete everything"."""

    rasa_name = "action_keep_to_self"

    def take(self, turn: Turn) -> Step:
        """Say that nothing was deleted, and go on where we were."""
        before = turn.state.before or "returned"
        state = turn.state.but(stage="returned" if before == "new" else before)
        step = Step(state).say(*turn.say("erasing.kept"))
        return asking.together(step.say(*asking.again(turn, state)))
