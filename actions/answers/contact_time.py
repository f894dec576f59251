"""When it is safe: kept in their own words, and then the promise."""

import re

from actions import asking, hearing, introducing, plain
from actions.asking import together
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.people import ContactWay

TIMES_KEPT = 200
ANY_TIME = re.compile(r"^\W*(any|all|whenever|don'?t mind|skip|no)", re.I)


class ContactTime(ResidentAction):
    """Mornings, after three, any time."""

    rasa_name = "action_contact_time"

    def take(self, turn: Turn) -> Step:
        """Keep the words and say who will be in touch and when."""
        if turn.away and turn.intent == "greet":
            # After days "hi" is no time of day.
            return asking.welcome(turn)
        return timed(turn, plain.clipped(turn.text, TIMES_KEPT))


def timed(turn: Turn, times: str | None) -> Step:
    """The last question is answered: promise, and on to the next need."""
    way = ContactWay(turn.state.contact_way or ContactWay.TEXT)
    step = Step(turn.state).do(introducing.keep_contact(turn, way, times))
    kept = times is not None and not ANY_TIME.search(times)
    step = step.say(*introducing.promised(turn, way), *(turn.say("promise.times") if kept else ()))
    step = step.say(*hearing.noted_lines(turn))
    return together(introducing.finish(turn, step))
