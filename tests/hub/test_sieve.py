"""The hard filters on arrays say the same as the filters on one service."""

from pathlib import Path

import pytest

from directory_sync.run import sync
from hub.candidates import Candidates
from hub.catalogue import Catalogue
from hub.database import Database
from hub.eligible import ORDER, Asker, refusal
from hub.matching import Matcher
from hub.places import Place, places_of
from hub.profile import Profile
from hub.sieve import FITS, distances, is_elsewhere, refusals
from hub.topics import Unmet
from tests.conftest import SUNDAY_NIGHT
from tests.directory_sync.feeds import service, write

ASKERS = [
    Asker(SUNDAY_NIGHT, age=age, sex=sex, barriers=frozenset(barriers))
    for age in (None, 12, 17, 40, 70)
    for sex in (None, "female", "male")
    for barriers in ((), ("financial", "physical"))
]
MIAMI = (25.77, -80.19)


@pytest.mark.parametrize("outcode", [None, "L11", "L25", "L32", "M1", "PL1"])
def test_both_agree_on_the_whole_demo_directory(
    directory: Database, profile: Profile, outcode: str | None
) -> None:
    places = places_of(profile.folder)
    place = places.of_outcode(outcode) if outcode else None
    with directory.reading() as session:
        shelf, _ = Catalogue(profile).read(session)
        keys = [(entry.key, entry.content_hash) for entry in shelf.entries]
        candidates = Candidates(profile.zone).of_keys(session, keys)
    km = distances(shelf, place)
    for asker in ASKERS:
        asker = Asker(**{**vars(asker), "place": place})
        codes = refusals(shelf, asker, profile, km)
        for code, candidate in zip(codes.tolist(), candidates, strict=True):
            by_array = None if code == FITS else ORDER[code]
            assert by_array == refusal(candidate, asker, profile), (candidate.name, asker)


def test_stairs_are_no_offer_for_somebody_who_cannot_climb_them(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    upstairs = service("a", at=(53.4531, -2.9012))
    place = upstairs["service_at_locations"][0]["location"]
    place["accessibility"] = [{"id": "x", "description": "Upstairs, no lift."}]
    source = write(tmp_path / "feed.json", upstairs)
    sync(sqlite, profile, source, clock=lambda: SUNDAY_NIGHT)
    matcher = Matcher(profile, places_of(profile.folder))
    with sqlite.reading() as session:
        asked = {"when": SUNDAY_NIGHT, "outcode": "L11"}
        found = matcher(session, ["food"], barriers=["physical"], **asked)
        assert found.unmet == (("food", Unmet.ACCESS),)
        assert matcher(session, ["food"], **asked).matches


def test_a_directory_of_elsewhere_is_not_measured_from_here(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    far = [service(f"s{n}", at=(MIAMI[0] + n / 100, MIAMI[1])) for n in range(12)]
    source = write(tmp_path / "feed.json", *far)
    sync(sqlite, profile, source, clock=lambda: SUNDAY_NIGHT)
    with sqlite.reading() as session:
        shelf, _ = Catalogue(profile).read(session)
        matcher = Matcher(profile, places_of(profile.folder))
        found = [
            matcher(session, ["food"], when=SUNDAY_NIGHT, outcode=outcode)
            for outcode in (None, "L11", "M1 1AE", "33157")
        ]
    assert is_elsewhere(shelf, (53.45, -2.9)) and not is_elsewhere(shelf, MIAMI)
    for one in found:
        assert one.matches
        assert not any("mile" in why or "bus" in why for m in one.matches for why in m.why)


def test_a_place_without_coordinates_is_found_by_its_postcode(
    directory: Database, profile: Profile
) -> None:
    here = places_of(profile.folder).of_outcode("L11")
    assert isinstance(here, Place) and here.point
    with directory.reading() as session:
        shelf, _ = Catalogue(profile, places_of(profile.folder)).read(session)
    km = distances(shelf, here)
    assert km is not None
    for row, entry in enumerate(shelf.entries):
        assert bool(entry.points) == (km[row] == km[row])
