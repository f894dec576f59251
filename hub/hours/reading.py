"""A text about hours in, a `Reading` out: openings with an honest confidence."""

import math
import re
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache

from hub.hours.clauses import Clause, Clauses, clauses_of
from hub.hours.cleaning import cleaned
from hub.hours.clock import DAY_ENDS, Span, times_of
from hub.hours.items import Item, items_of
from hub.hours.openings import Opening, Reading
from hub.hours.phrases import phrases
from hub.hours.tokens import tokens_of

# How much of the confidence is left when something is doubtful; for all others, SERIOUS.
SERIOUS = 0.45
NO_DAYS = "does not say on which days"
SLIGHT = {
    "begins on a day whose year is not said": 0.8,
    "has a time without its other half": 0.6,
    "has words that were not understood": 0.85,
    "asks to make sure": 0.8,
    "names a time inside the hours": 0.8,
    "names days without times": 0.6,
    "does not say how it is on bank holidays": 0.9,
    "opens in term time only": 1.0,
}
MANY_WORDS = 14
TOO_MANY_WORDS = 40
LONE_HOUR = re.compile(r"\d")


@lru_cache(maxsize=20_000)
def read_hours(text: str) -> Reading:
    """Read a text about opening hours. Never raises; an empty or wordless text reads as nothing.

    The text may hold HTML, line ends, typing errors in days, and Welsh. Dates without a year, weeks
    that are not said and whatever else changes the hours lower `confidence`; see `Reading`.
    """
    items = items_of(tokens_of(cleaned(text)))
    clauses = clauses_of(items)
    doubts = clauses.doubts
    said = _said(items, doubts)
    valid, one_offs, shut = _dates(items, doubts)
    openings = _openings(clauses, items, valid, one_offs, doubts)
    weeks = 2 if "fortnight" in said else 1
    if weeks == 2:
        openings = [_every_second_week(opening) for opening in openings]
    _overlaps(openings, doubts)
    if not openings:
        doubts.append("no times were found")
    _words(items, doubts)
    confidence = math.prod(SLIGHT.get(doubt, SERIOUS) for doubt in dict.fromkeys(doubts))
    nothing = not openings and not (clauses.closed and not clauses.found)
    return Reading(
        text=text,
        openings=tuple(openings),
        confidence=round(0.0 if nothing else confidence, 2),
        doubts=tuple(dict.fromkeys(doubts)),
        term_time="term" in said,
        by_appointment="appointment" in said,
        bank_holidays=clauses.bank_holidays,
        closed_days=tuple(sorted(clauses.closed)),
        closed_dates=tuple(shut),
    )


def _said(items: list[Item], doubts: list[str]) -> set[str]:
    """What is said about the whole, and the doubts that come with it."""
    kinds = {item.kind for item in items}
    for kind, doubt in (
        ("fortnight", "every second week, without saying which"),
        ("monthly", "some weeks only, without saying which"),
        ("month", "some weeks only, without saying which"),
        ("open_end", "does not say when it closes"),
    ):
        if kind in kinds:
            doubts.append(doubt)
    told = [item for item in items if item.kind not in ("word", "mark", "month", "week")]
    for number, item in enumerate(told):
        if item.kind == "holiday":
            around = {one.kind for one in told[max(0, number - 1) : number + 2]}
            if around & {"closed", "except"}:
                kinds.add("term")
            else:
                doubts.append("is different in the holidays")
    return kinds


def _dates(
    items: list[Item], doubts: list[str]
) -> tuple[tuple[date | None, date | None], list[date], list[tuple[date, date]]]:
    """From and until when it holds, the single days it takes place, and those it does not."""
    first: date | None = None
    last: date | None = None
    singles: list[date] = []
    shut: list[tuple[date, date]] = []
    role = ""
    taken: Item | None = None
    for number, item in enumerate(items):
        if item.kind in ("since", "to", "except", "closed"):
            role = item.kind
        elif item.kind in ("stop", "line", "span"):
            role = ""
        if item.kind != "dates" or item.dates is None:
            continue
        found = item.dates.dates
        after = items[number + 1].kind if number + 1 < len(items) else ""
        if role in ("except", "closed"):
            shut.extend((day, day) for day in found)
            if not item.dates.exact:
                doubts.append("is closed on days that could not be placed")
        elif role == "to" or (taken is not None and role == "to"):
            if item.dates.exact:
                last = max(found)
            else:
                doubts.append("ends on a day whose year is not said")
        elif role == "since" or after == "to":
            if item.dates.exact:
                first = min(found)
            elif after != "to" and not item.dates.only_month:
                doubts.append("begins on a day whose year is not said")
            elif item.dates.only_month:
                doubts.append("holds for some months only")
        elif item.dates.exact:
            singles.extend(found)
        else:
            doubts.append("names dates that could not be placed")
        taken = item
    # "1 May - 3 October 2026": the year stands once.
    if last and "begins on a day whose year is not said" in doubts:
        doubts.remove("begins on a day whose year is not said")
    if first and last and first > last:
        doubts.append("ends before it begins")
        first = last = None
    return (first, last), singles, shut


