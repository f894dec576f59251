"""Moments as staff read them, in the hub's own zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.calendar import Calendar, spoken_day, spoken_time


def when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A moment near now: "today, 10am", "yesterday, 4.30pm", "Friday 20 November, 9am"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{_day(local.date(), today)}, {spoken_time(local)}"


def ago(since: datetime, now: datetime) -> str:
    """How long something lasts: "less than a minute", "12 minutes", "9 hours", "3 days"."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return _count(minutes, "minute")
    if minutes < 48 * 60:
        return _count(minutes // 60, "hour")
    return _count(minutes // (24 * 60), "day")


def spoken_date(day: date) -> str:
    """A day in full: "22 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def due(calendar: Calendar, said_at: datetime, now: datetime) -> tuple[str, bool]:
    """What a promise made at `said_at` means today, and whether its day has passed.

    As in ("today, after 10am", False) on the Monday for what was said on the Sunday night.
    """
    promise = calendar.next_reply(said_at)
    at, today = promise.at.astimezone(calendar.zone), calendar.today(now)
    hours = calendar.hours(at.date())
    late = hours is not None and now > hours[1]
    before = hours is not None and at == hours[1]
    return f"{_day(at.date(), today)}, {'before' if before else 'after'} {spoken_time(at)}", late


def _day(day: date, today: date) -> str:
    if day == today - timedelta(days=1):
        return "yesterday"
    if day < today:
        return f"{day:%A} {day.day} {day:%B}"
    return spoken_day(day, today)


def _count(n: int, unit: str) -> str:
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"
