"""What was said last, once more."""

from actions import asking, facts
from actions.answers.question import Question
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.messages import Reply


class Repeat(ResidentAction):
    """ "what did you say?"."""

    rasa_name = "action_repeat"

    def take(self, turn: Turn) -> Step:
        """Say it again; then in few words; a third time would not help, so a person is named."""
        if facts.asked(turn.text) and (turn.state.chosen or turn.state.last_service):
            # "Where was it again?" asks about the service, not about our last line.
            return Question(self.office).take(turn)
        repeats = turn.state.repeats + 1
        last = tuple(
            Reply(said["text"], tuple(said.get("options") or ())) for said in turn.state.last
        )
        step = Step(turn.state.but(repeats=repeats))
        if last and repeats == 1:
            return step.say(*last)
        if repeats > 2:
            step = step.say(*turn.say("repeat.person"))
        else:
            step = step.say(*turn.say("repeat.in_short"))
        return asking.together(step.say(*asking.again(turn, turn.state)))

    repeatable = False
