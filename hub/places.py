"""UK postcodes, outcodes, wards and distances, offline. A full postcode is never kept."""

import csv
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hub.errors import Misconfigured
from hub.postcodes import Postcodes, postcodes_of

# The district: one or two letters, a figure, and a figure or letter more (EC1A, W1A, L11).
OUTWARD = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
FULL = re.compile(rf"\b({OUTWARD})\s*({INWARD})\b")
SECTOR = re.compile(rf"\b({OUTWARD})\s+([0-9])\b")
DISTRICT = re.compile(rf"\b({OUTWARD})\b")
# People type the letter O for nought, and I or L for one, in the inward part.
LOOSE = re.compile(r"\b([A-Z]{1,2}[0-9O][A-Z0-9]?)\s*([0-9OIL][A-Z0]{2})\b")
# One and two letter areas in use. Anything else ("M25 motorway" aside) is no postcode.
AREA_CODES = """
AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E
EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL
LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN
SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
"""
AREAS = frozenset(AREA_CODES.split())
EARTH_KM = 6371.0
# A point further than this from the middle of every known district is somewhere else.
DISTRICT_KM = 5.0
# Streets wind: the way on foot is about a quarter longer than the straight line.
WINDING = 1.25
WALK_KM_A_MINUTE = 4.8 / 60
BUS_KM_A_MINUTE = 14.0 / 60
BUS_WAIT_MINUTES = 8
WALK_AT_MOST = 25


@dataclass(frozen=True)
class Postcode:
    """A postcode as far as it was given: `outcode` always, `sector` ("5") and `unit` if said."""

    outcode: str
    sector: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Place:
    """Where somebody is, no finer than a district or a known place name. Degrees, WGS 84.

    `known` is false for a district that the hub's places file does not hold: somewhere else.
    `council` is known only where the postcodes of the whole country are loaded.
    """

    outcode: str | None = None
    name: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    ward: str | None = None
    known: bool = True
    council: str | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, where both are known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


class Places:
    """The districts and place names of one hub (`places.csv`).

    With the postcodes of the whole country a postcode has its own ward, and districts elsewhere
    are on the map.
    """

    def __init__(self, path: Path, postcodes: Postcodes | None = None) -> None:
        self._postcodes = postcodes
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            places = [(row["kind"], _place(row)) for row in rows]
        except (OSError, KeyError, ValueError) as error:
            raise Misconfigured(f"{path.name} cannot be read: {error}") from None
        self._outcodes = {p.outcode: p for kind, p in places if kind == "outcode" and p.outcode}
        self._names = {_key(p.name or ""): p for kind, p in places if kind == "place"}

    def names(self) -> list[str]:
        """Every place name that is known, as the file spells it."""
        return [place.name for place in self._names.values() if place.name]

    def of_outcode(self, text: str) -> Place | None:
        """The place of a full or partial postcode; None where the text holds none."""
        postcode = parse_postcode(text)
        if postcode is None:
            return None
        own = self._outcodes.get(postcode.outcode)
        spot = (
            self._postcodes.find(postcode.outcode, postcode.sector, postcode.unit)
            if self._postcodes and (own is None or postcode.sector)
            else None
        )
        if spot is None:
            return own or Place(outcode=postcode.outcode, known=False)
        return Place(
            outcode=postcode.outcode,
            latitude=spot.latitude,
            longitude=spot.longitude,
            ward=spot.ward or (own.ward if own else None),
            known=own is not None,
            council=spot.council,
        )

    def of_name(self, text: str) -> Place | None:
        """The place whose name stands in a text, the longest name first; None where none does."""
        words = f" {_key(text)} "
        for name in sorted(self._names, key=len, reverse=True):
            if f" {name} " in words:
                return self._names[name]
        return None

    def nearest(self, point: tuple[float, float]) -> Place | None:
        """The district whose middle is nearest to a point; None where all are far away."""
        known = [
            (distance_km(point, place.point), place)
            for place in self._outcodes.values()
            if place.point
        ]
        if not known:
            return None
        km, place = min(known, key=lambda one: one[0])
        return place if km <= DISTRICT_KM else None

    def find(self, text: str) -> Place | None:
        """By postcode, else by name."""
        return self.of_outcode(text) or self.of_name(text)


@cache
def places_of(folder: Path) -> Places:
    """The places of a hub's folder, read once."""
    return Places(folder / "places.csv", postcodes_of(folder))


def parse_postcode(text: str) -> Postcode | None:
    """The first postcode in a text: "L11 0AA", "l110aa", "L11 0" or "L11". None without one."""
    upper = text.upper()
    for match in FULL.finditer(upper):
        if _in_use(match[1]):
            return Postcode(match[1], match[2][0], match[2][1:])
    for match in LOOSE.finditer(upper):
        outcode = match[1][:1] + match[1][1:].replace("O", "0") if match[1][0] == "L" else match[1]
        inward = match[2][0].translate(str.maketrans("OIL", "011")) + match[2][1:].replace("0", "O")
        if _in_use(outcode) and re.fullmatch(INWARD, inward):
            return Postcode(outcode, inward[0], inward[1:])
    for match in SECTOR.finditer(upper):
        if _in_use(match[1]):
            return Postcode(match[1], match[2])
    for match in DISTRICT.finditer(upper):
        if _in_use(match[1]):
            return Postcode(match[1])
    return None


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two points (latitude, longitude) as the crow flies."""
    (lat1, lon1), (lat2, lon2) = (map(math.radians, a), map(math.radians, b))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def travel_minutes(km: float) -> tuple[int, str]:
    """About how long a way takes, and how: ("walk" or "bus"). Rough, from the straight line."""
    walk = km * WINDING / WALK_KM_A_MINUTE
    if walk <= WALK_AT_MOST:
        return _rounded(walk), "walk"
    return _rounded(km * WINDING / BUS_KM_A_MINUTE + BUS_WAIT_MINUTES), "bus"


def spoken_travel(km: float) -> str:
    """A way in plain words: "10 minutes' walk", "about 25 minutes by bus"."""
    minutes, how = travel_minutes(km)
    if how == "walk":
        return f"{minutes} minutes' walk"
    if minutes > 90:
        return f"about {round(km / 1.609)} miles away"
    return f"about {minutes} minutes by bus"


def _rounded(minutes: float) -> int:
    return max(5, 5 * math.ceil(minutes / 5 - 0.2))


def _in_use(outcode: str) -> bool:
    return re.match(r"[A-Z]+", outcode)[0] in AREAS  # type: ignore[index]


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def _place(row: dict[str, str]) -> Place:
    return Place(
        outcode=row["outcode"] or None,
        name=row["name"] or None,
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        ward=row["ward"] or None,
    )
