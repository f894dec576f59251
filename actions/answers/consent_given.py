"""Consent to the exact words: recorded, and a ticket opened."""

from actions import helping, introducing
from actions.step import Step
from actions.turn import ResidentAction, Turn


class ConsentGiven(ResidentAction):
    """YES to the words that will be shared."""

    rasa_name = "action_consent_given"

    def take(self, turn: Turn) -> Step:
        """Open the ticket and ask how it is safe to reach them.

        A "yes" after hours of silence, or with something more in the way, has not these exact
        words in mind: they are shown again first.
        """
        if turn.away:
            return introducing.ask_consent(turn, Step(turn.state).say(*turn.say("consent.still")))
        helped = helping.changed(turn)
        if helped is not None:
            return helped
        step = Step(turn.state.but(introduced=True)).do(introducing.agreed(turn, turn.state))
        return introducing.ask_contact_way(turn, step)
