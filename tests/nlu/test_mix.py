"""How far each of two opinions is trusted is found on texts that neither has learnt."""

import numpy as np

from nlu.mix import Mix

COUNT, LABELS = 600, 4


def _opinions(noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random((COUNT, LABELS)) < 0.3).astype(np.float32)
    odds = (truth * 4 - 2) + rng.standard_normal(truth.shape) * noise
    return truth, odds.astype(np.float32)


def test_the_better_opinion_gets_the_larger_share() -> None:
    truth, good = _opinions(0.5, 0)
    noise = np.random.default_rng(9).standard_normal(truth.shape).astype(np.float32)
    mix = Mix.fit([good, noise], truth, [[0, 1], [2, 3]])
    assert (mix.shares[0] > 4 * mix.shares[1]).all()
    assert mix.shares[0, 0] == mix.shares[0, 1], "one share for all labels of a group"


def test_what_it_believes_is_calibrated() -> None:
    truth, odds = _opinions(2.0, 1)
    # Far too sure of itself, as a model is on the texts it has learnt.
    mix = Mix.fit([odds * 5, odds * 5], truth, [list(range(LABELS))])
    believed = mix.believe([odds * 5, odds * 5])
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        within = (believed >= low) & (believed <= high)
        assert abs(believed[within].mean() - truth[within].mean()) < 0.08


def test_few_texts_move_nothing_far() -> None:
    truth, odds = _opinions(1.0, 2)
    mix = Mix.fit([odds[:3], odds[:3]], truth[:3], [list(range(LABELS))])
    assert (np.abs(mix.leanings) < 1.5).all()
    assert np.isfinite(mix.believe([odds, odds])).all()
