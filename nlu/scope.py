"""Which words of a message are denied or over: "not after food, just company"."""

from __future__ import annotations

import re
from functools import cache

from nlu.words import joined, read

_CLAUSE = re.compile(r"[^,.!?;:\n]+|[,.!?;:\n]")
_TOKEN = re.compile(r"[^\W_]+")
# A denial reaches this many words, or to the end of its clause or a turning word.
REACH = 6


@cache
def _cue(name: str) -> re.Pattern[str]:
    return joined(tuple(map(str, read("cues")[name])))


def denied_spans(plain_text: str) -> list[tuple[int, int]]:
    """Character spans of a plain text that somebody says they do not mean."""
    spans = []
    for clause in _CLAUSE.finditer(plain_text):
        text = clause.group(0)
        for cue in _cue("denied").finditer(text):
            stop = _reach(text, cue.end())
            spans.append((clause.start() + cue.start(), clause.start() + stop))
        after = _cue("fine_after").search(text)
        if after and after.start() > 0:
            spans.append((clause.start(), clause.start() + after.end()))
    return spans


def is_over(plain_text: str) -> bool:
    """Whether the message speaks of something as past or settled."""
    return bool(_cue("over").search(plain_text))


def without(plain_text: str, spans: list[tuple[int, int]]) -> str:
    """The text with some spans left out."""
    keep, at = [], 0
    for start, stop in sorted(spans):
        keep.append(plain_text[at : max(at, start)])
        at = max(at, stop)
    keep.append(plain_text[at:])
    return " ".join(" ".join(keep).split())


def mark_denied(plain_text: str) -> str:
    """The words of a denied span get a `not_` in front, so that models can tell them apart."""
    for start, stop in sorted(denied_spans(plain_text), reverse=True):
        inside = _TOKEN.sub(lambda m: f"not_{m.group(0)}", plain_text[start:stop])
        plain_text = plain_text[:start] + inside + plain_text[stop:]
    return plain_text


def _reach(text: str, at: int) -> int:
    """Where a denial that begins before `at` ends."""
    turn = _cue("turn").search(text, at)
    limit = turn.start() if turn else len(text)
    stop = at
    for count, token in enumerate(_TOKEN.finditer(text, at, limit)):
        if count >= REACH:
            break
        stop = token.end()
    return stop
