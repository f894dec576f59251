"""Consent to the exact words: recorded, and a ticket opened."""

from actions import introducing
from actions.step import Step
from actions.turn import ResidentAction, Turn


class ConsentGiven(ResidentAction):
    """YES to the words that will be shared."""

    rasa_name = "action_consent_given"

    def take(self, turn: Turn) -> Step:
        """Open the ticket and ask how it is safe to reach them."""
        step = Step(turn.state.but(introduced=True)).do(introducing.agreed(turn, turn.state))
        return introducing.ask_contact_way(turn, step)
