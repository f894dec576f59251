"""Training: from labelled texts to one model folder. About a minute on one core.

The head of the adapter is ready-made; the words are learnt here, and how far to trust each of
the two is found on the tuning part, which neither has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nlu import features, linear, risks, taxonomy, texts
from nlu.adapter import open_adapted
from nlu.embedding import DEFAULT_MODEL, Embedding
from nlu.head import SCALE, Head
from nlu.linear import Floats
from nlu.mix import Mix
from nlu.model import Model, saved_fingerprint
from nlu.ngrams import Grams
from nlu.normalise import plain
from nlu.texts import Text

ANY_RISK = risks.ANY
Say = Callable[[str], None]
PENALTIES = (2.0, 2.0)
ROUNDS = 40
CODE = Path(__file__).parent
# The modules that shape a model: a change in any other needs no training.
SHAPING = (
    *("adapter", "embedding", "features", "head", "linear", "mix", "model", "ngrams"),
    *("normalise", "risk_words", "risks", "scope", "taxonomy", "texts", "train", "words"),
)
# The share of risks that must be raised on the tuning part; recall comes before quiet.
RISK_RECALL = 0.98
# Below the first, idle talk would raise an alarm every day; above the second, hints are lost.
RISK_LIMITS = (0.015, 0.026)
# Goodbyes are quiet: this risk is raised at so small a share of the others' limit.
LAST_WORDS, SOONER = "!suicide", 0.5
# The share of what is out of scope that must be refused on the tuning part.
REFUSED = 0.93
# Where there is no tuning part, every so manieth training text stands in.
ASIDE = 6
USUAL = 0.4


def labels() -> tuple[str, ...]:
    """What one model tells apart: needs, `!risks`, `@barriers`, `oos`, `none`, any `risk`."""
    risks = [f"!{risk}" for risk in taxonomy.risk_ids()]
    barriers = [f"@{barrier}" for barrier in taxonomy.BARRIERS]
    return (*taxonomy.need_ids(), *risks, *barriers, "oos", "none", ANY_RISK)


def ensure(
    folder: Path,
    *,
    embedding: str | Path = DEFAULT_MODEL,
    corpus: Path = texts.FOLDER,
    say: Say = lambda _: None,
) -> bool:
    """Trains into `folder` unless the model there was made from the same things.

    Returns True where it trained. `say` hears progress in plain words.
    """
    opened, head = open_adapted(embedding)
    wanted = fingerprint(opened, corpus)
    if saved_fingerprint(folder) == wanted:
        say("The hearing model is up to date.")
        return False
    learnt, aside = texts.training(corpus), texts.tuning(corpus)
    train(learnt, opened, head, wanted, aside=aside, say=say).save(folder)
    say("The hearing model is ready.")
    return True


def train(
    corpus: Sequence[Text],
    embedding: Embedding,
    head: Head | None,
    name: str = "",
    *,
    aside: Sequence[Text] = (),
    say: Say = lambda _: None,
) -> Model:
    """A model of `corpus`, its settings chosen on `aside`, which it does not learn.

    `head` reads the embedding; without one a plain head is learnt here. Raises ValueError where
    there are too few texts to learn from.
    """
    if len(corpus) < 20:
        raise ValueError("too few texts to learn from")
    if not aside:
        aside, corpus = corpus[::ASIDE], [t for at, t in enumerate(corpus) if at % ASIDE]
    say(f"Reading {len(corpus):,} training messages.")
    plains = [plain(text.text) for text in corpus]
    truth = truth_of(corpus)
    if head is None or head.labels != labels():
        head = plain_head(embedding, plains, truth, say)
    say("Learning which words speak of what.")
    grams = Grams.learn(plains)
    known = features.known_words(plains)
    blocks = [known, grams.matrix(plains) * features.GRAM_SCALE]
    weights = linear.fit(blocks, truth, penalties=PENALTIES, rounds=ROUNDS)
    width = known.shape[1]
    model = Model(
        fingerprint=name,
        labels=labels(),
        thresholds=np.full(len(labels()), USUAL, dtype=np.float32),
        head=head,
        known=weights[:width],
        sparse=weights[width:-1],
        bias=weights[-1],
        grams=grams,
        mix=Mix(np.zeros((2, 0), np.float32), np.zeros(0, np.float32)),
    )
    say(f"Choosing settings on {len(aside):,} messages that were not learnt.")
    opinions = model.opinions(embedding, [plain(text.text) for text in aside])
    mix = Mix.fit(opinions, truth_of(aside), groups())
    thresholds = choose_thresholds(mix.believe(opinions), truth_of(aside))
    return replace(model, mix=mix, thresholds=thresholds)


def plain_head(embedding: Embedding, plains: Sequence[str], truth: Floats, say: Say) -> Head:
    """A head for an embedding that has none: one linear layer over whole messages."""
    size = max(1, len(plains) // 10)
    parts = []
    for start in range(0, len(plains), size):
        parts.append(embedding.encode(plains[start : start + size]) * SCALE)
        done = min(start + size, len(plains))
        say(f"Reading what the messages mean: {done:,} of {len(plains):,}.")
    weights = linear.fit([np.concatenate(parts)], truth, penalties=[1.0], rounds=ROUNDS)
    blank = Head.blank(labels(), embedding.dimensions, np.random.default_rng(0))
    return Head(labels(), {**blank.parts, "whole": weights[:-1], "bias": weights[-1]})


def groups() -> list[list[int]]:
    """Columns of labels that share how far each opinion is trusted."""
    names = labels()
    kinds = [taxonomy.need_ids(), [n for n in names if n[0] == "!"] + [ANY_RISK]]
    kinds += [[n for n in names if n[0] == "@"], ["oos", "none"]]
    return [[names.index(name) for name in kind] for kind in kinds]


def truth_of(corpus: Sequence[Text]) -> Floats:
    """1 where a text carries a label, shape (texts, labels)."""
    at = {label: column for column, label in enumerate(labels())}
    truth = np.zeros((len(corpus), len(at)), dtype=np.float32)
    for row, text in enumerate(corpus):
        marks = [*text.needs, *(f"!{r}" for r in text.risks), *(f"@{b}" for b in text.barriers)]
        if text.oos:
            marks.append("oos")
        elif not text.needs and not text.risks:
            marks.append("none")
        if text.risks:
            marks.append(ANY_RISK)
        for mark in marks:
            truth[row, at[mark]] = 1
    return truth


def choose_thresholds(believed: Floats, truth: Floats) -> Floats:
    """One limit for all needs, one for all risks, one for each other label.

    The probabilities are calibrated, so the best limit is much the same for every need, and one
    limit is chosen on many more texts than twenty-seven would be.
    """
    names = labels()
    out = np.full(len(names), USUAL, dtype=np.float32)
    needs, risky, barriers, _ = groups()
    out[needs] = _best_limit(believed[:, needs], truth[:, needs] > 0)
    risky, anyway = risky[:-1], risky[-1]
    raised = risks.strength(believed[:, risky], believed[:, [anyway]])
    right = raised[truth[:, risky] > 0]
    if len(right):
        out[risky] = np.clip(np.quantile(right, 1 - RISK_RECALL), *RISK_LIMITS)
        out[names.index(LAST_WORDS)] *= SOONER
    for at in barriers:
        out[at] = _best_limit(believed[:, [at]], truth[:, [at]] > 0, lowest=0.1)
    strange = names.index("oos")
    asked = believed[truth[:, strange] > 0, strange]
    if len(asked):
        out[strange] = np.clip(np.quantile(asked, 1 - REFUSED), 0.1, 0.5)
    return out


def fingerprint(embedding: Embedding, corpus: Path = texts.FOLDER) -> str:
    """Names everything a model is made from: the texts, this code, the words, the embedding."""
    digest = hashlib.sha256(embedding.fingerprint.encode())
    sources = [*texts.training_files(corpus), *texts.tuning_files(corpus)]
    sources += texts.held_out_files(corpus)
    sources += [CODE / f"{name}.py" for name in SHAPING]
    sources += sorted((CODE / "lexicon").iterdir()) + sorted((CODE / "taxonomy").iterdir())
    for source in sources:
        if source.is_file():
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:16]


def _best_limit(score: Floats, right: np.ndarray, lowest: float = 0.3) -> float:
    """The limit best for F1, the mean over columns, for hearing a text's whole set right, and for
    hearing nothing where there is nothing."""
    best, at = 0.0, USUAL
    needy = right.any(axis=1)
    for limit in np.arange(lowest, 0.52, 0.02):
        heard = score >= limit
        each = 2 * (heard & right).sum(axis=0) / np.maximum(1, heard.sum(0) + right.sum(0))
        whole = (heard == right)[needy].all(axis=1).mean() if needy.any() else 0.0
        still = (~heard[~needy].any(axis=1)).mean() if not needy.all() else 0.0
        total = float(each.mean() + whole / 2 + still / 2)
        if total > best:
            best, at = total, float(limit)
    return at
