"""Where the directory comes from, and every run that read it: Feed, SyncRun, SyncReject."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base, UtcDateTime


class RunStatus(StrEnum):
    """How a run ended. `abandoned` is a run whose process died."""

    RUNNING = "running"
    APPLIED = "applied"
    HELD_BACK = "held_back"
    FAILED = "failed"
    DRY_RUN = "dry_run"
    ABANDONED = "abandoned"


class Feed(Base):
    """A source of services for one hub. `position` is its precedence: 0 is trusted first."""

    __tablename__ = "feeds"

    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(2000))
    owner: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(default=0)
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SyncRun(Base):
    """One reading of a feed: counts, times, how it ended, and why.

    While it runs `doing` says what it is at, `done` how far, of `total` where that is known.
    """

    __tablename__ = "sync_runs"
    __table_args__ = (
        ForeignKeyConstraint(("hub_id", "feed_id"), ("feeds.hub_id", "feeds.id")),
        Index("ix_sync_runs_hub_id_started_at", "hub_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    feed_id: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(20))
    read: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(Text, default="")
    doing: Mapped[str] = mapped_column(String(40), default="", server_default="")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int | None] = mapped_column()


class SyncReject(Base):
    """One field that a run refused, and why.

    `record_kept` is true where only the field was left out and the rest of the record is in
    the directory; false where the whole record was refused.
    """

    __tablename__ = "sync_rejects"

    key: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("sync_runs.id", ondelete="CASCADE"), index=True)
    record_id: Mapped[str] = mapped_column(String(200))
    field: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500))
    record_kept: Mapped[bool] = mapped_column(default=False)
