"""Who reads this, and what is kept."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn

A_YEAR = 365


class Privacy(ResidentAction):
    """PRIVACY, "who sees this"."""

    rasa_name = "action_privacy"

    def take(self, turn: Turn) -> Step:
        """Say it plainly, without a promise of secrecy, and go on where we were."""
        days = turn.office.profile.retention_days
        notes = days.get("tickets_after_closing", A_YEAR)
        said = turn.words.text("privacy_a_year") if notes == A_YEAR else f"{notes} days"
        step = Step(turn.state).say(*turn.say("privacy", days=days.get("messages", 90), notes=said))
        return step.say(*asking.again(turn, turn.state))
