"""When a service is open, from its stored schedules: now, on a day, next, and in plain words.

Times are the wall clock of the hub's zone. A service without a schedule, or whose schedules have
all run out, has times that are not known, which is not the same as closed. Times that were read
from words and are not certain are never said: the words are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from hub.calendar import spoken_day, spoken_time
from hub.hours.openings import CERTAIN
from hub.profile import DAYS
from hub.schedule_rules import CODES, DAY_ENDS, DAY_STARTS, Rule, ScheduleRow, weekdays_of

LOOKS = ((-1, 8), (9, 62))
NOT_KNOWN = "times not known"
ANY_TIME = "any time, day or night"
IN_TERM = "in term time"
WORDS_AT_MOST = 60
# Every school in England is shut then: month and day, first and last.
NO_SCHOOL = (((7, 25), (8, 31)), ((12, 24), (12, 31)), ((1, 1), (1, 1)))


@dataclass(frozen=True)
class Hours:
    """One opening: from `opens` to `closes`, aware, in the hub's zone."""

    opens: datetime
    closes: datetime
    term_time: bool = False

    @property
    def ends(self) -> datetime:
        """When it is over: 23:59 stands for midnight."""
        if self.closes.time() >= DAY_ENDS:
            after = self.closes.date() + timedelta(days=1)
            return datetime.combine(after, DAY_STARTS, tzinfo=self.closes.tzinfo)
        return self.closes

    @property
    def all_day(self) -> bool:
        """Whether it covers the whole day."""
        return self.opens.time() == DAY_STARTS and self.closes.time() >= DAY_ENDS


