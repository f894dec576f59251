"""What matching keeps of each service: read in bulk, small enough for 50,000 in memory."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.crosswalk import OUR_FEATURES, OUR_NEEDS, crosswalk, plain
from hub.eligible import scope_of
from hub.keywords import Tokens, Vocabulary
from hub.places import Places, distance_km
from hub.profile import Profile
from hub.services import (
    Attribute,
    CostOption,
    Location,
    Organization,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceNeed,
)
from hub.stated import ages_of, is_free, stairs_only

READ_AT_ONCE = 900
ABOUT_WORDS = 45
HEAD_TOPICS = 6
# How much a listed need counts, by how we know it and by its place in the list.
SOURCE = {"feed": 1.0, "crosswalk": 0.5, "words": 0.3}
PLACE = (1.0, 0.85, 0.75)
LATER_PLACE = 0.65
# Coordinates this far from their own postcode are a slip of the feed.
ASTRAY_KM = 50.0
DEMO_NOTE = re.compile(r"\s*Demo data[^.]*\.", re.IGNORECASE)
CLOSED_FOR_NOW, CLOSED_FOR_GOOD = 1, 2
CHILDREN = re.compile(
    r"\b(child|children|toddlers?|infants?|newborns?|adolescents?|teens?|teenagers?|youth|"
    r"young people|students?|boys|girls|kindergarten|pupils|under[ -]?(fives|5s?|18s?))\b",
    re.IGNORECASE,
)
FOR_CHILDREN = re.compile(
    r"\b(babies|pre-?k|summer camps?|"
    r"child ?care|after[ -]?school|pre-?school|nursery|elementary|pediatrics?|"
    r"youth club|holiday club|extended child)\b",
    re.IGNORECASE,
)
OLDER = re.compile(r"\b(older|elderly|elder|seniors?|pensioners?|over[ -]?(50|55|60|65)s?)\b", re.I)
VETERANS = re.compile(r"\b(veterans?|armed forces|military)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One service. `low` and `high` are ages in years, `price` the least in pounds; nan: unknown.

    `head` and `about` are the texts its meaning is made from: name with topics, and description.
    """

    key: int
    id: str
    content_hash: str
    closed: int
    low: float
    high: float
    features: frozenset[str]
    needs: dict[str, float]
    main_need: str
    topics: tuple[str, ...]
    head: str
    about: str
    words: Tokens
    points: tuple[tuple[float, float], ...]
    scope: str
    placed: bool
    price: float
    free: bool
    assured: int
    narrow: bool
    audience: frozenset[str]
    stairs: bool
    twin: str


