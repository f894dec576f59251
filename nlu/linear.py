"""One logistic regression for many labels at once, over dense and sparse features together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def fit(
    blocks: Sequence[Any],
    truth: Floats,
    *,
    penalties: Sequence[float],
    rounds: int = 60,
    progress: Callable[[int], None] | None = None,
) -> Floats:
    """Weights of shape (features + 1, labels); the last row is the bias.

    `blocks` are feature matrices with a row a text, dense arrays or scipy CSR; each has its
    own L2 penalty. `truth` is 0 or 1, shape (texts, labels). `progress` hears each round.
    """
    from scipy.optimize import minimize

    sizes = [block.shape[1] for block in blocks]
    turned = [block.T.tocsr() if hasattr(block, "tocsr") else block.T for block in blocks]
    edges = np.cumsum([0, *sizes])
    labels = truth.shape[1]
    shape = (int(edges[-1]) + 1, labels)
    ridge = np.concatenate(
        [np.full(size, penalty) for size, penalty in zip(sizes, penalties, strict=True)] + [[0.0]]
    ).astype(np.float32)[:, None]
    rounds_done = 0

    def cost(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        scores = _scores(blocks, weights)
        total = (np.logaddexp(0, scores) - truth * scores).sum()
        total += 0.5 * (ridge * weights * weights).sum()
        wrong = sigmoid(scores) - truth
        slope = np.concatenate([t @ wrong for t in turned] + [wrong.sum(axis=0)[None]])
        slope += ridge * weights
        return float(total), slope.ravel().astype(np.float64)

    def after_round(_: Any) -> None:
        nonlocal rounds_done
        rounds_done += 1
        if progress is not None:
            progress(rounds_done)

    start = np.zeros(shape, dtype=np.float64)
    share = np.clip(truth.mean(axis=0), 1e-4, 1 - 1e-4)
    start[-1] = np.log(share / (1 - share))
    best = minimize(
        cost, start.ravel(), jac=True, method="L-BFGS-B", callback=after_round,
        options={"maxiter": rounds, "maxcor": 8},
    )  # fmt: skip
    return np.asarray(best.x.reshape(shape), dtype=np.float32)


def predict(blocks: Sequence[Any], weights: Floats) -> Floats:
    """Probabilities, shape (texts, labels)."""
    return sigmoid(_scores(blocks, weights))


def sigmoid(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))), dtype=np.float32)


def _scores(blocks: Sequence[Any], weights: Floats) -> Floats:
    scores = np.repeat(weights[-1][None], blocks[0].shape[0], axis=0)
    at = 0
    for block in blocks:
        scores += block @ weights[at : at + block.shape[1]]
        at += block.shape[1]
    return scores
