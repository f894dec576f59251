"""The directory as matching knows it: entries, arrays, meanings, in step with the record."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.corrections import closed_keys
from hub.entries import Entry, Reader
from hub.feeds import SyncRun
from hub.keywords import Vocabulary
from hub.meaning import Floats, Meaning, Telling
from hub.places import Places
from hub.profile import Profile
from hub.services import Service
from hub.shelf import Flags, Shelf
from hub.situations import Situation, situations

# One vector of a service: so much of its description, so much of its name and topics.
OF_ABOUT, OF_HEAD = 0.5, 0.5
# A service's own text says less surely than a topic what it is for.
BY_TEXT = 0.8
# New texts that one question may stop to read; `Catalogue.prepare` reads many more.
AT_ONCE = 96
# Where texts are still unread, somebody else may have read them meanwhile: look again after this.
AGAIN_SECONDS = 60.0
# From this likeness on, a topic or a text says plainly what a service is for.
PLAINLY = 0.6
CHUNK = 2000


@dataclass(frozen=True)
class Meanings:
    """`texts` has a unit row for each service, `topics` one for each topic of the directory.

    `fits` says how well the help of each situation describes each service: float16 of shape
    (situations, services). `suggested` is the same for each need, by topics alone: float16 of
    shape (needs, services). `sensitive` is the sensitive situation a service is plainly for, -1
    without one. `known` is false for services without a vector of their own as yet, and
    `topics_known` for topics.
    """

    texts: Floats
    topics: Floats
    fits: npt.NDArray[np.float16]
    suggested: npt.NDArray[np.float16]
    sensitive: npt.NDArray[np.int16]
    known: Flags
    topics_known: Flags

    @property
    def complete(self) -> bool:
        """Whether nothing waits to be read for its meaning."""
        return bool(self.known.all() and self.topics_known.all())


@dataclass(frozen=True)
class Situated:
    """The vectors of all situations. `call_of` and `say_of` give each row its situation."""

    all: tuple[Situation, ...]
    calls: Floats
    says: Floats
    call_starts: npt.NDArray[np.int64]
    say_starts: npt.NDArray[np.int64]

    def best(self, of_calls: Floats, of_says: Floats) -> tuple[Floats, Floats]:
        """The best value of each situation among its rows, on the first axis."""
        return (
            np.maximum.reduceat(of_calls, self.call_starts, axis=0),
            np.maximum.reduceat(of_says, self.say_starts, axis=0),
        )


class Catalogue:
    """One hub's directory in memory. Safe to share between threads: what is kept is replaced whole.

    Without `meaning` there are only words and needs.
    """

    def __init__(
        self, profile: Profile, places: Places | None = None, meaning: Meaning | None = None
    ) -> None:
        self._hub_id, self._meaning = profile.id, meaning
        self._vocabulary = Vocabulary()
        self._reader = Reader(profile, places, self._vocabulary)
        self._stamp: object = None
        self._refreshed = 0.0
        self._shelf = Shelf((), self._vocabulary)
        self._meanings: Meanings | None = None
        self._situated: Situated | None = None
        self._changing = threading.Lock()

    @property
    def meaning(self) -> Meaning | None:
        """The vectors of questions and texts."""
        return self._meaning

    @property
    def complete(self) -> bool:
        """Whether everything that was read has its meaning; true where there is no embedding."""
        if self._meaning is None:
            return True
        return self._meanings is not None and self._meanings.complete

    def read(
        self,
        session: Session,
        *,
        most: int = AT_ONCE,
        telling: Telling | None = None,
        complete: bool = False,
    ) -> tuple[Shelf, Meanings | None]:
        """What there is to match, as the record has it now.

        At most `most` new texts are embedded. `complete` also tries again for what had no vector.
        """
        stamp = self._stamped(session)
        with self._changing:
            unread = not self.complete
            again = complete or monotonic() - self._refreshed > AGAIN_SECONDS
            if stamp != self._stamp or (unread and again):
                self._refresh(session, most, telling)
                self._stamp, self._refreshed = stamp, monotonic()
            return self._shelf, self._meanings

    @property
    def situated(self) -> Situated | None:
        """The situations with their vectors; None until they were read."""
        return self._situated

    def _stamped(self, session: Session) -> object:
        """Changes whenever a sync or a person changed the directory: the ends of three indexes."""
        ends = (
            select(column)
            .where(Service.hub_id == self._hub_id, column.is_not(None))
            .order_by(column.desc())
            .limit(1)
            for column in (Service.updated_at, Service.withdrawn_at)
        )
        run = select(func.max(SyncRun.id)).where(SyncRun.hub_id == self._hub_id)
        return tuple(session.scalar(asked) for asked in (*ends, run))

    def _refresh(self, session: Session, most: int, telling: Telling | None) -> None:
        rows = session.execute(
            select(Service.key, Service.content_hash).where(
                Service.hub_id == self._hub_id,
                Service.withdrawn_at.is_(None),
                Service.twin_of.is_(None),
            )
        )
        now: dict[int, str] = {row.key: row.content_hash for row in rows}
        kept = {e.key: e for e in self._shelf.entries if now.get(e.key) == e.content_hash}
        fresh = [key for key in now if key not in kept]
        kept.update((entry.key, entry) for entry in self._reader.read(session, fresh))
        closed = closed_keys(session, self._hub_id)
        shelf = Shelf([kept[key] for key in sorted(kept)], self._vocabulary, closed)
        if self._meaning is not None:
            # The situations come first: without them matching goes by words alone.
            before = self._meaning.embedded
            if self._situated is None:
                self._situated = _situated(session, self._meaning, most)
            left = max(0, most - (self._meaning.embedded - before))
            if self._situated is not None:
                self._meanings = _meanings(
                    session, self._meaning, shelf, self._situated, self._old(), left, telling
                )
        self._shelf = shelf

    def _old(self) -> dict[str, Floats]:
        """The vectors there are, by content hash."""
        if self._meanings is None:
            return {}
        rows = zip(self._shelf.entries, self._meanings.texts, self._meanings.known, strict=True)
        return {entry.content_hash: row for entry, row, known in rows if known}


def _situated(session: Session, meaning: Meaning, most: int) -> Situated | None:
    found = situations()
    calls = [phrase for situation in found for phrase in situation.calls]
    says = [phrase for situation in found for phrase in situation.says]
    rows, known = meaning.of(session, [*calls, *says], most=most)
    if not known.all():
        return None
    return Situated(
        found,
        rows[: len(calls)],
        rows[len(calls) :],
        _starts([len(situation.calls) for situation in found]),
        _starts([len(situation.says) for situation in found]),
    )


def _starts(lengths: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)


def _meanings(
    session: Session,
    meaning: Meaning,
    shelf: Shelf,
    situated: Situated,
    old: dict[str, Floats],
    most: int,
    telling: Telling | None,
) -> Meanings:
    size = situated.calls.shape[1]
    before = meaning.embedded
    topics, topics_known = meaning.of(session, shelf.topics, most=most)
    topics = topics if topics.shape[1] else np.zeros((len(shelf.topics), size), dtype=np.float32)
    texts = np.zeros((len(shelf), size), dtype=np.float32)
    known = np.zeros(len(shelf), dtype=bool)
    entries = shelf.entries
    new = [row for row, entry in enumerate(entries) if entry.content_hash not in old]
    for row, entry in enumerate(entries):
        if entry.content_hash in old:
            texts[row], known[row] = old[entry.content_hash], True
    left = most - (meaning.embedded - before)
    for start in range(0, len(new), CHUNK):
        rows = new[start : start + CHUNK]

        if telling:
            telling(start, len(new))
        wanted = [text for row in rows for text in texts_of(entries[row])]
        before = meaning.embedded
        made, has = meaning.of(session, wanted, most=max(0, left))
        left -= meaning.embedded - before
        if made.shape[1]:
            _place(texts, known, rows, entries, made, has)
    _stand_in(texts, known, shelf, topics)
    fits, suggested = _fits(shelf, situated, topics, texts)
    sensitive = _sensitive(situated, fits)
    return Meanings(texts, topics, fits, suggested, sensitive, known, topics_known)


def texts_of(entry: Entry) -> tuple[str, ...]:
    """The texts that the meaning of a service is made from, its topics aside."""
    return (entry.head, entry.about) if entry.about else (entry.head,)


def _place(
    texts: Floats,
    known: Flags,
    rows: Sequence[int],
    entries: Sequence[Entry],
    made: Floats,
    has: Flags,
) -> None:
    at = 0
    for row in rows:
        mine = slice(at, at + len(texts_of(entries[row])))
        at = mine.stop
        if not has[mine].all():
            continue
        both = made[mine]
        vector = OF_HEAD * both[0] + OF_ABOUT * both[1] if len(both) > 1 else both[0]
        texts[row] = vector / max(float(np.linalg.norm(vector)), 1e-9)
        known[row] = True


def _stand_in(texts: Floats, known: Flags, shelf: Shelf, topics: Floats) -> None:
    """Until a service's own text is read, its topics speak for it."""
    for row in np.flatnonzero(~known):
        found = [shelf.topic_at[topic] for topic in shelf.entries[row].topics]
        if found:
            mean = topics[found].mean(axis=0)
            texts[row] = mean / max(float(np.linalg.norm(mean)), 1e-9)


