"""What follows from a failed send, whether the answer or a later status told us."""

import random
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels.base import News
from bot.channels.errors import Problem, Then
from hub import messages, outbox
from hub.messages import Message, Status

LONGEST_WAIT = 300.0
ON_THEIR_WAY = (Status.SENDING, Status.UNKNOWN, Status.SENT)


def settle(
    session: Session,
    message: Message,
    problem: Problem,
    now: datetime,
    wait: float | None = None,
    chance: Callable[[], float] = random.random,
) -> None:
    """Fail, hold or queue again, as the problem says. The caller holds the row's lock.

    `wait` is how many seconds the provider asked for.
    """
    slowly = problem.then == Then.RETRY_SLOWLY
    if problem.retryable and message.attempts < problem.tries:
        seconds = backoff(problem, message.attempts, chance) if wait is None else wait + chance()
        outbox.queue_again(message, now, seconds, outbox.UNREACHABLE if slowly else problem.words)
    elif problem.then == Then.HOLD:
        messages.record_status(session, message, Status.HELD, now, problem.words)
    else:
        messages.record_status(session, message, Status.FAILED, now, problem.words)


def backoff(problem: Problem, attempts: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next try: twice as long each time, with a quarter of jitter."""
    longest = max(LONGEST_WAIT, problem.first_wait * 4)
    wait = min(longest, problem.first_wait * 2.0 ** min(attempts - 1, 20))
    return wait * (0.75 + chance() / 2)


def stop_writing(session: Session, message_id: int, problem: Problem, now: datetime) -> None:
    """Keep that somebody stopped us, where the problem says so. Before the row is locked."""
    if problem.then != Then.OPT_OUT:
        return
    message = session.get(Message, message_id)
    if message is not None:
        outbox.set_opted_out(session, message.conversation.address_id, now)


def record(session: Session, news: News, now: datetime) -> bool:
    """Keep a provider's news. It may come late, twice, out of order or before its answer."""
    found = news.our_id or outbox.by_provider_id(session, news.channels, news.provider_id)
    if found is None:
        return False
    if news.problem is not None:
        stop_writing(session, found, news.problem, now)
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
        settle(session, message, news.problem, now)
        return True
    return messages.record_status(session, message, news.status, now)
