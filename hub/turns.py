"""One inbound message, one turn, one commit: replies, state, ticket and "handled" together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub import conversations, messages, tickets, wake
from hub.conversations import Claim, Conversation, HeldBy
from hub.errors import StaleLease
from hub.messages import Author, Message, Reply, Status

Effect = Callable[[Session, Conversation, Message], None]


@dataclass(frozen=True)
class Answer:
    """What a turn comes to.

    `replies` are sent in order. `state` is merged into the conversation's state (None leaves
    it). `effects` run in the same transaction: a ticket, a consent, an unmet need. `keeps` are
    effects that run also where a person took the conversation over meanwhile: what was heard.
    `urgent` sends the replies before others.
    """

    replies: tuple[Reply, ...] = ()
    state: dict[str, Any] | None = None
    effects: tuple[Effect, ...] = field(default=())
    keeps: tuple[Effect, ...] = field(default=())
    urgent: bool = False


def finish(
    session: Session,
    claim: Claim,
    message_id: int,
    answer: Answer,
    *,
    author: Author,
    now: datetime,
) -> bool:
    """Commit a turn with the caller's transaction. False where it was finished before.

    Raises StaleLease where another worker has taken the conversation over: nothing is
    written then, so a slow turn can never answer twice.
    """
    message = session.get(Message, message_id)
    if message is None or message.conversation_id != claim.conversation_id:
        raise StaleLease()
    if message.status == Status.HANDLED:
        return False
    conversation = conversations.hold(session, claim)
    if conversation.held_by == HeldBy.PERSON and author == Author.BOT:
        # A worker took the conversation while the turn was under way: the bot does not talk over.
        answer = Answer(effects=(tickets.resident_wrote(now),), keeps=answer.keeps)
    for effect in (*answer.keeps, *answer.effects):
        effect(session, conversation, message)
    silent = bool(answer.replies) and messages.hushed_since(session, message)
    for reply in () if silent else answer.replies:
        messages.queue_reply(
            session,
            conversation,
            reply,
            author=author,
            now=now,
            reply_to_id=message.id,
            urgent=answer.urgent,
        )
    if answer.state is not None:
        conversation.state = {**conversation.state, **answer.state}
    message.status, message.updated_at = Status.HANDLED, now
    conversations.done(conversation, _done_to(session, conversation, message), now)
    if conversation.waiting_since is not None:
        wake.tell(session)
    return True


def _done_to(session: Session, conversation: Conversation, message: Message) -> int:
    """Up to which message all are handled. A danger may be answered before what came first."""
    if conversation.done_seq + 1 >= (message.seq or 0):
        return message.seq or 0
    session.flush()
    waiting = messages.next_received(session, conversation)
    return (waiting.seq or 1) - 1 if waiting else conversation.last_seq
