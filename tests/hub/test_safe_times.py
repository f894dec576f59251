"""Times in somebody's own words become hours; what is not plain stays unknown."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hub.profile import QuietHours
from hub.safe_times import next_moment, safe_times

LONDON = ZoneInfo("Europe/London")
ALL = range(7)


@pytest.mark.parametrize(
    ("text", "days", "hours"),
    [
        (None, ALL, range(24)),
        ("any time", ALL, range(24)),
        ("mornings", ALL, range(9, 12)),
        ("not before 9", ALL, range(9, 24)),
        ("after 5", ALL, range(17, 24)),
        ("after 9.30", ALL, range(10, 24)),
        ("between 10 and 2", ALL, range(10, 14)),
        ("9 til 5", ALL, range(9, 17)),
        ("10am to 2pm weekdays", range(5), range(10, 14)),
        ("mon-fri mornings", range(5), range(9, 12)),
        ("monday mornings please", (0,), range(9, 12)),
        ("not weekends", range(5), range(24)),
        ("afternoons except friday", (0, 1, 2, 3, 5, 6), range(12, 17)),
        ("never at night", ALL, range(21)),
        ("school hours", ALL, range(10, 15)),
    ],
)
def test_times_that_are_plain(text: str | None, days: range, hours: range) -> None:
    found = safe_times(text)
    assert found is not None
    assert (set(found.days), set(found.hours)) == (set(days), set(hours))


@pytest.mark.parametrize(
    "text",
    ["when hes at work", "ask me first", "dunno", "he works mon-fri", "never", "no", "after 29"],
)
def test_times_that_are_not(text: str) -> None:
    assert safe_times(text) is None


@pytest.mark.parametrize(
    ("now", "times", "then"),
    [
        ("2026-11-22 12:00", None, "2026-11-22 12:00"),
        ("2026-11-22 23:30", None, "2026-11-23 09:00"),
        ("2026-11-22 12:10", "mornings", "2026-11-23 09:00"),
        ("2026-11-22 12:10", "weekdays after 5", "2026-11-23 17:00"),
        ("2026-11-22 12:10", "nights", None),
    ],
)
def test_the_next_moment_is_outside_quiet_hours_too(
    now: str, times: str | None, then: str | None
) -> None:
    window = safe_times(times)
    assert window is not None
    at = datetime.fromisoformat(now).replace(tzinfo=LONDON)
    found = next_moment(at, LONDON, QuietHours(), window)
    wanted = datetime.fromisoformat(then).replace(tzinfo=LONDON) if then else None
    assert found == wanted
