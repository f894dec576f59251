"""The worker: claims conversations, answers them, sends what is queued, and stops cleanly."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.converse import Desk, answer, give_up
from bot.deliver import Deliverer
from bot.line import IDLE_SECONDS, TROUBLE_SECONDS, Job, Line, where
from hub import conversations, outbox, wake
from hub.conversations import Claim
from hub.errors import StaleLease

log = logging.getLogger(__name__)

# After this many broken tries a message gets the holding reply and a ticket.
GIVE_UP_AFTER = 3
# Most turns wait for Rasa, which takes few at once (`bot/rasa.py`). The others are there so
# that somebody in danger is answered while all of Rasa's turns hang.
TURNS = 16
SENDS = 8
CHORES_EVERY = 1.0
_ANYTHING = select(conversations.WAITS, outbox.SEND, outbox.LOOK_UP)


class Worker:
    """Two lines of jobs: turns to take and messages to send.

    `stop` lets the jobs in flight finish and gives back what does not; a turn that is cut off
    by a kill is taken up again by the next worker when its lease ends.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        lease_seconds: float,
        deliverer: Deliverer,
        chores: Callable[[], bool] | None = None,
        turns: int = TURNS,
        sends: int = SENDS,
    ) -> None:
        self._desk = desk
        self._lease_seconds = lease_seconds
        self._stopping = threading.Event()
        self._turns = Line("turns", turns, self.claim)
        self._sends = Line("sends", sends, deliverer.claim)
        self._deliverer = deliverer
        # The turns under way, by their lease's token.
        self._in_hand: dict[str, Claim] = {}
        self._threads = [threading.Thread(target=self._look_out, name="watch", daemon=True)]
        if chores is not None:
            self._threads.append(threading.Thread(target=self._do_chores, args=(chores,)))

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()
        for line in (self._turns, self._sends):
            line.start()

    def claim_no_more(self) -> None:
        """Take nothing new. What is in flight goes on: see `stop`."""
        self._stopping.set()
        for line in (self._turns, self._sends):
            line.stop()

    def stop(self, seconds: float = 10.0) -> bool:
        """Finish what is in flight; True where all of it ended within `seconds`.

        What did not is given back, so that the next worker need not wait for a lease to end. A
        thread that comes to its end after all finds its lease gone and writes nothing.
        """
        self.claim_no_more()
        until = time.monotonic() + seconds
        ended = [line.ended(until - time.monotonic()) for line in (self._turns, self._sends)]
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        for claim in list(self._in_hand.values()):
            self._let_go(claim)
        self._deliverer.let_go()
        return all(ended) and not any(thread.is_alive() for thread in self._threads)

    def claim(self, most: int) -> list[Job]:
        """Turns to take: one message of each of so many conversations."""
        desk = self._desk
        with desk.database.writing("claim") as session:
            claims = conversations.claim(
                session, desk.hub_id, desk.clock(), self._lease_seconds, most
            )
        self._in_hand |= {claim.token: claim for claim in claims}
        return [partial(self._take, claim) for claim in claims]

    def _take(self, claim: Claim) -> None:
        try:
            if claim.attempts > GIVE_UP_AFTER:
                give_up(self._desk, claim)
            else:
                answer(self._desk, claim)
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
        finally:
            self._in_hand.pop(claim.token, None)

    def _put_off(self, claim: Claim) -> None:
        """Try again later, ever more slowly: one poison message does not stop the others."""
        desk = self._desk
        try:
            with desk.database.writing("released") as session:
                conversation = conversations.hold(session, claim)
                wait = 2.0 ** min(claim.attempts, 10)
                conversations.give_back(conversation, desk.clock(), wait)
        except StaleLease:
            return

    def _let_go(self, claim: Claim) -> None:
        """A turn that this worker will not end: the next one may take it at once."""
        try:
            with self._desk.database.writing("released") as session:
                conversation = conversations.hold(session, claim)
                conversations.let_go(conversation)
                wake.tell(session)
        except (StaleLease, SQLAlchemyError) as error:
            log.info("not let go error=%s", type(error).__name__)

    def _do_chores(self, chores: Callable[[], bool]) -> None:
        """What is not answering: follow-ups that are due, erasures, retention."""
        while not self._stopping.is_set():
            try:
                worked = chores()
            except Exception as error:
                log.error("chore trouble error=%s at=%s", type(error).__name__, where(error))
                worked = False
            if not worked:
                self._stopping.wait(CHORES_EVERY)

    def _look_out(self) -> None:
        """Look after each commit of any process, and now and then, for what the lines can do."""
        while not self._stopping.is_set():
            try:
                wake.watch(self._desk.database, self._look, self._stopping, IDLE_SECONDS)
            except Exception as error:
                log.error("watch trouble error=%s at=%s", type(error).__name__, where(error))
                # Nobody is forgotten meanwhile: the lines look for themselves.
                self._turns.news()
                self._sends.news()
                self._stopping.wait(TROUBLE_SECONDS)

    def _look(self) -> None:
        now = self._desk.clock()
        moment = {
            **self._deliverer.queue.moment(now),
            **conversations.moment(self._desk.hub_id, now, self._lease_seconds),
        }
        with self._desk.database.reading() as session:
            turns, sends, look_ups = session.execute(_ANYTHING, moment).one()
        if turns:
            self._turns.news()
        if sends or look_ups:
            self._sends.news()
