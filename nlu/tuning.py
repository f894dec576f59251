"""Makes the adapter: bends thin matrices of the embedding, and trains its head, in numpy.

A gradient descent written out by hand, since the project carries no torch. It is run when the
texts have changed a good deal, not at set-up:

    python -m nlu.tuning            goes on from the adapter that is there
    python -m nlu.tuning --afresh   begins with the embedding as it came

After each round the tuning part of the texts, which is never learnt from, is scored, and the
best round is kept. A course may leave the lower layers as they are (`first`), which halves the
work for a little less gain.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nlu import adapter as shipped
from nlu import head as heads
from nlu import taxonomy, texts, train
from nlu.adam import Adam, Parts
from nlu.adapter import PRODUCTS, Adapter
from nlu.backward import backward, begin, forward, pad
from nlu.embedding import DEFAULT_MODEL, Embedding, Vectors
from nlu.head import Head
from nlu.normalise import plain

RANK = 16
BATCH = 24
# Longer texts are cut while tuning only; 96 tokens are some 70 words.
TOKENS = 96
WARM_UP = 60
HIDDEN_WORDS = 0.1
# What the head is told to believe of labels that are there and that are not: the writers of the
# texts disagree about one label in twenty.
SURE, UNSURE = np.float32(0.97), np.float32(0.004)
AT_ONCE = 48

Say = Callable[[str], None]


@dataclass
class Course:
    """How a tuning is run: rounds, the first layer that learns, and how fast."""

    rounds: int
    first: int
    rate: float
    head_rate: float


AFRESH = Course(rounds=5, first=0, rate=1e-3, head_rate=3e-3)
ONWARD = Course(rounds=4, first=2, rate=5e-4, head_rate=2e-3)


class Tuning:
    """One run: states of the lower layers once, then rounds over all texts."""

    def __init__(
        self,
        embedding: Embedding,
        parts: Parts,
        head: Head,
        course: Course,
        *,
        seed: int = 0,
        say: Say = lambda _: None,
    ) -> None:
        self.embedding, self.course, self.say = embedding, course, say
        self.rng = np.random.default_rng(seed)
        self.base = [{name: layer[name] for name in PRODUCTS} for layer in embedding.layers]
        self.labels = head.labels
        self.parts = dict(parts) | {f"head.{n}": part.copy() for n, part in head.parts.items()}
        moving = [n for n in self.parts if n.startswith("head") or int(n[0]) >= course.first]
        self.adam = Adam({n: self.parts[n] for n in moving}, course.rate, course.head_rate)

    def run(self, plains: Sequence[str], truth: Vectors, keep: Callable[[Adapter], None]) -> None:
        """Learns `truth` from plain texts; `keep` is given the adapter after each round."""
        began = time.monotonic()
        states = self.lower(plains)
        goal = np.where(truth > 0, SURE, UNSURE)
        steps, step = self.course.rounds * max(1, len(states) // BATCH), 0
        for number in range(1, self.course.rounds + 1):
            losses = []
            for rows in _batches(states, self.rng):
                step += 1
                share = min(1.0, step / WARM_UP) * max(0.02, 1 - step / (steps + 1))
                losses.append(self._step([states[row] for row in rows], goal[rows], share))
            minutes = (time.monotonic() - began) / 60
            loss = float(np.mean(losses))
            self.say(f"Round {number} of {self.course.rounds}: loss {loss:.3f}, {minutes:.0f} min.")
            keep(self.adapter())

    def lower(self, texts: Sequence[str]) -> list[Vectors]:
        """Word vectors of each text under the layers that learn, in half precision."""
        merged = merge(self.base, self.parts)
        ids = [self.embedding.tokens(text)[:TOKENS] for text in texts]
        out: list[Vectors] = [np.zeros((0, 0), np.float32)] * len(ids)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for at in range(0, len(order), AT_ONCE):
            rows = order[at : at + AT_ONCE]
            states, mask = pad([begin(self.embedding, ids[i]) for i in rows])
            ended = forward(self.embedding, merged, states, mask, stop=self.course.first).states
            for row, state in zip(rows, ended, strict=True):
                out[row] = state[: len(ids[row])].astype(np.float16)
        return out

    def adapter(self) -> Adapter:
        """What has been learnt so far."""
        head = {n: self.parts[f"head.{n}"].copy() for n in heads.PARTS}
        kept = {n: part.copy() for n, part in self.parts.items() if not n.startswith("head")}
        return Adapter(self.embedding.fingerprint, "", kept, Head(self.labels, head))

    def _step(self, texts: list[Vectors], goal: Vectors, share: float) -> float:
        merged = merge(self.base, self.parts, self.course.first)
        states, mask = pad([_hide(text, self.rng) for text in texts])
        first = self.course.first
        tape = forward(self.embedding, merged, states, mask, first=first)
        head = {n: self.parts[f"head.{n}"] for n in heads.PARTS}
        saw = heads.read(head, tape.states, mask)
        cost = float((np.logaddexp(0, saw.scores) - goal * saw.scores).sum() / len(texts))
        wrong = ((1 / (1 + np.exp(-saw.scores)) - goal) / len(texts)).astype(np.float32)
        of_head, pull = heads.back(head, tape.states, mask, saw, wrong)
        slopes = {f"head.{n}": slope for n, slope in of_head.items()}
        slopes |= backward(self.embedding, merged, self.parts, tape, pull, first=first)
        self.adam.move(self.parts, slopes, share)
        return cost


def merge(base: list[Parts], parts: Parts, first: int = 0) -> list[Parts]:
    """The adapted products of every layer; those under `first` are left as they are."""
    return [
        {
            name: layer[name] + parts[f"{number}.{name}.A"] @ parts[f"{number}.{name}.B"]
            for name in PRODUCTS
        }
        if number >= first
        else layer
        for number, layer in enumerate(base)
    ]


def start(embedding: Embedding, rng: np.random.Generator, rank: int = RANK) -> Parts:
    """Thin matrices that change nothing yet."""
    parts = {}
    for number, layer in enumerate(embedding.layers):
        for name in PRODUCTS:
            rows, columns = layer[name].shape
            first = rng.standard_normal((rows, rank)) / np.sqrt(rows)
            parts[f"{number}.{name}.A"] = first.astype(np.float32)
            parts[f"{number}.{name}.B"] = np.zeros((rank, columns), dtype=np.float32)
    return parts


def _batches(texts: list[Vectors], rng: np.random.Generator) -> list[list[int]]:
    # Texts of like length go together, with a little chance so that company changes.
    order = sorted(
        rng.permutation(len(texts)).tolist(), key=lambda i: len(texts[i]) + int(rng.integers(0, 6))
    )
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    return [batches[at] for at in rng.permutation(len(batches))]


def _hide(text: Vectors, rng: np.random.Generator) -> Vectors:
    """A text without a few of its words, so that no word is relied on alone."""
    kept = rng.random(len(text)) >= HIDDEN_WORDS
    kept[0] = kept[-1] = True
    return text[kept]


class Best:
    """Keeps the round whose head alone reads the tuning part best, and writes it at once."""

    def __init__(self, tuning: Sequence[str], truth: Vectors, path: Path, say: Say) -> None:
        self.tuning, self.truth, self.path, self.say = tuning, truth, path, say
        self.score = 0.0

    def __call__(self, adapter: Adapter) -> None:
        assert adapter.head is not None
        embedding = adapter.apply(Embedding.open(DEFAULT_MODEL))
        odds = embedding.read(self.tuning, adapter.head.scores, len(adapter.head.labels))
        score = max(_macro_f1(odds > limit, self.truth) for limit in np.arange(-2.5, 1, 0.25))
        self.say(f"  macro-F1 of the head alone on the tuning part: {score:.3f}")
        if score > self.score:
            self.score = score
            adapter.save(self.path)


def _macro_f1(heard: np.ndarray, truth: Vectors) -> float:
    needs = slice(0, len(taxonomy.need_ids()))
    said, right = heard[:, needs], truth[:, needs] > 0
    both = (said & right).sum(axis=0)
    return float((2 * both / np.maximum(1, said.sum(axis=0) + right.sum(axis=0))).mean())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--afresh", action="store_true", help="begin with the embedding as it came")
    asked.add_argument("--rounds", type=int, help="how often to go through the texts")
    chosen = asked.parse_args()
    corpus, aside = texts.training(), texts.tuning()
    plains = [plain(text.text) for text in corpus]
    truth = train.truth_of(corpus)
    keep = Best([plain(t.text) for t in aside], train.truth_of(aside), shipped.PATH, print)
    courses = [AFRESH, ONWARD] if chosen.afresh else [ONWARD]
    print(f"Tuning the embedding on {len(corpus):,} texts: some 6 minutes of one core a round.")
    for course in courses:
        embedding, rng = Embedding.open(DEFAULT_MODEL), np.random.default_rng(0)
        last = None if course is AFRESH else Adapter.load()
        if last is None or last.base != embedding.fingerprint:
            last, course = Adapter("", "", start(embedding, rng)), AFRESH
        head = last.head
        if head is None or head.labels != train.labels():
            head = Head.blank(train.labels(), embedding.dimensions, rng)
        course = replace(course, rounds=chosen.rounds or course.rounds)
        Tuning(embedding, last.parts, head, course, say=print).run(plains, truth, keep)
    print(f"The best round is in {shipped.PATH.name}. Run the evaluation before you commit it.")


if __name__ == "__main__":
    main()
