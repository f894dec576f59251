"""No consent: nothing is shared, and a person is still there."""

from actions.step import Step
from actions.turn import ResidentAction, Turn


class ConsentRefused(ResidentAction):
    """NO to the words that would be shared."""

    rasa_name = "action_consent_refused"

    def take(self, turn: Turn) -> Step:
        """Say that nothing was shared and offer a person at the hub instead."""
        state = turn.state.but(stage="person", share_words="")
        return Step(state).say(*turn.say("consent.refused"))
