"""Who, where and when in a message: postcode, place, people's names, days, times and ages.

spaCy's blank English tokeniser with matchers of our own; a trained pipeline is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlu.postcode import postcode
from nlu.words import LEXICON

_AGE = re.compile(
    r"\b(?:i ?am|i'?m|im|aged?|me age is|my age is|i turn(?:ed)?|i will be)\s+"
    r"(?:only |just |nearly |now )?(\d{1,2})(?!\s*(?:weeks?|months?|quid|pounds?|p\b|%|min|"
    r"hours?|days?|st\b|lb|kg|miles?|:|\.\d|pm|am))\b",
    re.IGNORECASE,
)
_AGE_AFTER = re.compile(
    r"^\W*(?:(\d{2})(?:f|m)?\b(?=\s*(?:,|yrs?|years?|and|m\b|f\b))"
    r"|(\d{2})\s*(?:yrs?|years?)(?: |-)?old)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:[01]?\d|2[0-3])(?:(?::|\.)[0-5]\d)?\s?(?:am|pm)\b|\b(?:[01]?\d|2[0-3]):[0-5]\d\b"
    r"|\b(?:half|quarter) (?:past |to )?\w+\b|\b\w+ o'?clock\b",
    re.IGNORECASE,
)
_DAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("mon", "tues", "weds", "thurs", "fri", "weekend", "morning", "afternoon", "evening"),
    *("today", "tonight", "tomorrow", "tonite", "2nite", "2moz", "tmrw"),
)
_THIRD = re.compile(
    r"\b(?:my|me|our|a|the|an) (?:\w+ ){0,2}?(?:mum|mam|ma|mom|dad|da|nan|nana|gran|grandad|"
    r"grandmother|grandfather|neighbou?r|friend|mate|son|daughter|brother|sister|husband|wife|"
    r"uncle|auntie|aunt|cousin|niece|nephew|partner|fella|lad|lass|tenant|client|patient|"
    r"old (?:lady|man|fella|woman)|lodger|colleague|grandson|granddaughter|kid|boyfriend|"
    r"girlfriend|stepdad|father|mother|flatmate|housemate)(?:'s)?\b(?=.*\b(?:he|she|her|him|they|"
    r"his|is|has|needs?|wants?|can|got|who|keeps|was|lives)\b|'s)|\b(?:neighbour|on behalf of|"
    r"writing for|asking for a (?:friend|mate)|for my (?:mum|mam|dad|nan|friend|mate|neighbour))\b",
    re.IGNORECASE,
)
_NAME_LEAD = re.compile(
    r"\b(?:my name is|me name is|name'?s|i am called|im called|i'm called|this is|call me|"
    r"ask for|regards|yours|signed|(?:mr|mrs|miss|ms|dr|sister|father|pastor)\.?)\s+"
    r"([A-Z][a-z'’-]+(?:\s[A-Z][a-z'’-]+)?)"
)


@dataclass(frozen=True)
class Reading:
    """What the rules read in one message. Spans are character offsets of the text given."""

    postcode: str | None = None
    place: str | None = None
    names: tuple[tuple[int, int], ...] = ()
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    age: int | None = None
    third_party: bool = False


class Reader:
    """Reads places from a gazetteer of the hub's own, and the rest by rule."""

    def __init__(self, places: Iterable[str] = ()) -> None:
        import spacy
        from spacy.matcher import PhraseMatcher

        self._nlp = spacy.blank("en")
        self._places = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._days = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._names = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._spelt = {place.lower(): place for place in places}
        self._places.add("PLACE", [self._nlp.make_doc(place) for place in self._spelt])
        self._days.add("DAY", [self._nlp.make_doc(day) for day in _DAYS])
        self._names.add("NAME", [self._nlp.make_doc(name) for name in given_names()])

    def read(self, text: str) -> Reading:
        """What is in a text that `normalise.clean` wrote (any text will do)."""
        doc = self._nlp.make_doc(text)
        return Reading(
            postcode=postcode(text),
            place=self._place(doc),
            names=self._name_spans(doc, text),
            days=tuple(dict.fromkeys(doc[a:b].text.lower() for _, a, b in self._days(doc))),
            times=tuple(m.group(0) for m in _TIME.finditer(text)),
            age=age(text),
            third_party=bool(_THIRD.search(text)),
        )

    def _place(self, doc: Any) -> str | None:
        spans = [doc[start:stop] for _, start, stop in self._places(doc)]
        longest = max(spans, key=len, default=None)
        return self._spelt[longest.text.lower()] if longest is not None else None

    def _name_spans(self, doc: Any, text: str) -> tuple[tuple[int, int], ...]:
        spans = [m.span(1) for m in _NAME_LEAD.finditer(text)]
        shouting = text.isupper()
        for _, start, stop in self._names(doc):
            span = doc[start:stop]
            # Some first names are words too ("will", "rose"): a capital tells them apart.
            if span.text[0].isupper() and not (shouting and span.text.lower() in _WORDS_TOO):
                spans.append((span.start_char, span.end_char))
        return tuple(_merged(spans))


def age(text: str) -> int | None:
    """The writer's own age in years, 8 to 110, where it is said."""
    match = _AGE.search(text) or _AGE_AFTER.search(text)
    if match is None:
        return None
    years = int(next(group for group in match.groups() if group))
    return years if 8 <= years <= 110 else None


@cache
def given_names() -> tuple[str, ...]:
    """First names in use in England, from our own list."""
    lines = (LEXICON / "given_names.txt").read_text(encoding="utf-8").splitlines()
    return tuple(name for line in lines if not line.startswith("#") for name in line.split())


_WORDS_TOO = frozenset(
    {"will", "rose", "may", "grace", "joy", "hope", "mark", "bill", "jack", "pat", "sue", "faith"}
)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(stop, out[-1][1]))
        else:
            out.append((start, stop))
    return out
