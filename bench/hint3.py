"""HINT3: real chatbot queries of three shops, half of the test out of scope.

One setting serves all three sets and is chosen on training files only: five-fold within each
set, with the training texts of the other two sets as what is out of scope.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.embedding import Embedding, Vectors
from nlu.intents import Intents

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "benchmarks" / "hint3"
SETS = ("sofmattress", "curekart", "powerplay11")
BEST_PUBLISHED = {"sofmattress": 0.638, "curekart": 0.603, "powerplay11": 0.425}
RASA_PUBLISHED = {"sofmattress": 0.526, "curekart": 0.511, "powerplay11": 0.340}
REFUSED = "NO_NODES_DETECTED"
LIMITS = np.arange(0.2, 0.8, 0.02)
# Scales of the meaning and of the grams to choose from.
SCALES = ((6.0, 3.0), (4.0, 3.0), (10.0, 5.0))
FOLDS = 5

Rows = list[tuple[str, str]]


def available() -> bool:
    return FOLDER.is_dir()


@dataclass(frozen=True)
class Setting:
    """One for all three sets: the scales of the two kinds of features, and the refusal limit."""

    meaning: float
    grams: float
    limit: float


class Remembering:
    """An embedding that reads each text once; the folds ask for the same ones again."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._embedding.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def scores(embedding: Embedding) -> tuple[Setting, dict[str, float]]:
    """The setting chosen, and the Matthews correlation on each test set."""
    encoder = Remembering(embedding)
    training = {name: _read(FOLDER / "v2_train" / f"{name}_train.csv") for name in SETS}
    setting = choose(training, encoder)
    out = {}
    for name, rows in training.items():
        model = Intents(encoder, setting.meaning, setting.grams)
        model.learn([r[0] for r in rows], [r[1] for r in rows])
        test = _read(FOLDER / "v2_test" / f"{name}_test.csv")
        said, sure = model.classify([r[0] for r in test])
        out[name] = _mcc([r[1] for r in test], said, sure, setting.limit)
    return setting, out


def choose(training: dict[str, Rows], encoder: Remembering) -> Setting:
    """The setting with the best mean correlation over the sets, on training texts set aside."""
    best, chosen = -1.0, Setting(*SCALES[0], float(LIMITS[0]))
    for meaning, grams in SCALES:
        total = sum(
            _aside(rows, _strangers(training, name), encoder, meaning, grams)
            for name, rows in training.items()
        )
        if total.max() > best:
            best = float(total.max())
            chosen = Setting(meaning, grams, float(LIMITS[total.argmax()]))
    return chosen


def _strangers(training: dict[str, Rows], name: str) -> list[str]:
    return [text for other in training if other != name for text, _ in training[other]]


def _aside(
    rows: Rows, strangers: list[str], encoder: Remembering, meaning: float, grams: float
) -> np.ndarray:
    """The correlation at each limit, five-fold, as many strangers asked as texts set aside."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(rows))
    truth: list[str] = []
    said, sure = [], []
    for fold in range(FOLDS):
        aside = order[fold::FOLDS]
        rest = np.setdiff1d(order, aside)
        model = Intents(encoder, meaning, grams)
        model.learn([rows[i][0] for i in rest], [rows[i][1] for i in rest])
        strange = rng.permutation(len(strangers))[: len(aside)]
        asked = [rows[i][0] for i in aside] + [strangers[i] for i in strange]
        truth += [rows[i][1] for i in aside] + [REFUSED] * len(strange)
        one_said, one_sure = model.classify(asked)
        said.append(one_said)
        sure.append(one_sure)
    everything = np.concatenate(said), np.concatenate(sure)
    return np.array([_mcc(truth, *everything, limit) for limit in LIMITS])


def _mcc(truth: list[str], said: np.ndarray, sure: np.ndarray, limit: float) -> float:
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(truth, np.where(sure >= limit, said, REFUSED)))


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [(row[0], row[1]) for row in rows]
