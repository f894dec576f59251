"""Whether the web addresses of services still answer: asked slowly, remembered with the answer."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.database import Base, UtcDateTime
from hub.services import Service

# A site that turns machines away is there for people.
BARRED = (401, 402, 403, 405, 406, 429, 451, 999)
# The page itself says that it is gone. All else may pass, and is believed the third time.
GONE = (404, 410)
BELIEVED_AFTER = 3
DAYS = 30
AGAIN = timedelta(days=1)
# An address that somebody began to ask and did not come back to tell.
CUT_OFF = timedelta(hours=1)
# No answer as yet.
ASKING = -1


class LinkCheck(Base):
    """The newest answer of one address. `status` is HTTP's, 0 where nobody answered.

    `said` is the answer in plain words, `failures` how often in a row there was no page, `since`
    when that began.
    """

    __tablename__ = "link_checks"
    __table_args__ = (UniqueConstraint("hub_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    url: Mapped[str] = mapped_column(String(2000))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int] = mapped_column()
    said: Mapped[str] = mapped_column(String(200), default="")
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)


def claim(session: Session, hub_id: str, now: datetime, most: int) -> list[str]:
    """Addresses that are due, those never asked first; marked, so that nobody else asks them.

    Each is asked every thirty days; one that did not answer the next day, until it is believed.
    """
    mine = and_(LinkCheck.hub_id == hub_id, LinkCheck.url == Service.url)
    rows = session.execute(
        select(Service.url, func.max(LinkCheck.id))
        .outerjoin(LinkCheck, mine)
        .where(
            Service.hub_id == hub_id,
            Service.withdrawn_at.is_(None),
            Service.url.is_not(None),
            or_(
                LinkCheck.id.is_(None),
                LinkCheck.checked_at < now - timedelta(days=DAYS),
                and_(LinkCheck.status == ASKING, LinkCheck.checked_at < now - CUT_OFF),
                and_(
                    LinkCheck.failures.between(1, BELIEVED_AFTER - 1),
                    LinkCheck.checked_at < now - AGAIN,
                ),
            ),
        )
        .group_by(Service.url)
        .order_by(func.max(LinkCheck.id).is_not(None), Service.url)
        .limit(most)
    ).all()
    for url, known in rows:
        row = session.get(LinkCheck, known) if known else None
        if row is None:
            row = LinkCheck(hub_id=hub_id, url=url, status=ASKING, said="", failures=0)
            session.add(row)
        row.checked_at, row.status = now, ASKING if row.status not in GONE else row.status
    session.flush()
    return [str(url) for url, _ in rows]


def answered(
    session: Session, hub_id: str, url: str, status: int, said: str, now: datetime
) -> None:
    """Keep what an address answered; `status` 0 where nobody did."""
    row = session.scalars(
        select(LinkCheck).where(LinkCheck.hub_id == hub_id, LinkCheck.url == url)
    ).one()
    row.checked_at, row.status, row.said = now, status, said[:200]
    if 200 <= status < 400 or status in BARRED:
        row.failures, row.since = 0, None
    else:
        row.failures, row.since = row.failures + 1, row.since or now


def is_dead() -> ColumnElement[bool]:
    """Whether a check counts as a dead link, for a query."""
    return or_(LinkCheck.status.in_(GONE), LinkCheck.failures >= BELIEVED_AFTER)


def dead(session: Session, hub_id: str) -> dict[str, LinkCheck]:
    """The dead links of a hub, by their address."""
    rows = session.scalars(
        select(LinkCheck).where(
            LinkCheck.hub_id == hub_id,
            is_dead(),
        )
    )
    return {row.url: row for row in rows}
