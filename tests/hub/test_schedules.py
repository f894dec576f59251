"""Opening times: what a schedule means on a day, now and next, and how it is said."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from hub.schedules import OpeningTimes, Rule

SUNDAY_NIGHT = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
EVERY_DAY = "MO,TU,WE,TH,FR,SA,SU"


def times(*rules: dict[str, Any]) -> OpeningTimes:
    usual = {
        "freq": "WEEKLY",
        "interval": 1,
        "byday": None,
        "bymonthday": None,
        "dtstart": None,
        "valid_from": None,
        "valid_to": None,
        "opens": time(10),
        "closes": time(12),
    }
    return OpeningTimes(tuple(Rule(**{**usual, **rule}) for rule in rules))


SAID = [
    ({"byday": "SU"}, "today 10am to midday", "Sundays 10am to midday"),
    ({"byday": "MO"}, "tomorrow 10am to midday", "Mondays 10am to midday"),
    ({"byday": "TH,FR"}, "Thursday 10am to midday", "Thursdays and Fridays 10am to midday"),
    ({"byday": "MO,TU,WE,TH,FR"}, "tomorrow 10am to midday", "Monday to Friday 10am to midday"),
    (
        {"freq": "MONTHLY", "byday": "2MO", "dtstart": date(2026, 1, 12)},
        "Monday 14 December 10am to midday",
        "second Monday of the month 10am to midday",
    ),
    (
        {"freq": "MONTHLY", "byday": "-1FR"},
        "Friday 10am to midday",
        "last Friday of the month 10am to midday",
    ),
    (
        {"byday": "SA", "interval": 2, "dtstart": date(2026, 1, 10)},
        "Saturday 10am to midday",
        "every second Saturday 10am to midday",
    ),
    (
        {"freq": "MONTHLY", "bymonthday": "15", "dtstart": date(2020, 1, 15)},
        "Tuesday 15 December 10am to midday",
        "once a month 10am to midday",
    ),
    # Days of the month mean nothing in a weekly rule; a real mock feed sends them.
    ({"byday": "TH", "bymonthday": "2,3,4"}, "Thursday 10am to midday", "Thursdays 10am to midday"),
    ({"freq": "DAILY"}, "today 10am to midday", "every day 10am to midday"),
    (
        {"byday": EVERY_DAY, "opens": time(0), "closes": time(23, 59)},
        "any time, day or night",
        "any time, day or night",
    ),
    (
        {"byday": EVERY_DAY, "opens": time(20), "closes": time(23, 59)},
        "today 8pm to midnight",
        "every day 8pm to midnight",
    ),
    # Past its last day: unknown, not closed.
    ({"byday": "TU", "valid_to": date(2026, 8, 28)}, "times not known", "times not known"),
    # Every second Saturday of what? Nobody can tell the next one.
    ({"byday": "SA", "interval": 2}, "times not known", "every second Saturday 10am to midday"),
    ({"byday": "TU", "opens": None}, "times not known", "times not known"),
    ({"byday": "nonsense"}, "times not known", "every day 10am to midday"),
]


@pytest.mark.parametrize(("rule", "coming", "weekly"), SAID)
def test_how_it_is_said(rule: dict[str, Any], coming: str, weekly: str) -> None:
    found = times(rule)
    assert found.spoken(SUNDAY_NIGHT) == coming
    assert found.weekly(SUNDAY_NIGHT) == weekly


def test_no_schedule_is_not_closed() -> None:
    found = times()
    assert found.open_now(SUNDAY_NIGHT) is None
    assert found.next_open(SUNDAY_NIGHT) is None
    assert found.spoken(SUNDAY_NIGHT) == "times not known"


def test_open_now_follows_the_wall_clock_in_summer_and_winter() -> None:
    tuesdays = times({"byday": "TU"})
    assert tuesdays.open_now(datetime(2026, 11, 24, 10, 0, tzinfo=UTC)) is True
    assert tuesdays.open_now(datetime(2026, 11, 24, 12, 0, tzinfo=UTC)) is False
    # In July ten o'clock in Liverpool is nine in UTC.
    assert tuesdays.open_now(datetime(2026, 7, 7, 9, 0, tzinfo=UTC)) is True
    assert tuesdays.open_now(datetime(2026, 7, 7, 11, 30, tzinfo=UTC)) is False


def test_a_night_that_runs_past_midnight_is_still_open() -> None:
    late = times({"byday": "SA", "opens": time(20), "closes": time(2)})
    assert late.open_now(SUNDAY_NIGHT) is True
    assert late.spoken(SUNDAY_NIGHT) == "open now, until 2am"


def test_bank_holidays_close_a_weekly_group_and_not_a_night_shelter() -> None:
    friday = times({"byday": "FR"})
    shelter = times({"byday": EVERY_DAY, "opens": time(20), "closes": time(23, 59)})
    assert friday.open_on(date(2026, 12, 25)) == []
    assert len(friday.open_on(date(2026, 12, 18))) == 1
    assert len(shelter.open_on(date(2026, 12, 25))) == 1
    # Christmas Day and New Year's Day are Fridays in 2026 and 2027.
    said = friday.spoken(datetime(2026, 12, 24, 9, tzinfo=UTC))
    assert said == "Friday 8 January 10am to midday"


def test_days_marked_closed_are_taken_out() -> None:
    shut = {"freq": "DAILY", "closed": True, "valid_from": date(2026, 11, 23), "opens": None}
    found = times({"byday": "MO"}, {**shut, "valid_to": date(2026, 11, 29)})
    assert found.spoken(SUNDAY_NIGHT) == "Monday 30 November 10am to midday"


def test_a_rule_of_a_hundred_years_ago_costs_nothing() -> None:
    old = times({"freq": "DAILY", "interval": 3, "dtstart": date(1900, 1, 1)})
    step = (old.next_open(SUNDAY_NIGHT).opens.date() - date(1900, 1, 1)).days  # type: ignore[union-attr]
    assert step % 3 == 0


def test_two_times_on_one_day_and_the_same_time_twice() -> None:
    found = times(
        {"byday": "MO"}, {"byday": "MO"}, {"byday": "MO", "opens": time(14), "closes": time(16)}
    )
    assert len(found.open_on(date(2026, 11, 23))) == 2
    assert found.weekly(SUNDAY_NIGHT) == "Mondays 10am to midday; Mondays 2pm to 4pm"
