"""Services ready to be matched: one frozen value each, read once for each content hash."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import batched
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from hub.crosswalk import OUR_FEATURES, OUR_NEEDS, plain
from hub.feeds import Feed
from hub.schedules import OpeningTimes
from hub.services import Service, ServiceAtLocation, ServiceNeed

CHUNK = 500
NAME_WEIGHT = 3
# Words that say nothing about what is needed.
STOPS = """
a about all also am an and any are as at be been but by can could did do does for from get got
had has have he help her him his how i if im in is it its ive just like ll me more my need no
not of off on one or our out please re really s she so some someone t than that the their them
then there they this to too up us ve want was we well were what when where which who will with
would you your demo data check before use pilot period call text people
"""
STOP_WORDS = frozenset(STOPS.split())
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
        if "free" in self.features or re.fullmatch(r"free\b[^£]{0,20}", self.fees or "", re.I):
            return True
        return bool(self.prices) and all(price.amount == 0 for price in self.prices)

    @property
    def needs_a_journey(self) -> bool:
        """Whether one has to go there: no visit, call or web page will do."""
        return bool(self.spots) and not self.features & {"visits_home", "by_phone", "online"}

    @cached_property
    def main_need(self) -> str:
        """The need it is first of all for; empty where none is known."""
        return min(self.needs, key=lambda need: self.needs[need][1], default="")

    @cached_property
    def text(self) -> str:
        """What it is about, for meaning."""
        terms = ", ".join(self.term_names)
        return f"{self.name}. {self.description} {terms}".strip()[:1500]

    @cached_property
    def tokens(self) -> Counter[str]:
        """Stemmed words, its name counting more."""
        rest = " ".join((self.text, self.organization, self.eligibility or ""))
        return Counter(tokens(self.name) * (NAME_WEIGHT - 1) + tokens(rest))

    @cached_property
    def length(self) -> int:
        """How many words that is."""
        return self.tokens.total()


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

    def of_needs(self, session: Session, hub_id: str, needs: Iterable[str]) -> list[Candidate]:
        """Every service in the directory that helps with one of the needs."""
        wanted = select(Service.key, Service.content_hash).where(
            Service.hub_id == hub_id,
            Service.withdrawn_at.is_(None),
            Service.twin_of.is_(None),
            Service.key.in_(
                select(ServiceNeed.service_key).where(
                    ServiceNeed.hub_id == hub_id, ServiceNeed.need.in_(list(needs))
                )
            ),
        )
        return self._get(session, [(key, name) for key, name in session.execute(wanted)])

    def all(self, session: Session, hub_id: str) -> list[Candidate]:
        """Every service in the directory."""
        wanted = select(Service.key, Service.content_hash).where(
            Service.hub_id == hub_id,
            Service.withdrawn_at.is_(None),
            Service.twin_of.is_(None),
        )
        return self._get(session, [(key, name) for key, name in session.execute(wanted)])

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
        for chunk in batched(missing, CHUNK):
            for service in session.scalars(_whole().where(Service.key.in_(chunk))):
                self._kept[service.key] = self._candidate(service)
        return [self._kept[key] for key, _ in rows if key in self._kept]

    def _candidate(self, service: Service) -> Candidate:
        mine = service.attributes
        terms = [a for a in mine if a.taxonomy not in (OUR_FEATURES, OUR_NEEDS)]
        texts = [p for p in service.phones if p.type.lower() in ("text", "sms", "textphone")]
        voices = [p for p in service.phones if p.type.lower() not in ("text", "sms", "fax")]
        emails = [c.email for c in service.contacts if c.email]
        owner = service.organization
        times = OpeningTimes.of(
            service.schedules,
            self._zone,
            country=self._country,
            subdivision=self._subdivision,
            terms=self._terms,
        )
        return Candidate(
            key=service.key,
            id=service.id,
            content_hash=service.content_hash,
            feed_id=service.feed_id,
            name=service.name,
            organization=owner.name if owner else "",
            description=DEMO_NOTE.sub("", service.description or "").strip(),
            status=service.status,
            alert=service.alert,
            minimum_age=service.minimum_age,
            maximum_age=service.maximum_age,
            eligibility=service.eligibility_description,
            fees=service.fees_description,
            booking=service.application_process,
            wait=service.wait_time,
            url=service.url or (owner.website if owner else None),
            email=service.email or next(iter(emails), None) or (owner.email if owner else None),
            assured=service.assured_date,
            features=frozenset(a.code for a in mine if a.taxonomy == OUR_FEATURES),
            needs={n.need: (n.source, n.position) for n in service.needs},
            areas=tuple(
                " ".join(filter(None, (area.name, area.service_area)))
                for area in service.service_areas
            ),
            spots=tuple(_spot(place) for place in service.places),
            prices=tuple(
                Price(c.amount, " ".join(filter(None, (c.amount_description, c.option))))
                for c in service.cost_options
                if c.amount is not None
            ),
            times=times,
            has_schedules=bool(times.rules),
            phone=voices[0].number if voices else None,
            text_to=_text_to(texts[0].number, texts[0].description) if texts else None,
            languages=tuple(language.name or language.code or "" for language in service.languages),
            term_names=tuple(a.name or a.code for a in terms),
        )


def tokens(text: str) -> list[str]:
    """Words that carry meaning, without their endings."""
    return [_stem(word) for word in plain(text).split() if word not in STOP_WORDS and len(word) > 1]


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ed", "es", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def _spot(place: ServiceAtLocation) -> Spot:
    at = place.location
    point = None
    if at.latitude is not None and at.longitude is not None:
        point = (at.latitude, at.longitude)
    return Spot(at.name, at.address, at.city, at.postal_code, point, at.accessibility)


def _text_to(number: str, description: str | None) -> str:
    word = re.search(r"\bword ([A-Z0-9]+)\b", description or "")
    return f"{word[1]} to {number}" if word else number


def _whole() -> Select[Service]:
    return select(Service).options(
        selectinload(Service.organization),
        selectinload(Service.places).selectinload(ServiceAtLocation.location),
        selectinload(Service.schedules),
        selectinload(Service.phones),
        selectinload(Service.contacts),
        selectinload(Service.cost_options),
        selectinload(Service.service_areas),
        selectinload(Service.languages),
        selectinload(Service.attributes),
        selectinload(Service.needs),
    )
