"""How it is safe to reach the person."""

from actions import introducing
from actions.asking import together
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.contact_way import contact_way
from hub.people import ContactWay


class ContactWayAnswer(ResidentAction):
    """CALL, TEXT or NEITHER, in any words."""

    rasa_name = "action_contact_way"

    def take(self, turn: Turn) -> Step:
        """Keep it. NEITHER ends the questions; an unclear answer is asked once more."""
        way = contact_way(turn.option or turn.text, turn.channel)
        if way is ContactWay.UNKNOWN and not turn.state.misses:
            return Step(turn.state.but(misses=1)).say(*turn.say("contact_way.again"))
        return reached_by(turn, way)


def reached_by(turn: Turn, way: ContactWay) -> Step:
    """Go on with a way that is known, or known not to be."""
    step = Step(turn.state.but(contact_way=str(way))).do(introducing.keep_contact(turn, way))
    if way in (ContactWay.NEITHER, ContactWay.UNKNOWN):
        step = step.say(*introducing.promised(turn, way))
        return together(introducing.finish(turn, step))
    call = way is ContactWay.CALL
    asked = turn.say("contact_time.ask_call" if call else "contact_time.ask_text")
    return step.but(stage="contact_time").say(*asked)
