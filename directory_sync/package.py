"""An HSDS data package: CSV files of tables, in a folder or a zip, versions 1.x to 3.x."""

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from directory_sync.fetch import MEGABYTE, SourceFailed

LARGEST_FILE = 512 * MEGABYTE
Row = dict[str, Any]
Rows = dict[str, list[Row]]
# Our name of a table: the file names it has had.
TABLES = {
    "services": ("services", "service"),
    "organizations": ("organizations", "organization"),
    "locations": ("locations", "location"),
    "service_at_locations": (
        "service_at_locations",
        "service_at_location",
        "services_at_location",
        "services_at_locations",
    ),
    "addresses": ("addresses", "address", "physical_addresses", "physical_address"),
    "phones": ("phones", "phone"),
    "schedules": ("schedules", "schedule"),
    "regular_schedules": ("regular_schedules", "regular_schedule"),
    "holiday_schedules": ("holiday_schedules", "holiday_schedule"),
    "eligibilitys": ("eligibility", "eligibilitys", "eligibilities"),
    "contacts": ("contacts", "contact"),
    "cost_options": ("cost_options", "cost_option"),
    "service_areas": ("service_areas", "service_area"),
    "languages": ("languages", "language"),
    "taxonomy": ("taxonomy_terms", "taxonomy_term", "taxonomy"),
    "service_taxonomys": (
        "services_taxonomy",
        "service_taxonomy",
        "service_taxonomies",
        "services_taxonomies",
    ),
    "attributes": ("attributes", "attribute"),
    "accessibility": (
        "accessibility",
        "accessibility_for_disabilities",
    ),
}


def is_package(path: Path) -> bool:
    """Whether a path is a folder or zip with a services table."""
    if path.is_dir():
        return any((path / folder / "services.csv").is_file() for folder in ("", "data"))
    return path.suffix.lower() == ".zip" and path.is_file()


def read_package(path: Path, progress: Callable[[str, int, int | None], None]) -> Iterator[Row]:
    """Every service of a package with the rows that point at it, in the shape of an API's.

    Rows of a child table that name no service come once each, as
    `{"id": …, "_broken": table, "_count": rows}`, so that nothing is lost without a word.
    """
    tables = _Tables(_folder_files(path) if path.is_dir() else _zip_files(path))
    services = tables.rows("services")
    for number, row in enumerate(services):
        progress("reading services", number + 1, len(services))
        yield tables.service(row)
    yield from tables.broken({str(row.get("id")) for row in services})


class _Tables:
    def __init__(self, files: dict[str, Callable[[], io.TextIOBase]]) -> None:
        self._files = files
        self._organizations = {row.get("id"): row for row in self.rows("organizations")}
        self._locations = {row.get("id"): row for row in self.rows("locations")}
        self._taxonomy = {row.get("id"): row for row in self.rows("taxonomy")}
        self._addresses = _by(self.rows("addresses"), "location_id")
        self._accessibility = _by(self.rows("accessibility"), "location_id")
        self._children = {
            name: _by(self.rows(name), "service_id")
            for name in (
                "service_at_locations",
                "phones",
                "schedules",
                "regular_schedules",
                "holiday_schedules",
                "eligibilitys",
                "contacts",
                "cost_options",
                "service_areas",
                "languages",
                "service_taxonomys",
            )
        }
        self._attributes = _by(
            [row for row in self.rows("attributes") if row.get("link_id")], "link_id"
        )

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, empty cells left out; none where the package lacks it."""
        for name in TABLES[table]:
            if name in self._files:
                with self._files[name]() as file:
                    return _read(file, f"{name}.csv")
        if table == "services":
            raise SourceFailed("the data package has no services.csv")
        return []

    def service(self, row: Row) -> Row:
        """One service with its children, as an API would send it."""
        key = row.get("id")
        found = {**row, **{n: rows.get(key, []) for n, rows in self._children.items()}}
        for name in ("schedules", "eligibilitys", "regular_schedules", "holiday_schedules"):
            if not found[name]:
                del found[name]
        if row.get("organization_id") in self._organizations:
            found["organization"] = self._organizations[row["organization_id"]]
        found["service_at_locations"] = [
            {**place, "location": self._location(place.get("location_id"))}
            for place in found["service_at_locations"]
        ]
        found["service_taxonomys"] = [
            {**link, "taxonomy": self._taxonomy[link.get("taxonomy_id")]}
            for link in found["service_taxonomys"]
            if link.get("taxonomy_id") in self._taxonomy
        ]
        found["attributes"] = [
            {**link, "taxonomy_term": self._taxonomy[link.get("taxonomy_term_id")]}
            for link in self._attributes.get(key, [])
            if link.get("taxonomy_term_id") in self._taxonomy
        ]
        return found

    def broken(self, services: set[str]) -> Iterator[Row]:
        """Child rows that point at no service, counted by table and by what they point at."""
        for name, rows in self._children.items():
            lost: dict[str, int] = defaultdict(int)
            for service, some in rows.items():
                if str(service) in services:
                    continue
                # A phone of a place or an organisation rightly names no service.
                if service is None and name not in ("eligibilitys", "service_taxonomys"):
                    continue
                lost["" if service is None else str(service)] += len(some)
            for service, count in lost.items():
                yield {"id": service, "_broken": name, "_count": count}

    def _location(self, key: Any) -> Row | None:
        row = self._locations.get(key)
        if row is None:
            return None
        return {
            **row,
            "addresses": self._addresses.get(key, []),
            "accessibility": self._accessibility.get(key, []),
        }


def _read(file: io.TextIOBase, name: str) -> list[Row]:
    try:
        return [
            {
                key.strip(): cell
                for key, cell in row.items()
                if key and isinstance(cell, str) and cell
            }
            for row in csv.DictReader(file)
        ]
    except (csv.Error, UnicodeDecodeError) as error:
        raise SourceFailed(f"{name} cannot be read: {error}") from None


def _by(rows: list[Row], name: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.get(name)].append(row)
    return found


def _folder_files(path: Path) -> dict[str, Callable[[], io.TextIOBase]]:
    folder = path if (path / "services.csv").is_file() else path / "data"
    files: dict[str, Callable[[], io.TextIOBase]] = {}
    for file in sorted(folder.glob("*.csv")):
        if file.stat().st_size > LARGEST_FILE:
            raise SourceFailed(f"{file.name} is larger than {LARGEST_FILE // MEGABYTE} MB")
        files[file.stem] = _opener(file)
    return files


def _opener(file: Path) -> Callable[[], io.TextIOBase]:
    return lambda: file.open(encoding="utf-8-sig", errors="replace", newline="")


def _zip_files(path: Path) -> dict[str, Callable[[], io.TextIOBase]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
            if sum(member.file_size for member in members) > LARGEST_FILE:
                raise SourceFailed(f"{path.name} unpacks to over {LARGEST_FILE // MEGABYTE} MB")
            # The sizes above are the archive's own word: no more than that is ever read.
            texts = {
                Path(member.filename).stem: archive.open(member).read(member.file_size)
                for member in members
            }
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise SourceFailed(f"{path.name} is no zip that can be read: {error}") from None
    return {name: _text(body) for name, body in texts.items()}


def _text(body: bytes) -> Callable[[], io.TextIOBase]:
    return lambda: io.StringIO(body.decode("utf-8-sig", errors="replace"), newline="")
