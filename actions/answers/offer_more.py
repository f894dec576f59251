"""Something else: the next three, or the truth that there is nothing more."""

from actions import asking, hearing, helping
from actions.step import Step
from actions.turn import ResidentAction, Turn


class OfferMore(ResidentAction):
    """None of the services suits."""

    rasa_name = "action_offer_more"

    def take(self, turn: Turn) -> Step:
        """Show others: with what helps, where something stands in the way of these."""
        if turn.state.stage != "offer":
            return helping.changed(turn) or more(turn)
        return more(turn).first(*hearing.noted_lines(turn))


def more(turn: Turn) -> Step:
    """The next services for the need at hand."""
    if not turn.state.current:
        return asking.onward(turn, Step(turn.state))
    return asking.offer(turn, Step(turn.state), turn.state.current, more=True)
