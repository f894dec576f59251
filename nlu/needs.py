"""Needs: what the model believes, less what the person denied; by words where no model is."""

from __future__ import annotations

from collections.abc import Mapping

from nlu import scope, taxonomy, words
from nlu.heard import Scored

BY_WORDS = 0.5
# What is chat or out of scope by the model's belief carries a need only if that is plain.
CHAT, PLAIN = 0.4, 0.85


def decide(
    believed: Mapping[str, float], thresholds: Mapping[str, float], plain_text: str
) -> tuple[Scored, ...]:
    """Needs over their thresholds, strongest first, unless only denied words spoke of them."""
    likeliest = max(believed[need] for need in taxonomy.need_ids())
    if likeliest < PLAIN and believed.get("none", 0.0) + believed.get("oos", 0.0) >= CHAT:
        return ()
    named = words.found("need_words", plain_text)
    denied = _denied(plain_text)
    heard = [
        Scored(need, believed[need], named.get(need, ()))
        for need in taxonomy.need_ids()
        if believed[need] >= thresholds[need] and need not in denied
    ]
    return tuple(sorted(heard, key=lambda need: -need.score))


def by_words(plain_text: str) -> tuple[Scored, ...]:
    """A looser hearing with no model: every need whose own words are there and not denied."""
    said = scope.without(plain_text, scope.denied_spans(plain_text))
    return tuple(
        Scored(need, BY_WORDS, hits) for need, hits in words.found("need_words", said).items()
    )


def _denied(plain_text: str) -> set[str]:
    spans = scope.denied_spans(plain_text)
    if not spans:
        return set()
    inside = " , ".join(plain_text[start:stop] for start, stop in spans)
    rest = words.found("need_words", scope.without(plain_text, spans))
    return {need for need in words.found("need_words", inside) if need not in rest}
