"""Messages that are no new turn: an old key, an edit, the next photo of an album."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import suspicion
from hub import taps
from hub.clock import Clock
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Author, Direction, Kind, Message, Reply
from hub.tickets import resident_wrote
from hub.turns import Answer
from hub.words import Words
from nlu.heard import Heard


def old_tap(database: Database, words: Words, clock: Clock, message_id: int) -> Answer | None:
    """The answer to a key of an earlier question: said so, and asked again where we are now.

    None where the message is no tap, or the question still stands.
    """
    with database.reading() as session:
        message = session.get_one(Message, message_id)
        if not taps.is_old(session, message, clock()):
            return None
        again = still_asked(session, message.conversation, clock())
    return Answer(replies=(*words.say("telegram.old_button"), *again))


def still_asked(session: Session, conversation: Conversation, now: datetime) -> tuple[Reply, ...]:
    """The question that stands, to be asked again after an answer that was about something else."""
    newest = taps.question(session, conversation.id, now)
    last = conversation.state.get("last") or []
    if last and (newest is None or newest.author != Author.GATE):
        return (Reply(str(last[-1]["text"]), tuple(last[-1].get("options") or ())),)
    return (Reply(newest.text, tuple(newest.options)),) if newest is not None else ()


def edit(database: Database, clock: Clock, message_id: int, heard: Heard) -> Answer | None:
    """An edit is shown to staff and not answered, unless it holds a danger that was not there.

    None where it does, and where the message is no edit: then it is answered like any other.
    """
    with database.reading() as session:
        message = session.get_one(Message, message_id)
        if message.kind != Kind.EDIT:
            return None
        before = session.get(Message, message.reply_to_id) if message.reply_to_id else None
        known = (before.heard or {}).get("risks", []) if before is not None else []
    if set(heard.risk_ids) - {risk["id"] for risk in known}:
        return None
    if suspicion.stronger(heard) and all(risk["score"] < suspicion.FAINT for risk in known):
        # What was heard faintly is now said plainly.
        return None
    return Answer(effects=(resident_wrote(clock()),))


def same_album(session: Session, conversation: Conversation, message: Message) -> bool:
    """Whether the message before was a photo of the same album: one answer is enough."""
    album = _album(message)
    if album is None or message.text.strip():
        return False
    before = (
        session.query(Message)
        .filter(
            Message.conversation_id == conversation.id,
            Message.direction == Direction.IN,
            Message.seq == (message.seq or 0) - 1,
        )
        .one_or_none()
    )
    return before is not None and _album(before) == album


def _album(message: Message) -> str | None:
    found = next((item["album"] for item in message.media if "album" in item), None)
    return str(found) if found is not None else None
