"""Thank you."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Thanks(ResidentAction):
    """Thanks, at any moment."""

    rasa_name = "action_thanks"

    def take(self, turn: Turn) -> Step:
        """You are welcome, and on where we were."""
        if turn.state.stage in ("done", "returned"):
            return Step(turn.state).say(*turn.say("thanks.end"))
        step = Step(turn.state).say(*turn.say("thanks.welcome"))
        return asking.together(step.say(*asking.again(turn, turn.state)))
