"""When a person is at the hub, and what may therefore be promised."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import holidays

from hub.profile import DAYS, Profile

LOOK_AHEAD_DAYS = 21
# A promise for today needs this much of the day to be left.
NOTICE = timedelta(minutes=60)


@dataclass(frozen=True)
class Promise:
    """When a person will reply: the moment (in the hub's zone) and how it is said."""

    at: datetime
    text: str


class Calendar:
    """The opening hours of one hub, with bank holidays and its own closed days laid over."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.zone = profile.zone
        rule = profile.bank_holidays
        self._holidays = holidays.country_holidays(rule.country, subdiv=rule.subdivision)

    def today(self, now: datetime) -> date:
        """The day it is at the hub."""
        return now.astimezone(self.zone).date()

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing time of a day, or None when the hub is closed."""
        hours = self._profile.opening_hours.get(DAYS[day.weekday()])
        if hours is None or day in self._holidays or day in self._profile.closed_dates:
            return None
        return self._at(day, hours.opens), self._at(day, hours.closes)

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is at the hub now."""
        hours = self.hours(self.today(now))
        return hours is not None and hours[0] <= now < hours[1]

    def next_reply(self, now: datetime) -> Promise:
        """The next time a person can be promised.

        "today, before 3pm" while the hub is open for another hour; else the next open day, as
        in "tomorrow, Monday, after 10am". Where no day is open for three weeks the promise is
        "when the hub opens again", at the end of those weeks.
        """
        today = self.today(now)
        for ahead in range(LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            hours = self.hours(day)
            if hours is None:
                continue
            opens, closes = hours
            after = max(opens, self._at(day, self._profile.reply_after))
            if ahead == 0 and now + NOTICE > closes:
                continue
            if ahead == 0 and now >= after:
                return Promise(closes, f"today, before {spoken_time(closes)}")
            return Promise(after, f"{spoken_day(day, today)}, after {spoken_time(after)}")
        far = self._at(today + timedelta(days=LOOK_AHEAD_DAYS), self._profile.reply_after)
        return Promise(far, "when the hub opens again")

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone)


def spoken_day(day: date, today: date) -> str:
    """A day as people say it: "today", "tomorrow, Monday", "Thursday", "Tuesday 29 December"."""
    ahead = (day - today).days
    name = DAYS[day.weekday()].title()
    if ahead == 0:
        return "today"
    if ahead == 1:
        return f"tomorrow, {name}"
    if ahead < 7:
        return name
    return f"{name} {day.day} {day:%B}"


def spoken_time(at: datetime | time) -> str:
    """A time as people say it: "10am", "3.30pm", "midday", "midnight"."""
    if (at.hour, at.minute) == (12, 0):
        return "midday"
    if (at.hour, at.minute) == (0, 0):
        return "midnight"
    hour = at.hour % 12 or 12
    minutes = f".{at.minute:02d}" if at.minute else ""
    return f"{hour}{minutes}{'am' if at.hour < 12 else 'pm'}"
