"""One run: read everything, validate, compare, apply in one transaction; or leave all as it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from directory_sync.feed import feed_for, resolved
from directory_sync.fetch import Limits, SourceFailed
from directory_sync.files import Progress
from directory_sync.reconcile import Plan, reconcile
from directory_sync.records import Reject
from directory_sync.sources import read_source, silent
from directory_sync.staging import Staged, stage
from directory_sync.store import Store
from hub.clock import Clock
from hub.crosswalk import Crosswalk, crosswalk
from hub.database import Database
from hub.feeds import Feed, RunStatus, SyncReject, SyncRun
from hub.profile import Profile
from hub.twins import find_twins

HELD_BACK_EXIT = 3
FAILED_EXIT = 1


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
) -> SyncResult:
    """Read a source into the directory of a hub.

    `source` is a path or address, or the id of a feed in the hub's profile. `force` applies a
    run that would be held back: a person has looked. `allow` names "host:port" origins that may
    be private or plain http. Never raises for what a source does: the result says it.
    """
    named = next((feed for feed in profile.feeds if feed.id == source), None)
    if named is not None:
        feed_id, source = named.id, resolved(profile, named.source)
    tables = tables or crosswalk()
    staged, failed = Staged(), ""
    try:
        staged = stage(read_source(source, limits=limits, allow=allow, progress=progress), tables)
    except SourceFailed as error:
        failed = str(error)
    with database.writing() as session:
        run = _Run.begin(
            session, feed_for(session, profile, source, feed_id, staged), staged, clock
        )
    if failed:
        return run.end_alone(database, RunStatus.FAILED, failed)
    if not staged.read:
        return run.end_alone(database, RunStatus.HELD_BACK, "the source holds no services")
    with database.writing() as session:
        # One run of a feed at a time, on PostgreSQL too.
        feed = session.get_one(Feed, (profile.id, run.feed_id), with_for_update=True)
        store = Store(session, profile.id, run.feed_id, tables, clock())
        plan = reconcile(store.hashes(), staged.hashes, staged.unreadable)
        if plan.is_suspicious() and not force:
            detail = f"{len(plan.withdrawn)} of {plan.stored} services would be withdrawn"
            return run.end(session, RunStatus.HELD_BACK, plan, detail)
        if dry_run:
            return run.end(session, RunStatus.DRY_RUN, plan)
        total = len(plan.added) + len(plan.changed)
        for done in store.apply(plan, staged.records, staged.hashes):
            progress("writing services", done, total)
        feed.synced_at = clock()
        if total or plan.withdrawn:
            find_twins(session, profile.id, clock())
        return run.end(session, RunStatus.APPLIED, plan)


@dataclass(frozen=True)
class _Run:
    """The row of a run: begun, and ended once."""

    id: int
    feed_id: str
    staged: Staged
    clock: Clock

    @classmethod
    def begin(cls, session: Session, feed: Feed, staged: Staged, clock: Clock) -> "_Run":
        """A new row. Rows that never ended belong to a process that died."""
        now = clock()
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
        return cls(row.id, feed.id, staged, clock)

    def end_alone(self, database: Database, status: RunStatus, detail: str) -> SyncResult:
        """End in a transaction of its own: nothing else was written."""
        with database.writing() as session:
            return self.end(session, status, Plan(), detail)

    def end(self, session: Session, status: RunStatus, plan: Plan, detail: str = "") -> SyncResult:
        """Fill in the row and its rejects, in the transaction of what was applied."""
        rejects = self.staged.rejects
        rejected = tuple(reject for reject in rejects if not reject.record_kept)
        row = session.get_one(SyncRun, self.id)
        row.status, row.detail, row.ended_at = status, detail, self.clock()
        row.read, row.rejected = self.staged.read, len(rejected)
        row.added, row.changed = len(plan.added), len(plan.changed)
        row.withdrawn, row.unchanged = len(plan.withdrawn), len(plan.unchanged)
        session.add_all(
            SyncReject(
                run_id=self.id,
                record_id=reject.id,
                field=reject.field[:200],
                reason=reject.reason[:500],
                record_kept=reject.record_kept,
            )
            for reject in rejects
        )
        return SyncResult(
            run_id=self.id,
            feed_id=self.feed_id,
            status=status,
            plan=plan,
            rejected=rejected,
            left_out=tuple(reject for reject in rejects if reject.record_kept),
            read=self.staged.read,
            detail=detail,
        )
