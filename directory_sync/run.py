"""One run: read everything, validate, compare, apply in one transaction; or leave all as it was."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from directory_sync.feed import feed_for, known_feed, resolved
from directory_sync.fetch import Key, Limits, SourceFailed
from directory_sync.files import Progress
from directory_sync.kept import Kept, kept_for
from directory_sync.reconcile import HOLD_BACK_SHARE, Plan, reconcile
from directory_sync.records import Reject
from directory_sync.sources import read_source, silent
from directory_sync.staging import Staged, Stager, batches
from directory_sync.store import Store
from hub.clock import Clock
from hub.corrections import settle
from hub.crosswalk import Crosswalk, crosswalk
from hub.database import Database
from hub.feeds import Feed, RunStatus, SyncReject, SyncRun
from hub.profile import Profile
from hub.twins import find_twins

HELD_BACK_EXIT = 3
FAILED_EXIT = 1
# More new services than this are written unseen first, then shown all at once.
AT_ONCE = 1000
BREATH = 0.01
# Seconds between two notes of how far a run is.
TOLD_EVERY = 2.0
RUNS_WITH_REJECTS = 10
FULL_EVERY = timedelta(days=7)
# Suppliers' clocks are wrong, and some note only the day.
OVERLAP = timedelta(days=1)


@dataclass(frozen=True)
class SyncResult:
    """How a run ended. `rejected` are whole records; `left_out` are fields of kept records."""

    run_id: int
    feed_id: str
    status: RunStatus
    plan: Plan
    rejected: tuple[Reject, ...]
    left_out: tuple[Reject, ...]
    read: int
    detail: str = ""

    @property
    def exit_status(self) -> int:
        """0 also with rejects, 3 when held back, 1 when the source could not be read."""
        if self.status == RunStatus.HELD_BACK:
            return HELD_BACK_EXIT
        return FAILED_EXIT if self.status == RunStatus.FAILED else 0

    def to_json(self) -> dict[str, Any]:
        """The one object that `goodhelp sync` prints."""
        return {
            "added": len(self.plan.added),
            "changed": len(self.plan.changed),
            "withdrawn": len(self.plan.withdrawn),
            "unchanged": len(self.plan.unchanged),
            "rejected": [reject.to_json() for reject in self.rejected],
            "left_out": [reject.to_json() for reject in self.left_out],
            "status": str(self.status),
            "feed": self.feed_id,
            "detail": self.detail,
        }


def sync(
    database: Database,
    profile: Profile,
    source: str,
    *,
    clock: Clock,
    feed_id: str | None = None,
    dry_run: bool = False,
    force: bool = False,
    allow: Iterable[str] = (),
    limits: Limits | None = None,
    progress: Progress = silent,
    tables: Crosswalk | None = None,
    folder: Path | None = None,
    key: Key | None = None,
    changes_only: bool = False,
    hold_back: float = HOLD_BACK_SHARE,
) -> SyncResult:
    """Read a source into the directory of a hub.

    `source` is a path or address, or the id of a feed in the hub's profile. `force` applies a
    run that would be held back: a person has looked. `allow` names "host:port" origins that may
    be private or plain http. With `changes_only`, an API that was read whole within a week is
    asked for changes alone, and nothing is withdrawn. `folder` is where a run keeps what makes the
    next one quick. `key` opens a feed that needs one. A run that would withdraw more than the share
    `hold_back` of what is stored is held back. Never raises for what a source does: the
    result says it.
    """
    named = next((feed for feed in profile.feeds if feed.id == source), None)
    if named is not None:
        feed_id, source = named.id, resolved(profile, named.source)
    tables = tables or crosswalk()
    try:
        with kept_for(folder, profile.id, source) as kept:
            run = _Run(database, profile, source, feed_id, clock, tables, kept, progress)
            since = run.since() if changes_only else None
            services = read_source(
                source,
                limits=limits,
                allow=allow,
                progress=run.tell,
                kept=kept,
                key=key,
                since=since,
            )
            return run.all(
                services,
                dry_run=dry_run,
                force=force,
                partial=since is not None,
                hold_back=hold_back,
            )
    except SourceFailed as failed:
        # Another run holds the source; its row tells of it.
        return SyncResult(0, feed_id or "", RunStatus.FAILED, Plan(), (), (), 0, str(failed))


class _Run:
    """One run of one source, from its first record to the end of its row."""

    def __init__(
        self,
        database: Database,
        profile: Profile,
        source: str,
        feed_id: str | None,
        clock: Clock,
        tables: Crosswalk,
        kept: Kept,
        progress: Progress,
    ) -> None:
        self._database, self._profile, self._hub_id = database, profile, profile.id
        self._source, self._feed_id = source, feed_id
        self._clock, self._tables, self._kept = clock, tables, kept
        self._progress = progress
        self._told = 0.0
        self._row = 0
        self._partial = False
        self._staged = Staged()

    def since(self) -> datetime | None:
        """From when on changes are enough; None where all has to be read.

        Only a full reading finds what was withdrawn, so there is one each week.
        """
        full, last = self._kept.fact("full_at"), self._kept.fact("read_at")
        if not full or not last or self._source.split("://")[0] not in ("http", "https"):
            return None
        if self._clock() - datetime.fromisoformat(full) > FULL_EVERY:
            return None
        return datetime.fromisoformat(last) - OVERLAP

    def all(
        self,
        services: Iterable[Any],
        *,
        dry_run: bool,
        force: bool,
        partial: bool = False,
        hold_back: float = HOLD_BACK_SHARE,
    ) -> SyncResult:
        """Read, compare, apply."""
        began = self._clock()
        self._partial = partial
        self._kept.begin_crawl(began)
        with self._database.writing() as session:
            known = known_feed(session, self._profile, self._source, self._feed_id)
            if known is not None:
                self._begin(session, known)
        stored = self._stored()
        try:
            self._staged = Stager(self._tables, self._kept, stored).all(services)
        except SourceFailed as failed:
            self._begin_late()
            return self._end_alone(RunStatus.FAILED, str(failed))
        late = self._begin_late()
        if not self._staged.read and not partial:
            return self._end_alone(RunStatus.HELD_BACK, "the source holds no services")
        stored = self._stored() if late else stored
        plan = self._plan(stored)
        if plan.is_suspicious(hold_back) and not force:
            detail = f"{len(plan.withdrawn)} of {plan.stored} services would be withdrawn"
            return self._end_alone(RunStatus.HELD_BACK, detail, plan)
        if dry_run:
            return self._end_alone(RunStatus.DRY_RUN, "", plan)
        prepared = self._prepare(plan) if len(plan.added) > AT_ONCE else ()
        with self._database.writing() as session:
            # One run of a feed at a time, on PostgreSQL too.
            feed = session.get_one(Feed, (self._hub_id, self._feed_id), with_for_update=True)
            store = self._store(session)
            if store.hashes() != stored:
                raise_again = "another run changed this feed meanwhile: run it again"
                return self._end(session, RunStatus.FAILED, Plan(), raise_again)
            writing = plan.without(prepared)
            total, done = len(plan.added) + len(plan.changed), len(prepared)
            for count in store.apply(writing, self._kept, self._staged.hashes):
                self._progress("writing services", done + count, total)
            store.reveal(prepared)
            if total or plan.withdrawn:
                find_twins(session, self._hub_id, self._clock())
            settle(session, self._hub_id, feed.id, self._clock())
            feed.synced_at = self._clock()
            result = self._end(session, RunStatus.APPLIED, plan)
        self._kept.clear()
        self._kept.end_crawl()
        self._kept.set_fact("read_at", began.isoformat())
        if not partial:
            self._kept.set_fact("full_at", began.isoformat())
        return result

    def tell(self, what: str, done: int, total: int | None) -> None:
        """Progress, to whoever called and every few seconds into the run's row.

        Never while this run's own transaction is open: SQLite has one writer.
        """
        self._progress(what, done, total)
        if not self._row or time.monotonic() - self._told < TOLD_EVERY:
            return
        self._told = time.monotonic()
        with self._database.writing() as session:
            row = session.get_one(SyncRun, self._row)
            row.doing, row.done, row.total = what[:40], done, total

    def _prepare(self, plan: Plan) -> tuple[str, ...]:
        """Write new services unseen, a few at a time, so that nobody waits for the record long."""
        added, done = frozenset(plan.added), 0
        total = len(plan.added) + len(plan.changed)
        for some in batches(self._kept, added):
            with self._database.writing() as session:
                self._store(session).write(some, self._staged.hashes, unseen=True)
            done += len(some)
            self.tell("writing services", done, total)
            time.sleep(BREATH)
        return plan.added

    def _plan(self, stored: Mapping[str, str]) -> Plan:
        return reconcile(
            stored, self._staged.hashes, self._staged.unreadable, partial=self._partial
        )

    def _store(self, session: Session) -> Store:
        assert self._feed_id is not None
        return Store(session, self._hub_id, self._feed_id, self._tables, self._clock())

    def _stored(self) -> dict[str, str]:
        if self._feed_id is None:
            return {}
        with self._database.reading() as session:
            return self._store(session).hashes()

    def _begin_late(self) -> bool:
        """Begin the row where only what was read could tell which feed this is."""
        if self._row:
            return False
        with self._database.writing() as session:
            ids = list(self._staged.hashes)
            self._begin(session, feed_for(session, self._profile, self._source, self._feed_id, ids))
        return True

    def _begin(self, session: Session, feed: Feed) -> None:
        """A new row. Rows that never ended belong to a process that died."""
        now = self._clock()
        session.execute(
            update(SyncRun)
            .where(
                SyncRun.hub_id == feed.hub_id,
                SyncRun.feed_id == feed.id,
                SyncRun.status == RunStatus.RUNNING,
            )
            .values(status=RunStatus.ABANDONED, ended_at=now)
        )
        row = SyncRun(
            hub_id=feed.hub_id, feed_id=feed.id, started_at=now, status=RunStatus.RUNNING, detail=""
        )
        session.add(row)
        session.flush()
        self._row, self._feed_id = row.id, feed.id

    def _end_alone(self, status: RunStatus, detail: str, plan: Plan | None = None) -> SyncResult:
        """End in a transaction of its own: nothing else was written."""
        with self._database.writing() as session:
            result = self._end(session, status, plan or Plan(), detail)
        if status != RunStatus.FAILED:
            self._kept.end_crawl()
        return result

    def _end(self, session: Session, status: RunStatus, plan: Plan, detail: str = "") -> SyncResult:
        """Fill in the row and its rejects, in the transaction of what was applied."""
        rejects = self._staged.rejects
        rejected = tuple(reject for reject in rejects if not reject.record_kept)
        row = session.get_one(SyncRun, self._row)
        row.status, row.detail, row.ended_at = status, detail, self._clock()
        row.doing, row.done, row.total = "", 0, None
        row.read, row.rejected = self._staged.read, len(rejected)
        row.added, row.changed = len(plan.added), len(plan.changed)
        row.withdrawn, row.unchanged = len(plan.withdrawn), len(plan.unchanged)
        session.flush()
        for some in batched(rejects, 5000):
            session.connection().execute(
                insert(SyncReject.__table__),  # type: ignore[arg-type]
                [
                    {
                        "run_id": self._row,
                        "record_id": reject.id,
                        "field": reject.field[:200],
                        "reason": reject.reason[:500],
                        "record_kept": reject.record_kept,
                    }
                    for reject in some
                ],
            )
        self._forget_old(session)
        return SyncResult(
            run_id=self._row,
            feed_id=self._feed_id or "",
            status=status,
            plan=plan,
            rejected=rejected,
            left_out=tuple(reject for reject in rejects if reject.record_kept),
            read=self._staged.read,
            detail=detail,
        )

    def _forget_old(self, session: Session) -> None:
        """The rejects of the last few runs are kept; the rows of all runs are."""
        recent = session.scalars(
            select(SyncRun.id)
            .where(SyncRun.hub_id == self._hub_id, SyncRun.feed_id == self._feed_id)
            .order_by(SyncRun.id.desc())
            .limit(RUNS_WITH_REJECTS + 1)
        ).all()
        if len(recent) > RUNS_WITH_REJECTS:
            session.execute(delete(SyncReject).where(SyncReject.run_id == recent[-1]))
