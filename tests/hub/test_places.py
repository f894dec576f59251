"""Postcodes in what people type, the places of the hub, and how far things are."""

import json
import re
from pathlib import Path

import pytest

from hub.errors import Misconfigured
from hub.places import Places, distance_km, parse_postcode, places_of, spoken_travel
from hub.profile import Profile
from hub.settings import ROOT

VECTORS = ROOT.parent / "shared" / "data" / "geo" / "postcode_vectors"
SAID = [
    ("L11 0ZA", "L11"),
    ("l110za", "L11"),
    ("i live at L11 0ZA near the shops", "L11"),
    ("L11", "L11"),
    ("its l11", "L11"),
    ("L11 0", "L11"),
    ("L11 OZA", "L11"),
    ("EC1A 1BB", "EC1A"),
    ("M1 1AE", "M1"),
    ("CH41 5LH", "CH41"),
    ("by the shops on Altcross Road", None),
    ("PIP and UC50", None),
    ("Q11 0ZA", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "outcode"), SAID)
def test_a_postcode_is_found_in_what_was_typed(text: str, outcode: str | None) -> None:
    found = parse_postcode(text)
    assert (found.outcode if found else None) == outcode


def test_published_vectors() -> None:
    if not VECTORS.is_dir():
        pytest.skip("the shared postcode vectors are not here")
    wrong = []
    for case in json.loads((VECTORS / "outcodes.json").read_text())["tests"]:
        found = parse_postcode(case["base"])
        if re.match(r"AA?9", case["base"]):
            continue  # the shape of a postcode, in an area that does not exist
        if found is None or found.outcode != case["expected"]:
            wrong.append(case["base"])
    assert not wrong


@pytest.fixture(scope="module")
def places(profile: Profile) -> Places:
    return places_of(profile.folder)


def test_a_place_is_no_finer_than_its_district(places: Places) -> None:
    found = places.of_outcode("L11 0ZA")
    assert found is not None and found.known
    assert (found.outcode, found.ward) == ("L11", "Norris Green")
    assert "0ZA" not in repr(found)


def test_a_district_elsewhere_is_known_to_be_elsewhere(places: Places) -> None:
    found = places.of_outcode("M1 1AE")
    assert found is not None
    assert (found.known, found.point) == (False, None)


def test_a_name_is_found_the_longest_first(places: Places) -> None:
    found = places.find("we're by Norris Green Park love")
    assert found is not None and found.name == "Norris Green Park"
    assert places.find("by the big tree") is None


def test_a_broken_places_file_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "places.csv"
    broken.write_text("kind,name,outcode,latitude,longitude,ward\nplace,X,L11,north,1,\n")
    with pytest.raises(Misconfigured, match=r"places\.csv"):
        Places(broken)


@pytest.mark.parametrize(
    ("km", "said"),
    [
        (0.0, "5 minutes' walk"),
        (0.6, "10 minutes' walk"),
        (1.5, "25 minutes' walk"),
        (3.0, "about 25 minutes by bus"),
        (60.0, "about 37 miles away"),
    ],
)
def test_travel_in_plain_words(km: float, said: str) -> None:
    assert spoken_travel(km) == said


def test_distance_is_that_of_a_map() -> None:
    liver_building, norwich = (53.4058, -2.9958), (52.6286, 1.2929)
    assert distance_km(liver_building, norwich) == pytest.approx(300, abs=3)
