"""The time, in one place. Stored in UTC, spoken in the hub's own zone."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
# What lies further in the future than this was written before the clock was set back.
CLOCK_SLACK = timedelta(seconds=60)
ASK_EVERY = 15.0


def clock_from(setting: str) -> Clock:
    """A clock for `Settings.clock`: the real one, or one that starts at a given ISO time.

    The rehearsed clock still runs on, so that order and leases behave as they would. Written as
    "TIME since MOMENT" it runs on from that real moment, the same in every process.
    Raises ValueError where the setting is no ISO time with a zone.
    """
    if not setting:
        return lambda: datetime.now(UTC)
    start_at, _, since = setting.partition(" since ")
    start = datetime.fromisoformat(start_at)
    if start.tzinfo is None:
        raise ValueError("GOODHELP_CLOCK needs a zone, as in 2026-11-22T00:30:00+00:00")
    began = datetime.fromisoformat(since) if since else datetime.now(UTC)
    return lambda: start.astimezone(UTC) + (datetime.now(UTC) - began)


class ServerClock:
    """The time of a server that many hosts share: theirs may differ, or be set wrong.

    Asked now and then; in between this host's stopwatch counts on, which no change of its clock
    touches. `ask` gives the server's time and raises where there is no answer.
    """

    def __init__(
        self, ask: Callable[[], datetime], stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._stopwatch = stopwatch
        self._asking = threading.Lock()
        self._known: tuple[datetime, float] | None = None
        self._next = 0.0

    def __call__(self) -> datetime:
        """The server's time. Raises the error of `ask` only while it never had an answer."""
        known = self._known
        if known is None:
            with self._asking:
                known = self._known or self._answer()
        elif self._stopwatch() >= self._next and self._asking.acquire(blocking=False):
            try:
                known = self._answer()
            except Exception:
                # The server is away: the stopwatch is good enough until it is back.
                self._next = self._stopwatch() + ASK_EVERY
            finally:
                self._asking.release()
        at, when = known
        return at + timedelta(seconds=self._stopwatch() - when)

    def _answer(self) -> tuple[datetime, float]:
        at = self._ask()
        known = self._known = at, self._stopwatch()
        self._next = known[1] + ASK_EVERY
        return known
