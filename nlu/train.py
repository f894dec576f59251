"""Training: from labelled texts to one model folder. About a minute on one core."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from nlu import features, linear, risks, taxonomy, texts
from nlu.adapter import open_adapted
from nlu.embedding import DEFAULT_MODEL, Embedding
from nlu.linear import Floats
from nlu.model import Model, saved_fingerprint
from nlu.ngrams import Grams
from nlu.normalise import clean, plain
from nlu.texts import Text

ANY_RISK = risks.ANY
Say = Callable[[str], None]
PENALTIES = (2.0, 2.0, 2.0)
# The thresholds need less polish than the model itself.
ROUNDS, TRIAL_ROUNDS = 60, 30
FOLDS = 2
CODE = Path(__file__).parent
# The modules that shape a model: a change in any other needs no training.
SHAPING = (
    *("adapter", "embedding", "features", "linear", "model", "ngrams", "normalise"),
    *("risk_words", "risks", "scope", "taxonomy", "texts", "train", "words"),
)
# The share of risks that must be raised on texts set aside; recall comes before quiet.
RISK_RECALL = 0.95
# Below the first, idle talk would raise an alarm every day; above the second, hints are lost.
RISK_LIMITS = (0.05, 0.1)
# A threshold chosen on few texts is drawn half way to where most needs have theirs.
USUAL = 0.35


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
    opened = open_adapted(embedding)
    wanted = fingerprint(opened, corpus)
    if saved_fingerprint(folder) == wanted:
        say("The hearing model is up to date.")
        return False
    train(texts.training(corpus), opened, wanted, say=say).save(folder)
    say("The hearing model is ready.")
    return True


def train(
    corpus: Sequence[Text], embedding: Embedding, name: str = "", *, say: Say = lambda _: None
) -> Model:
    """A model of these texts. Raises ValueError where there are too few to learn from."""
    if len(corpus) < FOLDS * 10:
        raise ValueError("too few texts to learn from")
    say(f"Reading {len(corpus):,} training messages.")
    cleaned = [clean(text.text) for text in corpus]
    plains = [plain(text.text) for text in corpus]
    vectors = encode(embedding, cleaned, plains, say)
    dense = np.hstack([vectors, features.known_words(plains)])
    truth = truth_of(corpus)
    say("Choosing thresholds on messages set aside in turn.")
    believed = cross_validate(dense, plains, truth, say)
    thresholds = choose_thresholds(believed, truth)
    say("Learning from all of them.")
    grams = Grams.learn(plains)
    weights = _fit(dense, grams.matrix(plains), truth)
    width = dense.shape[1]
    return Model(
        fingerprint=name,
        labels=labels(),
        thresholds=thresholds,
        dense=weights[:width],
        sparse=weights[width:-1],
        bias=weights[-1],
        grams=grams,
        neighbours=vectors / features.MEANING_SCALE,
    )


def encode(embedding: Embedding, cleaned: Sequence[str], plains: Sequence[str], say: Say) -> Floats:
    """The meaning of every text, in portions so that progress can be told."""
    size = max(1, len(cleaned) // 10)
    parts = []
    for start in range(0, len(cleaned), size):
        part = slice(start, start + size)
        parts.append(features.meaning(embedding, cleaned[part], plains[part]))
        done = min(start + size, len(cleaned))
        say(f"Reading what the messages mean: {done:,} of {len(cleaned):,}.")
    return np.concatenate(parts)


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


def folds(count: int, parts: int = FOLDS, seed: int = 7) -> list[np.ndarray]:
    """Shuffled row numbers in `parts` shares, the same ones every time."""
    order = np.random.default_rng(seed).permutation(count)
    return [np.sort(share) for share in np.array_split(order, parts)]


def cross_validate(dense: Floats, plains: Sequence[str], truth: Floats, say: Say) -> Floats:
    """Each text's probabilities from a model that has not seen it."""
    believed = np.zeros_like(truth)
    shares = folds(len(plains))
    for number, share in enumerate(shares, 1):
        rest = np.setdiff1d(np.arange(len(plains)), share)
        grams = Grams.learn([plains[i] for i in rest])
        weights = _fit(
            dense[rest], grams.matrix([plains[i] for i in rest]), truth[rest], TRIAL_ROUNDS
        )
        unseen = grams.matrix([plains[i] for i in share]) * features.GRAM_SCALE
        believed[share] = linear.predict([dense[share], unseen], weights)
        say(f"Set aside and checked: part {number} of {len(shares)}.")
    return believed


def choose_thresholds(believed: Floats, truth: Floats) -> Floats:
    """For needs and barriers the best F1; for risks one limit that keeps RISK_RECALL."""
    out = np.full(truth.shape[1], 0.5, dtype=np.float32)
    names = labels()
    risky = [at for at, label in enumerate(names) if label.startswith("!")]
    raised = risks.strength(believed[:, risky], believed[:, [names.index(ANY_RISK)]])
    right = raised[truth[:, risky] > 0]
    if len(right):
        out[risky] = np.clip(np.quantile(right, 1 - RISK_RECALL), *RISK_LIMITS)
    for at in range(len(names)):
        if at not in risky and truth[:, at].any():
            out[at] = (_best_f1(believed[:, at], truth[:, at] > 0) + USUAL) / 2
    return out


def fingerprint(embedding: Embedding, corpus: Path = texts.FOLDER) -> str:
    """Names everything a model is made from: the texts, this code, the words, the embedding."""
    digest = hashlib.sha256(embedding.fingerprint.encode())
    sources = [*texts.training_files(corpus), *texts.held_out_files(corpus)]
    sources += [CODE / f"{name}.py" for name in SHAPING]
    sources += sorted((CODE / "lexicon").iterdir()) + sorted((CODE / "taxonomy").iterdir())
    for source in sources:
        if source.is_file():
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:16]


def _fit(dense: Floats, sparse: object, truth: Floats, rounds: int = ROUNDS) -> Floats:
    scaled = sparse * features.GRAM_SCALE  # type: ignore[operator]
    width = dense.shape[1] - _known_width()
    blocks = [dense[:, :width], dense[:, width:], scaled]
    return linear.fit(blocks, truth, penalties=PENALTIES, rounds=rounds)


def _known_width() -> int:
    return 2 * len(taxonomy.risk_ids()) + len(taxonomy.need_ids())


def _best_f1(score: Floats, right: np.ndarray) -> float:
    best, at = 0.0, 0.5
    for threshold in np.arange(0.12, 0.7, 0.02):
        heard = score >= threshold
        f1 = 2 * (heard & right).sum() / max(1, heard.sum() + right.sum())
        if f1 > best:
            best, at = float(f1), float(threshold)
    return at
