"""Tables out of CSV and XLSX files: rows of text, whatever the encoding and the separator."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from directory_sync.fetch import MEGABYTE, SourceFailed

LARGEST_FILE = 64 * MEGABYTE
LARGEST_UNPACKED = 512 * MEGABYTE
LONGEST_CELL = 4 * MEGABYTE
ROWS_AT_MOST = 200_000
COLUMNS_AT_MOST = 300
READ_WHOLE = 16 * MEGABYTE
# What a spreadsheet shows where a formula failed.
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")
Table = Iterator[list[str]]


def tables_of(path: Path) -> Iterator[tuple[str, Table]]:
    """The sheets of a file, each by name with its rows. Raises SourceFailed."""
    if path.stat().st_size > LARGEST_FILE:
        raise SourceFailed(f"{path.name} is larger than {LARGEST_FILE // MEGABYTE} MB")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        yield from _workbook(path)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceFailed(f"{path.name} is an old Excel file: save it as .xlsx and try again")
    else:
        yield path.stem, csv_rows(path.read_bytes(), path.name)


def decoded(body: bytes) -> str:
    """Text of unknown encoding: UTF-8, UTF-16 where it says so, else what Windows writes."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; they become marks that stand out.
        return body.decode("cp1252", errors="replace")


def csv_rows(body: bytes, name: str) -> Table:
    """Rows of a CSV file. Commas, semicolons, tabs and bars are told apart by the first lines."""
    csv.field_size_limit(LONGEST_CELL)
    text = decoded(body).replace("\x00", "")
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192].rpartition("\n")[0] or text, ",;\t|")
        separator = dialect.delimiter
    except csv.Error:
        separator = ","
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield row[:COLUMNS_AT_MOST]
    except csv.Error as error:
        raise SourceFailed(f"{name} cannot be read as CSV: {error}") from None


def _workbook(path: Path) -> Iterator[tuple[str, Table]]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > LARGEST_UNPACKED:
                raise SourceFailed(f"{path.name} unpacks to over {LARGEST_UNPACKED // MEGABYTE} MB")
        # Values as they were last worked out; formulas are never run.
        book = load_workbook(
            # Only a book that is read as a whole tells of its merged cells.
            path,
            read_only=size > READ_WHOLE,
            data_only=True,
            keep_links=False,
        )
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise SourceFailed(f"{path.name} is no workbook that can be read: {error}") from None
    except DefusedXmlException:
        raise SourceFailed(f"{path.name} holds XML that is not safe to read") from None
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield sheet.title, _cells(sheet)
    finally:
        book.close()


def _cells(sheet: Any) -> Table:
    if hasattr(sheet, "reset_dimensions"):
        # Some writers say that a sheet is one cell large; what is there is read.
        sheet.reset_dimensions()
    else:
        _spread(sheet)
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=COLUMNS_AT_MOST)):
        if number >= ROWS_AT_MOST:
            raise SourceFailed(f"the sheet has more than {ROWS_AT_MOST} rows")
        yield [_text(value) for value in row]


def _spread(sheet: Any) -> None:
    """What stands in a cell that was merged downwards holds for each of its rows."""
    for area in list(sheet.merged_cells.ranges):
        if area.min_col == area.max_col and area.max_row > area.min_row:
            value = sheet.cell(area.min_row, area.min_col).value
            sheet.unmerge_cells(str(area))
            for row in range(area.min_row, min(area.max_row, ROWS_AT_MOST) + 1):
                sheet.cell(row, area.min_col).value = value


def _text(value: Any) -> str:
    """A cell as it would be typed: 18, not 18.0; a day as 2026-11-02; a time as 10:00."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    text = str(value)
    return "" if text in ERRORS else text
