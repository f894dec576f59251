"""What the stand-in knows as Telegram."""

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from standin.state import Sent

Update = dict[str, Any]
# A tap has to be answered within about this many seconds.
OLDEST_QUERY = 15.0
BOT: Update = {"id": 1, "is_bot": True, "first_name": "Stand-in", "username": "standin_bot"}


@dataclass
class Telegram:
    """One bot. `waiting` are the updates that `getUpdates` gives and that nobody has confirmed.

    Tests may put chat ids into `unknown` and `upgraded`, and tokens into `bad_tokens`.
    """

    webhook: str = ""
    secret: str = ""
    last_error: str = ""
    polled: bool = False
    poll: int = 0
    confirmed: int = 0
    waiting: list[Update] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    open_queries: dict[str, float] = field(default_factory=dict)
    answered: list[dict[str, str]] = field(default_factory=list)
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    upgraded: set[str] = field(default_factory=set)
    bad_tokens: set[str] = field(default_factory=set)
    me: Update = field(default_factory=lambda: dict(BOT))
    _messages: int = 0
    _updates: int = 0

    def next_message(self) -> int:
        """The id of the next message."""
        self._messages += 1
        return self._messages

    def next_update(self) -> int:
        """The id of the next update."""
        self._updates = max(self._updates + 1, int(time.time()))
        return self._updates

    def begin_poll(self) -> int:
        """A new `getUpdates`, which ends any other."""
        self.poll += 1
        return self.poll

    def confirm(self, offset: int) -> None:
        """Forget what the bot has: every update before `offset`."""
        self.confirmed = max(self.confirmed, offset - 1)
        self.waiting = [one for one in self.waiting if one["update_id"] >= offset]

    def message(self, sent: "Sent") -> Update:
        """A message of the bot, as Telegram shows it."""
        kind = "private" if int(sent.to) > 0 else "group"
        shown: Update = {
            "message_id": int(sent.id),
            "date": int(sent.at.timestamp()),
            "chat": {"id": int(sent.to), "type": kind},
            "from": self.me,
            "text": sent.text,
        }
        if any(sent.data):
            keys = zip(sent.options, sent.data, strict=True)
            rows = [[{"text": text, "callback_data": data}] for text, data in keys]
            shown["reply_markup"] = {"inline_keyboard": rows}
        return shown

    def tap(self, sent: "Sent", key: int, number: int, *, late: bool = False) -> Update:
        """A resident taps a key of a message. `late`: so late that Telegram leaves its text out."""
        query = secrets.token_hex(8)
        self.open_queries[query] = time.monotonic()
        message = self.message(sent)
        if late:
            message = {"message_id": message["message_id"], "chat": message["chat"], "date": 0}
        chat = int(sent.to)
        return {
            "update_id": number,
            "callback_query": {
                "id": query,
                "from": {"id": chat, "is_bot": False, "first_name": "Rita"},
                "message": message,
                "chat_instance": "1",
                "data": sent.first_data[key],
            },
        }
