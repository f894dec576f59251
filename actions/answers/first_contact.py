"""The very first text: who we are, what was written is kept, and the Good Life question."""

from actions import asking, complaint, hearing
from actions.asking import together
from actions.step import Step
from actions.turn import ResidentAction, Turn

NOT_QUOTED = ("greet", "thanks", "affirm", "deny", "choose", "skip")


class FirstContact(ResidentAction):
    """Anything at all from somebody who is new."""

    rasa_name = "action_first_contact"
    greets = True

    def take(self, turn: Turn) -> Step:
        """Greet, show that the words were read, and ask."""
        step = Step(turn.state.but(stage="good_life"))
        words = hearing.phrase(turn)
        if turn.state.at_risk:
            # Somebody who told of a danger is not asked first what a good life would be.
            asked = step.but(stage="returned").say(*turn.say("gate.still_here"))
            if turn.heard.needs:
                return together(asking.onward(turn, Step(step.state.but(stage="returned"))))
        elif turn.heard.needs and turn.state.third_party:
            step = step.say(*turn.say("third_party.hello"))
            asked = asking.listen(turn, step.say(*hearing.noted_lines(turn)))
        else:
            if complaint.heard(turn.text):
                step = step.say(*turn.say("complaint")).do(complaint.keep(turn))
            elif turn.heard.needs and words:
                step = step.say(*turn.say("first_contact.heard", words=words))
            elif not turn.heard.answerable:
                step = step.say(*turn.say("first_contact.out_of_scope"))
            elif words and turn.intent not in NOT_QUOTED:
                step = step.say(*turn.say("first_contact.kept"))
            asked = step.say(*hearing.noted_lines(turn), *turn.say("good_life"))
        if turn.state.known:
            return together(asked)
        return together(asked).first(*turn.say("first_contact.full"))
