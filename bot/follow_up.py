"""A follow-up whose time has come becomes a message: asked, queued and remembered in one commit."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.converse import Desk
from hub import follow_ups, messages, writing_first
from hub.conversations import Conversation
from hub.follow_ups import GIVE_UP_AFTER, STILL_ASKED, FollowUp, Stage
from hub.messages import Author
from hub.profile import Profile
from hub.tickets import add_event


def ask_due(desk: Desk, profile: Profile) -> int:
    """Ask every follow-up that may be asked now, put off or withdraw the others; how many asked."""
    now = desk.clock()
    with desk.database.reading() as session:
        waiting = follow_ups.due(session, desk.hub_id, now)
    asked = 0
    for row_id in waiting:
        with desk.database.writing() as session:
            asked += _ask(desk, profile, session, row_id)
    return asked


def _ask(desk: Desk, profile: Profile, session: Session, row_id: int) -> bool:
    now = desk.clock()
    found = session.get(FollowUp, row_id)
    if found is None:
        return False
    conversation = _conversation(session, found)
    # The conversation's lock comes first, as in a turn; only then is the row what it says.
    row = session.get(FollowUp, row_id, with_for_update=True, populate_existing=True)
    if row is None or row.stage != Stage.PLANNED or row.due_at > now:
        return False
    ticket = row.ticket
    ended = ticket is not None and ticket.closed_at is not None
    if conversation is None or (ticket and ended and ticket.status not in STILL_ASKED):
        follow_ups.withdraw(session, row.person_id, "The ticket ended another way.", now)
        return False
    may = writing_first.verdict(session, conversation, profile, now)
    if may.at is None or now - row.created_at > GIVE_UP_AFTER:
        follow_ups.withdraw(session, row.person_id, may.reason or "It waited too long.", now)
        return False
    if not may.now(now):
        row.due_at, row.reason = may.at, may.reason
        return False
    name = row.name or ""
    (reply,) = desk.words.say("follow_up.ask" if name else "follow_up.ask_nobody", name=name)
    message = messages.queue_reply(session, conversation, reply, author=Author.BOT, now=now)
    state = conversation.state
    conversation.state = {
        **state,
        "stage": "follow_up",
        "before": state.get("stage") or "returned",
        "follow_up": {"id": row.id, "name": name, "ask": list(profile.follow_up_outcomes[:2])},
        "last": [asdict(reply)],
        "misses": 0,
        "at": now.isoformat(),
    }
    row.stage, row.asked_at, row.message_id, row.reason = Stage.ASKED, now, message.id, None
    if ticket is not None:
        add_event(session, ticket, "follow-up sent", now)
        ticket.updated_at = now
    return True


def _conversation(session: Session, row: FollowUp) -> Conversation | None:
    """The conversation to ask in, locked: the ticket's, or the one they used last."""
    query = select(Conversation).where(Conversation.person_id == row.person_id)
    if row.ticket is not None:
        query = query.where(Conversation.id == row.ticket.conversation_id)
    query = query.order_by(Conversation.updated_at.desc()).limit(1)
    return session.scalar(query.with_for_update(of=Conversation))
