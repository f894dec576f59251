"""The worker: claims conversations, answers them, and stops cleanly."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bot.converse import Desk, answer, give_up
from hub import conversations
from hub.conversations import Claim
from hub.errors import StaleLease

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 1.0
# After this many broken tries a message gets the holding reply and a ticket.
GIVE_UP_AFTER = 3


class Worker:
    """A number of threads that each take one turn at a time.

    `stop` lets every turn in flight finish; a turn that is cut off by a kill is taken up
    again by the next worker when its lease ends.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        lease_seconds: float,
        turns: int = 4,
        deliver: Callable[[], bool],
        chores: Callable[[], bool] | None = None,
    ) -> None:
        self._desk = desk
        self._lease_seconds = lease_seconds
        self._deliver = deliver
        self._stopping = threading.Event()
        jobs = [self.take_turn] * turns + [deliver] * 2 + ([chores] if chores else [])
        self._threads = [
            threading.Thread(target=self._run, args=(job,), name=f"worker-{number}")
            for number, job in enumerate(jobs)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> bool:
        """Finish what is in flight; True where every thread ended within `seconds`."""
        self._stopping.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def take_turn(self) -> bool:
        """Answer one message of one conversation; False where nobody waits."""
        desk = self._desk
        with desk.database.reading() as session:
            if not conversations.somebody_waits(session, desk.hub_id, desk.clock()):
                return False
        with desk.database.writing() as session:
            claim = conversations.claim_next(
                session, desk.hub_id, desk.clock(), self._lease_seconds
            )
        if claim is None:
            return False
        try:
            if claim.attempts > GIVE_UP_AFTER:
                give_up(desk, claim)
            else:
                answer(desk, claim)
        except StaleLease:
            log.info("lease lost conversation=%s", claim.conversation_id)
        except Exception as error:
            # Its text may stand in the error, so only the kind is written down.
            log.error(
                "turn broke conversation=%s error=%s at=%s",
                claim.conversation_id,
                type(error).__name__,
                where(error),
            )
            self._put_off(claim)
        return True

    def _put_off(self, claim: Claim) -> None:
        """Try again later, ever more slowly: one poison message does not stop the others."""
        desk = self._desk
        try:
            with desk.database.writing() as session:
                conversation = conversations.hold(session, claim)
                wait = min(300.0, 2.0**claim.attempts)
                conversations.give_back(conversation, desk.clock(), wait)
        except StaleLease:
            return

    def _run(self, job: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            try:
                worked = job()
            except Exception as error:
                # A thread that ended here would leave residents in silence: wait, go on.
                log.error("worker trouble error=%s at=%s", type(error).__name__, where(error))
                self._stopping.wait(TROUBLE_SECONDS)
                continue
            if not worked:
                self._stopping.wait(IDLE_SECONDS)


def where(error: BaseException) -> str:
    """File and line of an error, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
