"""Where the person is: only as fine as a postcode district."""

from sqlalchemy.orm import Session

from actions import asking, hearing
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.conversations import Conversation
from hub.messages import Message
from hub.places import places_of


class Place(ResidentAction):
    """An answer to "which area are you in", given or not."""

    rasa_name = "action_place"

    def take(self, turn: Turn) -> Step:
        """Keep the area where one was named, and go on either way.

        It is asked once more where a place was named that we do not know: "by the big tree".
        """
        where = hearing.place(turn) or places_of(turn.office.profile.folder).find(turn.text)
        step = Step(turn.state.but(place_asked=True)).say(*hearing.noted_lines(turn))
        if where is None and turn.fresh and not turn.state.place_asked_again:
            # "No, I need help with debt" is no answer to where they are.
            asked = asking.again(turn, turn.state)
            return asking.together(step.but(place_asked_again=True).say(*asked))
        if where is None and turn.intent == "give_place" and not turn.state.place_asked_again:
            return step.but(place_asked_again=True).say(*turn.say("place.again"))
        if where is None:
            return look_on(turn, step.say(*turn.say("place.unknown")))

        def keep(session: Session, conversation: Conversation, message: Message) -> None:
            conversation.person.outcode = where.outcode or conversation.person.outcode
            conversation.person.ward = where.ward or conversation.person.ward

        turn = turn.at(where.outcode)
        if not where.known:
            step = step.say(*turn.say("place.outside"))
        return look_on(turn, step.do(keep))


def look_on(turn: Turn, step: Step) -> Step:
    """To the services, where a need waits for them."""
    if not step.state.waiting:
        return asking.onward(turn, step)
    return asking.look(turn, step)
