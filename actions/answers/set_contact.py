"""How to be reached, said at any other point."""

import re

from actions import asking, introducing
from actions.answers.otherwise import Otherwise
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.contact_way import contact_way

NAMED = re.compile(
    r"\b(call\w*|ring\w*|phon\w*|text\w*|txt\w*|messag\w*|contact\w*|writ\w*|neither|voicemail|here)\b",
    re.I,
)


class SetContact(ResidentAction):
    """ "please don't ring me": kept at once, whatever the talk was about."""

    rasa_name = "action_set_contact"

    def take(self, turn: Turn) -> Step:
        """Keep it and go on where we were."""
        if not NAMED.search(turn.text):
            # "No, I couldn't go on my own" speaks of no call and no text.
            return Otherwise(self.office).take(turn)
        way = contact_way(turn.text, turn.channel)
        # "Don't ring me" leaves open what is safe: unknown allows no more than direct answers.
        step = Step(turn.state.but(contact_way=str(way))).do(introducing.keep_contact(turn, way))
        step = step.say(*turn.say(f"contact_way.noted_{way}"))
        return asking.together(step.say(*asking.again(turn, turn.state)))
