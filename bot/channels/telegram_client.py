"""The Bot API for callers with threads: one event loop, one bot, kept connections.

Nothing is opened before the first call.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.channels.base import is_loopback
from hub.settings import Settings

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
# The longest that one call may take in all, with every step of it slow.
PATIENCE_SECONDS = 60.0
CONNECTIONS = 16


class BotApi:
    """Calls Telegram. Any thread may call; all calls run on one loop in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.telegram_token.get_secret_value()
        self._url = settings.telegram_api_url.rstrip("/")
        self._trust_env = not is_loopback(settings.telegram_api_url)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._bot: Bot | None = None

    def call[T](self, what: Callable[[Bot], Awaitable[T]]) -> T:
        """Make a call and wait for it. Raises what python-telegram-bot raises."""
        return self.start(what).result(PATIENCE_SECONDS)

    def start[T](self, what: Callable[[Bot], Awaitable[T]]) -> Future[T]:
        """Begin a call. Its future can be cancelled, which hangs up."""
        with self._lock:
            if self._loop is None or self._bot is None:
                self._loop = asyncio.new_event_loop()
                self._bot = self._make_bot()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="telegram", daemon=True
                )
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(_awaited(what, self._bot), self._loop)

    def close(self) -> None:
        """Give the connections back and end the thread."""
        with self._lock:
            loop, bot, thread = self._loop, self._bot, self._thread
            self._loop = self._bot = self._thread = None
        if loop is None or bot is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_hang_up(bot), loop).result(ANSWER_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(ANSWER_SECONDS)
        loop.close()

    def _make_bot(self) -> Bot:
        request = HTTPXRequest(
            connection_pool_size=CONNECTIONS,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            pool_timeout=ANSWER_SECONDS,
            httpx_kwargs={"trust_env": self._trust_env},
        )
        return Bot(
            self._token,
            base_url=f"{self._url}/bot",
            base_file_url=f"{self._url}/file/bot",
            request=request,
            get_updates_request=request,
        )


async def _awaited[T](what: Callable[[Bot], Awaitable[T]], bot: Bot) -> T:
    return await what(bot)


async def _hang_up(bot: Bot) -> None:
    """End what still runs, then close the connections."""
    me = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not me]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await bot.request.shutdown()
