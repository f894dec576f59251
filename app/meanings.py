"""The worker makes the meanings of new services, so that no resident waits for them."""

import logging
import threading
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hub.feeds import SyncRun

if TYPE_CHECKING:
    from app.house import House

log = logging.getLogger(__name__)


class MeaningsOnTime:
    """Called by the worker again and again: looks for new services after each reading of a feed.

    In a thread of its own. It ends with the process: what was made is kept, the next goes on.
    """

    def __init__(self, house: "House") -> None:
        self._house = house
        self._thread: threading.Thread | None = None
        self._done: int | None = -1

    def __call__(self) -> bool:
        """Begin where a feed was read since the last time; False where none was."""
        if self._thread is not None and self._thread.is_alive():
            return False
        last = self._last_run()
        if last == self._done:
            return False
        self._thread = threading.Thread(
            target=self.make, args=(last,), name="meanings", daemon=True
        )
        self._thread.start()
        return True

    def make(self, run: int | None) -> int:
        """Make what is missing now; how many texts were new."""
        made = self._house.matcher.make_meanings(self._house.database)
        if made:
            log.info("meanings made count=%s", made)
        self._done = run
        return made

    def _last_run(self) -> int | None:
        with self._house.database.reading() as session:
            return session.scalar(
                select(func.max(SyncRun.id)).where(
                    SyncRun.hub_id == self._house.profile.id, SyncRun.ended_at.is_not(None)
                )
            )
