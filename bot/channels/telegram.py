"""Telegram: messages out by the Bot API. What comes in is read in `telegram_updates.py`."""

import mimetypes
import time
from collections import OrderedDict
from functools import partial
from threading import Lock

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import TelegramError

from bot.channels import telegram_keys
from bot.channels.base import Accepted, CannotLookUp, Outgoing
from bot.channels.telegram_client import BotApi
from bot.channels.telegram_errors import failure, is_about_keys
from bot.channels.telegram_pace import Pace
from bot.channels.twilio import with_numbers
from hub.people import Channel
from hub.settings import Settings

# A preview would fetch the page and show what it is about.
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Telegram names voice notes .oga.
KINDS = {"audio/x-oga": "audio/ogg", "application/ogg": "audio/ogg"}
# Chats of which it is remembered that a keyboard is still open.
MOST_OPEN = 5_000


class Telegram:
    """Sends by the Bot API. It has no idempotent send and no look-up.

    Texts go out as they are, without markup: nothing in them can be misread or must be escaped.
    """

    channel = Channel.TELEGRAM

    def __init__(self, settings: Settings) -> None:
        self._api = BotApi(settings)
        self._pace = Pace()
        self._lock = Lock()
        self._open: OrderedDict[str, int] = OrderedDict()

    def send(self, outgoing: Outgoing) -> Accepted:
        """Send one message; its options are keys below it. Waits for its turn (`Pace`)."""
        time.sleep(self._pace.wait_for(outgoing.to))
        keys = telegram_keys.keyboard(outgoing.our_id, outgoing.options)
        try:
            message_id = self._send(outgoing.to, outgoing.text, keys)
        except TelegramError as error:
            if keys is None or not is_about_keys(error):
                raise failure(error) from None
            # Refused for its keys, so surely not sent: the options go as numbered lines.
            keys, message_id = None, self._without_keys(outgoing)
        self._close_older(outgoing.to, message_id, has_keys=keys is not None)
        # Telegram's ids count within a chat, so ours makes it one of a kind.
        return Accepted(f"out:{outgoing.our_id}:{message_id}")

    def look_up(self, outgoing: Outgoing) -> list[Accepted]:
        """Telegram cannot be asked. The one resend is kept for when it answers at all."""
        try:
            self._api.call(lambda bot: bot.get_me())
        except TelegramError as error:
            raise failure(error) from None
        raise CannotLookUp()

    def fetch(self, reference: str) -> tuple[str, bytes] | None:
        """What a resident sent: its kind and its bytes; None where Telegram keeps it no longer.

        Telegram hands over files of up to 20 MB and does not say their kind: the name tells.
        """
        file_id = reference.removeprefix("telegram:")
        if not file_id or file_id == reference:
            return None

        async def fetch(bot: Bot) -> tuple[str, bytes]:
            file = await bot.get_file(file_id)
            content = bytes(await file.download_as_bytearray())
            guessed, _ = mimetypes.guess_type(file.file_path or "")
            return KINDS.get(guessed or "", guessed) or "application/octet-stream", content

        try:
            return self._api.call(fetch)
        except TelegramError:
            return None

    def close(self) -> None:
        """Give connections back."""
        self._api.close()

    def _send(self, chat: str, text: str, keys: InlineKeyboardMarkup | None) -> int:
        async def send(bot: Bot) -> int:
            sent = await bot.send_message(
                chat_id=chat, text=text, reply_markup=keys, link_preview_options=NO_PREVIEW
            )
            return sent.message_id

        return self._api.call(send)

    def _without_keys(self, outgoing: Outgoing) -> int:
        try:
            return self._send(outgoing.to, with_numbers(outgoing.text, outgoing.options), None)
        except TelegramError as error:
            raise failure(error) from None

    def _close_older(self, chat: str, message_id: int, *, has_keys: bool) -> None:
        """Take the keys of the message before away: its question has passed."""
        with self._lock:
            older = self._open.pop(chat, None)
            if has_keys:
                self._open[chat] = message_id
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        if older is not None:
            # Not waited for. Where it fails, an old key is still understood as one.
            self._api.start(partial(_close, chat=chat, message_id=older))


async def _close(bot: Bot, *, chat: str, message_id: int) -> None:
    await bot.edit_message_reply_markup(chat_id=chat, message_id=message_id, reply_markup=None)


def sender(settings: Settings) -> Telegram | None:
    """The channel, where it is set up."""
    return Telegram(settings) if settings.telegram_token.get_secret_value() else None


def problem(settings: Settings) -> str | None:
    """What keeps it from working. An unused channel has no problem."""
    if not settings.telegram_token.get_secret_value():
        return None
    if settings.telegram_polling or settings.telegram_secret.get_secret_value():
        return None
    return (
        "set GOODHELP_TELEGRAM_SECRET, without it no update is believed; "
        "or GOODHELP_TELEGRAM_POLLING=true where no public address leads to this machine."
    )
