"""The ONS Postcode Directory, as CSV or the zip it comes in, made into the file we look up in.

Streams: a row at a time goes in, whatever the size. The new file takes the place of the old one
only when it is whole.
"""

import csv
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import IO

from hub.errors import Refused

BATCH = 20_000
# What ONSPD, NSPL and their yearly renamings call a column, the better first.
COLUMNS = {
    "postcode": r"pcds|pcd8|pcd2|pcd7?|postcode",
    "latitude": r"lat|latitude",
    "longitude": r"long|longitude|lng",
    "ward": r"(?:os)?ward|wd\d\dcd",
    "council": r"(?:os)?laua|lad\d\dcd",
}
NEEDED = ("postcode", "latitude", "longitude")
NAMES = (r"(wd|lad)(\d\d)cd", r"(wd|lad)(\d\d)nm")
WHOLE = re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?) ?(\d)([A-Z]{2})$")
# Where no place is known the directory writes 99.999999.
NOWHERE = 90.0
SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE postcodes (
    postcode TEXT PRIMARY KEY, latitude REAL, longitude REAL, ward TEXT, council TEXT
) WITHOUT ROWID;
CREATE TABLE parts (part TEXT PRIMARY KEY, latitude REAL, longitude REAL) WITHOUT ROWID;
CREATE TABLE names (code TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
"""
# Sectors and districts stand in the middle of their postcodes.
PARTS = """
INSERT INTO parts SELECT {part}, avg(latitude), avg(longitude)
FROM postcodes WHERE latitude IS NOT NULL GROUP BY 1
"""
SECTOR = "substr(postcode, 1, length(postcode) - 3) || ' ' || substr(postcode, -3, 1)"
DISTRICT = "substr(postcode, 1, length(postcode) - 3)"
Progress = Callable[[int], None]


class NotADirectory(Refused):
    """A file that is no postcode directory."""

    staff_words = "That file is no postcode directory. Nothing was changed."


@dataclass(frozen=True)
class Loaded:
    """What was loaded: rows read, postcodes kept, those without a place, and lines left out."""

    read: int
    kept: int
    without_place: int
    left_out: tuple[str, ...]
    vintage: str


def load(
    source: Path,
    target: Path,
    progress: Progress = lambda _rows: None,
    names: Iterable[Path] = (),
) -> Loaded:
    """Read a directory (`.csv` or `.zip`) and write the file for look-ups. Raises NotADirectory.

    Names of wards and councils are in the zip; with a CSV alone they come from `names`, the CSV
    files of its `Documents` folder. Without them a postcode has a place but no ward.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".loading")
    draft.unlink(missing_ok=True)
    try:
        with sqlite3.connect(draft, isolation_level=None) as file:
            file.executescript(SCHEMA)
            loaded = _fill(file, source, progress)
            for path in names:
                with path.open("rb") as stream:
                    file.executemany("INSERT OR REPLACE INTO names VALUES (?, ?)", _named(stream))
        file.close()
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return loaded


def _fill(file: sqlite3.Connection, source: Path, progress: Progress) -> Loaded:
    rows = _Rows()
    if not zipfile.is_zipfile(source):
        with _csv(source) as reader:
            _insert(file, rows.of(reader, source.name), progress)
    else:
        with zipfile.ZipFile(source) as archive:
            tables = _tables(archive)
            for member in tables.data:
                with archive.open(member) as stream:
                    _insert(file, rows.of(_reader(stream), member), progress)
            for member in tables.names:
                with archive.open(member) as stream:
                    file.executemany("INSERT OR REPLACE INTO names VALUES (?, ?)", _named(stream))
    if not rows.kept:
        raise NotADirectory(f"{source.name} holds no postcodes")
    for part in (SECTOR, DISTRICT):
        file.execute(PARTS.format(part=part))
    meta = {"vintage": rows.vintage, "rows": rows.kept, "source": source.name}
    file.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    return Loaded(rows.read, rows.kept, rows.without_place, tuple(rows.left_out), rows.vintage)


def _insert(file: sqlite3.Connection, rows: Iterable[tuple[object, ...]], tell: Progress) -> None:
    done = 0
    file.execute("BEGIN")
    for batch in batched(rows, BATCH):
        file.executemany("INSERT OR REPLACE INTO postcodes VALUES (?, ?, ?, ?, ?)", batch)
        done += len(batch)
        tell(done)
    file.execute("COMMIT")


