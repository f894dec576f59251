"""Yes to an introduction: the exact words that would be shared, and with whom."""

from actions import hearing, introducing
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Introduce(ResidentAction):
    """YES to "shall I ask someone from the hub to introduce you"."""

    rasa_name = "action_introduce"

    def take(self, turn: Turn) -> Step:
        """Show the words and ask for consent."""
        noted = hearing.noted_lines(turn)
        state = turn.state.but(share_words=introducing.share_words(turn, turn.state))
        return introducing.ask_consent(turn, Step(state).say(*noted))
