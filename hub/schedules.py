"""When a service is open, from its stored schedules: now, on a day, next, and in plain words.

Times are the wall clock of the hub's zone. A service without a schedule, or whose schedules have
all run out, has times that are not known, which is not the same as closed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import holidays
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from hub.calendar import spoken_day, spoken_time
from hub.profile import DAYS

FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LOOK_AHEAD_DAYS = 62
NOT_KNOWN = "times not known"
ANY_TIME = "any time, day or night"
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


@dataclass(frozen=True)
class Hours:
    """One opening: from `opens` to `closes`, aware, in the hub's zone."""

    opens: datetime
    closes: datetime

    @property
    def all_day(self) -> bool:
        """Whether it covers the whole day."""
        return self.opens.time() == DAY_STARTS and self.closes.time() >= DAY_ENDS


@dataclass(frozen=True)
class Rule:
    """One schedule, ready to ask. Days are checked against it one at a time."""

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
        days = {code for _, code in _days(self.byday)}
        daily = self.freq == "DAILY" or not (self.freq or days or self.dtstart)
        return self.interval == 1 and (len(days) == 7 or (daily and not days))

    def over(self, today: date) -> bool:
        """Whether it ran out before `today`."""
        return self.valid_to is not None and self.valid_to < today

    def days(self, first: date, last: date) -> list[date]:
        """The days it falls on, both ends included."""
        first = max(filter(None, (first, self.valid_from)))
        last = min(filter(None, (last, self.valid_to)))
        return list(_occurrences(self, first, last)) if first <= last else []


@dataclass(frozen=True)
class OpeningTimes:
    """All schedules of one service. `country` and `subdivision` name the bank holidays."""

    rules: tuple[Rule, ...]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    country: str = "GB"
    subdivision: str = "ENG"

    @classmethod
    def of(cls, rows: Iterable[ScheduleRow], zone: ZoneInfo, **where: str) -> "OpeningTimes":
        """From stored rows."""
        return cls(tuple(Rule.of(row) for row in rows), zone, **where)

    def known(self, now: datetime) -> bool:
        """Whether any schedule with times still holds."""
        today = now.astimezone(self.zone).date()
        return any(r.opens and not r.closed and not r.over(today) for r in self.rules)

    def round_the_clock(self, now: datetime) -> bool:
        """Whether it never closes."""
        today = now.astimezone(self.zone).date()
        return any(r.round_the_clock and not r.over(today) for r in self.rules)

    def open_on(self, day: date) -> list[Hours]:
        """Its openings that begin on a day.

        None on a bank holiday, unless it opens every day of the week: a night shelter does not
        close for Christmas, and a Tuesday group does.
        """
        return self._between(day, day)

    def open_now(self, now: datetime) -> bool | None:
        """Whether it is open; None where its times are not known."""
        if not self.known(now):
            return None
        today = now.astimezone(self.zone).date()
        hours = self._between(today - timedelta(days=1), today)
        return any(h.opens <= now < h.closes or (h.all_day and h.opens <= now) for h in hours)

    def next_open(self, now: datetime) -> Hours | None:
        """The opening that is under way, else the next one within nine weeks."""
        if not self.known(now):
            return None
        today = now.astimezone(self.zone).date()
        # Most services open every week, so a short look is nearly always enough.
        for first, last in ((-1, 8), (9, LOOK_AHEAD_DAYS)):
            for hours in self._between(today + timedelta(days=first), today + timedelta(days=last)):
                if hours.closes > now:
                    return hours
        return None

    def spoken(self, now: datetime) -> str:
        """The next opening as people say it: "tomorrow 10am to midday"."""
        if self.round_the_clock(now):
            return ANY_TIME
        hours = self.next_open(now)
        if hours is None:
            return NOT_KNOWN
        today = now.astimezone(self.zone).date()
        if hours.opens <= now:
            return f"open now, until {_ends(hours.closes.time())}"
        day = spoken_day(hours.opens.date(), today).partition(",")[0]
        return f"{day} {_span(hours.opens.time(), hours.closes.time())}"

    def weekly(self, now: datetime) -> str:
        """The rule in plain words: "Tuesdays and Thursdays 10am to midday"."""
        if self.round_the_clock(now):
            return ANY_TIME
        today = now.astimezone(self.zone).date()
        said: dict[str, list[str]] = {}
        for rule in self.rules:
            if rule.opens and rule.closes and not rule.closed and not rule.over(today):
                said.setdefault(_span(rule.opens, rule.closes), []).append(_spoken_days(rule))
        parts = [f"{_listed(days)} {span}" for span, days in said.items()]
        return "; ".join(parts) if parts else NOT_KNOWN

    def _between(self, first: date, last: date) -> list[Hours]:
        shut = {d for r in self.rules if r.closed for d in r.days(first, last)}
        found = set()
        for rule in self.rules:
            if rule.closed or rule.opens is None or rule.closes is None:
                continue
            for day in rule.days(first, last):
                if day in shut or (not rule.every_day and self._bank_holiday(day)):
                    continue
                found.add(self._hours(day, rule.opens, rule.closes))
        return sorted(found, key=lambda hours: (hours.opens, hours.closes))

    def _hours(self, day: date, opens: time, closes: time) -> Hours:
        # A closing time before the opening time belongs to the next morning.
        over_night = closes <= opens
        last = day + timedelta(days=1) if over_night else day
        return Hours(
            datetime.combine(day, opens, tzinfo=self.zone),
            datetime.combine(last, closes, tzinfo=self.zone),
        )

    def _bank_holiday(self, day: date) -> bool:
        return day in _bank_holidays(self.country, self.subdivision)