class _Rows:
    """Rows of a directory, counted; the first odd ones are kept to be told."""

    def __init__(self) -> None:
        self.read = self.kept = self.without_place = 0
        self.left_out: list[str] = []
        self.vintage = ""

    def of(self, lines: Iterator[list[str]], name: str) -> Iterator[tuple[object, ...]]:
        """(postcode, latitude, longitude, ward, council) of each row."""
        headings = [cell.strip().lower().lstrip("\ufeff") for cell in next(lines, [])]
        at = {column: _place(headings, pattern) for column, pattern in COLUMNS.items()}
        missing = [column for column in NEEDED if at[column] is None]
        if missing:
            raise NotADirectory(f"{name} has no column for {', '.join(missing)}")
        self.vintage = _vintage(headings, at["ward"], name) or self.vintage
        for number, line in enumerate(lines, start=2):
            self.read += 1
            cells = {
                column: line[place].strip() if place is not None and place < len(line) else ""
                for column, place in at.items()
            }
            match = WHOLE.match(" ".join(cells["postcode"].upper().split()).replace("  ", " "))
            if match is None:
                if len(self.left_out) < 20:
                    self.left_out.append(
                        f"line {number}: {cells['postcode'][:12]!r} is no postcode"
                    )
                continue
            point = _point(cells["latitude"], cells["longitude"])
            self.without_place += point is None
            self.kept += 1
            yield (
                "".join(match.groups()),
                *(point or (None, None)),
                cells["ward"] or None,
                cells["council"] or None,
            )


@dataclass(frozen=True)
class _Members:
    data: list[str]
    names: list[str]


def _tables(archive: zipfile.ZipFile) -> _Members:
    """The whole directory in a zip, not its copies by area; and the names of wards and councils."""
    members = [m for m in archive.namelist() if m.lower().endswith(".csv")]
    members = [m for m in members if "__MACOSX" not in m]
    data: list[str] = []
    names: list[str] = []
    for member in members:
        with archive.open(member) as stream:
            headings = [cell.strip().lower().lstrip("\ufeff") for cell in next(_reader(stream), [])]
        if all(_place(headings, COLUMNS[column]) is not None for column in NEEDED):
            data.append(member)
        elif all(any(re.fullmatch(p, h) for h in headings) for p in NAMES):
            names.append(member)
    whole = [member for member in data if "multi" not in member.lower()]
    if not data:
        raise NotADirectory("the zip holds no table with postcodes and their places")
    return _Members(whole or data, names)


def _named(stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    lines = _reader(stream)
    headings = [cell.strip().lower().lstrip("\ufeff") for cell in next(lines, [])]
    pairs = [
        (place, headings.index(name))
        for place, heading in enumerate(headings)
        if re.fullmatch(NAMES[0], heading) and (name := f"{heading[:-2]}nm") in headings
    ]
    for line in lines:
        for code, name_at in pairs[:1]:
            if max(code, name_at) < len(line) and line[code].strip():
                yield line[code].strip(), line[name_at].strip()


@contextmanager
def _csv(path: Path) -> Iterator[Iterator[list[str]]]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise NotADirectory(f"{path.name} cannot be read: {error.strerror}") from None
    with stream:
        yield _reader(stream)


def _reader(stream: IO[bytes]) -> Iterator[list[str]]:
    return csv.reader(line.decode("utf-8", errors="replace") for line in stream)


def _place(headings: list[str], pattern: str) -> int | None:
    for way in pattern.split("|") if "(" not in pattern else [pattern]:
        for place, heading in enumerate(headings):
            if re.fullmatch(way, heading):
                return place
    return None


def _point(latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        lat, lon = float(latitude), float(longitude)
    except ValueError:
        return None
    return (lat, lon) if abs(lat) < NOWHERE and abs(lon) <= 180 else None


def _vintage(headings: list[str], ward: int | None, name: str) -> str:
    """The year of the wards: from the column's name, else from the file's."""
    match = re.fullmatch(r"wd(\d\d)cd", headings[ward]) if ward is not None else None
    year = re.search(r"20\d\d", name)
    return f"20{match[1]}" if match else (year[0] if year else "")
