"""The whole directory of a hub in arrays, so that one question can look at all of it at once."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.crosswalk import crosswalk
from hub.entries import CLOSED_FOR_GOOD, Entry
from hub.keywords import Keywords, Vocabulary
from hub.meaning import Floats

Flags = npt.NDArray[np.bool_]
Asked = Callable[[Entry], bool]


class Shelf:
    """Arrays over the entries, all in the same order. Never changed after it is made."""

    def __init__(
        self, entries: Sequence[Entry], vocabulary: Vocabulary, closed: Collection[int] = ()
    ) -> None:
        self.entries = tuple(entries)
        self._vocabulary = vocabulary
        self._flags: dict[str, Flags] = {}
        count = len(self.entries)
        self.at = {entry.key: row for row, entry in enumerate(self.entries)}
        self.closed = self._numbers("closed", np.int8)
        # Staff say that these, by key, are to be offered no more.
        self.closed[[self.at[key] for key in closed if key in self.at]] = CLOSED_FOR_GOOD
        self.low, self.high = self._numbers("low"), self._numbers("high")
        self.price, self.free = self._numbers("price"), self._numbers("free", np.bool_)
        self.assured = self._numbers("assured", np.int32)
        self.narrow = self._numbers("narrow", np.bool_)
        self.placed = self._numbers("placed", np.bool_)
        # Over-categorised records are near to everything: the logarithm of how many topics.
        self.breadth = np.log2(
            np.array([max(1, len(e.topics)) for e in self.entries], dtype=np.float32)
        )
        self.stairs = self._numbers("stairs", np.bool_)
        # One has to go there: no visit, call or web page will do.
        self.journey = self.placed & ~(
            self.feature("visits_home") | self.feature("by_phone") | self.feature("online")
        )
        names = crosswalk().needs
        self.need_at = {need: column for column, need in enumerate(names)}
        self.needs = np.zeros((count, len(names)), dtype=np.float32)
        for row, entry in enumerate(self.entries):
            for need, weight in entry.needs.items():
                if need in self.need_at:
                    self.needs[row, self.need_at[need]] = weight
        owners = [row for row, e in enumerate(self.entries) for _ in e.points]
        self.point_owner = np.array(owners, dtype=np.int32)
        self.points = np.array(
            [p for e in self.entries for p in e.points], dtype=np.float32
        ).reshape(-1, 2)
        self._index_topics()

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def keywords(self) -> Keywords:
        """The words of the directory."""
        return Keywords([entry.words for entry in self.entries], self._vocabulary)

    def feature(self, name: str) -> Flags:
        """Which services have a feature, such as "women_only"."""
        return self._flag("feature " + name, lambda entry: name in entry.features)

    def scope(self, name: str) -> Flags:
        """Which services are for people of "national", "region", "city", "local" or ""."""
        return self._flag("scope " + name, lambda entry: entry.scope == name)

    def audience(self, name: str) -> Flags:
        """Which services are for "children", "older" people or "veterans" only."""
        return self._flag("audience " + name, lambda entry: name in entry.audience)

    def ids_in(self, ids: Collection[str]) -> Flags:
        """Which services have one of these ids."""
        found = np.zeros(len(self), dtype=bool)
        for one in ids:
            found[self._rows_of_id.get(one, [])] = True
        return found

    @cached_property
    def _rows_of_id(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, entry in enumerate(self.entries):
            rows.setdefault(entry.id, []).append(row)
        return rows

    def main_need(self, need: str) -> Flags:
        """Which services are first of all for a need."""
        return self._flag("main " + need, lambda entry: entry.main_need == need)

    def best_of_topics(self, scores: Floats) -> Floats:
        """For each service the best score of its topics, shape (..., services); nan without any.

        `scores` has a value for each topic on its last axis.
        """
        best = np.full((*scores.shape[:-1], len(self)), np.nan, dtype=np.float32)
        if len(self.topic_rows):
            picked = scores[..., self.topic_rows]
            best[..., self.with_topics] = np.maximum.reduceat(picked, self.topic_starts, axis=-1)
        return best

    def _index_topics(self) -> None:
        numbers: dict[str, int] = {}
        rows: list[int] = []
        starts, having = [], []
        for row, entry in enumerate(self.entries):
            if entry.topics:
                starts.append(len(rows))
                having.append(row)
                rows.extend(numbers.setdefault(topic, len(numbers)) for topic in entry.topics)
        self.topic_at = numbers
        self.topics = tuple(numbers)
        self.topic_rows = np.array(rows, dtype=np.int32)
        self.topic_starts = np.array(starts, dtype=np.int64)
        self.with_topics = np.array(having, dtype=np.int64)

    def _numbers(self, name: str, kind: npt.DTypeLike = np.float32) -> npt.NDArray[Any]:
        return np.array([getattr(entry, name) for entry in self.entries], dtype=kind)

    def _flag(self, name: str, asked: Asked) -> Flags:
        found = self._flags.get(name)
        if found is None:
            found = np.fromiter(map(asked, self.entries), dtype=bool, count=len(self))
            self._flags[name] = found
        return found