class Reader:
    """Reads entries for one hub. `places` give a point to addresses that only have a postcode."""

    def __init__(self, profile: Profile, places: Places | None, vocabulary: Vocabulary) -> None:
        self._profile, self._places, self._vocabulary = profile, places, vocabulary

    def read(self, session: Session, keys: Sequence[int]) -> Iterator[Entry]:
        """The entries of some services, in no special order."""
        for chunk in batched(keys, READ_AT_ONCE):
            terms = _rows(session, Attribute, chunk, "taxonomy", "code", "name")
            needs = _rows(session, ServiceNeed, chunk, "need", "source", "position")
            areas = _rows(session, ServiceArea, chunk, "name", "service_area")
            costs = _rows(session, CostOption, chunk, "amount")
            spots = self._spots(session, chunk)
            services = session.execute(
                select(
                    *(getattr(Service, name) for name in COLUMNS), Organization.name.label("owner")
                )
                .outerjoin(Organization, Organization.key == Service.organization_key)
                .where(Service.key.in_(chunk))
            )
            for row in services:
                k = row.key
                yield self._entry(row, terms[k], needs[k], areas[k], costs[k], spots[k])

    def _entry(
        self,
        row: Any,
        terms: list[Any],
        needs: list[Any],
        areas: list[Any],
        costs: list[Any],
        spots: list[Any],
    ) -> Entry:
        features = frozenset(t.code for t in terms if t.taxonomy == OUR_FEATURES)
        topics, audiences = _told_apart(terms)
        description = DEMO_NOTE.sub("", row.description or "").strip()
        owner = row.owner or ""
        name = row.name if plain(owner) in plain(row.name) else f"{row.name}, {owner}"
        amounts = [float(c.amount) for c in costs if c.amount is not None]
        low, high = ages_of(row.minimum_age, row.maximum_age, row.eligibility_description)
        listed = sorted(needs, key=lambda need: need.position)
        whole = " ".join((row.name, row.name, owner, description, *topics))
        return Entry(
            key=row.key,
            id=row.id,
            content_hash=row.content_hash,
            closed=_closed(row.status),
            low=math.nan if low is None else low,
            high=math.nan if high is None else high,
            features=features,
            needs={need.need: _weight(need.source, need.position) for need in listed},
            main_need=listed[0].need if listed else "",
            topics=topics,
            head=_titled(name) + (f": {', '.join(topics[:HEAD_TOPICS])}" if topics else ""),
            about=" ".join(description.split()[:ABOUT_WORDS]),
            words=self._vocabulary.add(f"{whole} {row.eligibility_description or ''}"),
            points=tuple(p for p in map(self._point, spots) if p),
            scope=scope_of(
                [" ".join(filter(None, (a.name, a.service_area))) for a in areas], self._profile
            ),
            placed=bool(spots),
            price=min(amounts, default=math.nan),
            free=is_free(features, row.fees_description, amounts),
            assured=row.assured_date.toordinal() if row.assured_date else 0,
            narrow=bool(row.eligibility_description),
            audience=_audience(row.name, topics, audiences),
            stairs=bool(spots) and all(stairs_only(spot.accessibility) for spot in spots),
            twin=plain(row.name) + plain(owner),
        )

    def _point(self, spot: Any) -> tuple[float, float] | None:
        """Where a place is; its postcode where it has no coordinates or they cannot be right."""
        told = None
        if spot.latitude is not None and spot.longitude is not None:
            told = (float(spot.latitude), float(spot.longitude))
        if self._places is None or not spot.postal_code:
            return told
        near = self._places.of_outcode(spot.postal_code)
        point = near.point if near else None
        if point and (told is None or distance_km(told, point) > ASTRAY_KM):
            return point
        return told

    @staticmethod
    def _spots(session: Session, chunk: Sequence[int]) -> dict[int, list[Any]]:
        found = defaultdict(list)
        rows = session.execute(
            select(
                ServiceAtLocation.service_key,
                Location.latitude,
                Location.longitude,
                Location.postal_code,
                Location.accessibility,
            )
            .join(Location, Location.key == ServiceAtLocation.location_key)
            .where(ServiceAtLocation.service_key.in_(chunk))
        )
        for row in rows:
            found[row.service_key].append(row)
        return found


COLUMNS = (
    "key",
    "id",
    "content_hash",
    "name",
    "description",
    "status",
    "minimum_age",
    "maximum_age",
    "eligibility_description",
    "fees_description",
    "assured_date",
)


def _rows(session: Session, kind: Any, chunk: Sequence[int], *names: str) -> dict[int, list[Any]]:
    found = defaultdict(list)
    columns = (kind.service_key, *(getattr(kind, name) for name in names))
    for row in session.execute(
        select(*columns).where(kind.service_key.in_(chunk)).order_by(kind.key)
    ):
        found[row.service_key].append(row)
    return found


def _weight(source: str, position: int) -> float:
    place = PLACE[position] if position < len(PLACE) else LATER_PLACE
    return SOURCE.get(source, SOURCE["words"]) * place


def _closed(status: str) -> int:
    if status == "active":
        return 0
    return CLOSED_FOR_GOOD if status in ("inactive", "defunct") else CLOSED_FOR_NOW


def _told_apart(terms: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms that say what a service does, and those that say whom it is for."""
    topics: list[str] = []
    audiences: list[str] = []
    for term in terms:
        if term.taxonomy in (OUR_FEATURES, OUR_NEEDS):
            continue
        of_people = crosswalk().is_audience(term.taxonomy, term.code)
        (audiences if of_people else topics).append(term.name or term.code)
    return tuple(dict.fromkeys(topics)), tuple(dict.fromkeys(audiences))


def _audience(name: str, topics: Sequence[str], audiences: Sequence[str]) -> frozenset[str]:
    found = set()
    title = " ".join((name, *topics))
    if (audiences and all(map(CHILDREN.search, audiences))) or FOR_CHILDREN.search(title):
        found.add("children")
    if (audiences and all(map(OLDER.search, audiences))) or OLDER.search(name):
        found.add("older")
    if VETERANS.search(title):
        found.add("veterans")
    return frozenset(found)


def _titled(name: str) -> str:
    """Names that shout are told quietly: models read capitals and small letters differently."""
    return name.title() if name.isupper() else name
