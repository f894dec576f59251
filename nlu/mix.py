"""How far to trust each of two opinions: weights and leanings, fitted on the tuning part.

The head was trained on the very texts it would be weighed on, so its share and the words' share
are found on texts that neither has seen. The sum is calibrated by the same stroke: a score of
0.7 means that seven in ten are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.linear import Floats, sigmoid

# Where the shares are drawn to, and how firmly; few texts must not move a label far.
FAIR_SHARE, FIRM, FIRM_LEANING = 0.5, 2.0, 3.0


@dataclass(frozen=True)
class Mix:
    """Shares of each opinion, shape (opinions, labels), and a leaning for each label."""

    shares: Floats
    leanings: Floats

    def believe(self, opinions: Sequence[Floats]) -> Floats:
        """Probabilities from log odds, each of shape (texts, labels)."""
        total = sum(o * share for o, share in zip(opinions, self.shares, strict=True))
        return sigmoid(np.asarray(total + self.leanings, dtype=np.float32))

    @classmethod
    def fit(cls, opinions: Sequence[Floats], truth: Floats, groups: Sequence[list[int]]) -> Mix:
        """The likeliest shares, one for all labels of a group, and a leaning for each label."""
        shares = np.full((len(opinions), truth.shape[1]), FAIR_SHARE, dtype=np.float32)
        leanings = np.zeros(truth.shape[1], dtype=np.float32)
        for group in groups:
            found = _fit([o[:, group] for o in opinions], truth[:, group])
            shares[:, group] = found[: len(opinions), None]
            leanings[group] = found[len(opinions) :]
        return cls(shares, leanings)


def _fit(opinions: list[Floats], truth: Floats) -> npt.NDArray[np.float32]:
    from scipy.optimize import minimize

    count = len(opinions)

    def cost(values: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        shares, leanings = values[:count], values[count:]
        scores: Any = leanings + sum(o * s for o, s in zip(opinions, shares, strict=True))
        wrong = sigmoid(scores) - truth
        total = (np.logaddexp(0, scores) - truth * scores).sum()
        total += FIRM / 2 * ((shares - FAIR_SHARE) ** 2).sum()
        total += FIRM_LEANING / 2 * (leanings**2).sum()
        slopes = [float((wrong * o).sum()) for o in opinions]
        slope_of_shares = np.array(slopes) + FIRM * (shares - FAIR_SHARE)
        return float(total), np.concatenate(
            [slope_of_shares, wrong.sum(axis=0) + FIRM_LEANING * leanings]
        ).astype(np.float64)

    start = np.concatenate([np.full(count, FAIR_SHARE), np.zeros(truth.shape[1])])
    bounds = [(0.0, 3.0)] * count + [(None, None)] * truth.shape[1]
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, dtype=np.float32)
