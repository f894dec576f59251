"""Risks: words and meaning together, recall first. Words alone serve where no model is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from nlu import risk_weights, risk_words, taxonomy
from nlu.heard import Scored
from nlu.linear import Floats

# The label for "some risk or other": it learns from all of them, so it knows idle talk best.
ANY = "risk"
# Plain words count unless the model, which knows idioms, is all but sure of the contrary.
DOUBT = 0.02
BY_PLAIN_WORDS = 0.8
# The limit is so much lower where a hint of ours stands beside the meaning.
BY_A_HINT = 0.5
# How much sooner, in log odds, words alone raise a risk that a hint of ours names.
HINTED = 1.2
CHAT, IN_CHAT = 0.8, 0.15


def strength(this_risk: Floats, any_risk: Floats) -> Floats:
    """How strongly a risk is raised by meaning: its own belief and that in any risk at all."""
    return np.sqrt(this_risk * any_risk)


def decide(
    believed: Mapping[str, float],
    any_risk: float,
    thresholds: Mapping[str, float],
    plain_text: str,
    *,
    chat: float = 0.0,
    weighed: Callable[[str], tuple[str, ...]] = lambda _: (),
) -> tuple[Scored, ...]:
    """Risks by meaning over their thresholds or by plain words, strongest first.

    `weighed` gives the words that spoke for a risk where no pattern of ours names them. `chat`
    is the belief that the text is talk without a need. A goodbye or "I've changed my mind" that
    is surely chat needs a stronger belief; held-out recall was the same with it.
    """
    named = risk_words.find(plain_text)
    idle = chat >= CHAT
    heard = []
    for risk in taxonomy.risk_ids():
        belief, found = float(np.sqrt(believed[risk] * any_risk)), named.get(risk)
        plain = found.plain if found else ()
        hints = found.hints if found else ()
        limit = thresholds[risk] * (BY_A_HINT if hints else 1)
        limit = max(limit, IN_CHAT if idle else 0.0)
        if belief >= limit or (plain and belief >= DOUBT):
            words = (*plain, *hints)
            heard.append(Scored(risk, belief, words or weighed(risk), named=bool(words)))
    return tuple(sorted(heard, key=lambda risk: -risk.score))


def by_words(plain_text: str) -> tuple[Scored, ...]:
    """With no model: every risk that plain words name or that words weigh for. Looser, on purpose.

    Strongest first; scores are rough probabilities.
    """
    named, heard = risk_words.find(plain_text), []
    for risk, weighed in risk_weights.weigh(plain_text).items():
        found = named.get(risk)
        plain = found.plain if found else ()
        hints = found.hints if found else ()
        if not plain and weighed.score < risk_weights.limit() - (HINTED if hints else 0):
            continue
        score = 1 / (1 + math.exp(-weighed.score))
        words = (*plain, *hints)
        score = max(score, BY_PLAIN_WORDS if plain else 0.0)
        heard.append(Scored(risk, score, words or weighed.words, named=bool(words)))
    return tuple(sorted(heard, key=lambda risk: -risk.score))
