"""The hard filters of `hub.eligible` on the whole directory at once. A test holds the two equal."""

import numpy as np
import numpy.typing as npt

from hub.eligible import (
    MEN,
    ORDER,
    TOO_DEAR_POUNDS,
    TOO_FAR_KM,
    WOMEN,
    Asker,
    in_area,
    in_city,
)
from hub.places import EARTH_KM, Place
from hub.profile import Profile
from hub.shelf import Flags, Shelf
from hub.topics import Unmet

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]

FITS = -1
# A directory of elsewhere: so much of it lies further from the hub than anybody travels.
ELSEWHERE_SHARE, ELSEWHERE_KM, ELSEWHERE_FROM = 0.9, 150.0, 10


def refusals(shelf: Shelf, asker: Asker, profile: Profile, km: Floats | None) -> Codes:
    """For each service FITS, or the place in `ORDER` of the first reason why not.

    `km` are the distances, nan where they are not known. Hours are not looked at here.
    """
    found = np.full(len(shelf), FITS, dtype=np.int8)

    def refuse(which: Flags, reason: Unmet) -> None:
        found[(found == FITS) & which] = ORDER.index(reason)

    refuse(shelf.closed == 2, Unmet.NO_SERVICE)
    refuse(~_reached(shelf, asker.place, profile, km), Unmet.TOO_FAR)
    if asker.age is not None:
        # "Up to 16" includes the whole year of being 16; nan compares as false: not known.
        refuse((asker.age < shelf.low) | (asker.age >= np.floor(shelf.high) + 1), Unmet.INELIGIBLE)
    said = (asker.sex or "").strip().lower()
    if said:
        if said not in WOMEN:
            refuse(shelf.feature("women_only"), Unmet.INELIGIBLE)
        if said not in MEN:
            refuse(shelf.feature("men_only"), Unmet.INELIGIBLE)
    refuse(shelf.feature("full"), Unmet.FULL)
    refuse(shelf.closed > 0, Unmet.CLOSED_THEN)
    if "financial" in asker.barriers:
        refuse(~shelf.free & (shelf.price > TOO_DEAR_POUNDS), Unmet.COST)
    if "physical" in asker.barriers:
        refuse(shelf.stairs & shelf.journey, Unmet.ACCESS)
    if asker.exclude:
        refuse(shelf.ids_in(asker.exclude), Unmet.DECLINED)
    return found


def distances(shelf: Shelf, place: Place | None) -> Floats | None:
    """Kilometres to the nearest place of each service; nan without one. None without a point."""
    if place is None or place.point is None:
        return None
    nearest = np.full(len(shelf), np.nan, dtype=np.float32)
    if len(shelf.points):
        km = _kilometres(shelf.points, place.point)
        np.fmin.at(nearest, shelf.point_owner, km)
    return nearest


def is_elsewhere(shelf: Shelf, point: tuple[float, float]) -> bool:
    """Whether this is a directory of another place altogether, on trial for instance.

    Distance from the hub then says nothing, and refuses nothing.
    """
    if len(shelf.points) < ELSEWHERE_FROM:
        return False
    far = _kilometres(shelf.points, point) > ELSEWHERE_KM
    return bool(far.mean() >= ELSEWHERE_SHARE)


def _kilometres(points: Floats, point: tuple[float, float]) -> Floats:
    lat, lon = np.radians(points[:, 0]), np.radians(points[:, 1])
    at, on = np.radians(np.float32(point[0])), np.radians(np.float32(point[1]))
    half = np.sin((lat - at) / 2) ** 2 + np.cos(lat) * np.cos(at) * np.sin((lon - on) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(half)), dtype=np.float32)


def _reached(shelf: Shelf, place: Place | None, profile: Profile, km: Floats | None) -> Flags:
    national = shelf.scope("national")
    near = np.ones(len(shelf), dtype=bool)
    if km is not None:
        near = ~(km > TOO_FAR_KM) | ~shelf.journey
    if place is None or in_area(place, profile):
        return national | near
    unsaid = near if place.known else ~shelf.journey
    reached = national | (shelf.scope("") & unsaid)
    if place.known:
        reached = reached | shelf.scope("region")
    if in_city(place, profile):
        reached = reached | shelf.scope("city")
    return reached