def _fits(
    shelf: Shelf, situated: Situated, topics: Floats, texts: Floats
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]:
    count = len(situated.all)
    fits = np.zeros((count, len(shelf)), dtype=np.float16)
    suggested = np.zeros((len(shelf.need_at), len(shelf)), dtype=np.float16)
    for start in range(0, len(shelf), CHUNK):
        part = slice(start, start + CHUNK)
        near = situated.calls @ texts[part].T
        fits[:, part] = BY_TEXT * np.maximum.reduceat(near, situated.call_starts, axis=0)
    if len(topics):
        of_topics = np.maximum.reduceat(situated.calls @ topics.T, situated.call_starts, axis=0)
        for number in range(count):
            best = shelf.best_of_topics(of_topics[number])
            fits[number] = np.fmax(fits[number], best)
            column = shelf.need_at[situated.all[number].need]
            suggested[column] = np.fmax(suggested[column], best)
    return fits, suggested


def _sensitive(situated: Situated, fits: npt.NDArray[np.float16]) -> npt.NDArray[np.int16]:
    """The situation that a service fits best, where that is a sensitive one and it fits plainly."""
    if not fits.shape[1]:
        return np.zeros(0, dtype=np.int16)
    best = fits.argmax(axis=0)
    marked = np.array([situation.sensitive for situation in situated.all])
    plainly = fits.max(axis=0) >= PLAINLY
    return np.where(marked[best] & plainly, best, -1).astype(np.int16)
