"""Yes to being deleted: a person at the hub does it, and we say so."""

from sqlalchemy.orm import Session

from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub import tickets
from hub.conversations import Conversation
from hub.messages import Message
from hub.tickets import Why


class Erase(ResidentAction):
    """YES to "delete everything"."""

    rasa_name = "action_erase"

    def take(self, turn: Turn) -> Step:
        """Open the request."""

        def ask(session: Session, conversation: Conversation, message: Message) -> None:
            ticket = tickets.open_for(
                session,
                conversation,
                why=Why.HUMAN,
                now=turn.now,
                message_id=message.id,
                own_words=(turn.words.text("erasing.for_staff"),),
                reply_promised=turn.promise.text,
            )
            tickets.add_event(session, ticket, "asked to be deleted", turn.now)

        step = Step(turn.state.but(stage="returned")).do(ask)
        return step.say(*turn.say("erasing.asked", when=turn.promise.text))
