"""Opening times: what a schedule means on a day, now and next, and how it is said."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

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


def at(day: int, hour: int, month: int = 11) -> datetime:
    """A moment of 2026 in UTC."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_a_day_that_never_ends_does_end() -> None:
    weekend = times({"byday": "SA,SU", "opens": time(0), "closes": time(23, 59)})
    assert weekend.open_now(at(22, 23)) is True
    assert weekend.open_now(at(23, 10)) is False
    evening = times({"byday": "FR", "opens": time(20), "closes": time(23, 59)})
    assert evening.open_now(datetime(2026, 11, 20, 23, 59, 30, tzinfo=UTC)) is True


def test_open_today_until_the_last_minute() -> None:
    monday = times({"byday": "MO"})
    assert monday.open_today(at(23, 8)) is True
    assert monday.open_today(at(23, 11)) is True
    assert monday.open_today(at(23, 12)) is False
    assert times().open_today(at(23, 8)) is None


def test_the_second_monday_of_a_week_is_of_the_month() -> None:
    found = times({"byday": "2MO"})
    assert [h.opens.day for day in range(1, 31) for h in found.open_on(date(2026, 11, day))] == [9]


def test_what_is_said_about_bank_holidays_holds() -> None:
    christmas = date(2026, 12, 25)
    daily = {"byday": EVERY_DAY}
    assert times({**daily, "bank_holidays": "closed"}).open_on(christmas) == []
    assert times({"byday": "FR", "bank_holidays": "open"}).open_on(christmas)
    found = times(daily, {"freq": "DAILY", "bank_holidays": "only", "opens": time(11)})
    assert [h.opens.hour for h in found.open_on(christmas)] == [11]
    assert [h.opens.hour for h in found.open_on(date(2026, 12, 18))] == [10]
    once = times({"freq": None, "dtstart": christmas})
    assert len(once.open_on(christmas)) == 1


def test_hours_instead_of_the_ordinary_ones() -> None:
    special = {"freq": "DAILY", "instead": True, "opens": time(14), "closes": time(15)}
    on = date(2026, 12, 21)
    found = times({"byday": "MO"}, {**special, "valid_from": on, "valid_to": on})
    assert [h.opens.hour for h in found.open_on(on)] == [14]
    assert [h.opens.hour for h in found.open_on(date(2026, 12, 14))] == [10]


def test_term_time_is_said_and_kept() -> None:
    group = times({"byday": "TU", "term_time": True})
    assert group.spoken(SUNDAY_NIGHT) == "Tuesday 10am to midday, in term time"
    assert group.weekly(SUNDAY_NIGHT) == "Tuesdays 10am to midday in term time"
    # Nobody is at school in August.
    assert group.open_on(date(2026, 8, 11)) == []
    half_term = date(2026, 10, 27)
    assert group.open_on(half_term)
    terms = ((date(2026, 9, 1), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18)))
    assert OpeningTimes(group.rules, terms=terms).open_on(half_term) == []


def test_a_season_that_begins_later_is_found() -> None:
    found = times({"byday": "WE", "valid_from": date(2027, 4, 5)})
    assert found.spoken(SUNDAY_NIGHT) == "Wednesday 7 April 10am to midday"
    assert times({"freq": None, "dtstart": date(2026, 11, 1)}).known(SUNDAY_NIGHT) is False


def test_the_clocks_go_back_and_forward() -> None:
    # At two in the morning of 25 October it is one o'clock again.
    night = times({"byday": "SA", "opens": time(22), "closes": time(2)})
    opens, before, after, shut = (
        datetime(2026, 10, 24, 21, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 0, tzinfo=UTC),
    )
    assert [night.open_now(moment) for moment in (opens, before, after, shut)] == [
        True,
        True,
        True,
        False,
    ]
    london = ZoneInfo("Europe/London")
    assert night.open_now(after.astimezone(london)) is True
    # On 29 March the night is an hour shorter.
    assert night.open_now(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) is True
    assert night.open_now(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) is False


def test_a_row_for_each_weekday_is_said_as_one() -> None:
    found = times(*({"byday": day} for day in ("MO", "TU", "WE", "TH", "FR")))
    assert found.weekly(SUNDAY_NIGHT) == "Monday to Friday 10am to midday"


class Row:
    """A stored schedule, as far as times go."""

    freq, byday, interval = "WEEKLY", "SA", 1
    bymonthday = dtstart = valid_from = valid_to = bank_holidays = None
    opens_at, closes_at = time(10), time(12)
    closed = term_time = instead = False

    def __init__(self, confidence: float | None, description: str | None) -> None:
        self.confidence, self.description = confidence, description


def test_times_that_are_not_certain_are_not_said() -> None:
    london = ZoneInfo("Europe/London")
    unsure = OpeningTimes.of([Row(0.4, "Sat 10-12 monthly")], london)
    assert unsure.open_now(SUNDAY_NIGHT) is None
    assert unsure.spoken(SUNDAY_NIGHT) == 'they say "Sat 10-12 monthly"'
    assert unsure.weekly(SUNDAY_NIGHT) == 'they say "Sat 10-12 monthly"'
    long = OpeningTimes.of([Row(0.4, "Saturdays, " * 20)], london)
    assert long.spoken(SUNDAY_NIGHT) == "times not known"
    sure = OpeningTimes.of([Row(1.0, "Sat 10-12"), Row(None, None)], london)
    assert sure.spoken(SUNDAY_NIGHT) == "Saturday 10am to midday"
