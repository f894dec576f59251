"""What happens between two texts of a transcript: staff act, days pass, the worker's chores run."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chores import Chores
from hub import follow_ups, messages, replies, tickets, users
from hub.conversations import Conversation
from hub.messages import Direction, Message
from hub.people import Role, User
from hub.tickets import Ticket, TicketStatus
from tests.conftest import SetClock
from tests.conversations.stack import Stack

AFTER = timedelta(days=7)
PASSWORD = "a password for transcripts"


def staff_introduce(stack: Stack, conversation_id: int, name: str) -> None:
    """Ann picks up the open ticket, introduces somebody, and closes it as introduced."""
    now = stack.desk.clock()
    with stack.database.writing() as session:
        ann = _ann(session, stack)
        ticket = _open_ticket(session, conversation_id)
        tickets.claim(session, ticket, ann, now)
        service = ticket.service_name or "the hub"
        tickets.introduce(session, ticket, ann, f"{name}, adviser", service, now)
        follow_ups.plan(session, ticket, follow_ups.sayable(name, service), now + AFTER, now)
        tickets.close(session, ticket, ann, TicketStatus.INTRODUCED, "", now)
        follow_ups.on_close(session, ticket, now, AFTER)


def staff_claim(stack: Stack, conversation_id: int) -> None:
    """Ann picks up the open ticket: from now on the assistant is silent."""
    with stack.database.writing() as session:
        ticket = _open_ticket(session, conversation_id)
        tickets.claim(session, ticket, _ann(session, stack), stack.desk.clock())


def staff_say(stack: Stack, conversation_id: int, text: str) -> None:
    """Ann writes to the resident in her own words."""
    with stack.database.writing() as session:
        ticket = _open_ticket(session, conversation_id)
        replies.reply(session, ticket, _ann(session, stack), text, stack.desk.clock())


def staff_let_go(stack: Stack, conversation_id: int, *, closes: bool) -> None:
    """Ann closes the ticket, or puts it back for somebody else."""
    now = stack.desk.clock()
    with stack.database.writing() as session:
        ticket, ann = _open_ticket(session, conversation_id), _ann(session, stack)
        if closes:
            tickets.close(session, ticket, ann, TicketStatus.ATTENDED, "", now)
        else:
            tickets.release(session, ticket, ann, now)


def wait(stack: Stack, conversation_id: int, days: int, at: str) -> list[Message]:
    """Days later at a time of day (UTC): the worker's chores; what they said to this resident."""
    clock = stack.desk.clock
    assert isinstance(clock, SetClock)
    with stack.database.reading() as session:
        before = messages.transcript(session, conversation_id)[-1].id
    day = clock.at + timedelta(days=days)
    clock.at = datetime.combine(day.date(), datetime.strptime(at, "%H:%M").time(), day.tzinfo)
    Chores(stack.desk, stack.profile).all()
    with stack.database.reading() as session:
        return [
            message
            for message in messages.transcript(session, conversation_id)
            if message.id > before and message.direction == Direction.OUT
        ]


def _open_ticket(session: Session, conversation_id: int) -> Ticket:
    conversation = session.get_one(Conversation, conversation_id)
    ticket = tickets.open_ticket(session, conversation.person_id)
    assert ticket is not None, "there is no ticket to pick up"
    return ticket


def _ann(session: Session, stack: Stack) -> User:
    found = session.scalar(select(User).where(User.name == "Ann"))
    hub_id, now = stack.profile.id, stack.desk.clock()
    return found or users.add_user(session, hub_id, "Ann", Role.STAFF, PASSWORD, now)
