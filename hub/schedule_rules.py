"""One schedule of a service as a rule: on which days does it fall?"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, Protocol

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY_STARTS, DAY_ENDS = time(0, 0), time(23, 59)


class ScheduleRow(Protocol):
    """What we read of a stored schedule (`hub.services.Schedule`)."""

    freq: str | None
    interval: int
    byday: str | None
    bymonthday: str | None
    dtstart: date | None
    valid_from: date | None
    valid_to: date | None
    opens_at: time | None
    closes_at: time | None
    closed: bool
    description: str | None
    confidence: float | None
    bank_holidays: str | None
    term_time: bool
    instead: bool


@dataclass(frozen=True)
class Rule:
    """One schedule, ready to ask. Days are checked against it one at a time.

    `bank_holidays` is "open", "closed" or "only" where that is said. `instead` marks times that
    stand in place of all others on its days.
    """

    freq: str | None
    interval: int
    byday: str | None
    bymonthday: str | None
    dtstart: date | None
    valid_from: date | None
    valid_to: date | None
    opens: time | None
    closes: time | None
    closed: bool = False
    bank_holidays: str | None = None
    term_time: bool = False
    instead: bool = False

    @classmethod
    def of(cls, row: ScheduleRow) -> "Rule":
        """From a stored row."""
        return cls(
            (row.freq or "").upper() or None,
            max(1, row.interval or 1),
            row.byday or None,
            row.bymonthday or None,
            row.dtstart,
            row.valid_from,
            row.valid_to,
            row.opens_at,
            row.closes_at,
            bool(row.closed),
            row.bank_holidays,
            bool(row.term_time),
            bool(row.instead),
        )

    @property
    def round_the_clock(self) -> bool:
        """Every day from 00:00 to 23:59."""
        return (
            self.opens == DAY_STARTS
            and self.closes is not None
            and (self.closes >= DAY_ENDS or self.closes == DAY_STARTS)
            and self.every_day
        )

    @property
    def every_day(self) -> bool:
        """All seven days of the week."""
        days = {code for _, code in weekdays_of(self.byday)}
        daily = self.freq == "DAILY" or not (self.freq or days or self.dtstart)
        return self.interval == 1 and (len(days) == 7 or (daily and not days))

    @property
    def once(self) -> bool:
        """A single day with a date of its own."""
        return self.freq is None and not self.byday and self.dtstart is not None

    def over(self, today: date) -> bool:
        """Whether it ran out before `today`."""
        last = self.valid_to or (self.dtstart if self.once else None)
        return last is not None and last < today

    def days(self, first: date, last: date) -> list[date]:
        """The days it falls on, both ends included."""
        first = max(filter(None, (first, self.valid_from)))
        last = min(filter(None, (last, self.valid_to)))
        return list(_occurrences(self, first, last)) if first <= last else []


@lru_cache(maxsize=20_000)
def _occurrences(rule: Rule, first: date, last: date) -> tuple[date, ...]:
    days = weekdays_of(rule.byday)
    freq = rule.freq or ("WEEKLY" if days else None)
    if freq == "WEEKLY" and any(number for number, _ in days):
        # The second Monday of a week makes no sense: suppliers mean of the month.
        freq = "MONTHLY"
    # A weekly rule has no days of the month (RFC 5545); feeds send them all the same.
    monthdays = _numbers(rule.bymonthday) if freq not in ("WEEKLY", None) else []
    all_days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    if freq == "WEEKLY" and rule.interval == 1 and days:
        # The plain weekly rule, by far the most common, needs no rrule.
        names = {CODES.index(code) for _, code in days}
        return tuple(day for day in all_days if day.weekday() in names)
    start = rule.dtstart or rule.valid_from
    if freq is None:
        # Times without any days: a one-off where it has a date of its own, else every day.
        if rule.dtstart:
            return (rule.dtstart,) if first <= rule.dtstart <= last else ()
        return tuple(all_days)
    if start is None and (rule.interval > 1 or not (days or monthdays)):
        # Every second week of what? Without a start nobody can tell.
        return tuple(all_days) if freq == "DAILY" and rule.interval == 1 else ()
    made = rrule(
        FREQUENCIES.get(freq, WEEKLY),
        interval=rule.interval,
        dtstart=datetime.combine(_near(freq, rule.interval, start, first), time()),
        byweekday=[_weekday(n, code) for n, code in days] or None,
        bymonthday=monthdays or None,
        cache=False,
    )
    between = made.between(
        datetime.combine(first, time()), datetime.combine(last, time()), inc=True
    )
    return tuple(moment.date() for moment in between)


def _near(freq: str, interval: int, start: date | None, first: date) -> date:
    """A start in step with `start`, moved near to `first` so that old rules cost no more."""
    if start is None:
        return first
    step = {"DAILY": interval, "WEEKLY": 7 * interval}.get(freq)
    if step is None or start >= first:
        return start
    return start + timedelta(days=(first - start).days // step * step)


def weekdays_of(byday: str | None) -> list[tuple[int, str]]:
    """`2MO,-1FR` as [(2, "MO"), (-1, "FR")]; 0 where no number is given. Odd parts are left out."""
    found = []
    for part in (byday or "").upper().replace(";", ",").split(","):
        word = part.strip()
        code, number = word[-2:], word[:-2].lstrip("+")
        if code in CODES and (not number or number.lstrip("-").isdigit()):
            found.append((int(number or 0), code))
    return found


def _weekday(number: int, code: str) -> weekday:
    return weekday(CODES.index(code), number or None)


def _numbers(text: str | None) -> list[int]:
    parts = [part.strip() for part in (text or "").split(",")]
    numbers = [int(part) for part in parts if part.lstrip("-").isdigit()]
    return [number for number in numbers if 1 <= abs(number) <= 31]
