"""What we hold about the person who asks, from the record itself."""

import re
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions import asking, introducing, plain
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.messages import Message
from hub.people import Consent, ContactWay, Person, SafeContact
from hub.tickets import Ticket

MOST_NEEDS = 5


ANOTHER = re.compile(r"\b(he|she|they|him|her|them|his|their)\b", re.I)


class MyData(ResidentAction):
    """ "what do you know about me"."""

    rasa_name = "action_my_data"

    def take(self, turn: Turn) -> Step:
        """List it in plain words, and go on where we were. Of another person nothing is told."""
        if turn.state.third_party and ANOTHER.search(turn.text):
            step = Step(turn.state).say(*turn.say("third_party.no_details"))
            return asking.together(step.say(*asking.again(turn, turn.state)))
        with turn.office.database.reading() as session:
            lines = self._lines(turn, session)
        step = Step(turn.state).say(*plain.packed(lines))
        return step.say(*asking.again(turn, turn.state))

    def _lines(self, turn: Turn, session: Session) -> list[str]:
        """Only what is there is named; what a risk was about is never put into a text."""
        words, person = turn.words, session.get_one(Person, turn.person_id)
        held = session.scalar(
            select(func.count(Message.id)).where(Message.conversation_id == turn.conversation_id)
        )
        lines = [words.text("my_data.messages", count=held)]
        about = [
            words.text(f"my_data.{name}")
            for name in ("name", "age", "strengths", "barriers")
            if getattr(person, name)
        ]
        if about:
            lines.append(words.text("my_data.about", things=_listed(about)))
        if person.outcode:
            lines.append(words.text("my_data.area", area=person.outcode))
        needs = introducing.live_needs(turn.state)
        if needs:
            lines.append(words.text("my_data.needs", needs=turn.need_names(needs[:MOST_NEEDS])))
        safe = session.get(SafeContact, turn.person_id)
        if safe is not None and safe.way != ContactWay.UNKNOWN:
            lines.append(words.text("my_data.contact"))
        if _count(session, Ticket, turn.person_id):
            lines.append(words.text("my_data.ticket"))
        if _count(session, Consent, turn.person_id):
            lines.append(words.text("my_data.consents"))
        if _count(session, FollowUp, turn.person_id) or _count(session, Feedback, turn.person_id):
            lines.append(words.text("my_data.answers"))
        return [*lines, words.text("my_data.copy")]


def _count(session: Session, kind: Any, person_id: int) -> int:
    count = select(func.count()).select_from(kind).where(kind.person_id == person_id)
    return session.scalar(count) or 0


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
