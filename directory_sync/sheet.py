"""A spreadsheet that a hub fills in, CSV or XLSX, with a report by cell."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from directory_sync.cells import Unusable, read_cell
from directory_sync.columns import Column, column_of, columns, plain
from directory_sync.fetch import SourceFailed
from directory_sync.words import postcode_in
from directory_sync.workbook import tables_of
from hub.crosswalk import OUR_FEATURES, OUR_NEEDS

# Titles and notes may stand above the headings.
LOOK_FOR_HEADINGS = 25
ENOUGH_HEADINGS = 2
HELP_SHEETS = {"how to fill this in", "needs"}
EXAMPLE_MARK = "example:"
Progress = Callable[[str, int, int | None], None]
Cells = dict[str, tuple[str, str]]


def read_sheet(path: Path, progress: Progress) -> Iterator[dict[str, Any]]:
    """Every row as a service. Raises SourceFailed where no sheet has headings that we know.

    What a cell holds that cannot be used is left out and reported by row and column; a row
    without a name is refused. Empty rows are no services.
    """
    found = False
    unread: list[str] = []
    for title, rows in tables_of(path):
        if title.strip().lower() in HELP_SHEETS:
            continue
        filled: list[int] = []
        numbered = _numbered(rows, filled)
        headings = _headings(numbered)
        if headings is None:
            if filled:
                unread.append(title)
            continue
        found = True
        yield from _Sheet(headings, "" if path.suffix.lower() != ".xlsx" else title).read(
            numbered, progress
        )
    for title in unread if found else ():
        reason = "has no row of headings that we know, with the name: it was not read"
        yield {"_note": f"sheet {title!r}", "_field": "sheet", "_reason": reason}
    if not found:
        names = ", ".join(column.heading for column in columns()[:6])
        raise SourceFailed(
            f"{path.name} has no row of headings that we know, such as {names}. "
            "`goodhelp template services.xlsx` writes a sheet to fill in"
        )


def _numbered(rows: Iterable[list[str]], filled: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Rows by their numbers; `filled` is given the first that holds anything."""
    for number, row in enumerate(rows, start=1):
        if not filled and any(cell.strip() for cell in row):
            filled.append(number)
        yield number, row


class _Headings(dict[int, Column]):
    """Columns by their place from 0, the headings that we do not know, and all as they stand."""

    strange: dict[int, str]
    said: dict[int, str]


def _headings(rows: Iterator[tuple[int, list[str]]]) -> _Headings | None:
    for _, row in islice(rows, LOOK_FOR_HEADINGS):
        found = _Headings()
        found.strange = {}
        found.said = {place: plain(cell) for place, cell in enumerate(row) if cell.strip()}
        taken: set[str] = set()
        for place, cell in enumerate(row):
            column = column_of(cell.strip())
            if column and column.field not in taken:
                found[place] = column
                taken.add(column.field)
            elif cell.strip():
                found.strange[place] = cell.strip()
        if "name" not in taken and "venue" in taken:
            # Places rather than services: the place is what it is called.
            place = next(place for place, column in found.items() if column.field == "venue")
            found[place] = next(column for column in columns() if column.field == "name")
            taken.add("name")
        if len(found) >= ENOUGH_HEADINGS and "name" in taken:
            return found
    return None


