"""How to be reached, said at any other point."""

from actions import asking, introducing
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.contact_way import contact_way
from hub.people import ContactWay


class SetContact(ResidentAction):
    """ "please don't ring me": kept at once, whatever the talk was about."""

    rasa_name = "action_set_contact"

    def take(self, turn: Turn) -> Step:
        """Keep it and go on where we were."""
        way = contact_way(turn.text, turn.channel)
        if way is ContactWay.UNKNOWN:
            return Step(turn.state).say(*turn.say("contact_way.again"))
        step = Step(turn.state.but(contact_way=str(way))).do(introducing.keep_contact(turn, way))
        step = step.say(*turn.say(f"contact_way.noted_{way}"))
        return asking.together(step.say(*asking.again(turn, turn.state)))
