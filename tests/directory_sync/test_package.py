"""HSDS data packages: folders and zips of CSV, old and new, and a whole real one."""

import zipfile
from pathlib import Path

import pytest

from directory_sync.fetch import SourceFailed
from directory_sync.run import sync
from directory_sync.sources import read_source
from hub.database import Database
from hub.matching import Matcher
from hub.places import places_of
from hub.profile import Profile
from hub.settings import ROOT
from tests.conftest import SetClock

MIAMI = ROOT.parent / "shared" / "data" / "directories" / "miami211"
EMPTY = "is empty: the row points at no service"
TABLES = {
    "services": "id,organization_id,name,status\n1,9,Food bank,active\n2,9,,active\n",
    "organizations": "id,name\n9,Council\n",
    "services_at_location": "id,service_id,location_id\n5,1,7\n",
    "locations": "id,name,latitude,longitude\n7,Hall,53.45,-2.90\n",
    "physical_addresses": "id,location_id,address_1,postal_code\n3,7,1 High Street,L11 0ZA\n",
    "regular_schedules": "id,service_id,weekday,opens_at,closes_at\n,1,Monday,9:00am,5:00pm\n",
    "eligibility": "id,service_id,eligibility\n,,All girls\n,1,Everybody\n",
    "phones": "id,service_id,number\n1,1,0151 496 0001\n2,77,0151 496 0002\n",
    "services_taxonomy": "id,service_id,taxonomy_id\n1,1,BD-1800\n",
    "taxonomy": "id,name,vocabulary\nBD-1800,Emergency Food,AIRS\n",
}


@pytest.fixture(params=["folder", "zip"])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        (tmp_path / "data").mkdir()
        for name, text in TABLES.items():
            (tmp_path / "data" / f"{name}.csv").write_text(text)
        return str(tmp_path)
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for name, text in TABLES.items():
            archive.writestr(f"data/{name}.csv", text)
    return str(tmp_path / "package.zip")


def test_tables_become_services(
    package: str, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    result = sync(sqlite, profile, package, clock=clock)
    assert result.to_json()["added"] == 1
    assert [(r.id, r.field) for r in result.rejected] == [("2", "name")]
    lost = {(r.id, r.field, r.reason) for r in result.left_out}
    assert lost == {
        ("eligibility.csv line 2", "eligibilitys.service_id", EMPTY),
        ("2", "phones.service_id", "'77' is no service"),
    }
    with sqlite.reading() as session:
        matcher = Matcher(profile, places_of(profile.folder))
        (match,) = matcher(session, ["food"], when=clock()).matches
    assert match.where == "Hall, 1 High Street"
    assert match.when == "tomorrow 9am to 5pm"
    assert match.eligibility == "Everybody"
    assert match.phone == "0151 496 0001"


def test_a_whole_real_directory_goes_in(
    sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    if not MIAMI.is_dir():
        pytest.skip("the shared Miami directory is not here")
    result = sync(sqlite, profile, str(MIAMI), clock=clock)
    said = result.to_json()
    assert said["added"] + len(said["rejected"]) == 4089
    broken = [r for r in said["left_out"] if r["field"] == "eligibilitys.service_id"]
    assert len(broken) == 2244
    assert len({r["id"] for r in broken}) == 2244
    assert {r["reason"] for r in broken} == {EMPTY}


def test_a_zip_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(SourceFailed, match="no zip"):
        list(read_source(str(path)))