class _Sheet:
    def __init__(self, headings: _Headings, title: str) -> None:
        self._headings = headings
        self._where = f"sheet {title!r}, " if title and title != "Services" else ""
        self._seen: dict[str, tuple[str, int]] = {}

    def read(
        self, rows: Iterator[tuple[int, list[str]]], progress: Progress
    ) -> Iterator[dict[str, Any]]:
        for place, heading in self._headings.strange.items():
            yield {
                "_note": f"{self._where}column {letter(place)}",
                "_field": f"column {heading[:60]!r}",
                "_reason": "is a heading that we do not know: the column was not read",
            }
        done = 0
        for number, row in rows:
            if not any(cell.strip() for cell in row) or row[0].lower().startswith(EXAMPLE_MARK):
                continue
            if self._repeats_headings(row):
                continue
            done += 1
            progress("reading rows", done, None)
            yield self._row(number, row)

    def _repeats_headings(self, row: list[str]) -> bool:
        """Whether a row is the headings again, as at the top of each printed page."""
        filled = {place: plain(cell) for place, cell in enumerate(row) if cell.strip()}
        return len(filled) > 1 and filled.items() <= self._headings.said.items()

    def _row(self, number: int, row: list[str]) -> dict[str, Any]:
        label = f"{self._where}row {number}"
        left_out: list[tuple[str, str]] = []
        said: dict[str, Any] = {}
        for place, column in self._headings.items():
            cell = row[place] if place < len(row) else ""
            try:
                value = read_cell(column.kind, cell)
            except Unusable as problem:
                left_out.append((f"column {column.heading!r}", str(problem)))
                # The words of the hours are worth keeping where the times are not certain.
                value = cell.strip() if column.kind == "hours" and "Kept" in str(problem) else None
            if value not in (None, "", [], {}):
                said[column.field] = value
        extra = [
            place
            for place, cell in enumerate(row)
            if cell.strip() and place not in self._headings and place not in self._headings.strange
        ]
        if extra:
            places = ", ".join(letter(place) for place in extra[:3])
            left_out.append((f"column {places}", "has words but no heading"))
        if "name" not in said:
            return {
                "id": label,
                "_refused": "column 'Name'",
                "_reason": "is empty. Write what the service is called",
                "_left_out": left_out,
            }
        key = self._key(said)
        twin = self._seen.setdefault(key, (label, number))
        if twin[1] != number:
            return {
                "id": label,
                "_refused": "column 'Name'",
                "_reason": f"is the same service as {twin[0]}. Keep one of the two",
            }
        return {**_service(key, said), "_label": label, "_left_out": left_out}

    def _key(self, said: dict[str, Any]) -> str:
        if "id" in said:
            return str(said["id"])
        parts = (said.get(name, "") for name in ("name", "organization", "venue", "postcode"))
        text = "|".join(str(part).strip().lower() for part in parts)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _service(key: str, said: dict[str, Any]) -> dict[str, Any]:
    features = list(said.get("sex", ()))
    if str(said.get("cost", "")).lower().startswith("free"):
        features.append("free")
    ages = said.get("ages", {})
    made: dict[str, Any] = {
        "id": key,
        "name": said["name"],
        "description": said.get("description"),
        "url": said.get("url"),
        "email": said.get("email"),
        "status": said.get("status"),
        "minimum_age": said.get("minimum_age", ages.get("minimum_age")),
        "maximum_age": said.get("maximum_age", ages.get("maximum_age")),
        "eligibility_description": said.get("eligibility"),
        "fees_description": said.get("cost"),
        "application_process": said.get("booking"),
        "assured_date": said.get("assured"),
        "phones": [
            {"number": said[name], "type": kind}
            for name, kind in (("phone", "voice"), ("text_to", "text"))
            if name in said
        ],
        "schedules": [{"description": said["hours"]}] if "hours" in said else [],
        "languages": [{"name": name} for name in said.get("languages", ())],
        "service_areas": [{"name": name} for name in said.get("areas", ())],
        "attributes": [
            *(_term(OUR_NEEDS, code) for code in said.get("needs", ())),
            *(_term(OUR_FEATURES, code) for code in features),
        ],
    }
    if "organization" in said:
        made["organization"] = {"name": said["organization"]}
    if any(name in said for name in ("venue", "address", "postcode", "latitude")):
        made["service_at_locations"] = [{"location": _place(said)}]
    return made


def _place(said: dict[str, Any]) -> dict[str, Any]:
    lines = [said.get(name) for name in ("address", "address2")]
    return {
        "name": said.get("venue"),
        "latitude": said.get("latitude"),
        "longitude": said.get("longitude"),
        "addresses": [
            {
                "address_1": ", ".join(line for line in lines if line),
                "postal_code": said.get("postcode") or postcode_in(str(said.get("address", ""))),
                "country": "GB",
            }
        ],
        "accessibility": [{"description": said.get("access")}],
    }


def _term(taxonomy: str, code: str) -> dict[str, Any]:
    return {"taxonomy_term": {"taxonomy": taxonomy, "code": code, "name": code.replace("_", " ")}}


def letter(place: int) -> str:
    """A column as a spreadsheet names it: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
