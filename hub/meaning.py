"""Meaning as vectors: of the texts of services, kept in the database, and of what people ask."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.services import ServiceVector

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
# Texts in, unit rows out: float32 of shape (len(texts), dimensions).
Embed = Callable[[list[str]], Floats]
# How far the reading of a directory is: done, of how many.
Telling = Callable[[int, int], None]

BATCH = 64
READ_AT_ONCE = 500
REMEMBERED_QUESTIONS = 2048


class Meaning:
    """Vectors of texts, made once. `model` names the embedding in the table.

    `of` serves the directory: what was made is kept until `save` writes it down. `asked` serves
    questions, which are remembered in memory only. `embedded` counts the texts of services that
    were made here.
    """

    def __init__(self, embed: Embed, model: str = "default") -> None:
        self._embed, self.model = embed, model
        self._made: dict[str, Halves] = {}
        self._questions: dict[str, Floats] = {}
        self._lock = threading.Lock()
        self.embedded = 0

    def asked(self, texts: Sequence[str]) -> Floats:
        """Unit rows for questions, shape (len(texts), dimensions)."""
        known = dict(self._questions)
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known.update(zip(fresh, self._embed(fresh), strict=True))
            with self._lock:
                kept = known if len(known) <= REMEMBERED_QUESTIONS else {t: known[t] for t in fresh}
                self._questions = kept
        return np.stack([known[text] for text in texts])

    def of(
        self,
        session: Session,
        texts: Sequence[str],
        *,
        most: int | None = None,
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Unit rows, and which of them are known.

        At most `most` texts are embedded now; the rows of the others are zero and not known.
        """
        names = [name_of(text) for text in texts]
        found = self._stored(session, [name for name in names if name not in self._made])
        found.update((name, self._made[name]) for name in names if name in self._made)
        missing = {name: text for name, text in zip(names, texts, strict=True) if name not in found}
        self._make(list(missing.items())[:most], found)
        if not found:
            return np.zeros((len(texts), 0), dtype=np.float32), np.zeros(len(texts), dtype=bool)
        blank = np.zeros_like(next(iter(found.values())))
        known = np.array([name in found for name in names], dtype=bool)
        rows = np.stack([found.get(name, blank) for name in names])
        return rows.astype(np.float32), known

    def unread(self, session: Session, texts: Iterable[str]) -> list[str]:
        """Those of some texts that have no vector yet, each once."""
        named = {name_of(text): text for text in texts}
        stored = self._stored(session, [name for name in named if name not in self._made])
        return [text for n, text in named.items() if n not in stored and n not in self._made]

    def make(self, texts: Iterable[str]) -> None:
        """Embed some texts; `save` writes them down. Needs no session."""
        self._make([(name_of(text), text) for text in texts], {})

    def save(self, session: Session) -> int:
        """Write down what was made since, in the caller's transaction; how many were new there."""
        with self._lock:
            made = dict(self._made)
        stored = self._stored(session, list(made))
        fresh = [name for name in made if name not in stored]
        if fresh:
            kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
            session.execute(
                # Another process may have made the same.
                kind.insert(ServiceVector).on_conflict_do_nothing(),
                [
                    {"content_hash": n, "model": self.model, "vector": made[n].tobytes()}
                    for n in fresh
                ],
            )
        with self._lock:
            for name in made:
                self._made.pop(name, None)
        return len(fresh)

    def _stored(self, session: Session, names: Iterable[str]) -> dict[str, Halves]:
        wanted = list(dict.fromkeys(names))
        found: dict[str, Halves] = {}
        for start in range(0, len(wanted), READ_AT_ONCE):
            rows = session.execute(
                select(ServiceVector.content_hash, ServiceVector.vector).where(
                    ServiceVector.model == self.model,
                    ServiceVector.content_hash.in_(wanted[start : start + READ_AT_ONCE]),
                )
            )
            found.update({name: np.frombuffer(row, dtype=np.float16) for name, row in rows})
        return found

    def _make(self, missing: list[tuple[str, str]], found: dict[str, Halves]) -> None:
        # Texts of like length together: less of each batch is padding.
        missing.sort(key=lambda pair: len(pair[1]))
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            rows = self._embed([text for _, text in some]).astype(np.float16)
            made = {name: row for (name, _), row in zip(some, rows, strict=True)}
            found.update(made)
            with self._lock:
                self._made.update(made)
                self.embedded += len(made)


def name_of(text: str) -> str:
    """How a text is named in the table of vectors: by its own hash."""
    return hashlib.sha256(text.encode()).hexdigest()
