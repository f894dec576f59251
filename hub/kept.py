"""Rows about the keeping itself: erasures asked for and done, and each run of the retention job."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.database import Base, UtcDateTime


class Erasure(Base):
    """One request to be deleted. Counts, and no word of what was deleted.

    `person_id` and `reply_id` (the message that tells them) are there until it is `done_at`.
    `scrubbed_at` is when the database's own leftovers were cleared as well.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    # No foreign key: the person goes, this stays.
    person_id: Mapped[int | None] = mapped_column(Integer, index=True)
    message_id: Mapped[int | None] = mapped_column(Integer)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    held: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scrubbed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RetentionRun(Base):
    """One day's run of the retention job: how many rows of each table were deleted."""

    __tablename__ = "retention_runs"
    __table_args__ = (UniqueConstraint("hub_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    day: Mapped[date] = mapped_column(Date)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PastTotal(Base):
    """What remains of old contacts and unmet needs: a month, a need, how many people.

    `kind` is `contact` or the reason why a need was not met. Nothing under the hub's threshold is
    written, so nothing leads back to somebody.
    """

    __tablename__ = "past_totals"
    __table_args__ = (UniqueConstraint("hub_id", "month", "kind", "need"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    month: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(20))
    need: Mapped[str] = mapped_column(String(40))
    people: Mapped[int]


class MadeUpPerson(Base):
    """Marks a person of the demo's made-up numbers: counted, shown as made up, nobody real."""

    __tablename__ = "made_up_people"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
