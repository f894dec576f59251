"""The times somebody said are safe, as hours of a week. What is not understood is not guessed.

"mornings", "not before 9", "after 5pm on weekdays", "10 to 2, never at weekends", "any time".
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.profile import DAYS, QuietHours

HOURS = range(24)
LOOK_AHEAD = timedelta(days=8)

_PARTS = {
    "morning": range(9, 12), "mornings": range(9, 12), "mornin": range(9, 12),
    "afternoon": range(12, 17), "afternoons": range(12, 17), "lunchtime": range(12, 14),
    "daytime": range(9, 17), "day": range(9, 17), "days": range(9, 17),
    "evening": range(17, 21), "evenings": range(17, 21), "eve": range(17, 21),
    "night": range(21, 24), "nights": range(21, 24),
}  # fmt: skip
_ANY = re.compile(
    r"\b(any ?time|anytime|any|whenever|always|all day|don'?t mind|dont mind|not fussed|"
    r"any day|every day|24 ?7|no set times?)\b"
)
_SCHOOL = re.compile(
    r"\b(school (hours|time|run)|(kids|they'?re|hes|he'?s|shes|she'?s) at school)\b"
)
_TIME = r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|ish|o'?clock)?|(midday|noon|midnight)"
_BETWEEN = re.compile(
    rf"\b(?:between |from )?(?:{_TIME}) ?(?:-|to|and|til|till|until) ?(?:{_TIME})\b"
)
_AFTER = re.compile(rf"\b(?:after|from|past|not before|never before|not til|not until) (?:{_TIME})")
_BEFORE = re.compile(rf"\b(?:before|by|until|til|till|up to|not after|never after) (?:{_TIME})")
_NOT = re.compile(r"\b(not|never|no|except|but not|apart from)\s+(?:on |at |in )?(?:the )?$")
_WEEK = re.compile(r"\bmon(day)? ?(-|to|till?) ?fri(day)?\b")
_FILLER = {
    "on", "in", "the", "at", "a", "an", "please", "pls", "is", "are", "best", "safe", "ok", "okay",
    "good", "fine", "only", "just", "between", "and", "or", "from", "to", "of", "thanks", "thank",
    "you", "yes", "text", "txt", "me", "time", "times", "would", "be", "i", "im", "i'm", "prefer",
    "usually", "mostly", "early", "late", "every", "week", "during", "normally", "about", "around",
    "any", "day", "days", "then", "ta", "love", "works", "for", "if", "possible", "really", "maybe",
    "anytime", "except", "but",
}  # fmt: skip


@dataclass(frozen=True)
class SafeTimes:
    """Weekdays (Monday is 0) and hours of the day in which it is safe."""

    days: frozenset[int]
    hours: frozenset[int]

    def at(self, local: datetime) -> bool:
        """Whether a local moment is within them."""
        return local.weekday() in self.days and local.hour in self.hours


def safe_times(text: str | None) -> SafeTimes | None:
    """The times a text names; all of them where nothing was said; None where it is not plain."""
    said = re.sub(r"\s+", " ", (text or "").lower().replace("\u2019", "'")).strip(" .!,")
    if not said:
        return SafeTimes(frozenset(range(7)), frozenset(HOURS))
    days, left = _days(said)
    hours, left = _hours(left)
    unread = [word for word in re.findall(r"[a-z']+|\d+", left) if word not in _FILLER]
    if unread or hours is None or not hours or not days:
        return None
    return SafeTimes(frozenset(days), frozenset(hours))


def next_moment(
    now: datetime, zone: ZoneInfo, quiet: QuietHours, times: SafeTimes
) -> datetime | None:
    """The first moment from now on that is outside quiet hours and safe; None where none is."""
    at = now
    while at < now + LOOK_AHEAD:
        local = at.astimezone(zone)
        if not quiet.covers(local.time()) and times.at(local):
            return at
        # On to the next full hour.
        at = at + timedelta(hours=1)
        at -= timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    return None


def _days(said: str) -> tuple[set[int], str]:
    """The weekdays that are named, and what is left of the text."""
    asked: set[int] = set()
    refused: set[int] = set()
    said = _WEEK.sub("weekdays", said)
    names = {
        "weekdays": range(5), "weekday": range(5), "weekends": (5, 6), "weekend": (5, 6),
        **{day[:3]: (n,) for n, day in enumerate(DAYS)},
        **{day[:4]: (n,) for n, day in enumerate(DAYS)},
        **{day: (n,) for n, day in enumerate(DAYS)},
        **{f"{day}s": (n,) for n, day in enumerate(DAYS)},
    }  # fmt: skip
    left = said
    for found in reversed(list(re.finditer(r"[a-z]+", said))):
        if found[0] in names:
            before = said[: found.start()]
            (refused if _NOT.search(before) else asked).update(names[found[0]])
            start = _NOT.search(before)
            left = left[: start.start() if start else found.start()] + " " + left[found.end() :]
    return (asked or set(range(7))) - refused, left


def _hours(said: str) -> tuple[set[int] | None, str]:
    """The hours that are named, and what is left; None where the text contradicts itself."""
    asked: set[int] = set()
    only: list[set[int]] = []
    refused: set[int] = set()
    left = said
    for found in _BETWEEN.finditer(left):
        first, last = _clock(found.groups()[:4], up=True), _clock(found.groups()[4:])
        if first is None or last is None:
            return None, left
        if last <= first:
            last += 12
        if last <= first or last > 24:
            return None, left
        asked |= set(range(first, last))
    left = _BETWEEN.sub(" ", left)
    for pattern, later in ((_AFTER, True), (_BEFORE, False)):
        for found in pattern.finditer(left):
            at = _clock(found.groups(), up=later)
            if at is None:
                return None, left
            only.append(set(range(at, 24)) if later else set(range(at)))
        left = pattern.sub(" ", left)
    if _SCHOOL.search(left):
        asked |= set(range(10, 15))
        left = _SCHOOL.sub(" ", left)
    for found in reversed(list(re.finditer(r"[a-z]+", left))):
        if found[0] in _PARTS and not re.search(r"\b(any|every|all)\s*$", left[: found.start()]):
            denied = _NOT.search(left[: found.start()])
            (refused if denied else asked).update(_PARTS[found[0]])
            start = denied.start() if denied else found.start()
            left = left[:start] + " " + left[found.end() :]
    left = _ANY.sub(" ", left)
    hours = asked or set(HOURS)
    for window in only:
        hours &= window
    return hours - refused, left


def _clock(groups: tuple[str | None, ...], *, up: bool = False) -> int | None:
    """The hour of a matched time: "5pm" is 17, "9" is 9, a bare 1 to 7 is in the afternoon.

    Minutes are cut off, or with `up` rounded to the next hour: never to the unsafe side.
    """
    hour, minutes, half, word = groups
    if word:
        return {"midday": 12, "noon": 12, "midnight": 24}[word]
    at = int(hour or 0) + (1 if up and int(minutes or 0) else 0)
    if at > 24:
        return None
    if half == "pm" and at < 12:
        return at + 12
    if half == "am":
        return at % 12
    return at + 12 if 1 <= at <= 7 else at
