"""One outbound row, one send, one status. A crash or a time-out never becomes a second text."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot import holding, outcomes
from bot.channels.base import Accepted, CannotLookUp, NotSent, Outgoing, Sender, Unsure
from bot.channels.errors import NOBODY_KNOWS, NOT_SET_UP, Problem
from bot.channels.registry import Registry
from hub import conversations, messages, outbox, points, window
from hub.clock import Clock
from hub.database import Database
from hub.errors import Misconfigured
from hub.messages import Kind, Message, Status
from hub.outbox import OPTED_OUT, Attempt, Queue

log = logging.getLogger(__name__)

LOOK_AFTER = 5.0
# Seconds in which a message that is about to be held is left alone by others.
HOLD_LEASE = 10.0
LOOK_AGAIN_AFTER = 30.0
# A provider may take a call in a few seconds after we hung up: only then is "not there" final.
SETTLED_AFTER = outbox.SETTLED_AFTER
GIVE_UP_LOOKING = timedelta(hours=24)
MOST_SENDS = 6
# Where nobody can be asked: the first send and one more.
MOST_BLIND_SENDS = 2


UNREADABLE = "This text cannot be read any more. Please write it again."


@dataclass(frozen=True)
class _Job:
    attempt: Attempt
    sender: Sender
    outgoing: Outgoing


@dataclass(frozen=True)
class _Hold:
    """A message that WhatsApp takes no free text for now. It is held in a transaction of its own:
    the conversation's lock, which comes before a message's, is needed for that."""

    message_id: int
    conversation_id: int


class Deliverer:
    """Sends what a hub has queued. Any number of threads and processes may claim and run.

    A row that says `sending` for longer than `lease_seconds` was left by a dead worker.
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        hub_id: str,
        lease_seconds: float = 40.0,
    ) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self.queue = Queue(hub_id, timedelta(seconds=lease_seconds))
        # What is being sent or looked up now, by the message's id.
        self._in_hand: dict[int, _Job] = {}

    def deliver_next(self) -> bool:
        """Send one message, or find out about one; False where nothing is to be done.

        Raises OperationalError where the database does not answer.
        """
        jobs = self.claim(1)
        for job in jobs:
            job()
        return bool(jobs)

    def claim(self, most: int) -> list[Callable[[], None]]:
        """Take at most so many messages: each job sends one, or finds out what became of one."""
        with self._database.reading() as session:
            to_do = self.queue.to_do(session, self._clock())
        jobs: list[Callable[[], None]] = []
        if to_do.look_up:
            jobs = [partial(self._run, self._look_up, job) for job in self._claim_unsure(most)]
        if to_do.send and len(jobs) < most:
            jobs += self._claim_sends(most - len(jobs))
        return jobs

    def let_go(self) -> None:
        """Give back what is in hand: this process ends before it does.

        Whether a message went out is not known then, so it is looked up, soon, by the next one.
        """
        for job in list(self._in_hand.values()):
            try:
                with self._database.writing("unsure") as session:
                    message = self._mine(session, job, Status.SENDING)
                    if message is not None:
                        outbox.doubt(message, self._clock())
                    elif (message := self._mine(session, job, Status.UNKNOWN)) is not None:
                        message.not_before = self._clock()
            except SQLAlchemyError as error:
                log.info("not let go error=%s", type(error).__name__)

    def _run(self, what: Callable[[_Job], None], job: _Job) -> None:
        self._in_hand[job.attempt.message_id] = job
        try:
            what(job)
        except OperationalError:
            raise
        except Exception as error:
            # The row says `sending`: when its lease ends it is looked up.
            kind = type(error).__name__
            log.error("delivery broke message=%s kind=%s", job.attempt.message_id, kind)
        finally:
            self._in_hand.pop(job.attempt.message_id, None)

    def _claim_sends(self, most: int, *, row_by_row: bool = False) -> list[Callable[[], None]]:
        try:
            with self._database.writing("send-claim") as session:
                found = self.queue.claim(session, self._clock(), most, whole=not row_by_row)
                jobs = [self._job(session, message) for message in found]
        except OperationalError:
            raise
        except Exception:
            if row_by_row:
                raise
            # One row that cannot be read must not stop the others.
            return self._claim_sends(most, row_by_row=True)
        return [self._todo(job) for job in jobs]

    def _todo(self, job: "_Job | _Hold | None") -> Callable[[], None]:
        if isinstance(job, _Hold):
            return partial(self._hold, job)
        return partial(self._run, self._send, job) if job else _nothing

    def _send(self, job: _Job) -> None:
        # From here the row says `sending`: whatever happens, it is looked up before a resend.
        try:
            with points.around("send"):
                accepted = job.sender.send(job.outgoing)
        except NotSent as refusal:
            self._not_sent(job, refusal.problem, refusal.wait)
        except Unsure as doubt:
            self._unsure(job, str(doubt))
        except Exception as error:
            self._unsure(job, type(error).__name__)
        else:
            self._accepted(job, accepted)

    def _job(self, session: Session, message: Message) -> _Job | _Hold | None:
        """What to send, or None where it must not go out now (the row says why)."""
        try:
            return self._checked(session, message)
        except Misconfigured:
            log.error("message cannot be read message=%s", message.id)
            messages.record_status(session, message, Status.FAILED, self._clock(), UNREADABLE)
            return None

    def _checked(self, session: Session, message: Message) -> _Job | _Hold | None:
        now = self._clock()
        sender = self._registry.sender(message.channel)
        if sender is None:
            outcomes.settle(session, message, NOT_SET_UP, now, self._registry.ways)
            return None
        if _stopped(message):
            messages.record_status(session, message, Status.FAILED, now, OPTED_OUT)
            return None
        if message.kind != Kind.TEMPLATE and not window.is_open(message, now):
            message.attempts -= 1
            outbox.queue_again(message, now, HOLD_LEASE, None)
            return _Hold(message.id, message.conversation_id)
        return _Job(Attempt(message.id, message.attempts), sender, _outgoing(message))

    def _hold(self, job: _Hold) -> None:
        with self._database.writing("held") as session:
            conversations.lock(session, job.conversation_id)
            message = outbox.locked(session, job.message_id)
            now = self._clock()
            if message is None or message.status != Status.QUEUED:
                return
            if window.is_open(message, now):
                # They have just written.
                outbox.queue_again(message, now, 0, None)
                return
            holding.hold(session, message, self._registry.ways, now)

    def _accepted(self, job: _Job, accepted: Accepted) -> None:
        try:
            self._keep(job, accepted, accepted.provider_id)
        except IntegrityError:
            # Another row has this id: a provider that counts anew. It was sent all the same.
            log.warning("provider id seen twice message=%s", job.attempt.message_id)
            self._keep(job, accepted, None)

    def _keep(self, job: _Job, accepted: Accepted, provider_id: str | None) -> None:
        with self._database.writing("sent") as session:
            message = outbox.locked(session, job.attempt.message_id)
            if message is None:
                return
            known = provider_id is not None and message.provider_id == provider_id
            if known and message.status not in (Status.SENDING, Status.UNKNOWN):
                # The status callback was quicker than the answer and knows more.
                return
            message.provider_id = provider_id or message.provider_id
            messages.record_status(session, message, accepted.status, self._clock())

    def _not_sent(self, job: _Job, problem: Problem, wait: float | None) -> None:
        log.warning("not sent message=%s code=%s", job.attempt.message_id, problem.code)
        with self._database.writing("refused") as session:
            outcomes.brace(session, job.attempt.message_id, problem, self._clock())
            message = self._mine(session, job, Status.SENDING)
            if message is not None:
                ways = self._registry.ways
                outcomes.settle(session, message, problem, self._clock(), ways, wait=wait)

    def _unsure(self, job: _Job, kind: str) -> None:
        log.warning("unsure whether sent message=%s kind=%s", job.attempt.message_id, kind)
        with self._database.writing("unsure") as session:
            message = self._mine(session, job, Status.SENDING)
            if message is not None:
                now = self._clock()
                message.status, message.updated_at = Status.UNKNOWN, now
                message.not_before = now + timedelta(seconds=LOOK_AFTER)

    def _claim_unsure(self, most: int) -> list[_Job]:
        with self._database.writing("look-claim") as session:
            found = self.queue.claim_unsure(session, self._clock(), most)
            return [
                _Job(Attempt(message.id, message.attempts), sender, _outgoing(message))
                for message in found
                if (sender := self._registry.sender(message.channel)) is not None
            ]

    def _look_up(self, job: _Job) -> None:
        try:
            with points.around("look-up"):
                found = job.sender.look_up(job.outgoing)
        except CannotLookUp:
            self._resend(job, MOST_BLIND_SENDS)
        except NotSent:
            self._look_again(job, LOOK_AGAIN_AFTER)
        except Exception as error:
            kind = type(error).__name__
            log.error("look-up broke message=%s kind=%s", job.attempt.message_id, kind)
            self._look_again(job, LOOK_AGAIN_AFTER)
        else:
            self._found(job, found)

    def _found(self, job: _Job, found: list[Accepted]) -> None:
        with self._database.writing("found") as session:
            for one in found:
                if one.problem is not None:
                    outcomes.brace(session, job.attempt.message_id, one.problem, self._clock())
            message = self._mine(session, job, Status.UNKNOWN)
            if message is None:
                return
            channels = (message.channel,)
            for one in found:
                if outbox.by_provider_id(session, channels, one.provider_id) in (None, message.id):
                    message.provider_id = one.provider_id
                    if one.problem is not None:
                        ways = self._registry.ways
                        outcomes.settle(session, message, one.problem, self._clock(), ways)
                    else:
                        messages.record_status(session, message, one.status, self._clock())
                    return
            settled = self._clock() - message.updated_at >= SETTLED_AFTER
        if settled:
            self._resend(job, MOST_SENDS)
        else:
            self._look_again(job, LOOK_AFTER)

    def _resend(self, job: _Job, most: int) -> None:
        """It did not go out, or nobody can tell: send it again, but not for ever."""
        with self._database.writing("again") as session:
            message = self._mine(session, job, Status.UNKNOWN)
            if message is None:
                return
            now = self._clock()
            if message.attempts >= most:
                messages.record_status(session, message, Status.FAILED, now, NOBODY_KNOWS.words)
            else:
                outbox.queue_again(message, now, 0, None)

    def _look_again(self, job: _Job, seconds: float) -> None:
        with self._database.writing("again") as session:
            message = self._mine(session, job, Status.UNKNOWN)
            if message is None:
                return
            now = self._clock()
            if now - message.updated_at > GIVE_UP_LOOKING:
                messages.record_status(session, message, Status.FAILED, now, NOBODY_KNOWS.words)
            else:
                message.not_before = now + timedelta(seconds=seconds)

    @staticmethod
    def _mine(session: Session, job: _Job, status: Status) -> Message | None:
        """The row, locked, where nobody has moved it on since this try."""
        message = outbox.locked(session, job.attempt.message_id)
        if message is None or message.status != status:
            return None
        return message if message.attempts == job.attempt.number else None


def _nothing() -> None:
    """A message that did not go out: its row says why."""


def _stopped(message: Message) -> bool:
    """Whether somebody said STOP, so that this must not go out.

    A direct answer to what they wrote since is still given: the word that they are out, or help
    in danger. Where the provider blocks that too, it says so (21610) and nothing was sent.
    """
    out_since: datetime | None = message.conversation.address.opted_out_at
    if out_since is None:
        return False
    return message.reply_to_id is None or message.created_at < out_since


def _outgoing(message: Message) -> Outgoing:
    return Outgoing(
        our_id=message.id,
        to=message.conversation.address.value,
        text=message.text,
        options=tuple(message.options),
        created_at=message.created_at,
        attempt=message.attempts,
        kind=Kind(message.kind) if message.kind else None,
    )
