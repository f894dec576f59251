"""One intent a message, or none of those known: the single-label cousin of the needs model.

Meaning and grams in one logistic regression; refused where the belief and the likeness to the
nearest training text are both weak.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nlu.embedding import Vectors
from nlu.ngrams import Grams
from nlu.normalise import clean


class Encoder(Protocol):
    """Whatever turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class Intents:
    """Learns from texts with one intent each; `classify` gives an intent and how sure it is.

    The scales say how freely the meaning and the grams may speak.
    """

    def __init__(
        self, embedding: Encoder, meaning_scale: float = 6.0, gram_scale: float = 3.0
    ) -> None:
        self._embedding = embedding
        self._meaning_scale, self._gram_scale = meaning_scale, gram_scale

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
            [vectors * self._meaning_scale, self._grams.matrix(cleaned) * self._gram_scale],
            format="csr",
        )
