"""One intent a message, or none of those known: the single-label cousin of the needs model.

Meaning and grams in one logistic regression; refused where the belief and the likeness to the
nearest training text are both weak.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.embedding import Embedding, Vectors
from nlu.ngrams import Grams
from nlu.normalise import clean

MEANING_SCALE, GRAM_SCALE = 6.0, 3.0


class Intents:
    """Learns from texts with one intent each; `classify` gives an intent and how sure it is."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding

    def learn(self, texts: Sequence[str], intents: Sequence[str]) -> Intents:
        from sklearn.linear_model import LogisticRegression

        cleaned = [clean(text).lower() for text in texts]
        self._grams = Grams.learn(cleaned)
        self._known = self._embedding.encode(cleaned)
        self._model: Any = LogisticRegression(max_iter=300)
        self._model.fit(self._features(cleaned, self._known), list(intents))
        return self

    def classify(self, texts: Sequence[str]) -> tuple[npt.NDArray[Any], npt.NDArray[np.float32]]:
        """The likeliest intent of each text, and a sureness from 0 to 1 to refuse by."""
        cleaned = [clean(text).lower() for text in texts]
        vectors = self._embedding.encode(cleaned)
        beliefs = self._model.predict_proba(self._features(cleaned, vectors))
        likeness = (vectors @ self._known.T).max(axis=1)
        sure = np.clip(likeness, 0, 1) * np.sqrt(beliefs.max(axis=1))
        return self._model.classes_[beliefs.argmax(axis=1)], sure.astype(np.float32)

    def _features(self, cleaned: Sequence[str], vectors: Vectors) -> Any:
        import scipy.sparse as sp

        return sp.hstack(
            [vectors * MEANING_SCALE, self._grams.matrix(cleaned) * GRAM_SCALE], format="csr"
        )
