"""The worker: claims conversations, answers them, and stops cleanly."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from bot.converse import Desk, answer
from hub import conversations
from hub.errors import StaleLease

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 1.0


class Worker:
    """A number of threads that each take one turn at a time.

    `stop` lets every turn in flight finish; a turn that is cut off by a kill is taken up
    again by the next worker when its lease ends.
    """

    def __init__(
        self, desk: Desk, *, lease_seconds: float, turns: int = 4, deliver: Callable[[], bool]
    ) -> None:
        self._desk = desk
        self._lease_seconds = lease_seconds
        self._deliver = deliver
        self._stopping = threading.Event()
        jobs = [self.take_turn] * turns + [deliver] * 2
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
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def take_turn(self) -> bool:
        """Answer one message of one conversation; False where nobody waits."""
        desk = self._desk
        with desk.database.reading() as session:
            if not conversations.somebody_waits(session, desk.clock()):
                return False
        with desk.database.writing() as session:
            claim = conversations.claim_next(session, desk.clock(), self._lease_seconds)
        if claim is None:
            return False
        try:
            answer(desk, claim)
        except StaleLease:
            log.info("lease lost conversation=%s", claim.conversation_id)
        except Exception:
            # One poison message must not stop the others: it is tried again, ever more slowly.
            log.exception("turn broke conversation=%s", claim.conversation_id)
            self._put_off(claim)
        return True

    def _put_off(self, claim: conversations.Claim) -> None:
        desk = self._desk
        try:
            with desk.database.writing() as session:
                conversation = conversations.hold(session, claim)
                wait = min(300.0, 2.0**conversation.attempts)
                conversations.give_back(conversation, desk.clock(), wait)
        except StaleLease:
            return

    def _run(self, job: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            try:
                worked = job()
            except OperationalError:
                log.warning("the database does not answer; trying again")
                self._stopping.wait(TROUBLE_SECONDS)
                continue
            if not worked:
                self._stopping.wait(IDLE_SECONDS)
