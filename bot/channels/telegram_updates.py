"""Telegram's updates, by webhook or by long polling, become events."""

import hmac
import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from telegram import Bot, CallbackQuery, Chat, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType, MessageLimit, UpdateType
from telegram.error import TelegramError

from bot.channels import telegram_keys, telegram_words
from bot.channels.base import Call, Changed, Errand, Event, Ignored, Standing
from bot.channels.telegram_client import BotApi
from hub.errors import BadInput
from hub.messages import Inbound, Kind
from hub.people import Channel, Reach
from hub.profile import load_profile
from hub.settings import Settings
from hub.taps import Tap
from hub.words import Words

log = logging.getLogger(__name__)

PATH = "/webhooks/telegram"
# What Telegram is asked to tell us; everything else it keeps to itself.
ALLOWED = (
    UpdateType.MESSAGE,
    UpdateType.EDITED_MESSAGE,
    UpdateType.CALLBACK_QUERY,
    UpdateType.MY_CHAT_MEMBER,
    UpdateType.CHANNEL_POST,
)
HERE = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED)
MOST_DECLINED = 1_000


class TelegramUpdates:
    """Where Telegram's updates come in. An event's errand is run once the event is safe."""

    path = PATH
    accepted = 200

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = settings.telegram_secret.get_secret_value()
        self._api = BotApi(settings)
        self._declined: OrderedDict[int, None] = OrderedDict()

    def verify(self, call: Call) -> bool:
        """Whether the secret header is ours. Without a secret nothing is believed."""
        told = call.headers.get("x-telegram-bot-api-secret-token", "")
        return bool(self._secret) and hmac.compare_digest(told.encode(), self._secret.encode())

    def parse(self, call: Call) -> Event | Errand:
        """The update. Raises BadInput where it is no update at all."""
        try:
            raw = json.loads(call.body)
        except (ValueError, RecursionError) as error:
            raise BadInput("not JSON") from error
        if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
            raise BadInput("not an update")
        return self.read(raw)

    def read(self, raw: dict[str, Any]) -> Event | Errand:
        """What an update says. One of a kind that we do not know is ignored, not refused:

        Telegram would send it again and again and hold the next ones back.
        """
        try:
            update = Update.de_json(raw, None)
        except (TypeError, KeyError, ValueError, AttributeError):
            return telegram_words.rescued(raw) or Ignored("an update of an unknown shape")
        message = update.message or update.edited_message
        if update.callback_query is not None:
            return self._tapped(update.update_id, update.callback_query)
        if update.my_chat_member is not None:
            return self._member(update.my_chat_member)
        if update.channel_post is not None:
            return self._not_for_us(update.channel_post.chat)
        if message is None:
            return Ignored("nothing that is said to us")
        if message.chat.type != ChatType.PRIVATE:
            return self._not_for_us(message.chat)
        if message.from_user is not None and message.from_user.is_bot:
            return Ignored("a bot")
        if update.edited_message is not None:
            return _changed(update.update_id, message)
        return telegram_words.inbound(update.update_id, message)

    def close(self) -> None:
        """Give connections back."""
        self._api.close()

    @cached_property
    def _words(self) -> Words:
        return Words.load("en", hub=load_profile(self._settings.hub_folder).name)

    def _tapped(self, update_id: int, query: CallbackQuery) -> Event | Errand:
        """A key was tapped. Telegram is told at once, else the phone shows a spinning wheel."""
        message = query.message
        answered: Callable[[], None] = partial(self._answer, query)
        if message is None or message.chat.type != ChatType.PRIVATE:
            return Errand(Ignored("a key of a message that is not in a private chat"), answered)
        key = telegram_keys.read(query.data)
        tapped = Tap(
            reach=Reach(Channel.TELEGRAM, str(message.chat.id)),
            provider_id=f"update:{update_id}",
            our_id=key[0] if key else None,
            place=key[1] if key else 0,
            shown=_key_words(query),
            name=query.from_user.first_name,
        )
        return Errand(tapped, answered)

    def _member(self, change: ChatMemberUpdated) -> Event | Errand:
        """Somebody blocked the bot or let it in again; or put it into a group."""
        status = change.new_chat_member.status
        if change.chat.type == ChatType.PRIVATE:
            reach = Reach(Channel.TELEGRAM, str(change.chat.id))
            return Standing(reach, reachable=status != ChatMemberStatus.BANNED)
        return self._not_for_us(change.chat) if status in HERE else Ignored("out of a group")

    def _not_for_us(self, chat: Chat) -> Event | Errand:
        """A group or a channel: nothing of it is kept. It is told so once, and left."""
        why = Ignored("a group: what is said there is nobody's private matter")
        if chat.id in self._declined:
            return why
        self._declined[chat.id] = None
        while len(self._declined) > MOST_DECLINED:
            self._declined.popitem(last=False)
        return Errand(why, partial(self._leave, chat.id, silent=chat.type == ChatType.CHANNEL))

    def _answer(self, query: CallbackQuery) -> None:
        async def answer(bot: Bot) -> None:
            await _quietly(bot.answer_callback_query(query.id), "tap not answered")
            if query.message is not None:
                await _quietly(self._show_choice(bot, query), "keys not taken away")

        self._api.start(answer)

    async def _show_choice(self, bot: Bot, query: CallbackQuery) -> None:
        """The keys go away, and what was tapped stays to be read again."""
        message = query.message
        assert message is not None
        chat, number = message.chat.id, message.message_id
        asked = message.text if isinstance(message, Message) else None
        chosen = self._words.text("telegram.chosen", option=_key_words(query))
        text = f"{asked}\n\n{chosen}"
        if not asked or not _key_words(query) or len(text) > MessageLimit.MAX_TEXT_LENGTH:
            await bot.edit_message_reply_markup(chat, number, reply_markup=None)
            return
        await bot.edit_message_text(text, chat, number, reply_markup=None)

    def _leave(self, chat_id: int, *, silent: bool) -> None:
        async def leave(bot: Bot) -> None:
            if not silent:
                decline = self._words.text("telegram.group")
                await _quietly(bot.send_message(chat_id, decline), "group not told")
            await _quietly(bot.leave_chat(chat_id), "group not left")

        self._api.start(leave)


async def _quietly(call: Any, otherwise: str) -> None:
    """What is a kindness, and nothing depends on: a failure is a line in the log."""
    try:
        await call
    except TelegramError as error:
        log.info("%s kind=%s", otherwise, type(error).__name__)


def _changed(update_id: int, message: Message) -> Event:
    """Other words for an earlier message. A position that moves on changes no words."""
    text = message.text or message.caption or ""
    if not text.strip():
        return Ignored("an edit without words")
    return Changed(
        channel=Channel.TELEGRAM,
        provider_id=f":m{message.message_id}",
        text=text,
        again=Inbound(
            reach=Reach(Channel.TELEGRAM, str(message.chat.id)),
            provider_id=f"update:{update_id}:e{message.message_id}",
            text=text,
            kind=Kind.EDIT,
        ),
    )


def _key_words(query: CallbackQuery) -> str:
    """The words on the key that was tapped, where Telegram still has the message."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    keys = [key for row in markup.inline_keyboard for key in row] if markup else []
    return next((key.text for key in keys if key.callback_data == query.data), "")
