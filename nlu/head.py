"""What each word of a message says of each label: the trained end of the adapted embedding.

A label looks for the words that speak of it and listens to those ("food, a job and help with my
bills" has three such places), and it hears the message as a whole as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu.embedding import Vectors

# The parts of a head by name, each of shape (dimensions, labels) but the bias.
PARTS = ("look", "say", "whole", "bias")
# Unit vectors are small; so many times larger they are of the size the rates were chosen for.
SCALE = np.float32(6)


@dataclass
class Reading:
    """What one pass through the head saw, for the way back. `scores` are log odds."""

    scores: Vectors
    unit: Vectors
    length: Vectors
    looked: Vectors
    said: Vectors
    heard: Vectors


@dataclass(frozen=True)
class Head:
    """Weights from the vectors of words to the log odds of labels."""

    labels: tuple[str, ...]
    parts: Mapping[str, Vectors]

    @classmethod
    def blank(cls, labels: tuple[str, ...], dimensions: int, rng: np.random.Generator) -> Head:
        """A head that looks at every word alike and says nothing yet."""
        shape = (dimensions, len(labels))
        first = (rng.standard_normal(shape) * 0.02).astype(np.float32)
        parts = {name: np.zeros(shape, dtype=np.float32) for name in PARTS[:3]} | {"look": first}
        return cls(labels, parts | {"bias": np.full(len(labels), -3, dtype=np.float32)})

    def scores(self, states: Vectors, mask: Vectors) -> Vectors:
        """Log odds, shape (texts, labels), of word vectors (texts, words, dimensions)."""
        return read(self.parts, states, mask).scores


def read(parts: Mapping[str, Vectors], states: Vectors, mask: Vectors) -> Reading:
    """Runs the head over the word vectors of a batch; `mask` is 1 where there is a word."""
    pooled: Any = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]
    length = np.sqrt((pooled * pooled).sum(axis=1, keepdims=True))
    unit = pooled / length
    look = states @ parts["look"]
    look += ((mask - 1) * np.float32(1e4))[:, :, None]
    look -= look.max(axis=1, keepdims=True)
    looked: Any = np.exp(look)
    looked /= looked.sum(axis=1, keepdims=True)
    said = states @ parts["say"]
    heard = (looked * said).sum(axis=1)
    scores = heard + (unit * SCALE) @ parts["whole"] + parts["bias"]
    return Reading(scores, unit, length, looked, said, heard)


def back(
    parts: Mapping[str, Vectors], states: Vectors, mask: Vectors, saw: Reading, wrong: Vectors
) -> tuple[dict[str, Vectors], Vectors]:
    """Slopes of the parts and of the word vectors, from the slope `wrong` at the scores."""
    dimensions = states.shape[-1]
    dsaid = saw.looked * wrong[:, None, :]
    dlook = dsaid * (saw.said - saw.heard[:, None, :])
    flat = states.reshape(-1, dimensions).T
    slopes: dict[str, Any] = {
        "look": flat @ dlook.reshape(len(mask) * mask.shape[1], -1),
        "say": flat @ dsaid.reshape(len(mask) * mask.shape[1], -1),
        "whole": (saw.unit * SCALE).T @ wrong,
        "bias": wrong.sum(axis=0),
    }
    dstates: Any = dlook @ parts["look"].T + dsaid @ parts["say"].T
    pull = (wrong @ parts["whole"].T) * SCALE
    pooled = (pull - saw.unit * (pull * saw.unit).sum(axis=1, keepdims=True)) / saw.length
    pooled = pooled / mask.sum(axis=1)[:, None]
    dstates += pooled[:, None, :] * mask[:, :, None]
    return slopes, dstates
