"""nDCG@3, recall@3 and MRR of ranked lists, with bootstrap intervals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

AT = 3
DEEP = 10
# A service counts as found from this grade on.
GOOD = 2
SAMPLES = 2000
SEED = 20261122


@dataclass(frozen=True)
class Figure:
    """A mean over messages, and the middle 95 % of its bootstrap."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ({self.low:.3f}-{self.high:.3f})"


@dataclass(frozen=True)
class Figures:
    """Of one ranker on one directory. `each` has a row for each message: nDCG, recall, MRR."""

    ndcg: Figure
    recall: Figure
    mrr: Figure
    each: np.ndarray


def figures(lists: Sequence[Sequence[str]], grades: Sequence[Mapping[str, int]]) -> Figures:
    """The figures of ranked ids, one list for each message, best first."""
    each = np.array([_one(ranked, has) for ranked, has in zip(lists, grades, strict=True)])
    return Figures(*(interval(each[:, column]) for column in range(3)), each=each)


def interval(values: np.ndarray) -> Figure:
    """A mean with its bootstrap interval; the same every time."""
    draw = np.random.default_rng(SEED)
    means = values[draw.integers(0, len(values), (SAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))


def _one(ranked: Sequence[str], has: Mapping[str, int]) -> tuple[float, float, float]:
    gains = [2.0 ** has.get(one, 0) - 1 for one in ranked[:AT]]
    best = [2.0**grade - 1 for grade in sorted(has.values(), reverse=True)[:AT]]
    ndcg = _discounted(gains) / _discounted(best) if best else 0.0
    recall = float(any(has.get(one, 0) >= GOOD for one in ranked[:AT]))
    place = next((n for n, one in enumerate(ranked[:DEEP], 1) if has.get(one, 0) >= GOOD), 0)
    return ndcg, recall, 1 / place if place else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
