"""Services ready to be matched: one frozen value each, read once for each content hash."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import batched
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.corrections import Correction, live
from hub.crosswalk import OUR_FEATURES, OUR_NEEDS
from hub.feeds import Feed
from hub.overlay import overlaid
from hub.schedules import OpeningTimes
from hub.services import (
    Attribute,
    CostOption,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceContact,
    ServiceNeed,
)
from hub.stated import ages_of, is_free

CHUNK = 500
KEPT_AT_MOST = 20_000
# What is read of a service itself, and of each table that hangs on it.
OWN = (
    "key",
    "id",
    "content_hash",
    "feed_id",
    "name",
    "description",
    "status",
    "alert",
    "minimum_age",
    "maximum_age",
    "eligibility_description",
    "fees_description",
    "application_process",
    "wait_time",
    "url",
    "email",
    "assured_date",
)
PARTS: dict[Any, tuple[str, ...]] = {
    Attribute: ("taxonomy", "code", "name"),
    ServiceNeed: ("need", "source", "position"),
    ServiceArea: ("name", "service_area"),
    CostOption: ("amount", "amount_description", "option"),
    Phone: ("number", "type", "description"),
    ServiceContact: ("email",),
    Language: ("name", "code"),
    Schedule: tuple(
        c.name for c in Schedule.__table__.columns if c.name not in ("key", "service_key")
    ),
}
DEMO_NOTE = re.compile(r"\s*Demo data[^.]*\.", re.IGNORECASE)


@dataclass(frozen=True)
class Spot:
    """A place where a service is held. Degrees, WGS 84."""

    name: str | None
    address: str | None
    city: str | None
    postal_code: str | None
    point: tuple[float, float] | None
    access: str | None = None


@dataclass(frozen=True)
class Price:
    """One price that still holds."""

    amount: float | None
    words: str


@dataclass(frozen=True)
class Candidate:
    """A service with all that filters, ranking and words ask of it.

    `needs` gives for each need how we know and its position, 0 for the main one.
    """

    key: int
    id: str
    content_hash: str
    feed_id: str
    name: str
    organization: str
    description: str
    status: str
    alert: str | None
    minimum_age: float | None
    maximum_age: float | None
    eligibility: str | None
    fees: str | None
    booking: str | None
    wait: str | None
    url: str | None
    email: str | None
    assured: date | None
    features: frozenset[str]
    needs: dict[str, tuple[str, int]]
    areas: tuple[str, ...]
    spots: tuple[Spot, ...]
    prices: tuple[Price, ...]
    times: OpeningTimes
    has_schedules: bool
    phone: str | None
    text_to: str | None
    languages: tuple[str, ...]
    term_names: tuple[str, ...]

    @cached_property
    def free(self) -> bool:
        """Whether the record says that it costs nothing."""
        amounts = [price.amount for price in self.prices if price.amount is not None]
        return is_free(self.features, self.fees, amounts)

    @cached_property
    def ages(self) -> tuple[float | None, float | None]:
        """From and to which age it is for, in years; None where unsaid."""
        return ages_of(self.minimum_age, self.maximum_age, self.eligibility)

    @property
    def needs_a_journey(self) -> bool:
        """Whether one has to go there: no visit, call or web page will do."""
        return bool(self.spots) and not self.features & {"visits_home", "by_phone", "online"}

    @cached_property
    def main_need(self) -> str:
        """The need it is first of all for; empty where none is known."""
        return min(self.needs, key=lambda need: self.needs[need][1], default="")


class Candidates:
    """Reads services and keeps them by key and hash, so that a changed one is read again."""

    def __init__(
        self,
        zone: ZoneInfo,
        country: str = "GB",
        subdivision: str = "ENG",
        terms: Iterable[tuple[date, date]] = (),
    ) -> None:
        self._zone, self._country, self._subdivision = zone, country, subdivision
        self._terms = tuple(terms)
        self._kept: dict[int, Candidate] = {}

    def of_keys(self, session: Session, wanted: Sequence[tuple[int, str]]) -> list[Candidate]:
        """The services of some keys, each with its content hash, in the order asked.

        Left out is what is no longer offered as it was: changed, withdrawn, or a twin by now.
        """
        still = {
            (row.key, row.content_hash)
            for row in session.execute(
                select(Service.key, Service.content_hash).where(
                    Service.key.in_([key for key, _ in wanted]),
                    Service.withdrawn_at.is_(None),
                    Service.twin_of.is_(None),
                )
            )
        }
        return self._get(session, [one for one in wanted if one in still])

    def of_id(self, session: Session, service_id: str, hub_id: str | None) -> Candidate | None:
        """One service by the feed's id, withdrawn or not; the most trusted feed's where several."""
        wanted = (
            select(Service.key, Service.content_hash)
            .join(Feed, (Feed.hub_id == Service.hub_id) & (Feed.id == Service.feed_id))
            .where(Service.id == service_id)
            .order_by(Service.withdrawn_at.is_not(None), Feed.position)
        )
        if hub_id is not None:
            wanted = wanted.where(Service.hub_id == hub_id)
        row = session.execute(wanted.limit(1)).first()
        return self._get(session, [(row[0], row[1])])[0] if row else None

    def _get(self, session: Session, rows: Sequence[tuple[int, str]]) -> list[Candidate]:
        missing = [
            key
            for key, content_hash in rows
            if key not in self._kept or self._kept[key].content_hash != content_hash
        ]
        if len(self._kept) + len(missing) > KEPT_AT_MOST:
            wanted = {key for key, _ in rows}
            self._kept = {key: one for key, one in self._kept.items() if key in wanted}
        for chunk in batched(missing, CHUNK):
            for key, one in self._read(session, chunk):
                self._kept[key] = one
        found = [self._kept[key] for key, _ in rows if key in self._kept]
        # What staff know better is asked for each time: it holds from the moment it is written.
        better: dict[int, list[Correction]] = {}
        for row in live(session, [one.key for one in found]):
            better.setdefault(row.service_key, []).append(row)
        return [overlaid(one, better.get(one.key, ()), self._times) for one in found]

    def _read(self, session: Session, keys: Sequence[int]) -> Iterator[tuple[int, Candidate]]:
        """Plain rows, a table at a time: five times as quick as whole objects."""
        parts = {kind: _parts(session, kind, keys, names) for kind, names in PARTS.items()}
        spots = _spots(session, keys)
        services = session.execute(
            select(
                *(getattr(Service, name) for name in OWN),
                Organization.name.label("owner"),
                Organization.website,
                Organization.email.label("owner_email"),
            )
            .outerjoin(Organization, Organization.key == Service.organization_key)
            .where(Service.key.in_(keys))
        )
        for row in services:
            mine = {kind: found.get(row.key, []) for kind, found in parts.items()}
            yield row.key, self._candidate(row, mine, spots.get(row.key, []))

    def _candidate(self, row: Any, mine: Mapping[Any, list[Any]], spots: list[Any]) -> Candidate:
        terms = [a for a in mine[Attribute] if a.taxonomy not in (OUR_FEATURES, OUR_NEEDS)]
        texts = [p for p in mine[Phone] if p.type.lower() in ("text", "sms", "textphone")]
        voices = [p for p in mine[Phone] if p.type.lower() not in ("text", "sms", "fax")]
        emails = [c.email for c in mine[ServiceContact] if c.email]
        times = self._times(mine[Schedule])
        return Candidate(
            key=row.key,
            id=row.id,
            content_hash=row.content_hash,
            feed_id=row.feed_id,
            name=row.name,
            organization=row.owner or "",
            description=DEMO_NOTE.sub("", row.description or "").strip(),
            status=row.status,
            alert=row.alert,
            minimum_age=row.minimum_age,
            maximum_age=row.maximum_age,
            eligibility=row.eligibility_description,
            fees=row.fees_description,
            booking=row.application_process,
            wait=row.wait_time,
            url=row.url or row.website,
            email=row.email or next(iter(emails), None) or row.owner_email,
            assured=row.assured_date,
            features=frozenset(a.code for a in mine[Attribute] if a.taxonomy == OUR_FEATURES),
            needs={n.need: (n.source, n.position) for n in mine[ServiceNeed]},
            areas=tuple(
                " ".join(filter(None, (area.name, area.service_area))) for area in mine[ServiceArea]
            ),
            spots=tuple(map(_spot, spots)),
            prices=tuple(
                Price(c.amount, " ".join(filter(None, (c.amount_description, c.option))))
                for c in mine[CostOption]
                if c.amount is not None
            ),
            times=times,
            has_schedules=bool(times.rules),
            phone=voices[0].number if voices else None,
            text_to=_text_to(texts[0].number, texts[0].description) if texts else None,
            languages=tuple(language.name or language.code or "" for language in mine[Language]),
            term_names=tuple(a.name or a.code for a in terms),
        )

    def _times(self, rows: Sequence[Any]) -> OpeningTimes:
        return OpeningTimes.of(
            rows,
            self._zone,
            country=self._country,
            subdivision=self._subdivision,
            terms=self._terms,
        )


def _parts(
    session: Session, kind: Any, keys: Sequence[int], names: Sequence[str]
) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    columns = (kind.service_key, *(getattr(kind, name) for name in names))
    rows = session.execute(select(*columns).where(kind.service_key.in_(keys)).order_by(kind.key))
    for row in rows:
        found.setdefault(row.service_key, []).append(row)
    return found


def _spots(session: Session, keys: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    rows = session.execute(
        select(
            ServiceAtLocation.service_key,
            Location.name,
            Location.address,
            Location.city,
            Location.postal_code,
            Location.latitude,
            Location.longitude,
            Location.accessibility,
        )
        .join(Location, Location.key == ServiceAtLocation.location_key)
        .where(ServiceAtLocation.service_key.in_(keys))
        .order_by(ServiceAtLocation.key)
    )
    for row in rows:
        found.setdefault(row.service_key, []).append(row)
    return found


def _spot(at: Any) -> Spot:
    point = None
    if at.latitude is not None and at.longitude is not None:
        point = (at.latitude, at.longitude)
    return Spot(at.name, at.address, at.city, at.postal_code, point, at.accessibility)


def _text_to(number: str, description: str | None) -> str:
    word = re.search(r"\bword ([A-Z0-9]+)\b", description or "")
    return f"{word[1]} to {number}" if word else number
