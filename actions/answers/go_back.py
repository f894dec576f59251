"""Back to the question before."""

from actions import asking, finding
from actions.step import Step
from actions.turn import ResidentAction, Turn

# Where to go back to. A stage that is not here is asked again as it is.
BACK = {
    "listening": "good_life",
    "summary": "listening",
    "correcting": "listening",
    "place": "listening",
    "offer": "listening",
    "intro": "offer",
    "consent": "intro",
    "wording": "consent",
    "contact_way": "contact_way",
    "contact_time": "contact_way",
    "person": "offer",
}


class GoBack(ResidentAction):
    """ "go back", "wrong one"."""

    rasa_name = "action_go_back"

    def take(self, turn: Turn) -> Step:
        """Ask the earlier question again. What was said since is kept."""
        if turn.state.stage == "offer" and turn.state.earlier:
            return self._to_the_offers_before(turn)
        stage = BACK.get(turn.state.stage, turn.state.stage)
        if stage == "offer" and not turn.state.offers:
            stage = "listening"
        state = turn.state.but(stage=stage, chosen=None if stage == "offer" else turn.state.chosen)
        step = Step(state).say(*turn.say("go_back"))
        if stage == "offer":
            return step.say(*finding.told(turn, state, more=False))
        return asking.together(step.say(*asking.again(turn, state)))

    def _to_the_offers_before(self, turn: Turn) -> Step:
        """After "something else" the way back is to the services that were shown first."""
        state = turn.state.but(offers=turn.state.earlier, earlier=turn.state.offers)
        step = Step(state).say(*turn.say("go_back"))
        return step.say(*finding.told(turn, state, more=False))
