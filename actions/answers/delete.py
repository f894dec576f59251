"""DELETE is asked back once: it cannot be undone."""

from actions.step import Step
from actions.turn import ResidentAction, Turn


class Delete(ResidentAction):
    """DELETE, "forget me"."""

    rasa_name = "action_delete"

    def take(self, turn: Turn) -> Step:
        """Ask whether it is meant."""
        return Step(turn.state.but(stage="erasing")).say(*turn.say("erasing.ask"))
