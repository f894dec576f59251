"""The tables of an HSDS data package, a folder or zip of CSV, by the names they have had."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from directory_sync.fetch import MEGABYTE, SourceFailed
from directory_sync.workbook import LONGEST_CELL, decoded

LARGEST_PACKAGE = 512 * MEGABYTE
Row = dict[str, Any]
# Our name of a table: the names its file has had.
TABLES = {
    "services": ("services", "service"),
    "organizations": ("organizations", "organization", "organisations", "organisation"),
    "locations": ("locations", "location"),
    "service_at_locations": (
        "service_at_locations",
        "service_at_location",
        "services_at_location",
        "services_at_locations",
    ),
    "addresses": (
        "addresses",
        "address",
        "physical_addresses",
        "physical_address",
    ),
    "phones": ("phones", "phone"),
    "schedules": ("schedules", "schedule"),
    "regular_schedules": ("regular_schedules", "regular_schedule"),
    "holiday_schedules": ("holiday_schedules", "holiday_schedule"),
    "eligibilitys": ("eligibility", "eligibilitys", "eligibilities"),
    "contacts": ("contacts", "contact"),
    "cost_options": ("cost_options", "cost_option"),
    "service_areas": ("service_areas", "service_area"),
    "languages": ("languages", "language"),
    "taxonomies": ("taxonomies",),
    "taxonomy": ("taxonomy_terms", "taxonomy_term", "taxonomy"),
    "service_taxonomys": (
        "services_taxonomy",
        "service_taxonomy",
        "service_taxonomys",
        "service_taxonomies",
        "services_taxonomies",
    ),
    "attributes": ("attributes", "attribute", "service_attributes", "service_attribute"),
    "accessibility": (
        "accessibility",
        "accessibility_for_disabilities",
        "accessibility_for_disability",
    ),
}
KNOWN = {name for names in TABLES.values() for name in names}
# Parts of the standard that say nothing a resident asks for.
NOT_NEEDED = {
    "funding",
    "fundings",
    "programs",
    "program",
    "metadata",
    "meta_table_description",
    "meta_table_descriptions",
    "organization_identifiers",
    "organization_identifier",
    "required_documents",
    "required_document",
    "payments_accepted",
    "payment_accepted",
    "postal_addresses",
    "postal_address",
    "reviews",
    "review",
    "link_taxonomies",
    "link_taxonomy",
    "units",
    "unit",
    "service_capacities",
    "service_capacity",
    "url",
    "urls",
}
Opener = Callable[[], bytes]


@dataclass
class Tables:
    """The files of a package by their plain names, and what was odd in reading them.

    `odd` holds (record, field, reason) for rows that are not as long as their headings.
    """

    files: dict[str, Opener]
    odd: list[tuple[str, str, str]] = field(default_factory=list)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, empty cells left out; none where the package lacks it.

        Where two files stand for one table, as old and new names, both are read.
        """
        found: list[Row] = []
        for name in TABLES[table]:
            if name in self.files:
                found.extend(self._read(self.files[name](), f"{name}.csv"))
        return found

    def has(self, table: str) -> bool:
        """Whether the package has a table."""
        return any(name in self.files for name in TABLES[table])

    @property
    def unknown(self) -> list[str]:
        """Files that belong to no part of the standard that we know."""
        return sorted(name for name in self.files if name not in KNOWN | NOT_NEEDED)

    def _read(self, body: bytes, name: str) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_CELL)
        text = decoded(body).replace("\x00", "")
        if text[:4].lower() == "sep=":
            # A line for Excel alone.
            text = text.partition("\n")[2]
        first = text.partition("\n")[0]
        separator = max(",;\t|", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            headings = [cell.strip().lower().replace(" ", "_") for cell in next(reader, [])]
            for line in reader:
                if not any(cell.strip() for cell in line):
                    continue
                row: Row = {
                    key: cell for key, cell in zip(headings, line, strict=False) if key and cell
                }
                row["_line"] = f"{name} line {reader.line_num}"
                if any(cell.strip() for cell in line[len(headings) :]):
                    self.odd.append((row["_line"], name, "has more cells than headings"))
                yield row
        except csv.Error as error:
            raise SourceFailed(f"{name} cannot be read: {error}") from None


def open_tables(path: Path) -> Tables:
    """The tables of a folder or a zip. Raises SourceFailed."""
    return Tables(_folder(path) if path.is_dir() else _zip(path))


def folder_of(path: Path) -> Path | None:
    """The folder with the services table: this one, `data` in it, or one not far below."""
    below = (p for depth in ("*", "*/*", "*/*/*") for p in sorted(path.glob(depth)) if p.is_dir())
    for folder in (path, path / "data", *below):
        if not folder.is_dir() or "__MACOSX" in folder.parts:
            continue
        names = _named(_read_json(folder / "datapackage.json"))
        tables = [f.name for f in folder.iterdir() if f.suffix.lower() == ".csv"]
        if any(names.get(t.lower(), _stem(t)) in TABLES["services"] for t in tables):
            return folder
    return None


def _folder(path: Path) -> dict[str, Opener]:
    folder = folder_of(path) or path
    described = next((f for f in (folder, path) if (f / "datapackage.json").is_file()), path)
    names = _named(_read_json(described / "datapackage.json"))
    files: dict[str, Opener] = {}
    total = 0
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() != ".csv" or not file.is_file() or file.name.startswith("."):
            continue
        total += file.stat().st_size
        if total > LARGEST_PACKAGE:
            raise SourceFailed(f"{path.name} is larger than {LARGEST_PACKAGE // MEGABYTE} MB")
        files.setdefault(names.get(file.name.lower(), _stem(file.name)), file.read_bytes)
    return files


def _zip(path: Path) -> dict[str, Opener]:
    files: dict[str, Opener] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if _is_table(m.filename)]
            if sum(member.file_size for member in members) > LARGEST_PACKAGE:
                raise SourceFailed(f"{path.name} unpacks to over {LARGEST_PACKAGE // MEGABYTE} MB")
            described = [m for m in archive.infolist() if m.filename.endswith("datapackage.json")]
            names: dict[str, str] = {}
            if described and described[0].file_size < LONGEST_CELL:
                names = _named(_parsed(archive.read(described[0])))
            for member in members:
                base = PurePosixPath(member.filename).name
                # The sizes above are the archive's own word: no more than that is ever read.
                with archive.open(member) as file:
                    body = file.read(member.file_size)
                files.setdefault(names.get(base.lower(), _stem(base)), _held(body))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise SourceFailed(f"{path.name} is no zip that can be read: {error}") from None
    return files


def _held(body: bytes) -> Opener:
    return lambda: body


def _is_table(name: str) -> bool:
    """Whether a member of a zip is a table, and not a Mac's shadow of one."""
    path = PurePosixPath(name)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() == ".csv" and not hidden


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.strip().lower().replace(" ", "_").replace("-", "_")


def _named(description: Any) -> dict[str, str]:
    """File names of a datapackage.json with the names of their tables."""
    resources = description.get("resources") if isinstance(description, dict) else None
    found: dict[str, str] = {}
    for resource in resources if isinstance(resources, list) else []:
        if not isinstance(resource, dict):
            continue
        path, name = resource.get("path"), resource.get("name")
        path = path[0] if isinstance(path, list) and path else path
        if isinstance(path, str) and isinstance(name, str) and _stem(name) in KNOWN:
            found[PurePosixPath(path).name.lower()] = _stem(name)
    return found


def _read_json(path: Path) -> Any:
    if not path.is_file() or path.stat().st_size > LONGEST_CELL:
        return None
    return _parsed(path.read_bytes())


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(decoded(body))
    except (ValueError, RecursionError):
        return None
