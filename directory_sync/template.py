"""The spreadsheet a hub fills in: headings, one example, and a sheet that explains each column."""

import csv
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from directory_sync.columns import Column, columns
from directory_sync.fetch import SourceFailed
from directory_sync.sheet import letter
from hub.crosswalk import crosswalk

WIDE = {"description": 50, "hours": 34, "eligibility": 30, "address": 30, "name": 28}
TOP = PatternFill("solid", fgColor="DDE7EE")


def write_template(path: Path) -> None:
    """Write an empty sheet as `.xlsx` or `.csv`. Raises SourceFailed for other endings."""
    shown = [column for column in columns() if not column.hidden]
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.heading for column in shown])
            writer.writerow(_example(shown))
        return
    if path.suffix.lower() != ".xlsx":
        raise SourceFailed(f"{path.name}: the template is written as .xlsx or .csv")
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Services"
    sheet.append([column.heading for column in shown])
    sheet.append(_example(shown))
    for place, column in enumerate(shown):
        sheet.column_dimensions[letter(place)].width = WIDE.get(column.field, 18)
        sheet.cell(2, place + 1).font = Font(italic=True, color="777777")
        # Text, or the first nought of a phone number is dropped.
        for row in range(2, 500):
            sheet.cell(row, place + 1).number_format = "@"
    _head(sheet)
    _explain(book.create_sheet("How to fill this in"), shown)
    _needs(book.create_sheet("Needs"))
    book.save(path)


def _example(shown: list[Column]) -> list[str]:
    return [
        f"Example: {column.example}" if column.field == "name" else column.example
        for column in shown
    ]


def _explain(sheet: Worksheet, shown: list[Column]) -> None:
    sheet.append(["Column", "What to write", "For example"])
    for column in shown:
        needed = " Has to be filled in." if column.needed else ""
        sheet.append([column.heading, f"{column.help}{needed}", column.example])
    sheet.append([])
    for line in (
        "One row for each service. Leave a cell empty where you do not know.",
        "Never write the names or private numbers of people.",
        "Rows that begin with 'Example:' are not read.",
        "The order of the columns does not matter, and you may leave columns out.",
        "Read it in with: goodhelp sync services.xlsx. What could not be used is listed by cell.",
    ):
        sheet.append([line])
    _head(sheet)
    for name, width in (("A", 22), ("B", 70), ("C", 40)):
        sheet.column_dimensions[name].width = width
    for row in sheet.iter_rows(min_row=2, max_col=3):
        for cell in row:
            cell.alignment = Alignment(vertical="top", wrap_text=cell.column != 1)


def _needs(sheet: Worksheet) -> None:
    sheet.append(["Write", "Means"])
    for need, meaning in crosswalk().means.items():
        sheet.append([need.replace("_", " "), meaning])
    _head(sheet)
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 90


def _head(sheet: Worksheet) -> None:
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), TOP
