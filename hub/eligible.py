"""Hard filters: may this person use this service, from there, then? Or the reason why not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.candidates import Candidate
from hub.crosswalk import plain
from hub.places import Place, distance_km
from hub.profile import Profile
from hub.stated import stairs_only
from hub.topics import Unmet

# Further than this nobody goes for a weekly group.
TOO_FAR_KM = 30.0
# With no money to spare, more than this is no offer.
TOO_DEAR_POUNDS = 10.0
NATIONAL = (
    " national ",
    " nationwide ",
    " england ",
    " united kingdom ",
    " uk ",
    " great britain ",
    " uk wide ",
)
REGIONAL = (" merseyside ", " city region ", " north west ", " county ")
WOMEN = {"f", "female", "woman", "women", "girl", "she"}
MEN = {"m", "male", "man", "men", "boy", "he"}
# A toddler group is for grown-ups who bring a child, and not what somebody of 14 means by things
# to do. A baby bank is another thing: at 15 somebody may need one.
LITTLE, GROWING_UP = 6, 16
THINGS_TO_DO = "activities"
FOR_LITTLE_ONES = re.compile(
    r"\b(toddlers?|bab(y|ies)|pre-?school\w*|under[- ](5s?|fives?|4s?|3s?|2s?))\b", re.I
)
# How far a candidate came before it was refused; the furthest gives the need its reason.
ORDER = (
    Unmet.NO_SERVICE,
    Unmet.TOO_FAR,
    Unmet.INELIGIBLE,
    Unmet.FULL,
    Unmet.CLOSED_THEN,
    Unmet.COST,
    Unmet.ACCESS,
    Unmet.DECLINED,
)


@dataclass(frozen=True)
class Asker:
    """What is known of the person and the moment. Unknown facts refuse nothing."""

    now: datetime
    place: Place | None = None
    age: int | None = None
    sex: str | None = None
    barriers: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    today: bool = False


def refusal(candidate: Candidate, asker: Asker, profile: Profile) -> Unmet | None:
    """Why this service is not for this person; None where it is."""
    if candidate.status in ("inactive", "defunct"):
        return Unmet.NO_SERVICE
    if not _reaches(candidate, asker.place, profile):
        return Unmet.TOO_FAR
    if not _of_age(candidate, asker.age) or other_sex_only(candidate, asker.sex):
        return Unmet.INELIGIBLE
    if "full" in candidate.features:
        return Unmet.FULL
    if candidate.status != "active":
        return Unmet.CLOSED_THEN
    if asker.today and _shut_today(candidate, asker.now):
        return Unmet.CLOSED_THEN
    if "financial" in asker.barriers and _too_dear(candidate):
        return Unmet.COST
    if "physical" in asker.barriers and _out_of_reach(candidate):
        return Unmet.ACCESS
    if candidate.id in asker.exclude:
        return Unmet.DECLINED
    return None


def for_little_ones(candidate: Candidate, need: str, age: int | None) -> bool:
    """Whether a child who is looking for something to do would meet babies and toddlers there."""
    if need != THINGS_TO_DO or age is None or not LITTLE <= age < GROWING_UP:
        return False
    return bool(FOR_LITTLE_ONES.search(f"{candidate.name} {candidate.eligibility or ''}"))


def other_sex_only(candidate: Candidate, sex: str | None) -> bool:
    """Whether it is only for women or only for men, and this person said to be neither."""
    said = (sex or "").strip().lower()
    if not said:
        return False
    if "women_only" in candidate.features:
        return said not in WOMEN
    return "men_only" in candidate.features and said not in MEN


def scope(candidate: Candidate, profile: Profile) -> str:
    """Whom it is for by home: "national", "region", "city", "local", or "" where unsaid."""
    return scope_of(candidate.areas, profile)


def scope_of(areas: Sequence[str], profile: Profile) -> str:
    """As `scope`, from the words of the areas."""
    found = {_scope_of(plain(area), profile) for area in areas}
    widest = [name for name in ("national", "region", "city", "local") if name in found]
    return widest[0] if widest else ""


def kilometres(candidate: Candidate, place: Place | None) -> float | None:
    """How far its nearest place is; None where either end is not known."""
    points = [spot.point for spot in candidate.spots if spot.point]
    if place is None or place.point is None or not points:
        return None
    return min(distance_km(place.point, point) for point in points)


def in_area(place: Place, profile: Profile) -> bool:
    """Whether a place is in the area that the hub serves."""
    if place.outcode and place.outcode in {outcode.code for outcode in profile.area.outcodes}:
        return True
    return place.ward is not None and place.ward in profile.area.wards


def in_city(place: Place, profile: Profile) -> bool:
    """Whether a place is in the city that the hub is in."""
    if place.council is not None:
        return plain(place.council) == plain(profile.venue.address.rpartition(",")[2])
    # The places file gives a ward to places inside the city and to no others.
    return place.known and place.ward is not None


def _reaches(candidate: Candidate, place: Place | None, profile: Profile) -> bool:
    whom = scope(candidate, profile)
    if whom == "national":
        return True
    if place is None or in_area(place, profile):
        return _near_enough(candidate, place)
    if whom == "local":
        return False
    if whom == "city":
        return in_city(place, profile)
    if whom == "region":
        return place.known
    if not place.known:
        return not candidate.needs_a_journey
    return _near_enough(candidate, place)


def _near_enough(candidate: Candidate, place: Place | None) -> bool:
    km = kilometres(candidate, place)
    return km is None or km <= TOO_FAR_KM or not candidate.needs_a_journey


def _scope_of(area: str, profile: Profile) -> str:
    if any(word in area for word in NATIONAL):
        return "national"
    if any(word in area for word in REGIONAL):
        return "region"
    city = plain(profile.venue.address.rpartition(",")[2])
    local = [plain(ward) for ward in profile.area.wards]
    if any(ward in area for ward in local):
        return "local"
    return "city" if city.strip() and city in area else ""


def _of_age(candidate: Candidate, age: int | None) -> bool:
    if age is None:
        return True
    low, high = candidate.ages
    # "Up to 16" includes the whole year of being 16.
    return (low is None or age >= low) and (high is None or age < int(high) + 1)


def _shut_today(candidate: Candidate, now: datetime) -> bool:
    if not candidate.times.known(now):
        return False
    hours = candidate.times.next_open(now)
    zone = candidate.times.zone
    return hours is None or hours.opens.date() > now.astimezone(zone).date()


def _too_dear(candidate: Candidate) -> bool:
    if candidate.free or not candidate.prices:
        return False
    return min(price.amount or 0 for price in candidate.prices) > TOO_DEAR_POUNDS


def _out_of_reach(candidate: Candidate) -> bool:
    """Whether every place says that it cannot be got into without stairs."""
    return candidate.needs_a_journey and all(stairs_only(spot.access) for spot in candidate.spots)
