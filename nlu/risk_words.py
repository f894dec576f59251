"""The word half of the risk detector: patterns a person can read, change and answer for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlu import taxonomy
from nlu.words import joined, read

_SENTENCE = re.compile(r"[^.!?\n]+")
_NEAR = "(near:) "


@dataclass(frozen=True)
class WordRisk:
    """Words that raise a risk: `plain` ones by themselves, hints only together with meaning."""

    id: str
    plain: tuple[str, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class _Patterns:
    plain: re.Pattern[str]
    hint: re.Pattern[str]
    touching: re.Pattern[str]
    near: re.Pattern[str]


@cache
def _table() -> dict[str, _Patterns]:
    table = {}
    for risk, rows in read("risk_words").items():
        innocent = [str(row) for row in rows.get("innocent", [])]
        near = tuple(row.removeprefix(_NEAR) for row in innocent if row.startswith(_NEAR))
        touching = tuple(row for row in innocent if not row.startswith(_NEAR))
        table[risk] = _Patterns(
            plain=joined(tuple(map(str, rows["plain"]))),
            hint=joined(tuple(map(str, rows["hint"]))),
            touching=joined(touching),
            near=joined(near),
        )
    return {risk: table[risk] for risk in taxonomy.risk_ids()}


def find(plain_text: str) -> dict[str, WordRisk]:
    """Risks named in a text that `normalise.plain` wrote, with the words that named them."""
    out = {}
    for risk, patterns in _table().items():
        plain = _hits(patterns.plain, patterns, plain_text)
        hints = _hits(patterns.hint, patterns, plain_text)
        if plain or hints:
            out[risk] = WordRisk(risk, plain, hints)
    return out


def _hits(pattern: re.Pattern[str], about: _Patterns, text: str) -> tuple[str, ...]:
    hits = list(pattern.finditer(text))
    if not hits:
        return ()
    idle = [m.span() for m in about.touching.finditer(text)]
    for sentence in _SENTENCE.finditer(text):
        if about.near.search(sentence.group(0)):
            idle.append(sentence.span())
    kept = [
        hit.group(0).strip()
        for hit in hits
        if not any(start < hit.end() and hit.start() < stop for start, stop in idle)
    ]
    return tuple(dict.fromkeys(kept))
