"""Hello, from somebody we know."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Greet(ResidentAction):
    """A greeting in the middle: the talk is taken up where it was, without reproach."""

    rasa_name = "action_greet"

    def take(self, turn: Turn) -> Step:
        """Hello again, and on where we were."""
        return asking.welcome(turn)
