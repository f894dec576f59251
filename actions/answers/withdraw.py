"""A change of mind on consent."""

from actions import asking, introducing
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Withdraw(ResidentAction):
    """ "I changed my mind, don't share it"."""

    rasa_name = "action_withdraw"

    def take(self, turn: Turn) -> Step:
        """Withdraw what stands; say so honestly where nothing was agreed."""
        if not introducing.has_consent(turn):
            step = Step(turn.state).say(*turn.say("withdraw.nothing"))
            return asking.together(step.say(*asking.again(turn, turn.state)))
        state = turn.state.but(share_words="", introduced=False)
        step = Step(state).do(introducing.withdraw(turn)).say(*turn.say("withdraw.done"))
        if state.stage in ("contact_way", "contact_time"):
            dropped = state.mark((state.current,), NeedStatus.DROPPED)
            return asking.together(
                asking.next_need(turn, Step(dropped, step.replies, step.effects))
            )
        return asking.together(step.say(*asking.again(turn, state)))
