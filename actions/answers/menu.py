"""What can be done here."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Menu(ResidentAction):
    """MENU, "what is this"."""

    rasa_name = "action_menu"

    def take(self, turn: Turn) -> Step:
        """Say what the words are, and go on where we were."""
        step = Step(turn.state).say(*turn.say("menu"))
        return step.say(*asking.again(turn, turn.state))
