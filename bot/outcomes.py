"""What follows from a failed send, whether the answer or a later status told us."""

import random
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from bot import holding
from bot.channels.base import News, Ways
from bot.channels.errors import Problem, Then
from hub import conversations, messages, outbox
from hub.messages import Kind, Message, Status

LONGEST_WAIT = 300.0
ON_THEIR_WAY = (Status.SENDING, Status.UNKNOWN, Status.SENT)


def settle(
    session: Session,
    message: Message,
    problem: Problem,
    now: datetime,
    ways: Ways,
    *,
    wait: float | None = None,
    chance: Callable[[], float] = random.random,
) -> None:
    """Fail, hold, turn into a text or queue again, as the problem says.

    The caller called `brace` first and holds the row's lock. `wait` is how many seconds the
    provider asked for.
    """
    slowly = problem.then == Then.RETRY_SLOWLY
    if problem.retryable and message.attempts < problem.tries:
        seconds = backoff(problem, message.attempts, chance) if wait is None else wait + chance()
        outbox.queue_again(message, now, seconds, outbox.UNREACHABLE if slowly else problem.words)
    elif problem.then == Then.HOLD and message.kind != Kind.TEMPLATE:
        holding.hold(session, message, ways, now)
    elif problem.then == Then.FALLBACK and message.options and message.attempts == 1:
        # Perhaps it was the buttons: the second try has numbered lines.
        outbox.queue_again(message, now, 0, problem.words)
    elif problem.then == Then.FALLBACK and holding.as_text(session, message, ways, now):
        return
    else:
        messages.record_status(session, message, Status.FAILED, now, problem.words)
        if message.kind == Kind.TEMPLATE:
            holding.not_asked(session, message, ways, now)


def backoff(problem: Problem, attempts: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next try: twice as long each time, with a quarter of jitter."""
    longest = max(LONGEST_WAIT, problem.first_wait * 4)
    wait = min(longest, problem.first_wait * 2.0 ** min(attempts - 1, 20))
    return wait * (0.75 + chance() / 2)


def brace(session: Session, message_id: int, problem: Problem, now: datetime) -> None:
    """What has to come before the message's own lock, so that locks are always taken in one order.

    Somebody who stopped us is kept as such, whatever became of the message since.
    """
    message = session.get(Message, message_id)
    if message is None:
        return
    if problem.then == Then.OPT_OUT:
        outbox.set_opted_out(session, message.conversation.address_id, now)
    elif problem.then in (Then.HOLD, Then.FALLBACK) or message.kind == Kind.TEMPLATE:
        conversations.lock(session, message.conversation_id)


def record(session: Session, news: News, now: datetime, ways: Ways) -> bool:
    """Keep a provider's news. It may come late, twice, out of order or before its answer."""
    found = news.our_id or outbox.by_provider_id(session, news.channels, news.provider_id)
    if found is None:
        return False
    if news.problem is not None:
        brace(session, found, news.problem, now)
    message = outbox.locked(session, found)
    if message is None or message.channel not in news.channels:
        return False
    known = message.provider_id in (None, news.provider_id)
    if not message.attempts or (not known and message.attempts < 2):
        # Never sent, or sent as something else: news about a record that is gone.
        return False
    if news.status == Status.DELIVERED:
        return messages.record_status(session, message, Status.DELIVERED, now)
    if not known or message.status not in ON_THEIR_WAY:
        # An earlier try: what became of it does not matter any more.
        return False
    message.provider_id = news.provider_id
    if news.problem is not None:
        settle(session, message, news.problem, now, ways)
        return True
    return messages.record_status(session, message, news.status, now)
