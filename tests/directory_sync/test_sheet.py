"""Spreadsheets that a hub fills in: headings, cells, encodings, and a report by cell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from directory_sync.fetch import SourceFailed
from directory_sync.run import sync
from directory_sync.sources import read_source
from directory_sync.template import write_template
from hub.database import Database
from hub.matching import Matcher
from hub.places import places_of
from hub.profile import Profile
from tests.conftest import SetClock
from tests.directory_sync.reading import Staged, stage
from tests.directory_sync.supplier import Raw, Supplier

Read = Callable[..., Staged]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads CSV lines as a file."""

    def reading(*lines: str, encoding: str = "utf-8", name: str = "services.csv") -> Staged:
        path = tmp_path / name
        path.write_bytes("\r\n".join(lines).encode(encoding))
        return stage(read_source(str(path)))

    return reading


def said(staged: Staged) -> list[tuple[str, str, str]]:
    return [(reject.id, reject.field, reject.reason) for reject in staged.rejects]


def only(staged: Staged) -> Any:
    (record,) = staged.records.values()
    return record


def test_a_filled_in_sheet_is_found_by_residents(
    tmp_path: Path, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    path = tmp_path / "services.xlsx"
    write_template(path)
    book = load_workbook(path)
    sheet = book["Services"]
    headings = [cell.value for cell in sheet[1]]
    row = {
        "Name": "Lantern Pantry",
        "Needs": "Food",
        "Opening hours": "Tuesdays 10am-12pm",
        "Venue": "Lantern Hall",
        "Postcode": "l110za",
        "Phone": 1514960003,
        "Youngest age": 18.0,
        "Cost": "Free",
    }
    sheet.append([row.get(str(heading)) for heading in headings])
    book.save(path)
    result = sync(sqlite, profile, str(path), clock=clock)
    # The example in the template is no service.
    assert (result.read, result.to_json()["added"], result.left_out) == (1, 1, ())
    with sqlite.reading() as session:
        (match,) = Matcher(profile, places_of(profile.folder))(
            session, ["food"], when=clock()
        ).matches
    assert (match.name, match.when, match.cost) == (
        "Lantern Pantry",
        "Tuesday 10am to midday",
        "free",
    )
    assert (match.phone, match.eligibility) == ("0151 496 0003", "for people aged 18 and over")


def test_the_template_explains_each_column(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    headings = [cell.value for cell in book["Services"][1]]
    explained = [row[0].value for row in book["How to fill this in"].iter_rows(min_row=2)]
    assert headings == explained[: len(headings)]
    write_template(tmp_path / "t.csv")
    assert list(read_source(str(tmp_path / "t.csv"))) == []
    with pytest.raises(SourceFailed, match="xlsx or"):
        write_template(tmp_path / "t.doc")


ADVICE = [
    (
        "Postcode",
        "L11 0",
        "'L11 0' is not a whole postcode. Write it as L11 0BS",
    ),
    ("Postcode", "L11", "'L11' is not a whole postcode. Write it as L11 0BS"),
    ("Postcode", "somewhere", "'somewhere' is no postcode. Write it as L11 0BS"),
    ("Phone", "12", "'12' is no phone number. Write it as 0151 496 0003"),
    ("Email", "ann at example", "is no e-mail address"),
    ("Website", "not a site", "is no web address"),
    ("Youngest age", "grown up", "is no age. Write a number, as in 18"),
    ("Oldest age", "999", "is no age"),
    ("Checked on", "sometime", "is no date. Write it as 2026-11-02"),
    ("Status", "banana", "Write open, closed or paused"),
    ("Needs", "unicorns", "is none of the needs on the sheet 'Needs'"),
    ("Women or men only", "maybe", "Write women or men"),
    ("Opening hours", "some Tuesdays 10-12", "Kept as written. Write it as Mon-Fri 9am-5pm"),
    ("What it offers", '=HYPERLINK("http://x","y")', "looks like a formula"),
    ("What it offers", "@SUM(1+9)*cmd", "looks like a formula"),
    ("What it offers", "-cmd(1)", "looks like a formula"),
]


@pytest.mark.parametrize(("heading", "cell", "advice"), ADVICE)
def test_each_cell_that_cannot_be_used_is_named(
    read: Read, heading: str, cell: str, advice: str
) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    staged = read(f"Name,{heading}", "Lunch club,", f"Pantry,{quoted}")
    assert len(staged.records) == 2
    ((row, field, reason), *rest) = said(staged)
    assert (row, field) == ("row 3", f"column '{heading}'")
    assert advice in reason
    assert [one[0] for one in rest] == ["row 3"] * len(rest)


def test_hours_that_are_not_certain_keep_their_words(read: Read) -> None:
    (schedule,) = only(read("name,hours", "Pantry,Saturdays 10-12 monthly")).schedules
    assert (schedule.description, schedule.confidence) == ("Saturdays 10-12 monthly", 0.45)


def test_what_can_be_forgiven_is(read: Read) -> None:
    record = only(
        read(
            "Our services,,,,,",
            "",
            "Service Name *,Post-code,Telephon,AGE RANGE,Web site,Open?,Who can come",
            "Café Ann's,l11 oza,(0151) 4960003,60+,www.example.org,Mon-Fri 9-5,n/a",
        )
    )
    assert record.name == "Café Ann's"
    assert record.locations[0].postal_code == "L11 0ZA"
    assert record.phones[0].number == "0151 496 0003"
    assert (record.minimum_age, record.maximum_age) == (60, None)
    assert record.url == "https://www.example.org"
    assert record.schedules[0].byday == "MO,TU,WE,TH,FR"
    assert record.eligibility_description is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(read: Read, encoding: str, separator: str) -> None:
    staged = read(
        separator.join(("Name", "Cost")),
        separator.join(("Café – Zoë’s", "£3")),
        encoding=encoding,
    )
    assert (only(staged).name, only(staged).fees_description) == ("Café – Zoë’s", "£3")


def test_rows_that_are_refused_say_why(read: Read) -> None:
    staged = read(
        "Name,Postcode,Colour",
        ",L11 0ZA,red",
        "Pantry,L11 0ZA,",
        ",,",
        "pantry,l11 0za,blue",
        "Example: Choir,,",
        "Walk,,,and more",
    )
    assert (staged.read, len(staged.records)) == (4, 2)
    assert said(staged) == [
        (
            "column C",
            "column 'Colour'",
            "is a heading that we do not know: the column was not read",
        ),
        ("row 2", "column 'Name'", "is empty. Write what the service is called"),
        ("row 5", "column 'Name'", "is the same service as row 3. Keep one of the two"),
        ("row 7", "column D", "has words but no heading"),
    ]


def test_several_sheets_and_hidden_ones(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Notes"  # type: ignore[union-attr]
    for title, name in (("North", "Pantry"), ("South", "Choir"), ("Old", "Gone")):
        sheet = book.create_sheet(title)
        sheet.append(["Name", "Status", "Postcode"])
        sheet.append([name, "open", "L11"])
    book["Old"].sheet_state = "hidden"
    book.save(tmp_path / "many.xlsx")
    staged = stage(read_source(str(tmp_path / "many.xlsx")))
    assert sorted(record.name for record in staged.records.values()) == ["Choir", "Pantry"]
    assert [row for row, _, _ in said(staged)] == ["sheet 'North', row 2", "sheet 'South', row 2"]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.csv", b"one,two\n1,2\n", "no row of headings that we know"),
        ("a.xlsx", b"PK\x03\x04 broken", "no workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file: save it as .xlsx"),
    ],
)
def test_a_file_that_is_no_sheet_says_so(
    tmp_path: Path, name: str, body: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(SourceFailed, match=reason):
        list(read_source(str(tmp_path / name)))


def test_a_sheet_at_an_address() -> None:
    def answer(path: str, params: dict[str, str]) -> Raw:
        return 200, {"Content-Type": "text/csv"}, b"Name,Phone\nPantry,0151 496 0003\n"

    with Supplier(answer).running() as supplier:
        source = f"{supplier.url}/files/services.csv?key=1"
        staged = stage(read_source(source, allow=[supplier.origin]))
    assert only(staged).name == "Pantry"
    assert supplier.asked == ["/files/services.csv?key=1"]
