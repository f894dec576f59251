"""A span of clock times as people write it, made into opening and closing times."""

import re
from dataclasses import dataclass
from datetime import time

HALF = r"(?:a\.?\s?m\b\.?|p\.?\s?m\b\.?|yb\b|yp\b|yh\b|y\.b\.?|y\.p\.?)"
POINT = r"(?:noon|midday|mid-day|midnight|hanner dydd)\b"


def _time(name: str) -> str:
    return (
        rf"(?:(?P<{name}h>\d{{1,2}})(?:\s?[:.;]\s?(?P<{name}m>[0-5]\d)|(?P<{name}n>[0-5]\d))?"
        rf"(?::00)?(?!\d)(?:\s?h(?:rs?|ours)?\b)?\s?\.?\s?(?P<{name}p>{HALF}|\(?{POINT})?"
        rf"|(?P<{name}w>{POINT}))"
    )


TO = r"(?:\s*(?:-\s*)?(?:-|to|till?|'til|unti?ll?|through|thru|tan|hyd|up to|and until)\s*-?\s*)"
NOT_HOURS = r"(?!\s?(?:weeks?|days?|hours?|hrs|st|nd|rd|th|times|x)\b)"
SPAN = re.compile(
    rf"(?<![\d£/.:])(?:(?P<between>between|from)\s+)?{_time('a')}{TO}{_time('b')}{NOT_HOURS}(?![\d/])"
)
BETWEEN = re.compile(rf"between\s+{_time('a')}\s*(?:and|&)\s*{_time('b')}{NOT_HOURS}(?![\d/])")
LONE = re.compile(
    rf"(?<![\d£/.:])(?:\d{{1,2}}(?:[:.][0-5]\d)?\s?\.?{HALF}|\d{{1,2}}:[0-5]\d|"
    rf"(?:12\s?)?{POINT})(?![\d/])"
)
DAY_ENDS = time(23, 59)
YEARS = re.compile(r"^20[2-3]\d$")


@dataclass(frozen=True)
class Point:
    """One time as written: hour, minute and "a", "p", "noon", "midnight" or nothing."""

    hour: int
    minute: int
    half: str = ""
    padded: bool = False

    @property
    def bare(self) -> bool:
        """Whether nothing says which half of the day it is."""
        return not self.half and self.hour <= 12

    @property
    def minutes(self) -> int:
        """Minutes after midnight, as written."""
        return self.hour * 60 + self.minute


@dataclass(frozen=True)
class Span:
    """Two times as written."""

    first: Point
    last: Point

    @property
    def empty(self) -> bool:
        """00:00 to 00:00: a form that was not filled in, or a day that never ends."""
        return self.first.minutes == self.last.minutes == 0

    @property
    def by_24(self) -> bool:
        """Whether it shows the 24-hour clock."""
        points = (self.first, self.last)
        return any(not p.half and (p.hour > 12 or p.hour == 0) for p in points)


def span_at(text: str, at: int) -> tuple[Span, int] | None:
    """The span that begins at a position, and where it ends."""
    match = BETWEEN.match(text, at) or SPAN.match(text, at)
    if match is None:
        return None
    if YEARS.match(_figures(match, "a")) or YEARS.match(_figures(match, "b")):
        return None
    first, last = _point(match, "a"), _point(match, "b")
    if first is None or last is None:
        return None
    return Span(first, last), match.end()


def times_of(span: Span, *, by_24: bool = False, hint: str = "") -> tuple[time, time, list[str]]:
    """Opening and closing time of a span, with what is doubtful in it.

    `by_24` says that the text around it uses the 24-hour clock; `hint` is "a" or "p" where
    morning, afternoon or evening stand beside it.
    """
    doubts: list[str] = []
    opens, closes = _resolved(span, by_24 or span.by_24, hint, doubts)
    if closes == opens and opens != 0:
        doubts.append("opens and closes at the same time")
    if closes <= opens and opens < 16 * 60 and closes != 0:
        doubts.append("closes before it opens")
    long = (closes - opens) % (24 * 60)
    if 16 * 60 < long < 23 * 60 + 30:
        doubts.append("is open for more than 16 hours")
    if opens < 5 * 60 and closes != 24 * 60 and not (opens == 0 and long > 23 * 60):
        doubts.append("opens in the night")
    return _clock(opens), DAY_ENDS if closes in (0, 24 * 60) else _clock(closes), doubts


def _resolved(span: Span, by_24: bool, hint: str, doubts: list[str]) -> tuple[int, int]:
    a, b = span.first, span.last
    if a.half and b.half:
        if (a.hour == 12 and a.half == "a") or (b.hour == 12 and b.half == "a"):
            doubts.append("12am may be noon or midnight")
        opens, closes = _fixed(a, doubts), _fixed(b, doubts)
        return opens, 24 * 60 if closes == 0 else closes
    if b.half:
        return _by_last(a, b, hint, by_24, doubts)
    if a.half:
        return _by_first(a, b, doubts)
    if by_24 or a.padded or b.padded:
        return _by_figures(a, b, doubts)
    return _by_custom(a, b, hint, doubts)


