"""The summary is put right piece by piece: "no, not food", "and my bills"."""

from actions import asking, hearing
from actions.answers.summary_right import confirmed
from actions.denying import denied
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn


class Correct(ResidentAction):
    """Anything but YES to the summary."""

    rasa_name = "action_correct"

    def take(self, turn: Turn) -> Step:
        """Drop what was denied, add what was named, and read the summary out again."""
        if turn.yes and not turn.heard.needs and turn.option != "NO":
            return confirmed(turn, Step(turn.state))
        listed = turn.state.with_status(NeedStatus.HEARD)
        dropped = denied(turn, listed)
        state = turn.state.mark(dropped, NeedStatus.DROPPED).but(stage="listening")
        named = tuple(need for need in turn.heard.needs if need not in dropped)
        state, added = hearing.with_needs(state, named, turn.text)
        if not dropped and not added:
            return self._ask_what(turn)
        if not state.with_status(NeedStatus.HEARD):
            return asking.listen(turn, Step(state).say(*turn.say("summary.dropped_all")))
        step = Step(state).say(*turn.say("summary.changed"))
        return asking.together(asking.onward(turn, step))

    def _ask_what(self, turn: Turn) -> Step:
        misses = turn.state.misses + 1
        if misses > 2:
            return Step(turn.state.but(stage="person")).say(*turn.say("person.not_sure"))
        key = "summary.what_is_wrong" if misses == 1 else "summary.which_words"
        return Step(turn.state.but(stage="correcting", misses=misses)).say(*turn.say(key))
