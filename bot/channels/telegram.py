"""Telegram: updates in by webhook, messages out by the Bot API."""

import asyncio
import hmac
import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import httpx
from telegram import Bot, KeyboardButton, Message, ReplyKeyboardMarkup, ReplyKeyboardRemove, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.base import (
    Accepted,
    Call,
    CannotLookUp,
    Event,
    Ignored,
    NotSent,
    Outgoing,
    Standing,
    Unsure,
    is_loopback,
)
from bot.channels.errors import NO_CONNECTION, telegram_problem
from hub.errors import BadInput
from hub.messages import Inbound
from hub.people import Channel, Reach
from hub.settings import Settings

PATH = "/webhooks/telegram"
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0


class Telegram:
    """Sends by the Bot API. It has no idempotent send and no look-up."""

    channel = Channel.TELEGRAM

    def __init__(self, settings: Settings) -> None:
        self._token = settings.telegram_token.get_secret_value()
        self._url = f"{settings.telegram_api_url.rstrip('/')}/bot"
        self._trust_env = not is_loopback(settings.telegram_api_url)

    def send(self, outgoing: Outgoing) -> Accepted:
        """Send one message; its options become a keyboard that goes away after a tap."""
        try:
            message_id = asyncio.run(self._send(outgoing))
        except TelegramError as error:
            raise _failure(error) from None
        # Telegram's ids count within a chat, so ours makes it one of a kind.
        return Accepted(f"out:{outgoing.our_id}:{message_id}")

    def look_up(self, outgoing: Outgoing) -> list[Accepted]:
        """Telegram cannot be asked."""
        raise CannotLookUp()

    def close(self) -> None:
        """Every call closes its own connection."""

    def _send(self, outgoing: Outgoing) -> Coroutine[Any, Any, int]:
        async def call() -> int:
            request = HTTPXRequest(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                write_timeout=ANSWER_SECONDS,
                httpx_kwargs={"trust_env": self._trust_env},
            )
            bot = Bot(self._token, base_url=self._url, request=request)
            try:
                sent = await bot.send_message(
                    chat_id=outgoing.to, text=outgoing.text, reply_markup=_keyboard(outgoing)
                )
                return sent.message_id
            finally:
                await request.shutdown()

        return call()


class TelegramUpdates:
    """Where Telegram's updates come in."""

    path = PATH
    accepted = 200

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.telegram_secret.get_secret_value()

    def verify(self, call: Call) -> bool:
        """Whether the secret header is ours. Without a secret nothing is believed."""
        told = call.headers.get("x-telegram-bot-api-secret-token", "")
        return bool(self._secret) and hmac.compare_digest(told.encode(), self._secret.encode())

    def parse(self, call: Call) -> Event:
        """The update. Raises BadInput where it is no update at all.

        An update of a kind that we do not know is ignored, not refused: Telegram would send
        it again and again and hold the next ones back.
        """
        try:
            raw = json.loads(call.body)
        except (ValueError, RecursionError) as error:
            raise BadInput("not JSON") from error
        if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
            raise BadInput("not an update")
        try:
            update = Update.de_json(raw, None)
        except (TypeError, KeyError, ValueError, AttributeError):
            return Ignored("an update of an unknown shape")
        return _standing(update) or _inbound(update)


def sender(settings: Settings) -> Telegram | None:
    """The channel, where it is set up."""
    return Telegram(settings) if settings.telegram_token.get_secret_value() else None


def problem(settings: Settings) -> str | None:
    """What keeps it from working. An unused channel has no problem."""
    if not settings.telegram_token.get_secret_value():
        return None
    if not settings.telegram_secret.get_secret_value():
        return "set GOODHELP_TELEGRAM_SECRET: without it no update is believed."
    return None


def _inbound(update: Update) -> Event:
    message = update.message
    if message is None:
        # Edits are not new turns; the other kinds are not said to us.
        return Ignored("no new message")
    if message.chat.type != ChatType.PRIVATE:
        return Ignored("a group: what is said there is nobody's private matter")
    if message.from_user is not None and message.from_user.is_bot:
        return Ignored("a bot")
    place = message.location
    return Inbound(
        reach=Reach(Channel.TELEGRAM, str(message.chat.id)),
        provider_id=f"update:{update.update_id}",
        text=message.text or message.caption or "",
        media=_media(message),
        location=(place.latitude, place.longitude) if place else None,
        name=message.from_user.first_name if message.from_user else None,
    )


def _standing(update: Update) -> Standing | None:
    """Somebody blocked the bot or let it in again: said by `my_chat_member`."""
    change = update.my_chat_member
    if change is None or change.chat.type != ChatType.PRIVATE:
        return None
    blocked = change.new_chat_member.status == ChatMemberStatus.BANNED
    return Standing(Reach(Channel.TELEGRAM, str(change.chat.id)), reachable=not blocked)


def _media(message: Message) -> tuple[dict[str, Any], ...]:
    thing = message.effective_attachment
    if thing is None or message.location is not None:
        return ()
    biggest = thing[-1] if isinstance(thing, (list, tuple)) else thing
    kind = getattr(biggest, "mime_type", None) or type(biggest).__name__.lower()
    file_id = getattr(biggest, "file_id", "")
    return ({"url": f"telegram:{file_id}", "content_type": str(kind)[:100]},)


def _keyboard(outgoing: Outgoing) -> ReplyKeyboardMarkup | ReplyKeyboardRemove:
    if not outgoing.options:
        return ReplyKeyboardRemove()
    rows = [[KeyboardButton(option)] for option in outgoing.options]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True)


def _failure(error: TelegramError) -> NotSent | Unsure:
    """The order matters: BadRequest is a NetworkError, and only some of those may be repeated."""
    if isinstance(error, RetryAfter):
        wait: Any = error._retry_after
        return NotSent(telegram_problem(429), wait=wait / timedelta(seconds=1))
    for kind, status in ((Forbidden, 403), (InvalidToken, 401), (Conflict, 409)):
        if isinstance(error, kind):
            return NotSent(telegram_problem(status))
    if isinstance(error, (BadRequest, ChatMigrated)):
        return NotSent(telegram_problem(400))
    never_left = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    if isinstance(error, NetworkError) and isinstance(error.__cause__, never_left):
        return NotSent(NO_CONNECTION)
    return Unsure(type(error).__name__)
