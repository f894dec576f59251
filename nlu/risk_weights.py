"""Weights of words for each risk: what is left of the risk detector where no model is.

`lexicon/risk_weights.tsv` is a table a person can read: a word or a pair of words, a risk, and
how much the one speaks for the other. It is made from the training texts and the patterns of
`risk_words.yml`, and made anew when those change a good deal:

    python -m nlu.risk_weights

Most weights are nought (an L1 penalty), so that a few thousand words are left. One limit for all
risks is chosen on the tuning part, where recall comes before quiet.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nlu import risk_words, taxonomy, texts
from nlu.ngrams import word_grams
from nlu.normalise import plain
from nlu.words import LEXICON

PATH = LEXICON / "risk_weights.tsv"
BIAS, LIMIT = "(bias)", "(limit)"
# What the patterns of risk_words.yml found counts as a word of its own.
PLAIN, HINT = "(plain) ", "(hint) "
# Words of fewer training texts than this say nothing yet.
LEAST_TEXTS = 4
PENALTY = 0.3
# A risk missed weighs this many times a false alarm.
MISS = 2
# The share of risks of the tuning part that words alone must raise.
RECALL = 0.95
SHOWN = 4


@dataclass(frozen=True)
class Weighed:
    """How strongly words speak for a risk: log odds, and the words that weighed most."""

    score: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Table:
    bias: dict[str, float]
    limit: float
    of: dict[str, dict[str, float]]


@cache
def _table(path: Path = PATH) -> _Table:
    bias: dict[str, float] = {}
    of: dict[str, dict[str, float]] = {}
    limit = 0.0
    with path.open(encoding="utf-8", newline="") as file:
        for term, risk, weight in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if term == LIMIT:
                limit = float(weight)
            elif term == BIAS:
                bias[risk] = float(weight)
            else:
                of.setdefault(term, {})[risk] = float(weight)
    return _Table(bias, limit, of)


def limit() -> float:
    """Log odds from which words alone raise a risk."""
    return _table().limit


def weigh(plain_text: str) -> dict[str, Weighed]:
    """Every risk with what the words of a plain text say of it."""
    table = _table()
    scores = dict(table.bias)
    for_it: dict[str, list[tuple[float, str]]] = {risk: [] for risk in scores}
    for term in terms_of(plain_text):
        for risk, weight in table.of.get(term, {}).items():
            scores[risk] += weight
            if weight > 0 and not term.startswith("("):
                for_it[risk].append((weight, term.replace("not_", "")))
    return {
        risk: Weighed(score, tuple(t for _, t in sorted(for_it[risk], reverse=True)[:SHOWN]))
        for risk, score in scores.items()
    }


def terms_of(plain_text: str) -> set[str]:
    """Words, pairs of words, and which patterns were found."""
    terms = set(word_grams(plain_text))
    for risk, found in risk_words.find(plain_text).items():
        if found.plain:
            terms.add(PLAIN + risk)
        if found.hints:
            terms.add(HINT + risk)
    return terms


def learn(
    learnt: Sequence[texts.Text], aside: Sequence[texts.Text]
) -> list[tuple[str, str, float]]:
    """Rows of the table: term, risk, weight. The limit is chosen on the texts set aside."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    read = [terms_of(plain(text.text)) for text in learnt]
    counts = Counter(term for terms in read for term in terms)
    vocabulary = sorted(term for term, count in counts.items() if count >= LEAST_TEXTS)
    at = {term: place for place, term in enumerate(vocabulary)}

    def matrix(rows: Iterable[set[str]]) -> csr_matrix:
        places = [sorted(at[term] for term in terms if term in at) for terms in rows]
        starts = np.cumsum([0, *map(len, places)])
        flat = np.array([place for row in places for place in row], dtype=np.int64)
        return csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(places), len(at)))

    known, asked = matrix(read), matrix(terms_of(plain(text.text)) for text in aside)
    rows: list[tuple[str, str, float]] = []
    right = []
    for risk in taxonomy.risk_ids():
        truth = np.array([risk in text.risks for text in learnt])
        fit = LogisticRegression(
            C=PENALTY, l1_ratio=1, solver="liblinear", class_weight={False: 1, True: MISS},
            random_state=0,
        ).fit(known, truth)  # fmt: skip
        rows.append((BIAS, risk, float(fit.intercept_[0])))
        rows += [
            (vocabulary[place], risk, float(fit.coef_[0, place]))
            for place in np.flatnonzero(np.abs(fit.coef_[0]) >= 0.005)
        ]
        there = np.array([risk in text.risks for text in aside])
        right.append(fit.decision_function(asked)[there])
    return [(LIMIT, "", float(np.quantile(np.concatenate(right), 1 - RECALL))), *rows]


def main() -> None:
    rows = learn(texts.training(), texts.tuning())
    with PATH.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        out.writerows((term, risk, f"{weight:.2f}") for term, risk, weight in rows)
    print(f"{len(rows):,} weights in {PATH.name}. Run the evaluation before you commit it.")


if __name__ == "__main__":
    main()
