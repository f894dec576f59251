"""Word and character n-grams with tf-idf weights, learnt from texts and kept as plain arrays.

Reading a message takes a dictionary look-up a gram and no library: the hearer starts quickly
and stays small.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.scope import mark_denied

_WORD = re.compile(r"\w+")
MIN_WORD_TEXTS = 2
MIN_CHARACTER_TEXTS = 4
CHARACTERS = (3, 5)
# A long ramble has hundreds of grams; only so many characters of it are read.
MAX_READ = 1200

Row = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


def word_grams(plain_text: str) -> Iterator[str]:
    """Single words and pairs, denied words marked as such."""
    words = _WORD.findall(mark_denied(plain_text[:MAX_READ]))
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"


def character_grams(plain_text: str) -> Iterator[str]:
    """Runs of 3 to 5 characters within a word and its edges, marked so as not to be words."""
    for word in _WORD.findall(plain_text[:MAX_READ]):
        padded = f" {word} "
        for size in range(CHARACTERS[0], CHARACTERS[1] + 1):
            if size >= len(padded):
                yield f"#{padded}"
                break
            for at in range(len(padded) - size + 1):
                yield f"#{padded[at : at + size]}"


class Grams:
    """A vocabulary of grams with the weight of each; `rows` turns texts into sparse rows."""

    def __init__(self, terms: Sequence[str], weights: npt.NDArray[np.float32]) -> None:
        self.terms = list(terms)
        self.weights = weights
        self._at = {term: at for at, term in enumerate(self.terms)}

    def __len__(self) -> int:
        return len(self.terms)

    @classmethod
    def learn(cls, plain_texts: Sequence[str]) -> Grams:
        """The grams that enough texts share, weighted by how few do."""
        words: Counter[str] = Counter()
        characters: Counter[str] = Counter()
        for text in plain_texts:
            words.update(set(word_grams(text)))
            characters.update(set(character_grams(text)))
        kept = [(t, n) for t, n in words.items() if n >= MIN_WORD_TEXTS]
        kept += [(t, n) for t, n in characters.items() if n >= MIN_CHARACTER_TEXTS]
        kept.sort()
        counts = np.array([n for _, n in kept], dtype=np.float32)
        weights = np.log((1 + len(plain_texts)) / (1 + counts)) + 1
        return cls([t for t, _ in kept], weights.astype(np.float32))

    def row(self, plain_text: str) -> Row:
        """Places and values of one text: words and characters each of length 1."""
        parts = [self._part(word_grams(plain_text)), self._part(character_grams(plain_text))]
        places = np.concatenate([part[0] for part in parts])
        return places, np.concatenate([part[1] for part in parts])

    def matrix(self, plain_texts: Sequence[str]) -> Any:
        """All rows as one scipy CSR matrix, for training."""
        import scipy.sparse as sp

        rows = [self.row(text) for text in plain_texts]
        starts = np.cumsum([0, *(len(row[0]) for row in rows)])
        places = np.concatenate([row[0] for row in rows]) if rows else np.zeros(0, np.int64)
        values = np.concatenate([row[1] for row in rows]) if rows else np.zeros(0, np.float32)
        return sp.csr_matrix((values, places, starts), shape=(len(rows), len(self)))

    def _part(self, grams: Iterable[str]) -> Row:
        counts = Counter(at for gram in grams if (at := self._at.get(gram)) is not None)
        places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(times)) * self.weights[places] if len(counts) else times
        length = float(np.sqrt((values * values).sum()))
        return places, (values / length if length else values).astype(np.float32)
