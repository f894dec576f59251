"""The published reports count what they say they count."""

from datetime import UTC, date, datetime, timedelta

from hub import people, reports, topics
from hub.database import Database
from hub.people import Channel, Reach
from hub.profile import Suppression
from hub.reports import NOT_KNOWN, OTHERS, TOTAL, Table, Visit
from hub.topics import Unmet
from hub.users import add_hub
from tests.conftest import SetClock

EXACT = Suppression(threshold=1, rounding=1)
RULE = Suppression(threshold=10, rounding=5)
MONDAY = date(2026, 11, 23)


def seen(table: Table) -> dict[str, list[int | None]]:
    """The numbers by row."""
    return {row.id: [n.value for n in row.numbers] for row in (*table.rows, table.total)}


def test_the_period_is_twelve_weeks_from_a_monday() -> None:
    first, last = reports.period(date(2026, 11, 25))
    assert (first, last) == (date(2026, 9, 7), date(2026, 11, 25))
    assert (last - first).days // 7 == 11


def test_people_and_contacts_are_two_counts() -> None:
    visits = [
        Visit(1, MONDAY, "food", "Croxteth", first=True),
        Visit(1, MONDAY + timedelta(days=1), "debt"),
        Visit(2, MONDAY, None, first=True),
        Visit(3, MONDAY - timedelta(days=1), "food", "Yew Tree"),
    ]
    first = reports.period(MONDAY)[0]
    weeks = seen(reports.weeks_table(visits, first, EXACT))
    assert weeks["2026-11-23"] == [3, 2]
    assert weeks["2026-11-16"] == [1, 1]
    assert weeks["2026-09-07"] == [0, 0]
    assert weeks[TOTAL] == [4, 3]
    assert len(weeks) == 13
    assert seen(reports.contacts_table(visits, EXACT)) == {
        "food": [2], "debt": [1], NOT_KNOWN: [1], TOTAL: [4],
    }  # fmt: skip
    assert seen(reports.new_people_table(visits, EXACT)) == {
        "food": [1], NOT_KNOWN: [1], TOTAL: [2],
    }  # fmt: skip
    assert seen(reports.ward_table(visits, EXACT)) == {
        "Croxteth": [1], "Yew Tree": [1], NOT_KNOWN: [1], TOTAL: [3],
    }  # fmt: skip


def test_somebody_who_moves_is_counted_where_they_live_now() -> None:
    visits = [
        Visit(1, MONDAY, None, "Croxteth"),
        Visit(1, MONDAY + timedelta(days=1), None, "Norris Green"),
        Visit(1, MONDAY + timedelta(days=2), None, None),
    ]
    assert seen(reports.ward_table(visits, EXACT)) == {"Norris Green": [1], TOTAL: [1]}


def test_the_top_is_named_and_the_rest_gathered() -> None:
    sizes = {"A": 40, "B": 30, "C": 20, "D": 15, "E": 11}
    visits = [
        Visit(hash((ward, n)), MONDAY, None, ward) for ward, size in sizes.items()
        for n in range(size)
    ]  # fmt: skip
    table = reports.ward_table(visits, RULE)
    assert [row.id for row in table.rows] == ["A", "B", "C", OTHERS]
    assert seen(table) == {"A": [40], "B": [30], "C": [20], OTHERS: [25], TOTAL: [115]}


def test_a_busy_few_do_not_become_visible_by_coming_often() -> None:
    """Two people with thirty contacts each are still two people."""
    days = [MONDAY - timedelta(days=n) for n in range(30)]
    visits = [Visit(person, day, "offending") for person in (1, 2) for day in days]
    visits += [Visit(100 + n, MONDAY, "food") for n in range(40)]
    table = reports.contacts_table(visits, RULE)
    assert seen(table) == {"offending": [None], "food": [None], TOTAL: [100]}


def test_unmet_needs_count_people_by_need_and_reason() -> None:
    found = [(n, "food", "too_far") for n in range(30)]
    found += [(n, "food", "full") for n in range(20, 32)]
    found += [(n, "legal", "no_service") for n in range(50, 70)]
    table = reports.unmet_table(found, RULE)
    assert table.columns == ("too_far", "no_service", "full", TOTAL)
    assert seen(table) == {
        "food": [30, 0, 10, 30],
        "legal": [0, 20, 0, 20],
        TOTAL: [30, 20, 10, 50],
    }
    assert reports.unmet_table([], RULE).rows == ()


def test_a_small_unmet_need_is_not_got_from_the_totals() -> None:
    found = [(n, "food", "too_far") for n in range(30)]
    found += [(100 + n, "legal", "too_far") for n in range(25)]
    found += [(200 + n, "legal", "full") for n in range(3)]
    found += [(300 + n, "food", "full") for n in range(20)]
    table = reports.unmet_table(found, RULE)
    hidden = sum(n.value is None for row in (*table.rows, table.total) for n in row.numbers)
    shown = {row.id: [n.text for n in row.numbers] for row in table.rows}
    assert shown["legal"][:2] == ["not shown", "fewer than 10"]
    assert hidden >= 4


def test_only_this_hub_and_this_period_are_read(database: Database, clock: SetClock) -> None:
    first, last = reports.period(MONDAY)
    with database.writing() as session:
        add_hub(session, "plymouth", "Plymouth")
        for number, hub in enumerate(("croxteth", "plymouth")):
            reach = Reach(Channel.SMS, f"+44770090000{number}")
            person = people.find_or_create(session, hub, reach, clock()).person_id
            for day in (first - timedelta(days=1), first, last):
                topics.record_contact(session, hub, person, day, need="food", ward="W")
            topics.record_unmet(session, hub, person, "food", Unmet.FULL, clock())
    with database.reading() as session:
        visits = reports.visits(session, "croxteth", first, last)
        assert [visit.day for visit in visits] == [first, last]
        assert [visit.first for visit in visits] == [False, False]
        assert len(reports.unmet(session, "croxteth", datetime(2026, 9, 7, tzinfo=UTC))) == 1
        assert reports.unmet(session, "croxteth", datetime(2026, 12, 1, tzinfo=UTC)) == []
