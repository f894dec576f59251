"""The worker asks the web addresses of services whether they still answer, a few each minute."""

import logging
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from directory_sync.dead_links import Asker
from hub import link_checks

if TYPE_CHECKING:
    from app.house import House

log = logging.getLogger(__name__)

MINUTE = 60.0


class LinksOnTime:
    """Called by the worker again and again; does nothing where `link_checks_a_minute` is 0.

    In a thread of its own that lasts a minute. Each answer is kept as it comes.
    """

    def __init__(self, house: "House", allow: Iterable[str] = ()) -> None:
        self._house, self._allow = house, tuple(allow)
        self._thread: threading.Thread | None = None

    def __call__(self) -> bool:
        """Begin with the next few that are due; False where none is."""
        most = self._house.settings.link_checks_a_minute
        if not most or (self._thread is not None and self._thread.is_alive()):
            return False
        with self._house.database.writing() as session:
            urls = link_checks.claim(session, self._house.profile.id, self._house.clock(), most)
        if not urls:
            return False
        self._thread = threading.Thread(
            target=self.ask, args=(urls, MINUTE / most), name="links", daemon=True
        )
        self._thread.start()
        return True

    def ask(self, urls: Iterable[str], pause: float = 0.0) -> None:
        """Ask each in turn, with so many seconds between."""
        house = self._house
        with Asker(self._allow) as asker:
            for url in urls:
                found = asker.ask(url)
                with house.database.writing() as session:
                    link_checks.answered(
                        session, house.profile.id, url, found.status, found.said, house.clock()
                    )
                time.sleep(pause)
        log.info("links asked")
