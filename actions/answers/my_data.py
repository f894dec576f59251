"""What we hold about the person who asks, from the record itself."""

from sqlalchemy import func, select

from actions import asking, introducing, plain
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub import tickets
from hub.messages import Message
from hub.people import Person, SafeContact


class MyData(ResidentAction):
    """ "what do you know about me"."""

    rasa_name = "action_my_data"

    def take(self, turn: Turn) -> Step:
        """List it in plain words, and go on where we were."""
        with turn.office.database.reading() as session:
            count = session.scalar(
                select(func.count(Message.id)).where(
                    Message.conversation_id == turn.conversation_id
                )
            )
            person = session.get_one(Person, turn.person_id)
            contact = session.get(SafeContact, turn.person_id)
            ticket = tickets.open_ticket(session, turn.person_id)
        words = turn.words
        lines = [words.text("my_data.messages", count=count)]
        if person.outcode:
            lines.append(words.text("my_data.area", area=person.outcode))
        needs = introducing.live_needs(turn.state)
        if needs:
            lines.append(words.text("my_data.needs", needs=turn.need_names(needs[:5])))
        if contact is not None:
            lines.append(words.text("my_data.contact"))
        if ticket is not None:
            lines.append(words.text("my_data.ticket"))
        lines.append(words.text("my_data.delete"))
        step = Step(turn.state).say(*plain.packed(lines))
        return step.say(*asking.again(turn, turn.state))
