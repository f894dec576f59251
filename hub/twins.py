"""The same service from two feeds: found, merged only when certain, otherwise shown to a person.

Of two that are the same, the one of the more trusted feed is offered; the other stays in the
record. A person's word holds for good.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, case, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.database import Base, UtcDateTime
from hub.feeds import Feed
from hub.likeness import Card, Pair, pairs_of
from hub.services import Location, Organization, Phone, Service, ServiceAtLocation


class TwinStatus(StrEnum):
    """`same` and `maybe` are found by rule; `merged` and `different` are a person's word."""

    SAME = "same"
    MAYBE = "maybe"
    MERGED = "merged"
    DIFFERENT = "different"


DECIDED = (TwinStatus.MERGED, TwinStatus.DIFFERENT)
ONE = (TwinStatus.SAME, TwinStatus.MERGED)


class Twin(Base):
    """Two services of different feeds that are, or may be, the same. `first_key` is offered."""

    __tablename__ = "service_twins"
    __table_args__ = (UniqueConstraint("first_key", "second_key"),)

    key: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    first_key: Mapped[int] = mapped_column(ForeignKey("services.key", ondelete="CASCADE"))
    second_key: Mapped[int] = mapped_column(
        ForeignKey("services.key", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[str] = mapped_column(String(500))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(300))


def find_twins(session: Session, hub_id: str, now: datetime) -> int:
    """Compare the services of all feeds of a hub anew; how many pairs wait for a person.

    Pairs that a person has decided stay as decided. With one feed there is nothing to compare.
    """
    feeds = session.scalars(select(Feed.id).where(Feed.hub_id == hub_id)).all()
    found = pairs_of(_cards(session, hub_id)) if len(feeds) > 1 else []
    session.execute(
        delete(Twin).where(Twin.hub_id == hub_id, Twin.status.not_in([str(s) for s in DECIDED]))
    )
    known = {
        frozenset(keys)
        for keys in session.execute(
            select(Twin.first_key, Twin.second_key).where(Twin.hub_id == hub_id)
        )
    }
    for pair in found:
        if frozenset((pair.first, pair.second)) not in known:
            session.add(_twin(hub_id, pair, now))
    session.flush()
    _point(session, hub_id)
    return to_look_at(session, hub_id)


def to_look_at(session: Session, hub_id: str) -> int:
    """How many pairs wait for a person."""
    count = session.scalar(
        select(func.count())
        .select_from(Twin)
        .where(Twin.hub_id == hub_id, Twin.status == TwinStatus.MAYBE)
    )
    return count or 0


def waiting(session: Session, hub_id: str) -> list[tuple[Twin, Service, Service]]:
    """The pairs that wait for a person, each with its two services."""
    rows = session.scalars(
        select(Twin)
        .where(Twin.hub_id == hub_id, Twin.status == TwinStatus.MAYBE)
        .order_by(Twin.key)
    )
    return [
        (twin, session.get_one(Service, twin.first_key), session.get_one(Service, twin.second_key))
        for twin in rows
    ]


def decide(session: Session, twin: Twin, same: bool, by: str, now: datetime) -> None:
    """Keep what a person says of a pair."""
    twin.status = TwinStatus.MERGED if same else TwinStatus.DIFFERENT
    twin.decided_at, twin.decided_by = now, by
    session.flush()
    _point(session, twin.hub_id)


def take_back(session: Session, twin: Twin) -> None:
    """Undo a person's word: the pair waits again."""
    twin.status, twin.decided_at, twin.decided_by = TwinStatus.MAYBE, None, None
    session.flush()
    _point(session, twin.hub_id)


def next_pair(session: Session, hub_id: str, after: int = 0) -> Twin | None:
    """The next pair that waits for a person, from the beginning again after the last."""
    mine = select(Twin).where(Twin.hub_id == hub_id, Twin.status == TwinStatus.MAYBE)
    first = mine.order_by(Twin.key).limit(1)
    return session.scalar(first.where(Twin.key > after)) or session.scalar(first)


def _twin(hub_id: str, pair: Pair, now: datetime) -> Twin:
    return Twin(
        hub_id=hub_id,
        first_key=pair.first,
        second_key=pair.second,
        status=TwinStatus.SAME if pair.certain else TwinStatus.MAYBE,
        reasons="; ".join(pair.reasons)[:500],
        found_at=now,
    )


def _point(session: Session, hub_id: str) -> None:
    """Point each service at the one that is offered in its stead."""
    session.execute(
        update(Service)
        .where(Service.hub_id == hub_id, Service.twin_of.is_not(None))
        .values(twin_of=None)
    )
    rows = session.execute(
        select(Twin.second_key, Twin.first_key)
        .join(Service, Service.key == Twin.first_key)
        .where(
            Twin.hub_id == hub_id,
            Twin.status.in_([str(status) for status in ONE]),
            Service.withdrawn_at.is_(None),
        )
    ).all()
    offered = {second for second, _ in rows}
    for second, first in rows:
        # A chain of three ends at the first that is offered itself.
        if first not in offered:
            session.execute(update(Service).where(Service.key == second).values(twin_of=first))
    for second, first in rows:
        if first in offered:
            root = session.scalar(select(Service.twin_of).where(Service.key == first))
            session.execute(update(Service).where(Service.key == second).values(twin_of=root))


def _cards(session: Session, hub_id: str) -> Iterator[Card]:
    """What is compared of every live service, the most trusted feed first."""
    phones: dict[int, list[str]] = {}
    for key, number in session.execute(
        select(Phone.service_key, Phone.number)
        .join(Service, Service.key == Phone.service_key)
        .where(Service.hub_id == hub_id)
    ):
        phones.setdefault(key, []).append(number)
    places: dict[int, list[tuple[str | None, float | None, float | None]]] = {}
    for key, postcode, latitude, longitude in session.execute(
        select(
            ServiceAtLocation.service_key,
            Location.postal_code,
            Location.latitude,
            Location.longitude,
        )
        .join(Location, Location.key == ServiceAtLocation.location_key)
        .where(Location.hub_id == hub_id)
    ):
        places.setdefault(key, []).append((postcode, latitude, longitude))
    rows = session.execute(
        select(
            Service.key,
            Service.feed_id,
            Service.name,
            Organization.name,
            Service.email,
            Service.url,
            Service.minimum_age,
            Service.maximum_age,
        )
        .join(Feed, (Feed.hub_id == Service.hub_id) & (Feed.id == Service.feed_id))
        .outerjoin(Organization, Organization.key == Service.organization_key)
        .where(
            Service.hub_id == hub_id,
            Service.withdrawn_at.is_(None),
            or_(Service.status.is_(None), Service.status.not_in(("inactive", "defunct"))),
        )
        .order_by(Feed.position, case((Service.assured_date.is_(None), 1), else_=0), Service.key)
    )
    for key, feed, name, owner, email, url, low, high in rows:
        yield Card(
            key=key,
            feed=feed,
            name=name,
            organization=owner or "",
            contacts=tuple(filter(None, (email, url, *phones.get(key, ())))),
            places=tuple(places.get(key, ())),
            ages=(low, high),
        )
