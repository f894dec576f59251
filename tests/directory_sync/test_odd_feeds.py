"""Feeds as strangers send them: services in are stored or refused, by record and field."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from directory_sync.days import days_of
from directory_sync.fetch import SourceFailed
from directory_sync.kept import kept_for
from directory_sync.records import ServiceRecord
from directory_sync.sources import read_source
from directory_sync.staging import Staged, Stager
from hub.crosswalk import crosswalk
from hub.hours.openings import CERTAIN
from tests.directory_sync.supplier import Supplier

OLD = [
    {
        "id": f"s{n}",
        "name": f"Service {n}",
        "regular_schedules": [{"weekday": "Monday", "opens_at": "09:00", "closes_at": "17:00"}],
    }
    for n in range(7)
]
PACKAGE = {
    "services": "id,organization_id,name,description,status\n1,o1,Café Warm,Food – for all,active\n"
    "2,o9,No owner,x,inactive\n,o1,no id,x,active\n4,o1,,x,active\n",
    "organizations": "id,name\no1,Org One\n",
    "locations": "id,name,latitude,longitude\nl1,Hall,53.45,-2.90\n",
    "services_at_location": "id,service_id,location_id\nsl1,1,l1\nsl2,99,l1\n",
    "physical_addresses": "id,location_id,address_1,postal_code,country\np1,l1,1 St,L11 0BS,GB\n",
    "regular_schedules": "id,service_id,weekday,opens_at,closes_at\nr1,1,Tues,9am,5pm\n"
    "r2,1,3,9:00,17:00\nr3,1,some days,9:00,17:00\n",
    "cost_options": 'id,service_id,option,amount\nc1,1,adult,"3.50"\n',
}


def read(source: object, allow: Iterable[str] = ()) -> tuple[Staged, dict[str, ServiceRecord]]:
    """What is staged of a source. Nothing may be lost without a word."""
    with kept_for(None, "hub", str(source)) as kept:
        staged = Stager(crosswalk(), kept, {}).all(read_source(str(source), allow=allow, kept=kept))
        records = {record.id: record for batch in kept.batches() for record in batch}
    refused = [reject for reject in staged.rejects if not reject.record_kept]
    assert staged.read == len(records) + len(refused)
    assert all(reject.id and reject.field and reject.reason for reject in staged.rejects)
    return staged, records


def old_page(number: int, items: list[Any], pages: int = 3) -> dict[str, Any]:
    return {"totalElements": 7, "totalPages": pages, "number": number, "content": items}


def by_links(_: str, params: dict[str, str]) -> Any:
    at = int(params.get("offset", 0))
    more = f"/services?offset={at + 3}" if at + 3 < 7 else None
    return {"content": OLD[at : at + 3], "links": [{"rel": "next", "href": more}]}


def by_links_elsewhere(_: str, params: dict[str, str]) -> Any:
    if "offset" in params:
        return {"content": OLD}
    return {"content": OLD[:3], "next": "https://elsewhere.example.org/services?offset=3"}


def with_a_gap(_: str, params: dict[str, str]) -> Any:
    number = int(params.get("page", 1))
    return old_page(number, {1: OLD[:3], 3: OLD[3:]}.get(number, []))


def from_nought(_: str, params: dict[str, str]) -> Any:
    number = int(params.get("page", 0))
    return {**old_page(number, OLD[number * 3 : number * 3 + 3]), "first": number == 0}


def in_organizations(_: str, params: dict[str, str]) -> Any:
    return [{"id": "o1", "name": "Org", "services": OLD[:3]}, {"id": "o2", "services": OLD[3:]}]


@pytest.mark.parametrize(
    ("answer", "count"),
    [(by_links, 7), (by_links_elsewhere, 3), (with_a_gap, 7), (from_nought, 7),
     (in_organizations, 7)],
)  # fmt: skip
def test_odd_paging(answer: Any, count: int) -> None:
    with Supplier(answer).running() as supplier:
        _, found = read(f"{supplier.url}/services", [supplier.origin])
        assert len(supplier.asked) < 9
    assert sorted(found) == [f"s{n}" for n in range(count)]
    assert all(one.schedules[0].byday == "MO" for one in found.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("shape", ["folder", "deep", "zip", "semicolons", "renamed"])
def test_packages(tmp_path: Path, encoding: str, shape: str) -> None:
    folder = tmp_path / "export" / "2026" / "data" if shape == "deep" else tmp_path / "export"
    folder.mkdir(parents=True)
    prefix = "tbl " if shape == "renamed" else ""
    for name, text in PACKAGE.items():
        body = "sep=;\n" + text.replace(",", ";") if shape == "semicolons" else text
        if shape == "semicolons":
            body = body.replace("53.45", "53,45").replace("3.50", "3,50")
        (folder / f"{prefix}{name}.csv").write_bytes(body.encode(encoding))
    if shape == "renamed":
        described = [{"name": name, "path": f"tbl {name}.csv"} for name in PACKAGE]
        (folder / "datapackage.json").write_text(json.dumps({"resources": described}))
    source = tmp_path / "export"
    if shape == "zip":
        source = tmp_path / "export.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for path in folder.iterdir():
                archive.write(path, f"my export/{path.name}")
    staged, found = read(source)
    assert set(found) == {"1", "2"}
    one = found["1"]
    assert (one.name, one.description) == ("Café Warm", "Food – for all")
    assert (one.locations[0].latitude, one.locations[0].postal_code) == (53.45, "L11 0BS")
    assert one.cost_options[0].amount == 3.5
    assert [row.byday for row in one.schedules][:2] == ["TU", "WE"]
    doubt = one.schedules[2].confidence
    assert doubt is not None and doubt < CERTAIN, "no day is not every day"
    said = {(reject.id, reject.field) for reject in staged.rejects}
    assert {("record 3", "id"), ("4", "name"), ("sl2", "service_at_locations.service_id")} <= said
    assert ("2", "services.organization_id") in said


def test_a_workbook_with_merged_cells_numbers_for_dates_and_several_sheets(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Services"
    for row in (
        ["Our warm places", None, None, None, None],
        ["Venue", "Organisation", "Postcode", "Phone", "Last checked"],
        ["Hall A", "Church", "L11 0BS", 1514960000, 46000],
        [None, None, "L11 0BT", None, None],
        ["Venue", "Organisation", "Postcode", "Phone", "Last checked"],
        ["#N/A", None, "L11 0BU", None, None],
    ):
        sheet.append(row)
    for area in ("A1:E1", "A3:A4", "B3:B4"):
        sheet.merge_cells(area)
    for title, name in (("North", "Name"), ("Notes", "Please read")):
        other = book.create_sheet(title)
        other.append([name, "Postcode"])
        other.append(["Hall C", "L11 0BS"])
    book.save(tmp_path / "places.xlsx")
    staged, found = read(tmp_path / "places.xlsx")
    rows = [(one.name, one.locations[0].postal_code) for one in found.values()]
    assert rows == [("Hall A", "L11 0BS"), ("Hall A", "L11 0BT"), ("Hall C", "L11 0BS")]
    first, second, _ = found.values()
    assert str(first.assured_date) == "2025-12-09" and first.phones[0].number == "0151 496 0000"
    assert second.organization is not None and second.organization.name == "Church"
    assert {(r.id, r.field) for r in staged.rejects} >= {
        ("row 6", "column 'Name'"),
        ("sheet 'Notes'", "sheet"),
    }


def feature(title: str | None, geometry: Any) -> dict[str, Any]:
    named = {"SITE_NAME": title, "Opening Times": "Mon-Fri 9-5"} if title else None
    return {"type": "Feature", "geometry": geometry, "properties": named}


def test_geojson_of_many_shapes(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": ["-2.9", "53.45"]}
    places = [
        feature("two", {"type": "MultiPoint", "coordinates": [[-2.9, 53.45], [-2.8, 53.4]]}),
        feature("none", None),
        feature("text", point),
        feature("nested", {"type": "GeometryCollection", "geometries": [point, point]}),
        feature("empty", {"type": "Point", "coordinates": []}),
        feature(None, point),
        None,
    ]
    path = tmp_path / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": places}), "utf-8")
    staged, found = read(path)
    at = {one.name: [place.latitude for place in one.locations] for one in found.values()}
    assert at == {"two": [53.45, 53.4], "none": [], "text": [53.45], "nested": [53.45, 53.45],
                  "empty": []}  # fmt: skip
    assert {r.field for r in staged.rejects} == {"geometry", "name", "feature"}
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(path, "somewhere/places.geojson")
    assert set(read(tmp_path / "all.zip")[1]) == set(found)


def test_json_of_many_shapes(tmp_path: Path) -> None:
    rows = [{"id": str(n), "name": "Café", "status": "paused"} for n in range(3)]
    lines = "\n".join(map(json.dumps, rows))
    (tmp_path / "by_id.json").write_text(
        json.dumps({"services": {row["id"]: {"name": row["name"]} for row in rows}})
    )
    (tmp_path / "lines.json").write_text(lines)
    (tmp_path / "lines.ndjson").write_text(lines + "\n{broken\n")
    (tmp_path / "wide.json").write_bytes(json.dumps({"contents": rows}).encode("utf-16"))
    for path in sorted(tmp_path.iterdir()):
        staged, found = read(path)
        assert set(found) == {"0", "1", "2"}, path.name
        if path.suffix == ".ndjson":
            assert [(r.id, r.field) for r in staged.rejects] == [("line 4", "line")]
    with pytest.raises(SourceFailed, match="save it as UTF-8"):
        path = tmp_path / "windows.json"
        path.write_bytes('[{"id": "a", "name": "Café"}]'.encode("cp1252"))
        read(path)


@pytest.mark.parametrize(
    ("text", "codes"),
    [("Tues", "TU"), ("2", "TU"), ("thursday", "TH"), ("Mon-Wed", "MO,TU,WE"), ("Sat to Mon",
      "MO,SA,SU"), ("Tue, Thurs & Sat", "TU,TH,SA"), ("Weekdays", "MO,TU,WE,TH,FR"), ("Wednesdays",
      "WE"), ("some days", None), ("T", None), ("", None), ("8", None), ("Mon-", None)],
)  # fmt: skip
def test_days_as_suppliers_write_them(text: str, codes: str | None) -> None:
    assert days_of(text) == codes
