"""Waking a worker when something was committed, whichever process committed it.

On SQLite the counter of commits is read again and again: it costs some ten microseconds and
needs no lock. On PostgreSQL whoever queues work says so with NOTIFY, which arrives at commit.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from hub.database import Database

CHANNEL = "goodhelp_work"
LOOK_EVERY = 0.005
# Under load there is a commit every few milliseconds; one look serves several.
BREATHE = 0.015


def tell(session: Session) -> None:
    """Say that this transaction leaves work behind. The caller's commit sends it."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))


class Watch:
    """Waits for commits, in a thread of its own. `close` is called by that thread."""

    def __init__(self, database: Database) -> None:
        self._connection = database.engine.connect()
        self._connection.execution_options(isolation_level="AUTOCOMMIT")
        raw: Any = self._connection.connection.driver_connection
        self._raw = raw
        self._sqlite = database.is_sqlite
        self._seen = self._counter() if self._sqlite else 0
        if not self._sqlite:
            self._raw.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> bool:
        """Return True soon after the next commit, or False after `seconds` without one."""
        if not self._sqlite:
            return any(True for _ in self._raw.notifies(timeout=seconds, stop_after=1))
        until = time.monotonic() + seconds
        while (now := self._counter()) == self._seen:
            if time.monotonic() >= until:
                return False
            time.sleep(LOOK_EVERY)
        self._seen = now
        return True

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _counter(self) -> int:
        return int(self._raw.execute("PRAGMA data_version").fetchone()[0])


def watch(
    database: Database, news: Callable[[], None], stopping: threading.Event, seconds: float
) -> None:
    """Call `news` now, after each commit and every `seconds` in any case, until told to stop.

    Raises the database's error where the connection is lost; the caller begins again.
    """
    found = Watch(database)
    try:
        while not stopping.is_set():
            news()
            time.sleep(BREATHE)
            found.wait(seconds)
    finally:
        found.close()
