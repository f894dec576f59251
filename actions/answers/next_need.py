"""Yes to the next need that was voiced."""

from actions import asking
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn


class NextNeed(ResidentAction):
    """YES to "shall we look at that now"."""

    rasa_name = "action_next_need"

    def take(self, turn: Turn) -> Step:
        """Find services for it."""
        state = turn.state.but(current="", shown=(), chosen=None)
        if not state.waiting:
            return asking.onward(turn, Step(state))
        # It was just confirmed: it need not be summed up again.
        return asking.look(turn, Step(state.mark(state.waiting[:1], NeedStatus.OPEN)))
