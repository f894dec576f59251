"""The postcodes of the country: loaded from what ONS publishes, looked up offline."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from hub.places import Places
from hub.postcode_loader import NotADirectory, load
from hub.postcodes import Postcodes
from hub.settings import ROOT

HUB_PLACES = ROOT / "hubs" / "croxteth" / "places.csv"
# Made up, in the columns of the directory; the wards are real.
OLD = (
    "pcd,pcd2,pcds,dointr,doterm,oslaua,osward,lat,long\n"
    "L11 0ZA,L11  0ZA,L11 0ZA,198001,,E08000012,E05015287,53.45301,-2.90102\n"
    "L11 0ZB,L11  0ZB,L11 0ZB,198001,200001,E08000012,E05015287,53.45501,-2.90302\n"
    "L11 5ZA,L11  5ZA,L11 5ZA,198001,,E08000012,E05015310,53.44001,-2.92302\n"
    "M1  1ZA,M1   1ZA,M1 1ZA,198001,,E08000003,E05011376,53.48,-2.23\n"
    "GY1 1ZA,GY1  1ZA,GY1 1ZA,198001,,L99999999,L99999999,99.999999,0.0\n"
    "no,,nonsense,,,,,,\n"
)
NEW = OLD.replace(
    "pcd,pcd2,pcds,dointr,doterm,oslaua,osward,lat,long",
    "pcd7,pcd8,pcds,dointr,doterm,lad25cd,wd25cd,lat,long",
)
WARDS = "\ufeffWD25CD,WD25NM\nE05015287,Croxteth\nE05015310,Norris Green\n"
COUNCILS = "LAD25CD,LAD25NM,LAD25NMW\nE08000012,Liverpool,\nE08000003,Manchester,\n"


@pytest.fixture(params=["csv", "zip"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "csv":
        (tmp_path / "ONSPD_MAY_2024_UK.csv").write_text(OLD)
        return tmp_path / "ONSPD_MAY_2024_UK.csv"
    with zipfile.ZipFile(tmp_path / "onspd.zip", "w") as archive:
        archive.writestr("Data/ONSPD_MAY_2025_UK.csv", NEW)
        archive.writestr("Data/multi_csv/ONSPD_MAY_2025_UK_L.csv", NEW)
        archive.writestr("Documents/Ward names and codes UK as at 05_25.csv", WARDS)
        archive.writestr("Documents/LA_UA names and codes UK as at 04_25.csv", COUNCILS)
        archive.writestr("User Guide/readme.csv", "a,b\n1,2\n")
    return tmp_path / "onspd.zip"


def test_a_postcode_has_its_own_ward(directory: Path, tmp_path: Path) -> None:
    loaded = load(directory, tmp_path / "p.sqlite3")
    zipped = directory.suffix == ".zip"
    assert (loaded.read, loaded.kept, loaded.without_place) == (6, 5, 1)
    assert loaded.left_out == ("line 7: 'nonsense' is no postcode",)
    assert loaded.vintage == ("2025" if zipped else "2024")
    places = Places(HUB_PLACES, Postcodes(tmp_path / "p.sqlite3"))
    croxteth, norris_green = places.of_outcode("L11 0ZA"), places.of_outcode("l115za")
    assert croxteth is not None and norris_green is not None
    # Without names a ward is what the hub's own places say of the district.
    names = ("Croxteth", "Norris Green") if zipped else ("Norris Green", "Norris Green")
    assert (croxteth.ward, norris_green.ward) == names
    assert croxteth.council == ("Liverpool" if zipped else None)
    # A hundred metres, not the door; and the rest of the postcode is not kept.
    assert (croxteth.latitude, croxteth.longitude) == (53.453, -2.901)
    assert "0ZA" not in repr(croxteth)


def test_parts_of_postcodes(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(OLD)
    load(tmp_path / "d.csv", tmp_path / "p.sqlite3")
    found = Postcodes(tmp_path / "p.sqlite3")
    sector, district = found.find("L11", "0"), found.find("L11")
    assert sector is not None and district is not None
    assert (sector.latitude, sector.ward) == (53.454, None)
    assert district.latitude == 53.449
    assert found.find("L11", "9", "ZZ") == district
    assert found.find("ZE1") is None
    places = Places(HUB_PLACES, found)
    # The hub's own reading of its district goes before the middle of its postcodes.
    assert places.of_outcode("L11").ward == "Norris Green"  # type: ignore[union-attr]
    elsewhere = places.of_outcode("M1 1ZA")
    assert elsewhere is not None
    assert (elsewhere.known, elsewhere.point) == (False, (53.48, -2.23))


def test_a_new_file_takes_the_place_of_the_old_one_only_when_whole(tmp_path: Path) -> None:
    target = tmp_path / "p.sqlite3"
    (tmp_path / "good.csv").write_text(OLD)
    (tmp_path / "empty.csv").write_text(OLD.partition("\n")[0])
    (tmp_path / "other.csv").write_text("name,age\nAnn,3\n")
    load(tmp_path / "good.csv", target)
    for name, reason in (
        ("other.csv", "no column for postcode, latitude, longitude"),
        ("empty.csv", "holds no postcodes"),
        ("missing.csv", "cannot be read"),
    ):
        with pytest.raises(NotADirectory, match=reason):
            load(tmp_path / name, target)
    assert Postcodes(target).count == 5
    assert not list(tmp_path.glob("*.loading"))


def test_a_large_directory_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("pcds,lat,long,osward\n")
        for number in range(100_000):
            first, rest = divmod(number, 2600)
            second, rest = divmod(rest, 26)
            unit = f"{chr(65 + second % 26)}{chr(65 + rest)}"
            file.write(f"L{first % 38 + 1} {second // 26 % 10}{unit},53.4,-2.9,E05015287\n")
    tracemalloc.start()
    load(path, tmp_path / "p.sqlite3")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * 1024 * 1024


def test_names_may_come_beside_a_csv(tmp_path: Path) -> None:
    for name, text in (("d.csv", OLD), ("wards.csv", WARDS)):
        (tmp_path / name).write_text(text)
    load(tmp_path / "d.csv", tmp_path / "p.sqlite3", names=[tmp_path / "wards.csv"])
    found = Postcodes(tmp_path / "p.sqlite3").find("L11", "5", "ZA")
    assert found is not None and found.ward == "Norris Green"
