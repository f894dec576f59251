"""The head of the adapter: its slopes agree with finite differences, and it minds no padding."""

import numpy as np
import pytest

from nlu import head as heads
from nlu.head import PARTS, Head

DIMENSIONS, LABELS = 12, ("food", "work", "energy")


@pytest.fixture
def parts() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shape = (DIMENSIONS, len(LABELS))
    return {name: rng.standard_normal(shape) * 0.3 for name in PARTS[:3]} | {
        "bias": rng.standard_normal(len(LABELS))
    }


@pytest.fixture
def words() -> tuple[np.ndarray, np.ndarray]:
    states = np.random.default_rng(1).standard_normal((2, 5, DIMENSIONS))
    mask = np.ones((2, 5))
    mask[1, 3:] = 0
    return states, mask


def test_the_way_back_agrees_with_finite_differences(parts, words) -> None:  # type: ignore[no-untyped-def]
    states, mask = words
    rng = np.random.default_rng(2)
    wrong = rng.standard_normal((2, len(LABELS)))

    def value(some_parts, some_states) -> float:  # type: ignore[no-untyped-def]
        return float((heads.read(some_parts, some_states, mask).scores * wrong).sum())

    slopes, dstates = heads.back(parts, states, mask, heads.read(parts, states, mask), wrong)
    for name, part in parts.items():
        way = rng.standard_normal(part.shape) * 1e-5
        change = value(parts | {name: part + way}, states) - value(
            parts | {name: part - way}, states
        )
        assert change == pytest.approx(2 * float((slopes[name] * way).sum()), rel=1e-4)
    way = rng.standard_normal(states.shape) * mask[:, :, None] * 1e-5
    change = value(parts, states + way) - value(parts, states - way)
    assert change == pytest.approx(2 * float((dstates * way).sum()), rel=1e-4)


def test_padding_changes_nothing(parts, words) -> None:  # type: ignore[no-untyped-def]
    states, mask = words
    head = Head(LABELS, parts)
    together = head.scores(states, mask)
    alone = head.scores(states[1:, :3], mask[1:, :3])
    assert np.allclose(together[1], alone[0])
    strange = states.copy()
    strange[1, 3:] = 99
    assert np.allclose(head.scores(strange, mask)[1], together[1])


def test_a_label_listens_to_the_words_that_speak_of_it() -> None:
    """One loud word among many quiet ones is heard, where a mean would drown it."""
    shape = (DIMENSIONS, 1)
    look, say = np.zeros(shape), np.zeros(shape)
    look[0], say[0] = 20, 3
    nothing = {"whole": np.zeros(shape), "bias": np.zeros(1)}
    states = np.zeros((1, 30, DIMENSIONS))
    states[:, :, 1] = 1
    states[0, 7, 0] = 1
    head = Head(("food",), {"look": look, "say": say, **nothing})
    assert head.scores(states, np.ones((1, 30)))[0, 0] == pytest.approx(3, abs=0.01)
