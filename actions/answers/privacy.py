"""Who reads this, and what is kept."""

from actions import asking
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Privacy(ResidentAction):
    """PRIVACY, "who sees this"."""

    rasa_name = "action_privacy"

    def take(self, turn: Turn) -> Step:
        """Say it plainly, without a promise of secrecy, and go on where we were."""
        days = turn.office.profile.retention_days.get("messages", 90)
        step = Step(turn.state).say(*turn.say("privacy", days=days))
        return step.say(*asking.again(turn, turn.state))
