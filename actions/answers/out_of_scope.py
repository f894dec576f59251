"""What a hub assistant cannot deal with: kindly, and back to what it can."""

from actions import asking, complaint
from actions.step import Step
from actions.turn import ResidentAction, Turn


class OutOfScope(ResidentAction):
    """The weather, the match, a wrong number."""

    rasa_name = "action_out_of_scope"

    def take(self, turn: Turn) -> Step:
        """Say so and ask again; the second time a person is offered."""
        if complaint.heard(turn.text):
            sorry = Step(turn.state).say(*turn.say("complaint")).do(complaint.keep(turn))
            return asking.together(sorry.say(*asking.again(turn, turn.state)))
        misses = turn.state.misses + 1
        key = "out_of_scope.first" if misses == 1 else "out_of_scope.again"
        step = Step(turn.state.but(misses=misses)).say(*turn.say(key))
        if misses == 1:
            step = step.say(*asking.again(turn, turn.state))
        return asking.together(step)
