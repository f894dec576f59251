"""Yes to being deleted: it is done in this turn, and what has to stay is said."""

from sqlalchemy.orm import Session

from actions.state import State
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub import erasure
from hub.conversations import Conversation
from hub.messages import Message


class Erase(ResidentAction):
    """YES to "delete everything"."""

    rasa_name = "action_erase"
    # Nothing of what was said is kept, our own answer included.
    repeatable = False

    def take(self, turn: Turn) -> Step:
        """Delete every row in the transaction of this answer. Nothing of the state is kept."""

        if turn.away:
            # A "yes" after hours of silence is not this one: nothing is deleted by mistake.
            return Step(turn.state).say(*turn.say("erasing.ask"))

        def erase(session: Session, conversation: Conversation, message: Message) -> None:
            erasure.erase(session, conversation.person, turn.now, answering=message)

        with turn.office.database.reading() as session:
            held = erasure.stays(session, turn.person_id)
        # An open question about safety stays open under a hold; nothing else is remembered.
        state = State(safety=turn.state.safety if held else None)
        key = "erasing.held" if held else "erasing.done"
        return Step(state).do(erase).say(*turn.say(key))
