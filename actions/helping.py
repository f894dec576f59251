"""Something stands in the way, said in the middle of an offer: the offer changes with it."""

from actions import asking, finding, hearing, introducing
from actions.step import Step
from actions.turn import Turn

# Where an offer is under way, and a thing in the way can still change it.
UNDER_WAY = ("offer", "intro", "consent")


def changed(turn: Turn) -> Step | None:
    """The offer again with what helps; None where nothing new stands in the way."""
    state = turn.state
    if not turn.eased or state.stage not in UNDER_WAY:
        return None
    step = Step(state.but(misses=0)).say(*hearing.noted_lines(turn))
    if state.stage == "offer" and state.current:
        found, unmet = finding.find(turn, state.but(shown=()), state.current)
        if unmet is None:
            told = finding.told(turn, found, more=False)
            return Step(found.but(misses=0), (*step.replies, *told), step.effects)
    if state.stage == "consent":
        words = introducing.share_words(turn, state)
        return introducing.ask_consent(turn, step.but(share_words=words))
    return asking.together(step.say(*asking.again(turn, step.state)))
