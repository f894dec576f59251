"""A cleaned text about hours as tokens: days, ordinals, spans, dates, and the words that matter."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from hub.hours.clock import LONE, span_at
from hub.hours.dates import date_at
from hub.hours.openings import BANK_HOLIDAY
from hub.hours.phrases import phrases

NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK, WORKING, WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset({5, 6})
MONTHS_BEGIN, SPANS_BEGIN = frozenset("jfmasond"), frozenset("bfnmh")
JOINS = re.compile(
    r"(?:,|&|\+|/(?!/)|and|a(?= (?:dydd|llun|mawrth|mercher|iau|gwener|sadwrn|sul)))"
)
WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ'*-]*|\d+(?:[.:]\d+)*|\S")
DAY_WORD = re.compile(r"(?:dydd )?([a-z]{3,13})(?:'?s)?(?:'s)?(?![a-z])")


@dataclass(frozen=True)
class Token:
    """One piece of a text. `value` is a weekday, a set of them, a span, dates or the words."""

    kind: str
    value: object = None
    text: str = ""

    @property
    def days(self) -> frozenset[int]:
        """The weekdays of a `day` or `days` token."""
        return self.value if isinstance(self.value, frozenset) else frozenset()


def tokens_of(text: str) -> list[Token]:
    """All tokens of a cleaned text, in order."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        token, end = _token_at(text, at)
        found.append(token)
        at = max(end, at + 1)
    return found


def _token_at(text: str, at: int) -> tuple[Token, int]:
    char, said = text[at], phrases()
    if char == "\n":
        return Token("line", text="\n"), at + 1
    # "between 10 and 4" and "from 10am to 2pm" begin with a word.
    dated = date_at(text, at) if char.isdigit() or char in MONTHS_BEGIN else None
    if dated is not None and not (dated[0].only_month and text.startswith("mawrth", at)):
        return Token("date", dated[0], text[at : dated[1]]), dated[1]
    if (char.isdigit() or char in SPANS_BEGIN) and (span := span_at(text, at)):
        return Token("span", span[0], text[at : span[1]]), span[1]
    if match := said.groups.match(text, at):
        return Token("days", _group(match), match[0]), match.end()
    if match := said.ordinal.match(text, at):
        return Token("nth", said.ordinals[match[0]], match[0]), match.end()
    if (match := DAY_WORD.match(text, at)) and _begins(text, at):
        day = weekday_of(match[1])
        if day is not None:
            # "Weds. 10-2": the point belongs to the short name.
            end = match.end() + (len(match[1]) < 6 and text.startswith(".", match.end()))
            return Token("day", frozenset({day}), match[0]), end
    if match := LONE.match(text, at):
        return Token("lone", text=match[0]), match.end()
    if char == "-":
        return Token("to", text=char), at + 1
    if _begins(text, at) or not char.isalpha():
        for kind, pattern in said.kinds:
            if (match := pattern.match(text, at)) and match.end() > at:
                return Token(kind, text=match[0]), match.end()
    if (match := JOINS.match(text, at)) and _whole(text, match):
        return Token("join", text=match[0]), match.end()
    if char in ".;|()[]:*•·":
        return Token("stop" if char in ".;|•·" else "mark", text=char), at + 1
    match = WORD.match(text, at)
    word = match[0] if match else char
    return Token("word", text=word), at + len(word)


@lru_cache(maxsize=4096)
def weekday_of(word: str) -> int | None:
    """The day that a word means, spelt well or nearly: "thusday", "wednesdays"; None for others."""
    said, word = phrases(), word.rstrip("'")
    for form in (word, word.removesuffix("s").removesuffix("'")):
        if form in said.short_days:
            return said.short_days[form]
        if form in said.welsh_days:
            return said.welsh_days[form]
        if form in NAMES:
            return NAMES.index(form)
    stem = word.removesuffix("'s").removesuffix("s")
    if len(stem) < 5 or said.no_days & {word, stem}:
        return None
    near = sorted((OSA.distance(stem, name), number) for number, name in enumerate(NAMES))
    (best, day), (second, _) = near[0], near[1]
    allowed = 2 if len(stem) >= 7 else 1
    likely = stem[0] == NAMES[day][0] and stem.endswith(("day", "ay", "dy", "da", "ys"))
    slip = best == 1 and len(stem) > 5 and stem[:3] == NAMES[day][:3]
    return day if best <= allowed and best < second and (likely or slip) else None


def is_welsh(text: str) -> bool:
    """Whether the name of a day is in Welsh."""
    return text.removeprefix("dydd ").rstrip("s'.") in phrases().welsh_days


def _begins(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalpha()


def _whole(text: str, match: re.Match[str]) -> bool:
    """Whether a joining word stands alone; marks always do."""
    if not match[0][0].isalpha():
        return True
    before = match.start() == 0 or not text[match.start() - 1].isalnum()
    return before and (match.end() == len(text) or not text[match.end()].isalpha())


def _group(match: re.Match[str]) -> frozenset[int]:
    if match["week"]:
        return WEEK
    if match["working"]:
        return WORKING
    return WEEKEND if match["end"] else frozenset({BANK_HOLIDAY})


__all__ = ["Token", "is_welsh", "tokens_of", "weekday_of"]
