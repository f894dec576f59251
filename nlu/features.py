"""What the words of a message are known to speak of, as numbers for the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlu import risk_words, taxonomy, words
from nlu.linear import Floats

# Rows of known words and of grams are small; the scales say how freely each may speak. Chosen on
# the tuning part.
GRAM_SCALE = np.float32(6)
KNOWN_SCALE = np.float32(0.5)


def known_words(plain_texts: Sequence[str]) -> Floats:
    """A column a risk for its plain words, one a risk for its hints, one a need's words."""
    risks, needs = taxonomy.risk_ids(), taxonomy.need_ids()
    out = np.zeros((len(plain_texts), 2 * len(risks) + len(needs)), dtype=np.float32)
    for row, text in enumerate(plain_texts):
        for risk, found in risk_words.find(text).items():
            at = risks.index(risk)
            out[row, at] = bool(found.plain)
            out[row, len(risks) + at] = bool(found.hints)
        for need in words.found("need_words", text):
            out[row, 2 * len(risks) + needs.index(need)] = 1
    return out * KNOWN_SCALE
