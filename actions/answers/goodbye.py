"""Goodbye, with the door left open."""

from actions.step import Step
from actions.turn import ResidentAction, Turn


class Goodbye(ResidentAction):
    """Bye, or nothing else at the end. The stage stays: coming back is easy."""

    rasa_name = "action_goodbye"

    def take(self, turn: Turn) -> Step:
        """Say that they can text any time."""
        ended = turn.state.stage == "done"
        return Step(turn.state.but(stage="returned") if ended else turn.state).say(
            *turn.say("goodbye.done" if ended else "goodbye.for_now")
        )