def _openings(
    clauses: Clauses,
    items: list[Item],
    valid: tuple[date | None, date | None],
    one_offs: list[date],
    doubts: list[str],
) -> list[Opening]:
    spans = [item.span for item in items if item.span]
    by_24 = any(span.by_24 for span in spans)
    found: list[Opening] = []
    if one_offs:
        plural = any(item.plural for item in items if item.kind == "days")
        weekdays = {day.weekday for clause in clauses.found for day in clause.days}
        fits = weekdays <= {day.weekday() for day in one_offs} and not plural
        if NO_DAYS in doubts:
            doubts.remove(NO_DAYS)
        elif weekdays and (len(clauses.found) > 1 or not fits):
            doubts.append("names dates beside days of the week")
    for clause in clauses.found:
        times = _times(clause, by_24, doubts)
        if one_offs:
            found.extend(
                Opening((), opens, closes, valid_from=day, valid_to=day)
                for day in one_offs
                for opens, closes in times
            )
            continue
        days = tuple(sorted(clause.days))
        found.extend(
            Opening(days, opens, closes, valid_from=valid[0], valid_to=valid[1])
            for opens, closes in times
            if days
        )
    return list(dict.fromkeys(found))


def _times(clause: Clause, by_24: bool, doubts: list[str]) -> list[tuple[time, time]]:
    found: list[tuple[time, time]] = []
    for number, item in enumerate(clause.spans):
        if item.span is None:
            found.append((time(0), DAY_ENDS))
            continue
        opens, closes, odd = times_of(item.span, by_24=by_24, hint=clause.hints.get(number, ""))
        if item.span.empty:
            doubts.append("00:00 to 00:00 may mean closed")
            continue
        doubts.extend(odd)
        found.append((opens, closes))
    for item in clause.shut:
        if item.span is not None:
            found = _without(found, item.span, by_24, doubts)
    return found


def _without(
    times: Iterable[tuple[time, time]], span: Span, by_24: bool, doubts: list[str]
) -> list[tuple[time, time]]:
    """Times without a break: "9-5, closed 12-1"."""
    start, end, odd = times_of(span, by_24=by_24)
    doubts.extend(odd)
    found: list[tuple[time, time]] = []
    for opens, closes in times:
        if opens < start and end < closes:
            found += [(opens, start), (end, closes)]
        else:
            found.append((opens, closes))
            doubts.append("is closed at times that could not be placed")
    return found


def _every_second_week(opening: Opening) -> Opening:
    return Opening(
        opening.days, opening.opens, opening.closes, 2, opening.valid_from, opening.valid_to
    )


def _overlaps(openings: list[Opening], doubts: list[str]) -> None:
    """Two sets of times for one day may be two sessions, or a correction, or something inside."""
    for number, one in enumerate(openings):
        for other in openings[number + 1 :]:
            if one.valid_from != other.valid_from:
                continue
            mine, theirs = set(one.days), set(other.days)
            same = {day.weekday for day in mine} & {day.weekday for day in theirs}
            shared = not one.days and not other.days
            if not same and not shared:
                continue
            if {d for d in mine if d.weekday in same} != {d for d in theirs if d.weekday in same}:
                disjoint_weeks = all(
                    a.nth and b.nth and a.nth != b.nth
                    for a in mine
                    for b in theirs
                    if a.weekday == b.weekday
                )
                if not disjoint_weeks:
                    doubts.append("some weeks have other times")
            elif one.opens < other.closes and other.opens < one.closes:
                doubts.append("has two times that overlap")


def _words(items: list[Item], doubts: list[str]) -> None:
    said = phrases()
    words = [item.text for item in items if item.kind == "word"]
    if any(word in said.risky for word in words):
        doubts.append("has words that change the hours")
    elif any(word in said.careful for word in words):
        doubts.append("asks to make sure")
    unknown = [
        word
        for word in words
        if word not in said.harmless | said.careful and (len(word) > 1 or word.isdigit())
    ]
    if any(LONE_HOUR.search(word) for word in unknown):
        doubts.append("has figures that were not understood")
    if len(unknown) > TOO_MANY_WORDS:
        doubts.append("says much beside the hours")
    elif len(unknown) > MANY_WORDS:
        doubts.append("has words that were not understood")
