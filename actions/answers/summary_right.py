"""The summary is right: on to what could help."""

from actions import asking, hearing
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn


class SummaryRight(ResidentAction):
    """YES to "Have I got that right?"; whatever else was said with it is added."""

    rasa_name = "action_summary_right"

    def take(self, turn: Turn) -> Step:
        """Take the needs as confirmed."""
        talking = turn.state.but(stage="listening")
        state, _ = hearing.with_needs(talking, turn.heard.needs, turn.text)
        return confirmed(turn, Step(state.but(stage="summary")))


def confirmed(turn: Turn, step: Step) -> Step:
    """Every need that was heard is one to be met now."""
    state = step.state.mark(step.state.with_status(NeedStatus.HEARD), NeedStatus.OPEN)
    if not state.with_status(NeedStatus.OPEN):
        return asking.listen(turn, Step(state, step.replies, step.effects))
    return asking.onward(turn, Step(state, step.replies, step.effects))
