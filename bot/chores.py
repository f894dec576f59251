"""What the worker does besides answering: ask follow-ups, end erasures, keep to the retention."""

import logging
import time
from collections.abc import Callable, Sequence

from bot.converse import Desk
from bot.follow_up import ask_due
from hub import erasure, retention
from hub.kept import Erasure
from hub.profile import Profile

log = logging.getLogger(__name__)

EVERY_SECONDS = 20.0


class Chores:
    """Called by a thread of the worker again and again; looks for work every twenty seconds.

    `more` are chores of other parts. Any number of workers may do this at once: each piece is
    claimed under a lock of its own.
    """

    def __init__(
        self, desk: Desk, profile: Profile, more: Sequence[Callable[[], bool]] = ()
    ) -> None:
        self._more = tuple(more)
        self._desk = desk
        self._profile = profile
        self._next = 0.0

    def __call__(self) -> bool:
        """One round, when it is time for one; False where nothing was done."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + EVERY_SECONDS
        return self.all()

    def all(self) -> bool:
        """One round of everything. A chore that breaks does not keep the others from being done."""
        worked = False
        chores: tuple[Callable[[], bool], ...] = (
            self.end_erasures,
            self.ask_follow_ups,
            self.keep_to_retention,
            *self._more,
        )
        for chore in chores:
            try:
                worked = chore() or worked
            except Exception as error:
                # Its text may stand in the error, so only the kind is written down.
                name = getattr(chore, "__name__", type(chore).__name__)
                log.error("chore broke chore=%s error=%s", name, type(error).__name__)
        return worked

    def ask_follow_ups(self) -> bool:
        """Ask whoever may be asked now."""
        return ask_due(self._desk, self._profile) > 0

    def keep_to_retention(self) -> bool:
        """Once a day: what is older than its days goes."""
        return bool(retention.run_due(self._desk.database, self._profile, self._desk.clock()))

    def end_erasures(self) -> bool:
        """Take away the number of whoever was answered; then clear the database's leftovers."""
        desk, done = self._desk, False
        with desk.database.reading() as session:
            waiting = [row.id for row in erasure.unfinished(session, desk.hub_id)]
            unclean = erasure.unscrubbed(session, desk.hub_id)
        for row_id in waiting:
            with desk.database.writing() as session:
                row = session.get(Erasure, row_id, with_for_update=True)
                if row is not None and row.done_at is None:
                    done = erasure.complete(session, row, desk.clock()) or done
        until = desk.clock()
        if (done or unclean) and desk.database.scrub():
            with desk.database.writing() as session:
                erasure.scrubbed(session, desk.hub_id, until, desk.clock())
        return done
