"""What is promised about a reply, on ordinary days, at weekends and over bank holidays."""

from datetime import datetime

import pytest

from hub.calendar import Calendar, spoken_time
from hub.profile import Profile


@pytest.mark.parametrize(
    ("now", "promised"),
    [
        ("2026-11-22T00:30:00+00:00", "tomorrow, Monday, after 10am"),
        ("2026-11-20T22:00:00+00:00", "Monday, after 10am"),
        ("2026-11-23T08:00:00+00:00", "today, after 10am"),
        ("2026-11-23T11:00:00+00:00", "today, before 3pm"),
        ("2026-11-23T14:30:00+00:00", "tomorrow, Tuesday, after 10am"),
        # Christmas Eve, late: Christmas Day, Boxing Day, a weekend and two bank holidays follow.
        ("2026-12-24T16:00:00+00:00", "Tuesday, after 10am"),
        # Just before midnight in summer it is already tomorrow in Liverpool.
        ("2026-07-12T23:30:00+00:00", "today, after 10am"),
    ],
)
def test_next_reply(profile: Profile, now: str, promised: str) -> None:
    assert Calendar(profile).next_reply(datetime.fromisoformat(now)).text == promised


def test_a_hub_that_never_opens_promises_no_day(profile: Profile) -> None:
    closed = profile.model_copy(update={"opening_hours": {}})
    promise = Calendar(closed).next_reply(datetime.fromisoformat("2026-11-22T00:30:00+00:00"))
    assert promise.text == "when the hub opens again"


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(10, 0, "10am"), (15, 30, "3.30pm"), (12, 0, "midday"), (0, 0, "midnight"), (0, 5, "12.05am")],
)
def test_times_are_said_as_people_say_them(hour: int, minute: int, said: str) -> None:
    assert spoken_time(datetime(2026, 1, 1, hour, minute)) == said
