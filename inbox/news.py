"""What changed, as it changes: one look at the record a second for all open pages of a hub."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool

SECONDS = 1.0
# A connection ends after this long and the browser comes back: a session that ended, or a
# person who may no longer read, is noticed then.
LASTS = 60.0


class News:
    """The newest mark of each hub, read again when it is older than a second."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._marks: dict[str, tuple[float, str]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def mark(self, hub_id: str) -> str:
        """A text that differs when something of the hub has changed."""
        async with self._locks.setdefault(hub_id, asyncio.Lock()):
            read_at, mark = self._marks.get(hub_id, (0.0, ""))
            if time.monotonic() - read_at >= SECONDS * 0.9:
                mark = await run_in_threadpool(self._read, hub_id)
                self._marks[hub_id] = (time.monotonic(), mark)
            return mark

    async def follow(self, hub_id: str) -> AsyncIterator[str]:
        """Every new mark, the present one first, for a minute."""
        last, ends = "", time.monotonic() + LASTS
        while time.monotonic() < ends:
            mark = await self.mark(hub_id)
            if mark != last:
                last = mark
                yield mark
            await asyncio.sleep(SECONDS)
