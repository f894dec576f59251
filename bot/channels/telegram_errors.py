"""What a Telegram error means: by its status and, within 400 and 403, by what it says."""

import re
from datetime import timedelta
from typing import Any

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import NotSent, Unsure
from bot.channels.errors import NO_CONNECTION, Problem, Then, telegram_problem

# Within 400: what is wrong with the person's chat or with the message.
SAYS_400: tuple[tuple[str, Problem], ...] = (
    (
        r"chat not found|peer_id_invalid|user not found|chat_id is empty",
        Problem("400 chat", Then.FAIL, "This Telegram chat does not exist any more."),
    ),
    (
        r"upgraded to a supergroup|group chat was",
        Problem("400 group", Then.FAIL, "This is a group. We only write to one person at a time."),
    ),
    (
        r"message is too long|message_too_long|entities_too_long",
        Problem("400 long", Then.FAIL, "The message is too long."),
    ),
    (
        r"text is empty|must be non-empty|message_empty",
        Problem("400 empty", Then.FAIL, "The message is empty."),
    ),
    (
        r"not enough rights|have no rights|chat_write_forbidden|need administrator",
        Problem("400 rights", Then.FAIL, "Telegram does not let us write in this chat."),
    ),
)
# Within 403: who it is that does not let us write.
SAYS_403: tuple[tuple[str, Problem], ...] = (
    (
        r"deactivated",
        Problem("403 closed", Then.OPT_OUT, "Their Telegram account is closed."),
    ),
    (
        r"can't initiate|can't send messages to bots|bots can't",
        Problem("403 first", Then.FAIL, "They must write to us on Telegram first."),
    ),
    (
        r"kicked|not a member|channel chat|group",
        Problem("403 group", Then.FAIL, "We are not in this Telegram group."),
    ),
)


def failure(error: TelegramError) -> NotSent | Unsure:
    """What to raise for an error of the client.

    The order matters: BadRequest is a NetworkError, and only some of those may be repeated.
    """
    if isinstance(error, RetryAfter):
        return NotSent(telegram_problem(429), wait=seconds(error))
    if isinstance(error, Forbidden):
        return NotSent(_said(SAYS_403, error) or telegram_problem(403))
    if isinstance(error, EndPointNotFound):
        return NotSent(telegram_problem(404))
    if isinstance(error, InvalidToken):
        return NotSent(telegram_problem(401))
    if isinstance(error, Conflict):
        return NotSent(telegram_problem(409))
    if isinstance(error, ChatMigrated):
        return NotSent(SAYS_400[1][1])
    if isinstance(error, BadRequest):
        return NotSent(_said(SAYS_400, error) or telegram_problem(400))
    never_left = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    if isinstance(error, NetworkError) and isinstance(error.__cause__, never_left):
        return NotSent(NO_CONNECTION)
    return Unsure(type(error).__name__)


def is_about_keys(error: TelegramError) -> bool:
    """Whether Telegram took offence at a keyboard: the same words without one may pass."""
    words = r"button|reply.?markup|keyboard"
    return isinstance(error, BadRequest) and bool(re.search(words, error.message, re.I))


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    wait: Any = error._retry_after
    return float(wait / timedelta(seconds=1))


def _said(table: tuple[tuple[str, Problem], ...], error: TelegramError) -> Problem | None:
    told = error.message.lower()
    return next((problem for words, problem in table if re.search(words, told)), None)
