"""GeoJSON places, small ones and 8,953 real ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from directory_sync.run import sync
from directory_sync.sources import read_source
from hub.crosswalk import crosswalk
from hub.database import Database
from hub.profile import Profile
from hub.settings import ROOT
from tests.conftest import SetClock
from tests.directory_sync.reading import Staged, stage
from tests.directory_sync.supplier import Supplier

REAL = ROOT.parent / "shared/data/directories/warm_spaces/warm_spaces.geojson"


def feature(point: Any = (-2.9, 53.45), **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": list(point)} if point else None
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def read(tmp_path: Path, *features: Any) -> Staged:
    path = tmp_path / "warm_spaces.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return stage(read_source(str(path)))


def test_a_place_becomes_a_service(tmp_path: Path) -> None:
    staged = read(
        tmp_path,
        feature(
            title="Lantern Hall",
            address="2 Lantern Way, Liverpool, L11 0ZA",
            hours={"_text": "Monday: 09:00 - 11:00", "opening": "Mo 09:00-11:00"},
            contact="Tel: 1514960003; Email: hall@example.org",
            url="example.org",
            description="Warm &amp; <b>dry</b>",
        ),
    )
    (record,) = staged.records.values()
    assert not staged.rejects
    assert (record.name, record.description) == ("Lantern Hall", "Warm & dry")
    assert (record.email, record.phones[0].number) == ("hall@example.org", "0151 496 0003")
    (place,) = record.locations
    assert (place.address, place.postal_code) == ("2 Lantern Way, Liverpool", "L11 0ZA")
    assert (place.latitude, place.longitude) == (53.45, -2.9)
    (schedule,) = record.schedules
    assert (schedule.byday, schedule.confidence) == ("MO", 1.0)
    assert schedule.description == "Monday: 09:00 - 11:00"
    # What the collection is called says what its places are for.
    assert crosswalk().of_term("", record.terms[0].code or "", record.terms[0].name or "") == (
        "energy",
    )


def test_odd_features(tmp_path: Path) -> None:
    area = {"type": "Polygon", "coordinates": [[[-3, 53], [-2, 53], [-2, 54], [-3, 54]]]}
    staged = read(
        tmp_path,
        feature(title="A", point=None),
        {"type": "Feature", "geometry": area, "properties": {"name": "B"}},
        feature(address="3 High Street, Liverpool"),
        feature(title="Swapped", address="1 Road L11 0ZA", point=(53.45, -2.9)),
        feature(title="A", point=None),
        feature(title="A", point=None, hours="Mon 9-5"),
        feature(),
        "no feature",
        {"type": "Feature", "properties": None, "geometry": {"coordinates": "x"}},
    )
    by_name = {record.name: record for record in staged.records.values()}
    assert staged.read == 9 == len(staged.records) + sum(not r.record_kept for r in staged.rejects)
    assert by_name["B"].locations[0].latitude == 53.5
    assert "3 High Street" in by_name
    assert by_name["Swapped"].locations[0].latitude == 53.45
    assert [r.name for r in staged.records.values()].count("A") == 2
    reasons = {reject.reason for reject in staged.rejects}
    assert "the same id stands on more than one record" in reasons
    assert "latitude and longitude had changed places" in reasons


def test_every_real_place_goes_in(sqlite: Database, profile: Profile, clock: SetClock) -> None:
    if not REAL.is_file():
        pytest.skip("the shared warm spaces are not here")
    body = REAL.read_bytes()

    def answer(path: str, params: dict[str, str]) -> Any:
        return 200, {"Content-Type": "application/geo+json"}, body

    with Supplier(answer).running() as supplier:
        source = f"{supplier.url}/warm_spaces.geojson"
        result = sync(sqlite, profile, source, clock=clock, allow=[supplier.origin])
    said = result.to_json()
    assert result.read == 8953 == said["added"] + len(said["rejected"])
    doubtful = [r for r in said["left_out"] if "not certain" in r["reason"]]
    # A fifth of the real texts leave something open.
    assert 0.1 < len(doubtful) / 8953 < 0.25
