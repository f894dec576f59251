"""A small number can neither be read nor worked out."""

import random

import pytest

from hub.profile import Suppression
from hub.suppression import protect

RULE = Suppression(threshold=10, rounding=5)


def line(cells: list[int]) -> tuple[dict[str, int], list[list[str]]]:
    """One row of counts with its total."""
    names = [f"c{n}" for n in range(len(cells))]
    counts = dict(zip(names, cells, strict=True)) | {"total": sum(cells)}
    return counts, [[*names, "total"]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # Nothing small: rounded only.
        ([12, 13, 40], ["10", "15", "40", "65"]),
        # One small number: the next smallest goes with it, or the total would tell.
        ([4, 12, 40], ["fewer than 10", "not shown", "40", "55"]),
        # Two small ones together under the threshold: a third goes with them.
        ([2, 3, 30, 50], ["fewer than 10", "fewer than 10", "not shown", "50", "85"]),
        # Two small ones that reach the threshold together cover each other.
        ([6, 7, 30], ["fewer than 10", "fewer than 10", "30", "45"]),
        # Nobody is not a small number, and covers nothing.
        ([0, 4, 40], ["0", "fewer than 10", "not shown", "45"]),
        # The only number there is is the total itself.
        ([0, 4, 0], ["0", "fewer than 10", "0", "fewer than 10"]),
        ([0, 0], ["0", "0", "0"]),
    ],
)
def test_a_line(cells: list[int], expected: list[str]) -> None:
    counts, lines = line(cells)
    shown = protect(counts, lines, RULE)
    assert [shown[key].text for key in counts] == expected


def test_contacts_are_hidden_by_the_people_behind_them() -> None:
    contacts = {"food": 60, "debt": 40, "total": 100}
    people = {"food": 5, "debt": 30, "total": 33}
    shown = protect(contacts, [["food", "debt", "total"]], RULE, people)
    assert [shown[key].value for key in contacts] == [None, None, 100]


@pytest.mark.parametrize("seed", range(200))
def test_no_table_gives_a_small_number_away(seed: int) -> None:
    """Random tables with totals: in no row or column is a hidden number got by subtraction."""
    dice = random.Random(seed)
    height, width = dice.randint(1, 6), dice.randint(1, 5)
    sizes = [0, 0, 1, 3, 8, 9, 10, 12, 25, 60]
    cells = [[dice.choice(sizes) for _ in range(width)] for _ in range(height)]
    counts = {(r, c): cells[r][c] for r in range(height) for c in range(width)}
    counts |= {(r, width): sum(cells[r]) for r in range(height)}
    for c in range(width + 1):
        counts[height, c] = sum(counts[r, c] for r in range(height))
    lines = [[(r, c) for c in range(width + 1)] for r in range(height + 1)]
    lines += [[(r, c) for r in range(height + 1)] for c in range(width + 1)]
    shown = protect(counts, lines, RULE)
    for key, n in counts.items():
        value = shown[key].value
        if 0 < n < RULE.threshold:
            assert value is None
        if value is not None:
            assert value % RULE.rounding == 0
            assert value == 0 or value >= RULE.threshold
            assert abs(value - n) <= RULE.rounding / 2
    for keys in lines:
        hidden = [key for key in keys if shown[key].value is None]
        assert len(hidden) != 1
        total = keys[-1]
        if hidden and total not in hidden:
            assert sum(counts[key] for key in hidden) >= RULE.threshold
