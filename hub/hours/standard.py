"""A reading in the standard notation of OpenStreetMap: "Mo-Fr 09:00-17:00; Th[1] 12:00-14:00"."""

from collections import defaultdict
from datetime import time

from hub.hours.openings import BANK_HOLIDAY, Reading

NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
Times = tuple[tuple[time, time], ...]


def as_standard(reading: Reading) -> str:
    """The ordinary week in the standard notation; empty where there is none.

    Dates between which it holds, and weeks that are not said, stand beside it in the reading.
    """
    weekly: dict[int, set[tuple[time, time]]] = defaultdict(set)
    monthly: dict[tuple[int, int], set[tuple[time, time]]] = defaultdict(set)
    for opening in reading.openings:
        for day in opening.days:
            span = (opening.opens, opening.closes)
            if day.nth:
                monthly[day.weekday, day.nth].add(span)
            else:
                weekly[day.weekday].add(span)
    bank = weekly.pop(BANK_HOLIDAY, set())
    parts = [f"{_days(days)} {_spans(spans)}" for days, spans in _groups(weekly)]
    # A rule in the notation replaces those before it on the same day, so it has to say it all.
    parts += [
        f"{NAMES[day]}[{nth}] {_spans(tuple(sorted(spans | weekly.get(day, set()))))}"
        for (day, nth), spans in sorted(monthly.items())
    ]
    if bank:
        parts.append(f"PH {_spans(tuple(sorted(bank)))}")
    elif reading.bank_holidays == "closed" and parts:
        parts.append("PH off")
    return "; ".join(parts)


def _groups(weekly: dict[int, set[tuple[time, time]]]) -> list[tuple[list[int], Times]]:
    by_times: dict[Times, list[int]] = defaultdict(list)
    for day in sorted(weekly):
        by_times[tuple(sorted(weekly[day]))].append(day)
    return [(days, times) for times, days in by_times.items()]


def _days(days: list[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        NAMES[run[0]] if len(run) == 1 else f"{NAMES[run[0]]}-{NAMES[run[-1]]}" for run in runs
    )


def _spans(spans: Times) -> str:
    return ",".join(f"{opens:%H:%M}-{_end(closes)}" for opens, closes in spans)


def _end(closes: time) -> str:
    return "24:00" if closes == time(23, 59) else f"{closes:%H:%M}"
