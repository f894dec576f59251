"""Yes to a person at the hub, where nothing else fitted."""

from actions import hearing, introducing
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.tickets import Why


class Person(ResidentAction):
    """YES to "shall a person look at this with you"."""

    rasa_name = "action_person"

    def take(self, turn: Turn) -> Step:
        """Open the ticket and ask how it is safe to reach them."""
        unmet = turn.state.current in turn.state.with_status(NeedStatus.UNMET)
        why = Why.NO_MATCH if unmet else Why.HUMAN
        step = (
            Step(turn.state)
            .say(*hearing.noted_lines(turn))
            .do(introducing.call_a_person(turn, turn.state, why))
        )
        return introducing.ask_contact_way(turn, step)
