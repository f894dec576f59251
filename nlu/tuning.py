"""Makes the adapter: bends a few thin matrices of the embedding to our own texts, in numpy.

A gradient descent written out by hand, since the project carries no torch. It takes five
minutes of one core a round, so it is run when the texts have changed a good deal, not at set-up:

    python -m nlu.tuning

The adapter that is shipped was kept after the fourth of five rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu.adapter import PRODUCTS, Adapter
from nlu.backward import Tape, backward, forward
from nlu.embedding import Embedding, Vectors

RANK = 16
EPOCHS = 5
BATCH = 24
# Longer texts are cut while tuning only; 96 tokens are some 70 words.
TOKENS = 96
RATE, HEAD_RATE = 1e-3, 3e-3
WARM_UP = 60
HIDDEN_WORDS = 0.1
DROPPED = 0.1
SCALE = np.float32(6)

Say = Callable[[str], None]
Parts = dict[str, Vectors]


@dataclass
class Head:
    """A linear layer over scaled unit vectors, one column a label."""

    weights: Vectors
    bias: Vectors


class Adam:
    """The usual Adam, with a rate of its own for the head."""

    def __init__(self, parts: Parts) -> None:
        self._mean = {name: np.zeros_like(part) for name, part in parts.items()}
        self._square = {name: np.zeros_like(part) for name, part in parts.items()}
        self._step = 0

    def move(self, parts: Parts, slopes: Parts, share: float) -> None:
        self._step += 1
        length = np.sqrt(
            sum(float((s * s).sum()) for name, s in slopes.items() if not name.startswith("head"))
        )
        for name, slope in slopes.items():
            head = name.startswith("head")
            if not head:
                slope = slope * np.float32(min(1.0, 1 / (length + 1e-9)))
            mean = np.float32(0.9) * self._mean[name] + np.float32(0.1) * slope
            square = np.float32(0.99) * self._square[name] + np.float32(0.01) * slope * slope
            self._mean[name], self._square[name] = mean, square
            rate = np.float32((HEAD_RATE if head else RATE) * share)
            mean = mean / np.float32(1 - 0.9**self._step)
            square = square / np.float32(1 - 0.99**self._step)
            step: Any = rate * mean / (np.sqrt(square) + np.float32(1e-8))
            parts[name] = parts[name] - step


def tune(
    embedding: Embedding,
    versions: Sequence[tuple[str, str]],
    truth: Vectors,
    head: Head,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    say: Say = lambda _: None,
) -> Adapter:
    """An adapter for `embedding` that makes `truth` easy to read off its vectors.

    `versions` holds each text as it was written and in plain English; one of the two is taken
    at random each time. `head` is a first guess, and is thrown away afterwards.
    """
    rng = np.random.default_rng(seed)
    base = [{name: layer[name] for name in PRODUCTS} for layer in embedding.layers]
    parts = _start(base, rng)
    parts["head.weights"], parts["head.bias"] = head.weights.copy(), head.bias.copy()
    adam = Adam(parts)
    ids = [[embedding.tokens(text)[:TOKENS] for text in pair] for pair in versions]
    steps, step, began = epochs * max(1, len(ids) // BATCH), 0, time.monotonic()
    for epoch in range(epochs):
        chosen = rng.integers(0, 2, len(ids))
        picked = [ids[row][which] for row, which in enumerate(chosen)]
        loss = 0.0
        batches = _batches(picked, rng)
        for rows in batches:
            step += 1
            share = min(1.0, step / WARM_UP) * max(0.02, 1 - step / (steps + 1))
            hidden = [_hide(picked[row], embedding, rng) for row in rows]
            merged = merge(base, parts)
            cost, slopes = _slopes(embedding, merged, parts, hidden, truth[rows], rng)
            adam.move(parts, slopes, share)
            loss += cost
        minutes = (time.monotonic() - began) / 60
        say(f"Round {epoch + 1} of {epochs}: loss {loss / len(batches):.3f}, {minutes:.0f} min.")
    kept = {name: part for name, part in parts.items() if not name.startswith("head")}
    return Adapter(embedding.fingerprint, "", kept)


def merge(base: list[dict[str, Vectors]], parts: Parts) -> list[dict[str, Vectors]]:
    """The adapted products of every layer."""
    return [
        {
            name: layer[name] + parts[f"{number}.{name}.A"] @ parts[f"{number}.{name}.B"]
            for name in PRODUCTS
        }
        for number, layer in enumerate(base)
    ]


def _slopes(
    embedding: Embedding,
    merged: list[dict[str, Vectors]],
    parts: Parts,
    ids: list[list[int]],
    truth: Vectors,
    rng: np.random.Generator,
) -> tuple[float, Parts]:
    tape: Tape = forward(embedding, merged, ids)
    kept = (rng.random(tape.unit.shape) > DROPPED).astype(np.float32) / np.float32(1 - DROPPED)
    seen = tape.unit * SCALE * kept
    scores = seen @ parts["head.weights"] + parts["head.bias"]
    cost = float((np.logaddexp(0, scores) - truth * scores).sum() / len(ids))
    wrong = ((1 / (1 + np.exp(-scores)) - truth) / len(ids)).astype(np.float32)
    slopes = {"head.weights": seen.T @ wrong, "head.bias": wrong.sum(axis=0)}
    pull = (wrong @ parts["head.weights"].T) * kept * SCALE
    slopes.update(backward(embedding, merged, parts, tape, pull.astype(np.float32)))
    return cost, slopes


def _start(base: list[dict[str, Vectors]], rng: np.random.Generator) -> Parts:
    parts = {}
    for number, layer in enumerate(base):
        for name in PRODUCTS:
            rows, columns = layer[name].shape
            first = rng.standard_normal((rows, RANK)) / np.sqrt(rows)
            parts[f"{number}.{name}.A"] = first.astype(np.float32)
            parts[f"{number}.{name}.B"] = np.zeros((RANK, columns), dtype=np.float32)
    return parts


def _batches(ids: list[list[int]], rng: np.random.Generator) -> list[list[int]]:
    # Texts of like length go together, with a little chance so that company changes.
    order = sorted(
        rng.permutation(len(ids)).tolist(), key=lambda i: len(ids[i]) + int(rng.integers(0, 6))
    )
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    return [batches[at] for at in rng.permutation(len(batches))]


def _hide(ids: list[int], embedding: Embedding, rng: np.random.Generator) -> list[int]:
    mask = int(embedding.tokenizer.token_to_id("[MASK]") or 0)
    last = len(ids) - 1
    return [
        mask if 0 < at < last and rng.random() < HIDDEN_WORDS else one for at, one in enumerate(ids)
    ]


def main() -> None:
    from nlu import linear, texts, train
    from nlu.embedding import DEFAULT_MODEL
    from nlu.normalise import clean, plain

    corpus = texts.training()
    versions = [(clean(text.text), plain(text.text)) for text in corpus]
    truth: Any = train.truth_of(corpus)
    embedding = Embedding.open(DEFAULT_MODEL)
    print(f"Tuning the embedding on {len(corpus):,} texts. This takes half an hour or more.")
    vectors = embedding.encode([version[0] for version in versions]) * SCALE
    guess = linear.fit([vectors], truth, penalties=[1.0], rounds=40)
    tune(embedding, versions, truth, Head(guess[:-1], guess[-1]), say=print).save()
    print("The adapter is written. Run the evaluation before you commit it.")


if __name__ == "__main__":
    main()
