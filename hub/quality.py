"""What is wrong with the records of a directory, worst for residents first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.crosswalk import OUR_FEATURES
from hub.feeds import RunStatus, SyncReject, SyncRun
from hub.hours.openings import CERTAIN
from hub.link_checks import LinkCheck, dead, is_dead
from hub.services import (
    Attribute,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
    ServiceContact,
    ServiceNeed,
)

FRESH_DAYS = 365
SHORTEST = 40
NEEDS_AT_MOST, TERMS_AT_MOST = 6, 12
SHOWN = 20
Wanted = Select[str, str, str, int, str | None]
# How many residents a fault may mislead decides the order.
ORDER = (
    "no_contact",
    "dead_link",
    "no_need",
    "bad_place",
    "unsure_times",
    "no_times",
    "stale",
    "too_many_needs",
    "thin",
)


@dataclass(frozen=True)
class Fault:
    """One thing to mend in one record."""

    kind: str
    feed_id: str
    service_id: str
    name: str
    key: int
    detail: str = ""


@dataclass(frozen=True)
class Faults:
    """One kind of fault: how many records have it, and the first of them by name."""

    kind: str
    count: int
    first: tuple[Fault, ...]


@dataclass(frozen=True)
class Refusal:
    """A field or a record that the newest reading could not use."""

    record_id: str
    field: str
    reason: str
    record_kept: bool


def overview(session: Session, hub_id: str, today: date) -> list[Faults]:
    """Every kind of fault that there is, worst first."""
    found = []
    for kind in ORDER:
        wanted = _having(kind, hub_id, today)
        count = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        if count:
            found.append(Faults(kind, count, _faults(session, hub_id, kind, wanted.limit(SHOWN))))
    return found


def of_feed(session: Session, hub_id: str, feed_id: str, today: date) -> list[Fault]:
    """Every fault in the records of one feed, worst first, for its owner."""
    found: list[Fault] = []
    for kind in ORDER:
        wanted = _having(kind, hub_id, today).where(Service.feed_id == feed_id)
        found.extend(_faults(session, hub_id, kind, wanted))
    return found


def refusals(session: Session, hub_id: str, feed_id: str) -> list[Refusal]:
    """What the newest reading of a feed left out or refused."""
    run = session.scalar(
        select(SyncRun.id)
        .where(
            SyncRun.hub_id == hub_id,
            SyncRun.feed_id == feed_id,
            SyncRun.status.in_((RunStatus.APPLIED, RunStatus.HELD_BACK)),
            SyncRun.read > 0,
        )
        .order_by(SyncRun.id.desc())
        .limit(1)
    )
    rows = session.scalars(
        select(SyncReject)
        .where(SyncReject.run_id == run)
        .order_by(SyncReject.record_kept, SyncReject.key)
    )
    return [Refusal(row.record_id, row.field, row.reason, row.record_kept) for row in rows]


def _faults(session: Session, hub_id: str, kind: str, wanted: Wanted) -> tuple[Fault, ...]:
    rows = session.execute(wanted).all()
    links = dead(session, hub_id) if kind == "dead_link" and rows else {}
    return tuple(
        Fault(kind, feed, id, name, key, _answer(links.get(url or "")))
        for feed, id, name, key, url in rows
    )


def _answer(link: LinkCheck | None) -> str:
    if link is None:
        return ""
    return f"{link.url} {link.said} ({link.checked_at:%d.%m.%Y})"


def _having(kind: str, hub_id: str, today: date) -> Wanted:
    return (
        select(Service.feed_id, Service.id, Service.name, Service.key, Service.url)
        .where(
            Service.hub_id == hub_id,
            Service.withdrawn_at.is_(None),
            Service.status == "active",
            _rule(kind, today),
        )
        .order_by(Service.name, Service.key)
    )


def _rule(kind: str, today: date) -> Any:
    if kind == "no_contact":
        return and_(
            Service.url.is_(None),
            Service.email.is_(None),
            ~_has(Phone),
            ~_has(ServiceContact),
            ~exists().where(
                Organization.key == Service.organization_key,
                or_(Organization.email.is_not(None), Organization.website.is_not(None)),
            ),
        )
    if kind == "dead_link":
        return exists().where(
            LinkCheck.url == Service.url, LinkCheck.hub_id == Service.hub_id, is_dead()
        )
    if kind == "no_need":
        return ~_has(ServiceNeed)
    if kind == "bad_place":
        return exists().where(
            ServiceAtLocation.service_key == Service.key,
            ServiceAtLocation.location_key == Location.key,
            Location.latitude.is_(None),
            Location.postal_code.is_(None),
            Location.location_type == "physical",
        )
    if kind == "unsure_times":
        return exists().where(Schedule.service_key == Service.key, Schedule.confidence < CERTAIN)
    if kind == "no_times":
        return ~_has(Schedule)
    if kind == "stale":
        oldest = today - timedelta(days=FRESH_DAYS)
        moment = datetime.combine(oldest, time(), tzinfo=UTC)
        return and_(
            or_(Service.assured_date.is_(None), Service.assured_date < oldest),
            or_(Service.last_modified.is_(None), Service.last_modified < moment),
        )
    if kind == "too_many_needs":
        return or_(
            _count(ServiceNeed) > NEEDS_AT_MOST,
            _count(Attribute, Attribute.taxonomy != OUR_FEATURES) > TERMS_AT_MOST,
        )
    return or_(Service.description.is_(None), func.length(Service.description) < SHORTEST)


def _has(child: Any) -> Any:
    return exists().where(child.service_key == Service.key)


def _count(child: Any, *more: Any) -> Any:
    return (
        select(func.count())
        .select_from(child)
        .where(child.service_key == Service.key, *more)
        .scalar_subquery()
    )


def runs(session: Session, hub_id: str, most: int = SHOWN) -> Sequence[SyncRun]:
    """The newest readings of all feeds, newest first."""
    return session.scalars(
        select(SyncRun).where(SyncRun.hub_id == hub_id).order_by(SyncRun.id.desc()).limit(most)
    ).all()
