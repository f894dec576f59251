"""FEEDBACK: what somebody thinks of the hub or of this service, in their own words."""

import re

from actions import asking, following
from actions.step import Step
from actions.turn import ResidentAction, Turn

# "feedback the room was cold": the words are there already.
AT_ONCE = re.compile(
    r"^\W*(feedback|complaint|suggestion|compliment)\b[\s:;,.-]*(?:is |about )?(.{8,})$",
    re.I | re.S,
)


class Feedback(ResidentAction):
    """Somebody wants to say what they think of us."""

    rasa_name = "action_feedback"

    def take(self, turn: Turn) -> Step:
        """Keep what was said, or ask for it."""
        said = AT_ONCE.match(turn.text)
        if said and len(said[2].split()) > 1:
            step = Step(turn.state).do(following.log(turn, said[2])).say(*turn.say("feedback.kept"))
            return asking.together(step.say(*asking.again(turn, turn.state)))
        return Step(turn.state.but(stage="feedback")).say(*turn.say("feedback.ask"))


class FeedbackWords(ResidentAction):
    """What they say to that."""

    rasa_name = "action_feedback_words"

    def take(self, turn: Turn) -> Step:
        """Keep it word for word, and go on where we were."""
        if turn.intent == "deny" and len(turn.text.split()) <= 3:
            return following.back(turn, Step(turn.state).say(*turn.say("skip.fine")))
        step = Step(turn.state).do(following.log(turn, turn.text)).say(*turn.say("feedback.kept"))
        return asking.together(following.back(turn, step))