def _by_last(a: Point, b: Point, hint: str, by_24: bool, doubts: list[str]) -> tuple[int, int]:
    """ "2-4pm", "10-1pm", "9-12 noon": only the second says which half of the day."""
    closes = _fixed(b, doubts) or 24 * 60
    if b.half == "a" and b.hour == 12:
        doubts.append("12am may be noon or midnight")
    if a.hour > 12 or a.hour == 0 or a.padded:
        return a.minutes, closes
    morning, later = a.minutes % (12 * 60), a.minutes % (12 * 60) + 12 * 60
    if a.hour == 12 and b.half != "a":
        return 12 * 60 + a.minute, closes
    if later < closes and hint != "a":
        if a.hour >= 9 and hint != "p":
            doubts.append("may open in the morning or in the evening")
        if by_24:
            return morning, closes
        return later, closes
    if b.half == "a" and morning >= closes:
        doubts.append("may be in the night")
        return later, closes
    return morning, closes


def _by_first(a: Point, b: Point, doubts: list[str]) -> tuple[int, int]:
    """ "9am-4.30", "2pm-4": only the first says which half of the day."""
    opens = _fixed(a, doubts)
    if b.hour > 12 or b.hour == 0:
        return opens, b.minutes or 24 * 60
    early, late = b.minutes % (12 * 60), b.minutes % (12 * 60) + 12 * 60
    if a.half == "a" and a.hour != 12:
        if early > opens:
            if opens < 8 * 60:
                doubts.append("may close in the morning or in the evening")
            return opens, early
        return opens, late
    if b.hour == 12 and opens > 12 * 60:
        return opens, 24 * 60
    if late > opens:
        return opens, late
    doubts.append("closes before it opens")
    return opens, early


def _by_figures(a: Point, b: Point, doubts: list[str]) -> tuple[int, int]:
    """The 24-hour clock, with "9:00 - 1:00" and "1:00 - 15:00" read as they were meant."""
    opens, closes = a.minutes, b.minutes
    if a.hour == 24:
        opens = 0
    if closes <= opens and closes != 0 and b.hour < 12 and closes + 12 * 60 > opens:
        if b.padded:
            doubts.append("closes before it opens")
        closes += 12 * 60
    elif 1 <= a.hour < 5 and not a.padded and opens + 12 * 60 < closes:
        doubts.append("may open in the night or in the afternoon")
        opens += 12 * 60
    return opens, closes


def _by_custom(a: Point, b: Point, hint: str, doubts: list[str]) -> tuple[int, int]:
    """ "10-4", "2 - 3.30", "10.00 - 12.00": nothing says which half of the day."""
    early, late = a.minutes % (12 * 60), a.minutes % (12 * 60) + 12 * 60
    afternoon = a.hour == 12 or a.hour < 7 or (hint == "p" and a.hour < 12)
    opens = late if afternoon and hint != "a" else early
    options = (b.minutes % (12 * 60), b.minutes % (12 * 60) + 12 * 60)
    closes = next((option for option in options if option > opens), 24 * 60)
    if b.hour == 12 and opens > 12 * 60:
        closes = 24 * 60
    if not hint and a.hour in (7, 8) and opens < closes < 12 * 60:
        doubts.append("may be in the morning or in the evening")
    if closes - opens > 11 * 60:
        doubts.append("may close in the morning or in the evening")
    return opens, closes


def _fixed(point: Point, doubts: list[str]) -> int:
    """Minutes of a time that says its half of the day: "4pm", "16.00pm", "noon"."""
    if point.half == "noon":
        if point.hour not in (0, 12):
            doubts.append("noon is at twelve")
        return 12 * 60
    if point.half == "midnight":
        return 24 * 60
    if point.hour > 12 or point.hour == 0:
        if point.half == "a" and point.hour > 12:
            doubts.append(f"{point.hour}am is no time")
        return point.minutes
    return point.minutes % (12 * 60) + (12 * 60 if point.half == "p" else 0)


def _figures(match: re.Match[str], name: str) -> str:
    return (match[f"{name}h"] or "") + (match[f"{name}n"] or "")


def _point(match: re.Match[str], name: str) -> Point | None:
    word = match[f"{name}w"]
    if word:
        return Point(12, 0, _half(word))
    hour, minute = int(match[f"{name}h"]), int(match[f"{name}m"] or match[f"{name}n"] or 0)
    if hour > 24 or (hour == 24 and minute):
        return None
    half = _half(match[f"{name}p"] or "")
    return Point(hour, minute, half, padded=match[f"{name}h"].startswith("0"))


def _half(text: str) -> str:
    text = text.strip(" (")
    if text.startswith(("noon", "midday", "mid-day", "hanner")):
        return "noon"
    if text.startswith("midnight"):
        return "midnight"
    if not text:
        return ""
    return "a" if text[0] == "a" or text.replace(".", "") == "yb" else "p"


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