@dataclass(frozen=True)
class OpeningTimes:
    """All schedules of one service. `country` and `subdivision` name the bank holidays.

    `words` are hours as they were written, where they could not be read for certain. `terms` are
    the first and last days of school terms, as far as the hub knows them.
    """

    rules: tuple[Rule, ...]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/London"))
    country: str = "GB"
    subdivision: str = "ENG"
    words: tuple[str, ...] = ()
    terms: tuple[tuple[date, date], ...] = ()

    @classmethod
    def of(
        cls,
        rows: Iterable[ScheduleRow],
        zone: ZoneInfo,
        *,
        country: str = "GB",
        subdivision: str = "ENG",
        terms: Iterable[tuple[date, date]] = (),
    ) -> "OpeningTimes":
        """From stored rows. Those that were read without certainty give their words only."""
        sure, words = [], []
        for row in rows:
            if row.confidence is None or row.confidence >= CERTAIN:
                sure.append(Rule.of(row))
            elif row.description:
                words.append(" ".join(row.description.split()))
        return cls(
            tuple(sure), zone, country, subdivision, tuple(dict.fromkeys(words)), tuple(terms)
        )

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
        now = now.astimezone(UTC)
        today = now.astimezone(self.zone).date()
        hours = self._between(today - timedelta(days=1), today)
        return any(h.opens <= now < h.ends for h in hours)

    def open_today(self, now: datetime) -> bool | None:
        """Whether it is open now or opens later today; None where its times are not known."""
        if not self.known(now):
            return None
        hours = self.next_open(now)
        return hours is not None and hours.opens.date() <= now.astimezone(self.zone).date()

    def next_open(self, now: datetime) -> Hours | None:
        """The opening that is under way, else the next one within nine weeks or of a first season.

        A service that begins on a later day is found from that day on.
        """
        if not self.known(now):
            return None
        # Another zone than ours: moments are compared, not what the clocks on the wall show.
        now = now.astimezone(UTC)
        today = now.astimezone(self.zone).date()
        # Most services open every week, so a short look is nearly always enough.
        looks = [(today + timedelta(days=a), today + timedelta(days=b)) for a, b in LOOKS]
        begins = [day for r in self.rules if (day := r.valid_from or r.dtstart) and day > today]
        looks.extend((day, day + timedelta(days=LOOKS[0][1])) for day in sorted(begins)[:3])
        for first, last in looks:
            for hours in self._between(first, last):
                if hours.ends > now:
                    return hours
        return None

    def spoken(self, now: datetime) -> str:
        """The next opening as people say it: "tomorrow 10am to midday"."""
        if self.round_the_clock(now):
            return ANY_TIME
        hours = self.next_open(now)
        if hours is None:
            return self._written()
        today = now.astimezone(self.zone).date()
        if hours.opens <= now:
            return f"open now, until {_ends(hours.closes.time())}"
        day = spoken_day(hours.opens.date(), today).partition(",")[0]
        term = f", {IN_TERM}" if hours.term_time else ""
        return f"{day} {_span(hours.opens.time(), hours.closes.time())}{term}"

    def weekly(self, now: datetime) -> str:
        """The rule in plain words: "Tuesdays and Thursdays 10am to midday"."""
        if self.round_the_clock(now):
            return ANY_TIME
        today = now.astimezone(self.zone).date()
        said: dict[str, list[str]] = {}
        for rule in _joined(self.rules):
            if rule.opens and rule.closes and not (rule.closed or rule.over(today)):
                span = _span(rule.opens, rule.closes) + (f" {IN_TERM}" if rule.term_time else "")
                said.setdefault(span, []).append(_spoken_days(rule))
        parts = [f"{_listed(days)} {span}" for span, days in said.items()]
        return "; ".join(parts) if parts else self._written()

    def _written(self) -> str:
        """The hours in their own words, where those are few."""
        words = self.words[0] if len(self.words) == 1 else ""
        return f'they say "{words}"' if 0 < len(words) <= WORDS_AT_MOST else NOT_KNOWN

    def _between(self, first: date, last: date) -> list[Hours]:
        shut = {d for r in self.rules if r.closed for d in r.days(first, last)}
        special = {d for r in self.rules if r.instead for d in r.days(first, last)}
        found = set()
        for rule in self.rules:
            if rule.closed or rule.opens is None or rule.closes is None:
                continue
            for day in rule.days(first, last):
                if rule.instead or (
                    day not in shut and day not in special and self._holds(rule, day)
                ):
                    found.add(self._hours(day, rule))
        return sorted(found, key=lambda hours: (hours.opens, hours.closes))

    def _holds(self, rule: Rule, day: date) -> bool:
        """Whether a rule holds on a day, as far as bank holidays and school terms go."""
        if rule.term_time and not self._in_term(day):
            return False
        holiday = day in _bank_holidays(self.country, self.subdivision)
        if rule.bank_holidays == "only":
            return holiday
        if not holiday or rule.bank_holidays == "open" or rule.once:
            return True
        if any(other.bank_holidays == "only" for other in self.rules):
            return False
        return rule.bank_holidays is None and rule.every_day

    def _in_term(self, day: date) -> bool:
        """Whether school is in; where the hub does not know, whether it may be."""
        if any(first.year <= day.year <= last.year for first, last in self.terms):
            return any(first <= day <= last for first, last in self.terms)
        place = (day.month, day.day)
        return not any(first <= place <= last for first, last in NO_SCHOOL)

    def _hours(self, day: date, rule: Rule) -> Hours:
        assert rule.opens is not None and rule.closes is not None
        opens, closes = rule.opens, rule.closes
        # A closing time before the opening time belongs to the next morning.
        over_night = closes <= opens
        last = day + timedelta(days=1) if over_night else day
        return Hours(
            datetime.combine(day, opens, tzinfo=self.zone),
            datetime.combine(last, closes, tzinfo=self.zone),
            rule.term_time,
        )


@lru_cache(maxsize=16)
def _bank_holidays(country: str, subdivision: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Rules for saying: a row for each weekday, as HSDS 1 has it, becomes one for all of them."""
    found: dict[object, Rule] = {}
    for rule in rules:
        plain = rule.freq == "WEEKLY" and rule.byday and rule.interval == 1
        key = replace(rule, byday=None, dtstart=None) if plain else (rule, len(found))
        known = found.get(key)
        if known is not None:
            rule = replace(rule, byday=f"{known.byday},{rule.byday}")
        found[key] = rule
    return list(found.values())


def _span(opens: time, closes: time) -> str:
    if opens == DAY_STARTS and closes >= DAY_ENDS:
        return "all day"
    return f"{spoken_time(opens)} to {_ends(closes)}"


def _ends(closes: time) -> str:
    return "midnight" if closes >= DAY_ENDS else spoken_time(closes)


def _spoken_days(rule: Rule) -> str:
    days = weekdays_of(rule.byday)
    codes = [code for _, code in days]
    numbers = {number for number, _ in days}
    names = [DAYS[CODES.index(code)].title() for code in codes]
    if any(numbers):
        which = " and ".join(_ordinal(number) for number in sorted(numbers, key=_last_last))
        return f"{which} {_listed(names)} of the month"
    if rule.once and rule.dtstart:
        return f"on {rule.dtstart.day} {rule.dtstart:%B %Y}"
    if rule.bank_holidays == "only":
        return "bank holidays"
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
