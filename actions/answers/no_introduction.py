"""No to an introduction: the person goes by themselves, and that is fine."""

from actions import asking, finding, helping
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn


class NoIntroduction(ResidentAction):
    """NO to the offer of an introduction."""

    rasa_name = "action_no_introduction"

    def take(self, turn: Turn) -> Step:
        """Leave them with how to reach the service, and go on.

        "No, I couldn't go in there on my own" is no refusal: the offer changes.
        """
        return helping.changed(turn) or by_yourself(turn, "intro.by_yourself")


def by_yourself(turn: Turn, key: str) -> Step:
    """How to reach the service without us; the need counts as answered."""
    state = turn.state
    reach = finding.reach(state.chosen) if state.chosen else ""
    key = key if reach else f"{key}_no_number"
    step = Step(state.mark((state.current,), NeedStatus.MET))
    return asking.together(asking.next_need(turn, step.say(*turn.say(key, reach=reach))))
