"""Reads a provider's own list of messages for what its webhooks missed, in and out.

A webhook that fails is tried once more at most. What a resident wrote is still in the provider's
list: it is read at the start of a worker and every few minutes after, and stored like a webhook,
unique by the provider's id. So is news about what we sent.
"""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import arrivals
from bot.channels.base import Event, News, NotSent
from bot.channels.registry import Registry
from hub import points, sweeps
from hub.clock import Clock
from hub.database import Database
from hub.errors import BadInput
from hub.messages import Inbound, Message, Status
from hub.people import Channel

log = logging.getLogger(__name__)

# The first time: what came to this number before us was for somebody else.
FIRST_LOOK = timedelta(hours=1)
# After a long silence. Retention keeps what we had for longer than this.
LONGEST_LOOK = timedelta(days=14)
# Lists are not always in order, and a message may show up in them late.
OVERLAP = timedelta(hours=1)
# A webhook may still be on its way for this long; it knows more (a pin, a name) than the list.
SETTLED = timedelta(seconds=20)


@runtime_checkable
class Lists(Protocol):
    """A sender whose provider can be asked for everything since a moment."""

    channel: Channel

    def since(self, moment: datetime) -> Iterable[Event]:
        """Messages in, oldest first, and news of messages out. Raises NotSent without an answer."""


class Sweep:
    """One hub's channels. `run` reads each list once; `start` does so every `seconds`."""

    def __init__(
        self, database: Database, registry: Registry, hub_id: str, clock: Clock, seconds: float
    ) -> None:
        self._database = database
        self._registry = registry
        self._hub_id = hub_id
        self._clock = clock
        self._seconds = seconds
        self._unsettled = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._forever, name="sweep", daemon=True)

    def start(self) -> None:
        """Read now, and again and again; nothing where `seconds` is 0."""
        if self._seconds:
            self._thread.start()

    def stop(self, seconds: float = 2.0) -> None:
        """Read no more. A list that takes longer to read is left: it is read again some day."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def run(self) -> int:
        """Read every list that there is; how many messages from residents had been missed."""
        self._unsettled = False
        senders = [one for one in self._registry.senders.values() if isinstance(one, Lists)]
        return sum(self._read(sender) for sender in senders)

    def _forever(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run()
            except Exception as error:
                # A thread that ended here would look like a list with nothing in it.
                log.error("sweep broke kind=%s", type(error).__name__)
            soon = min(self._seconds, SETTLED.total_seconds())
            self._stopping.wait(soon if self._unsettled else self._seconds)

    def _read(self, sender: Lists) -> int:
        now = self._clock()
        with self._database.reading() as session:
            before = sweeps.read_to(session, self._hub_id, sender.channel)
        # Where the clock was set back, what is in the list since then was not read.
        since = max(min(before, now) - OVERLAP, now - LONGEST_LOOK) if before else now - FIRST_LOOK
        try:
            with points.around("list"):
                events = list(sender.since(since))
        except NotSent as refusal:
            log.warning("list not read channel=%s code=%s", sender.channel, refusal.problem.code)
            return 0
        missed = sum(self._store(event, now) for event in self._unknown(events, now))
        with self._database.writing("read-to") as session:
            sweeps.mark(session, self._hub_id, sender.channel, now)
        if missed:
            log.warning("found messages that no webhook told count=%s", missed)
        return missed

    def _unknown(self, events: list[Event], now: datetime) -> list[Event]:
        """Those that may tell something new, found without taking a lock."""
        ids = [one.provider_id for one in events if isinstance(one, Inbound | News)]
        known: dict[str, str] = {}
        with self._database.reading() as session:
            for at in range(0, len(ids), 500):
                known |= _statuses(session, ids[at : at + 500])
        new = [one for one in events if _may_be_new(one, known)]
        settled = [one for one in new if _settled(one, now)]
        self._unsettled |= len(settled) < len(new)
        return settled

    def _store(self, event: Event, now: datetime) -> bool:
        try:
            with self._database.writing("swept") as session:
                new = arrivals.store(session, self._hub_id, event, now, self._registry.ways)
        except IntegrityError:
            # The webhook came at the same moment.
            return False
        except BadInput as error:
            log.warning("refused from a list: %s", error)
            return False
        return new and isinstance(event, Inbound)


def _statuses(session: Session, ids: list[str]) -> dict[str, str]:
    found = session.execute(
        select(Message.provider_id, Message.status).where(Message.provider_id.in_(ids))
    )
    return {str(provider_id): str(status) for provider_id, status in found}


def _may_be_new(event: Event, known: dict[str, str]) -> bool:
    if isinstance(event, Inbound):
        return event.provider_id not in known
    if isinstance(event, News):
        # What we sent and do not know the end of. A message whose id we never learned is looked
        # up by the deliverer.
        return known.get(event.provider_id) in (Status.SENDING, Status.SENT, Status.UNKNOWN)
    return False


def _settled(event: Event, now: datetime) -> bool:
    at = event.sent_at if isinstance(event, Inbound) else None
    # What the provider dates in the future tells that our clock was set back.
    return at is None or abs(now - at) >= SETTLED
