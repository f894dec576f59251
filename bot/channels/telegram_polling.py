"""Long polling: Telegram is asked for updates by a machine that it cannot call.

Each update is stored before the next ones are asked for, since asking for them is what tells
Telegram to forget the ones before. One process polls at a time (`hub/pollers.py`). A webhook that
somebody else has set is left alone: it may be the hub's real one.
"""

import json
import logging
import random
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.base import Errand, Event
from bot.channels.telegram_client import ANSWER_SECONDS, BotApi
from bot.channels.telegram_errors import seconds
from bot.channels.telegram_updates import ALLOWED, PATH, TelegramUpdates
from hub import pollers
from hub.clock import Clock
from hub.database import Database
from hub.errors import BadInput
from hub.people import Channel
from hub.settings import Settings

log = logging.getLogger(__name__)

# Telegram keeps the call open this long when there is nothing to tell.
HOLD_SECONDS = 25
LEASE_SECONDS = 90.0
# How long we wait where another process polls, or another bot with our token does.
CONFLICT_SECONDS = 10.0
# How long at most where Telegram or the record is away.
LONGEST_WAIT = 60.0
STORE_TRIES = 3

Raw = dict[str, Any]
Store = Callable[[Event | Errand], None]


class Poller:
    """Asks for updates in a thread of its own, until it is stopped. `store` keeps one event.

    `hurry` shortens every wait, for rehearsals.
    """

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, store: Store, hurry: float = 1.0
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._store = store
        self._hurry = hurry
        self._api = BotApi(settings)
        self._updates = TelegramUpdates(settings)
        self._token = secrets.token_hex(16)
        self._stopping = threading.Event()
        self._asking: Future[list[Raw]] | None = None
        self._thread = threading.Thread(target=self._run, name="telegram-poller", daemon=True)
        self._next: int | None = None
        self._failures = 0
        self._told = ""

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self, wait: float = 8.0) -> bool:
        """Hang up, finish what is being stored, give the lease back; False: not in time."""
        self._stopping.set()
        if self._asking is not None:
            self._asking.cancel()
        self._thread.join(wait)
        self._api.close()
        self._updates.close()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._round() / self._hurry)
        try:
            with self._database.writing() as session:
                pollers.give_back(session, Channel.TELEGRAM, self._token, self._clock())
        except SQLAlchemyError as error:
            log.warning("lease not given back kind=%s", type(error).__name__)

    def _round(self) -> float:
        """Ask once and store what came; the seconds to wait before the next time."""
        try:
            if not self._may_ask():
                return CONFLICT_SECONDS
            for raw in self._ask():
                if self._stopping.is_set() or not self._keep(raw):
                    return 1.0
                self._next = raw["update_id"] + 1
        except CancelledError:
            return 0.0
        except RetryAfter as error:
            return seconds(error)
        except (Conflict, InvalidToken) as error:
            self._say(f"not polling: {type(error).__name__}")
            return CONFLICT_SECONDS + random.random() * CONFLICT_SECONDS
        except (TelegramError, SQLAlchemyError) as error:
            self._failures += 1
            self._say(f"polling failed: {type(error).__name__}")
            return min(LONGEST_WAIT, 2.0 ** min(self._failures, 6)) * (0.5 + random.random())
        self._failures, self._told = 0, ""
        return 0.0

    def _may_ask(self) -> bool:
        """Whether it is us who poll, and nobody has a webhook there."""
        try:
            with self._database.writing() as session:
                mine = pollers.take(
                    session, Channel.TELEGRAM, self._token, self._clock(), LEASE_SECONDS
                )
        except IntegrityError:
            mine = False
        if not mine:
            self._say("another process polls")
            return False
        return self._next is not None or self._no_webhook()

    def _no_webhook(self) -> bool:
        """Our own webhook is taken away; one that leads elsewhere is not ours to take."""
        info = self._api.call(lambda bot: bot.get_webhook_info())
        if not info.url:
            return True
        if info.url != self._settings.public_url.rstrip("/") + PATH:
            self._say("a webhook to another address is set: remove it first, or do not poll")
            return False
        self._api.call(lambda bot: bot.delete_webhook(drop_pending_updates=False))
        return True

    def _ask(self) -> list[Raw]:
        """What Telegram has for us, as it came.

        Not by `Bot.get_updates`: that gives up a whole batch for one update that it cannot read,
        and writes what was in it into the log.
        """
        asked = {"timeout": HOLD_SECONDS, "allowed_updates": json.dumps(ALLOWED)}
        if self._next is not None:
            asked["offset"] = self._next

        async def ask(bot: Bot) -> list[Raw]:
            url = f"{bot.base_url}/getUpdates?{urlencode(asked)}"
            found: Any = await bot.request.post(url, read_timeout=HOLD_SECONDS + ANSWER_SECONDS)
            return [raw for raw in found if isinstance(raw, dict) and "update_id" in raw]

        self._asking = self._api.start(ask)
        if self._stopping.is_set():
            self._asking.cancel()
        return self._asking.result(HOLD_SECONDS + 2 * ANSWER_SECONDS)

    def _keep(self, raw: Raw) -> bool:
        """Store one update; False where the database is away, so that it is asked for again.

        One that can never be stored is passed over: it must not hold back everybody's.
        """
        number = raw["update_id"]
        for left in reversed(range(STORE_TRIES)):
            try:
                self._store(self._updates.read(raw))
                return True
            except BadInput as error:
                log.warning("update refused: %s update=%s", error, number)
                return True
            except SQLAlchemyError:
                raise
            except Exception as error:
                log.error("update broke update=%s kind=%s", number, type(error).__name__)
                if not left:
                    return True
        return True

    def _say(self, why: str) -> None:
        """Once, until something else happens."""
        if why != self._told:
            log.warning("telegram: %s", why)
        self._told = why


def poller(settings: Settings, database: Database, clock: Clock, store: Store) -> Poller | None:
    """The poller, where polling is turned on."""
    on = settings.telegram_polling and settings.telegram_token.get_secret_value()
    return Poller(settings, database, clock, store) if on else None
