"""Which times belong to which days: "Mon-Fri 9-5, Sat closed", "10-12 Thursdays", a day a line."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.hours.items import Item
from hub.hours.openings import BANK_HOLIDAY, Day

CORE = {"days": "D", "span": "S", "allday": "S", "closed": "X"}
TABLE = 3


@dataclass
class Clause:
    """Some days with their spans, as written. `dates` are days on which alone it takes place."""

    days: set[Day]
    spans: list[Item] = field(default_factory=list)
    shut: list[Item] = field(default_factory=list)
    dates: list[Item] = field(default_factory=list)
    hint: str = ""
    hints: dict[int, str] = field(default_factory=dict)


@dataclass
class Clauses:
    """The clauses of a text with what is said to be closed, and what could not be placed."""

    found: list[Clause] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    bank_holidays: str | None = None
    doubts: list[str] = field(default_factory=list)
    blank: set[int] = field(default_factory=set)

    def doubt(self, reason: str) -> None:
        if reason and reason not in self.doubts:
            self.doubts.append(reason)


def clauses_of(items: list[Item]) -> Clauses:
    """The clauses of a text."""
    reader = _Reader()
    for segment in _segments(items):
        reader.take(segment)
    reader.end()
    return reader.made


def _segments(items: Iterable[Item]) -> list[list[Item]]:
    found: list[list[Item]] = [[]]
    for item in items:
        if item.kind in ("stop", "line"):
            found.append([])
        else:
            found[-1].append(item)
    return [segment for segment in found if segment]


class _Reader:
    def __init__(self) -> None:
        self.made = Clauses()
        self._now: Clause | None = None
        # Times that came before any day.
        self._loose: list[Item] = []
        self._closing = self._except = self._including = False
        self._hint = ""

    def take(self, segment: list[Item]) -> None:
        core = "".join(CORE.get(item.kind, "") for item in segment)
        waiting = self._now is not None and not self._now.spans
        times_first = core.startswith("S") and core.endswith("D") and not waiting
        self._closing = self._except = self._including = False
        self._hint = ""
        if times_first and core.count("S") >= 1:
            self._now = None
        before = ""
        for item in segment:
            match item.kind:
                case "days":
                    self._days(item, times_first)
                case "span" | "allday":
                    self._span(item, times_first)
                case "closed":
                    self._closed(segment, item)
                case "nth":
                    self._nth(item)
                case "except":
                    self._except = True
                case "including":
                    self._including = True
                case "morning" | "evening":
                    self._hint = "a" if item.kind == "morning" else "p"
                case "lone":
                    inside = before == "word" and self._now is not None and self._now.spans
                    self.made.doubt(
                        "names a time inside the hours"
                        if inside
                        else "has a time without its other half"
                    )
                case _:
                    pass
            self.made.doubt(item.doubt)
            before = item.kind

    def end(self) -> None:
        if self._now is not None and not self._now.spans:
            last = self.made.found[-2].days if len(self.made.found) > 1 else set()
            said_again = self._now.days == last
            self._orphan(self._now)
            if self.made.found and not (said_again or self._whole_week()):
                self.made.doubt("ends with a day without times")
        if self._loose:
            self.made.doubt("does not say on which days")
            if not self.made.found:
                everyday = {Day(number) for number in range(7)}
                self.made.found.append(Clause(everyday, list(self._loose)))
        # A table of all days, the empty ones left empty, is no reason to doubt.
        if 0 < len(self.made.blank) < TABLE and not self._whole_week():
            self.made.doubt("names days without times")

    def _whole_week(self) -> bool:
        """Whether every day has its place: with times, closed or left empty."""
        timed = {day.weekday for clause in self.made.found for day in clause.days}
        singles = all(len(clause.days) == 1 for clause in self.made.found)
        return singles and timed | self.made.closed | self.made.blank >= set(range(5))

    def _days(self, item: Item, times_first: bool) -> None:
        days = set(item.days)
        if self._except and self._now is not None:
            self._take_out(days)
            return
        bank = {day for day in days if day.weekday == BANK_HOLIDAY}
        if bank and self._including and len(bank) == len(days):
            self.made.bank_holidays = "open"
            return
        if bank and self._except:
            self.made.bank_holidays = "closed"
            return
        if self._closing:
            self._shut(days)
            return
        if self._loose:
            self._new(days)
            assert self._now is not None
            self._now.spans, self._loose = list(self._loose), []
            return
        if times_first:
            self._new(days)
            return
        now = self._now
        if now is not None and not now.spans:
            if _refines(days, now.days):
                now.days = days
                return
            if _refines(now.days, days):
                return
            self._orphan(now)
        self._new(days)

    def _span(self, item: Item, times_first: bool) -> None:
        now = self._now
        if self._closing and now is not None and now.spans:
            now.shut.append(item)
            self._closing = False
            return
        if times_first:
            # A second span before the next day: "10-12 and 2-4 Thursdays".
            self._loose.append(item)
        elif now is None:
            self._loose.append(item)
        else:
            if self._hint:
                now.hints[len(now.spans)] = self._hint
            now.spans.append(item)
        if item.kind == "allday" and now is None:
            self._loose.remove(item)
            self._new({Day(number) for number in range(7)})
            assert self._now is not None
            self._now.spans.append(item)

    def _closed(self, segment: list[Item], item: Item) -> None:
        now = self._now
        if now is not None and not now.spans:
            self._shut(now.days)
            self._now = None
        else:
            self._closing = True

    def _nth(self, item: Item) -> None:
        if self._now is None:
            self.made.doubt("does not say which week of the month")
            return
        self._now.days = {Day(day.weekday, n) for day in self._now.days for n in item.nth}

    def _shut(self, days: set[Day]) -> None:
        for day in days:
            if day.weekday == BANK_HOLIDAY:
                self.made.bank_holidays = "closed"
            elif day.nth:
                self.made.doubt("is closed in some weeks")
            else:
                self.made.closed.add(day.weekday)

    def _take_out(self, days: set[Day]) -> None:
        assert self._now is not None
        if any(day.weekday == BANK_HOLIDAY for day in days):
            self.made.bank_holidays = "closed"
        out = {day.weekday for day in days if not day.nth and day.weekday != BANK_HOLIDAY}
        if any(day.nth for day in days):
            self.made.doubt("is closed in some weeks")
        self._now.days = {day for day in self._now.days if day.weekday not in out}
        self.made.closed.update(out)

    def _new(self, days: set[Day]) -> None:
        self._now = Clause(days)
        self.made.found.append(self._now)

    def _orphan(self, clause: Clause) -> None:
        """Days that no times followed."""
        if clause in self.made.found:
            self.made.found = [one for one in self.made.found if one is not clause]
        others = {day for one in self.made.found for day in one.days if one.spans}
        if {day.weekday for day in clause.days} == {BANK_HOLIDAY}:
            self.made.doubt("does not say how it is on bank holidays")
        elif not clause.days <= others:
            self.made.blank.update(day.weekday for day in clause.days)


def _refines(fine: set[Day], rough: set[Day]) -> bool:
    """Whether days say the same again, or say it finer: "Friday: the last Friday of the month"."""
    weekdays = {day.weekday for day in rough}
    return {day.weekday for day in fine} == weekdays and (
        any(day.nth for day in fine) or fine == rough
    )
