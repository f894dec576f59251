"""No consent: nothing is shared, and a person is still there."""

from actions import helping, introducing
from actions.answers.wording import Wording
from actions.step import Step
from actions.turn import ResidentAction, Turn


class ConsentRefused(ResidentAction):
    """NO to the words that would be shared."""

    rasa_name = "action_consent_refused"

    def take(self, turn: Turn) -> Step:
        """Say that nothing was shared and offer a person at the hub instead."""
        helped = helping.changed(turn)
        if helped is not None:
            return helped
        if introducing.about_the_words(turn.text):
            return Wording(self.office).take(turn)
        state = turn.state.but(stage="person", share_words="")
        return Step(state).say(*turn.say("consent.refused"))
