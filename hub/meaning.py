"""How near services are to what somebody said: by meaning (embeddings) and by words (BM25)."""

import math
import re
import threading
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.candidates import Candidate, tokens
from hub.services import ServiceVector

Floats = npt.NDArray[np.float32]
# Texts in, unit rows out: float32 of shape (len(texts), dimensions).
Embed = Callable[[list[str]], Floats]

K1, B = 1.2, 0.6
# New services that one question may stop to read; `Meaning.prepare` reads them all.
EMBED_AT_ONCE = 48
BATCH = 64
SENTENCES_AT_MOST = 3
REMEMBERED_QUERIES = 512
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")


class Meaning:
    """Vectors of services by content hash, in memory and in `service_vectors`."""

    def __init__(self, embed: Embed, model: str = "default") -> None:
        self._embed, self.model = embed, model
        # One row for each content hash, in a block that grows.
        self._row: dict[str, int] = {}
        self._block: Floats = np.zeros((0, 0), dtype=np.float32)
        self._queries: dict[str, Floats] = {}
        self._growing = threading.Lock()

    def prepare(self, session: Session, candidates: Sequence[Candidate]) -> None:
        """Have a vector for each candidate, from the table or made now (in memory only)."""
        self._read(session, candidates)
        self._make([c for c in candidates if c.content_hash not in self._row])

    def save(self, session: Session, candidates: Sequence[Candidate]) -> int:
        """As `prepare`, and keep what was made in the table; how many were new there."""
        self.prepare(session, candidates)
        hashes = {c.content_hash for c in candidates}
        stored = set(
            session.scalars(
                select(ServiceVector.content_hash).where(ServiceVector.model == self.model)
            )
        )
        fresh = sorted(hashes - stored)
        session.add_all(
            ServiceVector(
                content_hash=name, model=self.model, vector=self._block[self._row[name]].tobytes()
            )
            for name in fresh
        )
        return len(fresh)

    def nearness(
        self, session: Session, texts: Sequence[str], candidates: Sequence[Candidate]
    ) -> Floats:
        """Cosines, shape (len(texts), len(candidates)).

        A candidate that has no vector yet counts as the average of the others.
        """
        if not candidates or not texts:
            return np.zeros((len(texts), len(candidates)), dtype=np.float32)
        self._read(session, candidates)
        missing = [c for c in candidates if c.content_hash not in self._row]
        self._make(missing[:EMBED_AT_ONCE])
        queries = self._asked(texts)
        known = [i for i, c in enumerate(candidates) if c.content_hash in self._row]
        rows = [self._row[candidates[i].content_hash] for i in known]
        near = queries @ self._block[rows].T
        if len(known) == len(candidates):
            return near
        whole = np.repeat(near.mean(axis=1, keepdims=True), len(candidates), axis=1)
        whole[:, known] = near
        return whole

    def _asked(self, texts: Sequence[str]) -> Floats:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._queries]
        if fresh:
            if len(self._queries) > REMEMBERED_QUERIES:
                self._queries.clear()
            made = self._embed(fresh)
            self._queries.update(zip(fresh, made, strict=True))
        return np.stack([self._queries[text] for text in texts])

    def _read(self, session: Session, candidates: Sequence[Candidate]) -> None:
        wanted = [c.content_hash for c in candidates if c.content_hash not in self._row]
        for start in range(0, len(wanted), 500):
            rows = session.execute(
                select(ServiceVector.content_hash, ServiceVector.vector).where(
                    ServiceVector.model == self.model,
                    ServiceVector.content_hash.in_(wanted[start : start + 500]),
                )
            )
            self._keep({name: np.frombuffer(vector, dtype=np.float32) for name, vector in rows})

    def _make(self, candidates: Sequence[Candidate]) -> None:
        for start in range(0, len(candidates), BATCH):
            some = candidates[start : start + BATCH]
            made = self._embed([c.text for c in some])
            self._keep({c.content_hash: row for c, row in zip(some, made, strict=True)})

    def _keep(self, vectors: dict[str, Floats]) -> None:
        fresh = {name: vector for name, vector in vectors.items() if name not in self._row}
        if not fresh:
            return
        with self._growing:
            added = np.stack(list(fresh.values())).astype(np.float32, copy=False)
            start = len(self._row)
            if start + len(added) > len(self._block):
                # Readers go on with the old block, which holds all rows they know of.
                larger = np.zeros((2 * (start + len(added)), added.shape[1]), dtype=np.float32)
                larger[:start] = self._block[:start] if start else 0
                self._block = larger
            self._block[start : start + len(added)] = added
            self._row.update({name: start + i for i, name in enumerate(fresh)})


def word_scores(words: str, candidates: Sequence[Candidate]) -> Floats:
    """BM25 of each candidate, from 0 to 1 for the best of them."""
    scores = np.zeros(len(candidates), dtype=np.float32)
    asked = set(tokens(words))
    if not asked or not candidates:
        return scores
    lengths = [c.length for c in candidates]
    average = sum(lengths) / len(lengths) or 1.0
    for word in asked:
        counts = [(i, count) for i, c in enumerate(candidates) if (count := c.tokens.get(word))]
        if not counts:
            continue
        rarity = math.log(1 + (len(candidates) - len(counts) + 0.5) / (len(counts) + 0.5))
        for i, count in counts:
            norm = K1 * (1 - B + B * lengths[i] / average)
            scores[i] += rarity * count * (K1 + 1) / (count + norm)
    best = float(scores.max())
    return scores / np.float32(best) if best > 0 else scores


def sentences(words: str) -> list[str]:
    """The whole text and, where it has several sentences, the longest few of them."""
    whole = " ".join(words.split())[:1000]
    if not whole:
        return []
    parts = [part.strip() for part in SENTENCE_ENDS.split(words) if len(part.split()) > 2]
    if len(parts) < 2:
        return [whole]
    longest = sorted(parts, key=len, reverse=True)[:SENTENCES_AT_MOST]
    return [whole, *(part[:400] for part in longest)]
