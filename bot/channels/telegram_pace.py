"""How fast Telegram lets a bot talk: about one message a second to a chat, 30 a second in all.

Short bursts to one chat are allowed, so that a safety reply of three texts does not wait.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

CHAT_BURST = 3
CHAT_SECONDS = 1.0
ALL_BURST = 25
ALL_SECONDS = 1 / 28
MOST_CHATS = 5_000


class Pace:
    """Gives each message its turn. Safe to use from many threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        # When each bucket would be full again: a burst may run this far ahead of the clock.
        self._all = 0.0
        self._chats: OrderedDict[str, float] = OrderedDict()

    def wait_for(self, chat: str) -> float:
        """Take the next turn for a chat; the seconds until it comes."""
        with self._lock:
            now = self._now()
            mine = max(self._chats.pop(chat, 0.0), now)
            everyone = max(self._all, now)
            wait = max(
                0.0,
                mine - now - (CHAT_BURST - 1) * CHAT_SECONDS,
                everyone - now - (ALL_BURST - 1) * ALL_SECONDS,
            )
            self._chats[chat] = mine + CHAT_SECONDS
            self._all = everyone + ALL_SECONDS
            while len(self._chats) > MOST_CHATS:
                self._chats.popitem(last=False)
            return wait
