"""The words to be shared are changed by the person whose words they are."""

from actions import introducing, plain
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Wording(ResidentAction):
    """CHANGE, and then the new words."""

    rasa_name = "action_wording"

    def take(self, turn: Turn) -> Step:
        """Ask for the words; once they are there, show them and ask for consent again."""
        if turn.state.stage != "wording":
            return Step(turn.state.but(stage="wording")).say(*turn.say("wording.ask"))
        words = plain.clipped(plain.plain(turn.text), introducing.SHARED_AT_MOST)
        if not words:
            return Step(turn.state).say(*turn.say("wording.ask"))
        return introducing.ask_consent(turn, Step(turn.state.but(share_words=words)))
