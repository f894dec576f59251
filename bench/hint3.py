"""HINT3: real chatbot queries of three shops, half of the test out of scope.

The refusal limit is one for all three sets and is chosen on training files only: five-fold
within each set, with the training texts of the other two sets as what is out of scope.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from nlu.embedding import Embedding
from nlu.intents import Intents

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "benchmarks" / "hint3"
SETS = ("sofmattress", "curekart", "powerplay11")
BEST_PUBLISHED = {"sofmattress": 0.638, "curekart": 0.603, "powerplay11": 0.425}
RASA_PUBLISHED = {"sofmattress": 0.526, "curekart": 0.511, "powerplay11": 0.340}
REFUSED = "NO_NODES_DETECTED"
LIMITS = np.arange(0.2, 0.8, 0.02)
FOLDS = 5

Rows = list[tuple[str, str]]


def available() -> bool:
    return FOLDER.is_dir()


def scores(embedding: Embedding) -> tuple[float, dict[str, float]]:
    """The limit chosen, and the Matthews correlation on each test set."""
    training = {name: _read(FOLDER / "v2_train" / f"{name}_train.csv") for name in SETS}
    limit = choose_limit(training, embedding)
    out = {}
    for name, rows in training.items():
        model = Intents(embedding).learn([r[0] for r in rows], [r[1] for r in rows])
        test = _read(FOLDER / "v2_test" / f"{name}_test.csv")
        said, sure = model.classify([r[0] for r in test])
        out[name] = _mcc([r[1] for r in test], said, sure, limit)
    return limit, out


def choose_limit(training: dict[str, Rows], embedding: Embedding) -> float:
    """The limit with the best mean correlation over the sets, on training texts set aside."""
    total = np.zeros(len(LIMITS))
    for name, rows in training.items():
        rng = np.random.default_rng(0)
        order = rng.permutation(len(rows))
        foreign = [text for other in training if other != name for text, _ in training[other]]
        truth: list[str] = []
        said, sure = [], []
        for fold in range(FOLDS):
            aside = order[fold::FOLDS]
            rest = np.setdiff1d(order, aside)
            model = Intents(embedding).learn([rows[i][0] for i in rest], [rows[i][1] for i in rest])
            strange = rng.permutation(len(foreign))[: len(aside)]
            asked = [rows[i][0] for i in aside] + [foreign[i] for i in strange]
            truth += [rows[i][1] for i in aside] + [REFUSED] * len(strange)
            one_said, one_sure = model.classify(asked)
            said.append(one_said)
            sure.append(one_sure)
        everything = np.concatenate(said), np.concatenate(sure)
        total += [_mcc(truth, *everything, limit) for limit in LIMITS]
    return float(LIMITS[total.argmax()])


def _mcc(truth: list[str], said: np.ndarray, sure: np.ndarray, limit: float) -> float:
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(truth, np.where(sure >= limit, said, REFUSED)))


def _read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return [(row[0], row[1]) for row in rows]
