"""We never pretend that somebody is reading."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn


class AreYouHuman(ResidentAction):
    """ "are you a bot", "is anyone there"."""

    rasa_name = "action_are_you_human"

    def take(self, turn: Turn) -> Step:
        """A computer; and how to get a person."""
        step = Step(turn.state).say(*turn.say("are_you_human"))
        return asking.together(step.say(*asking.again(turn, turn.state)))