@lru_cache(maxsize=20_000)
def _occurrences(rule: Rule, first: date, last: date) -> tuple[date, ...]:
    days = _days(rule.byday)
    freq = rule.freq or ("WEEKLY" if days else None)
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


@lru_cache(maxsize=16)
def _bank_holidays(country: str, subdivision: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)


def _days(byday: str | None) -> list[tuple[int, str]]:
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


def _span(opens: time, closes: time) -> str:
    if opens == DAY_STARTS and closes >= DAY_ENDS:
        return "all day"
    return f"{spoken_time(opens)} to {_ends(closes)}"


def _ends(closes: time) -> str:
    return "midnight" if closes >= DAY_ENDS else spoken_time(closes)


def _spoken_days(rule: Rule) -> str:
    days = _days(rule.byday)
    codes = [code for _, code in days]
    numbers = {number for number, _ in days}
    names = [DAYS[CODES.index(code)].title() for code in codes]
    if any(numbers):
        which = " and ".join(_ordinal(number) for number in sorted(numbers, key=_last_last))
        return f"{which} {_listed(names)} of the month"
    if rule.freq == "MONTHLY" and not names:
        return "once a month"
    if not names or len(set(codes)) == 7:
        return "every day"
    if rule.interval > 1:
        often = "every second" if rule.interval == 2 else f"every {_ordinal(rule.interval)}"
        return f"{often} {_listed(names)}"
    indexes = sorted({CODES.index(code) for code in codes})
    if len(indexes) > 2 and indexes == list(range(indexes[0], indexes[-1] + 1)):
        return f"{DAYS[indexes[0]].title()} to {DAYS[indexes[-1]].title()}"
    return _listed([f"{DAYS[index].title()}s" for index in indexes])


def _last_last(number: int) -> int:
    return number if number > 0 else 100 + number


def _ordinal(number: int) -> str:
    if number < 0:
        return "last" if number == -1 else f"{_ordinal(-number)} last"
    words = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    return words.get(number, f"{number}th")


def _listed(words: Sequence[str]) -> str:
    unique = list(dict.fromkeys(words))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
