"""Figures of a hearing: precision, recall, F1, intervals, confusions, risks, refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlu import taxonomy
from nlu.heard import Heard
from nlu.texts import Text

RESAMPLES = 400


@dataclass(frozen=True)
class Rate:
    """Something counted: `right` of `of`."""

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else float("nan")

    def __str__(self) -> str:
        return f"{self.share:.3f} ({self.right} of {self.of})" if self.of else "none to count"


@dataclass(frozen=True)
class Label:
    """One need: how many texts carry it, precision, recall, F1 and its 95 % interval."""

    id: str
    count: int
    precision: float
    recall: float
    f1: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """All figures of one evaluation."""

    needs: tuple[Label, ...]
    macro: tuple[float, float, float]
    exact: Rate
    none_clean: Rate
    confusions: tuple[tuple[str, str, int], ...]
    risks: dict[str, Rate]
    risk_any: Rate
    risk_overall: Rate
    false_alarms_hard: Rate
    false_alarms_plain: Rate
    false_alarms_by_risk: dict[str, int]
    refused: Rate
    answered: Rate
    calibration: tuple[tuple[float, float, int], ...] = ()
    # Of each barrier: its id, how many texts carry it, precision and recall.
    barriers: tuple[tuple[str, int, float, float], ...] = ()


def figures(texts: Sequence[Text], heard: Sequence[Heard]) -> Figures:
    """Compares what should be heard with what was. English texts only."""
    ids = taxonomy.need_ids()
    truth = np.array([[need in t.needs for need in ids] for t in texts])
    said = np.array([[need in h.need_ids for need in ids] for h in heard])
    needy = truth.any(axis=1)
    quiet = ~needy & np.array([not t.risks for t in texts])
    risky = [(t, h) for t, h in zip(texts, heard, strict=True) if t.risks]
    calm = [(t, h) for t, h in zip(texts, heard, strict=True) if not t.risks]
    hard = [h for t, h in calm if t.hard]
    plain = [h for t, h in calm if not t.hard]
    asked = [h for t, h in zip(texts, heard, strict=True) if t.oos]
    known = [h for t, h in zip(texts, heard, strict=True) if not t.oos]
    labels, macro = _needs(truth, said)
    return Figures(
        needs=labels,
        macro=macro,
        exact=Rate(int((truth == said)[needy].all(axis=1).sum()), int(needy.sum())),
        none_clean=Rate(int((~said[quiet].any(axis=1)).sum()), int(quiet.sum())),
        confusions=_confusions(truth, said),
        risks={
            risk: Rate(
                sum(risk in h.risk_ids for t, h in risky if risk in t.risks),
                sum(risk in t.risks for t, _ in risky),
            )
            for risk in taxonomy.risk_ids()
        },
        risk_any=Rate(sum(bool(h.risks) for _, h in risky), len(risky)),
        risk_overall=Rate(
            sum(len(t.risks & set(h.risk_ids)) for t, h in risky),
            sum(len(t.risks) for t, _ in risky),
        ),
        false_alarms_hard=Rate(sum(bool(h.risks) for h in hard), len(hard)),
        false_alarms_plain=Rate(sum(bool(h.risks) for h in plain), len(plain)),
        false_alarms_by_risk=dict(
            Counter(risk for _, h in calm for risk in h.risk_ids).most_common()
        ),
        refused=Rate(sum(not h.answerable for h in asked), len(asked)),
        answered=Rate(sum(h.answerable for h in known), len(known)),
        calibration=_calibration(texts, heard),
        barriers=_barriers(texts, heard),
    )


def _barriers(
    texts: Sequence[Text], heard: Sequence[Heard]
) -> tuple[tuple[str, int, float, float], ...]:
    out = []
    for barrier in taxonomy.BARRIERS:
        there = sum(barrier in t.barriers for t in texts)
        said = sum(barrier in h.barriers for h in heard)
        both = sum(
            barrier in t.barriers and barrier in h.barriers
            for t, h in zip(texts, heard, strict=True)
        )
        out.append((barrier, there, both / max(1, said), both / max(1, there)))
    return tuple(out)


def _needs(
    truth: np.ndarray, said: np.ndarray
) -> tuple[tuple[Label, ...], tuple[float, float, float]]:
    rng = np.random.default_rng(0)
    resampled = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        resampled.append(_f1(truth[rows], said[rows]))
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    overall = np.mean(resampled, axis=1)
    scores = _f1(truth, said)
    hits = (truth & said).sum(axis=0)
    labels = tuple(
        Label(
            id=need,
            count=int(truth[:, at].sum()),
            precision=float(hits[at] / max(1, said[:, at].sum())),
            recall=float(hits[at] / max(1, truth[:, at].sum())),
            f1=float(scores[at]),
            low=float(low[at]),
            high=float(high[at]),
        )
        for at, need in enumerate(taxonomy.need_ids())
    )
    lowest, highest = np.percentile(overall, [2.5, 97.5])
    return labels, (float(scores.mean()), float(lowest), float(highest))


def _f1(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    return np.asarray(
        2 * (truth & said).sum(axis=0) / np.maximum(1, truth.sum(axis=0) + said.sum(axis=0))
    )


def _confusions(truth: np.ndarray, said: np.ndarray) -> tuple[tuple[str, str, int], ...]:
    """The commonest pairs of a need that was missed beside one that was wrongly heard."""
    ids = taxonomy.need_ids()
    pairs: Counter[tuple[str, str]] = Counter()
    for row_truth, row_said in zip(truth, said, strict=True):
        for missed in np.flatnonzero(row_truth & ~row_said):
            for wrong in np.flatnonzero(row_said & ~row_truth):
                pairs[ids[missed], ids[wrong]] += 1
    return tuple((missed, wrong, n) for (missed, wrong), n in pairs.most_common(15))


def _calibration(
    texts: Sequence[Text], heard: Sequence[Heard]
) -> tuple[tuple[float, float, int], ...]:
    """Mean score and share right of the needs heard, by tenth of the score."""
    pairs = [
        (need.score, need.id in text.needs)
        for text, one in zip(texts, heard, strict=True)
        for need in one.needs
    ]
    out = []
    for tenth in range(10):
        within = [(s, r) for s, r in pairs if tenth / 10 <= s < (tenth + 1) / 10 + (tenth == 9)]
        if within:
            scores, rights = zip(*within, strict=True)
            out.append((float(np.mean(scores)), float(np.mean(rights)), len(within)))
    return tuple(out)
