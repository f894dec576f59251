"""How near services are to what somebody said: by meaning (embeddings) and by words (BM25)."""

import math
import re
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
        self._vectors: dict[str, Floats] = {}
        self._queries: dict[str, Floats] = {}

    def prepare(self, session: Session, candidates: Sequence[Candidate]) -> None:
        """Have a vector for each candidate, from the table or made now (in memory only)."""
        self._read(session, candidates)
        self._make([c for c in candidates if c.content_hash not in self._vectors])

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
            ServiceVector(content_hash=name, model=self.model, vector=self._vectors[name].tobytes())
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
        missing = [c for c in candidates if c.content_hash not in self._vectors]
        self._make(missing[:EMBED_AT_ONCE])
        queries = self._asked(texts)
        known = [i for i, c in enumerate(candidates) if c.content_hash in self._vectors]
        rows = np.stack([self._vectors[candidates[i].content_hash] for i in known])
        near = queries @ rows.T
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
        wanted = [c.content_hash for c in candidates if c.content_hash not in self._vectors]
        for start in range(0, len(wanted), 500):
            rows = session.execute(
                select(ServiceVector.content_hash, ServiceVector.vector).where(
                    ServiceVector.model == self.model,
                    ServiceVector.content_hash.in_(wanted[start : start + 500]),
                )
            )
            for name, vector in rows:
                self._vectors[name] = np.frombuffer(vector, dtype=np.float32)

    def _make(self, candidates: Sequence[Candidate]) -> None:
        for start in range(0, len(candidates), BATCH):
            some = candidates[start : start + BATCH]
            made = self._embed([c.text for c in some])
            for candidate, vector in zip(some, made, strict=True):
                self._vectors[candidate.content_hash] = vector


def word_scores(words: str, candidates: Sequence[Candidate]) -> Floats:
    """BM25 of each candidate, from 0 to 1 for the best of them."""
    scores = np.zeros(len(candidates), dtype=np.float32)
    asked = set(tokens(words))
    if not asked or not candidates:
        return scores
    lengths = [c.tokens.total() for c in candidates]
    average = sum(lengths) / len(lengths) or 1.0
    for word in asked:
        counts = [c.tokens.get(word, 0) for c in candidates]
        having = sum(count > 0 for count in counts)
        if not having:
            continue
        rarity = math.log(1 + (len(candidates) - having + 0.5) / (having + 0.5))
        for i, count in enumerate(counts):
            if count:
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
