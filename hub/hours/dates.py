"""Dates in texts about hours: "7th November", "22/11/2022", "26-Oct-2026", "until March"."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = (
    r"(?:january|february|march|april|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
    r"|may(?=\s*(?:-|to\b|until\b|20\d\d|\d|,|\.|\)|$)))\b\.?"
)
NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
# Days of a month, one or several, then the month: "7th November", "12th & 26th Nov 2025".
WRITTEN = re.compile(
    rf"(?<![\d.:])(?P<days>{NUMBER}(?:\s*(?:,|&|and|\+|-|to)\s*{NUMBER})*)\s*[-,]?\s*(?:of\s+)?"
    rf"(?P<month>{MONTH})(?:\s*[-,]?\s*(?P<year>20\d\d))?"
)
MONTH_FIRST = re.compile(
    rf"\b(?P<month>{MONTH})\s*(?P<days>{NUMBER}(?:\s*(?:,|&|and|\+)\s*{NUMBER})*)(?![\d.:]|\s*[ap]m)"
    r"(?:\s*,?\s*(?P<year>20\d\d))?"
)
FIGURES = re.compile(r"(?<![\d/])(\d{1,2})[/.](\d{1,2})(?:[/.](20\d\d|\d\d))(?![\d/])")
SHORT_FIGURES = re.compile(r"(?<![\d/])(?!24/7|7/7)(\d{1,2})/(\d{1,2})(?![\d/:.]|\s?[ap]m)")
ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
ALONE = re.compile(rf"\b(?P<month>{MONTH})(?:\s*,?\s*(?P<year>20\d\d))?")


@dataclass(frozen=True)
class Written:
    """Dates as they stand in a text: `dates` where the year is said, else only that there are."""

    dates: tuple[date, ...]
    exact: bool
    only_month: bool = False


def date_at(text: str, at: int) -> tuple[Written, int] | None:
    """The dates that begin at a position, and where they end."""
    if match := ISO.match(text, at):
        return _one(int(match[1]), int(match[2]), int(match[3])), match.end()
    if match := FIGURES.match(text, at):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return _one(year, int(match[2]), int(match[1])), match.end()
    if match := SHORT_FIGURES.match(text, at):
        if 1 <= int(match[2]) <= 12 and 1 <= int(match[1]) <= 31:
            return Written((), False), match.end()
        return None
    match = WRITTEN.match(text, at) or MONTH_FIRST.match(text, at)
    if match:
        month = MONTHS.index(match["month"][:3]) + 1
        days = [int(day) for day in re.findall(r"\d{1,2}", match["days"])]
        if not all(1 <= day <= 31 for day in days):
            return None
        if match["year"] is None:
            return Written((), False), match.end()
        found = [_one(int(match["year"]), month, day) for day in days]
        dates = tuple(day for one in found for day in one.dates)
        return Written(dates, all(one.exact for one in found)), match.end()
    if match := ALONE.match(text, at):
        return Written((), False, only_month=True), match.end()
    return None


def _one(year: int, month: int, day: int) -> Written:
    try:
        return Written((date(year, month, day),), True)
    except ValueError:
        return Written((), False)
