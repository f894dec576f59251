"""The judged set can be read, and its figures are the ones of the books."""

import math
from pathlib import Path

import pytest

from bench.matching import judged
from bench.matching.figures import figures, interval

LINE = "x1\tdemo\tdev\twords\ta; b\t\tc\n"


def test_the_judged_set_is_large_whole_and_has_two_parts() -> None:
    found = judged.read()
    assert len(found) >= 150
    assert len({one.id for one in found}) == len(found)
    assert {one.part for one in found} == {"dev", "test"}
    assert len({one.directory for one in found}) == 2
    assert all(any(grade >= 2 for grade in one.grades.values()) for one in found)


def test_a_line_is_read_and_a_broken_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "judged.tsv"
    file.write_text("# words\n" + LINE)
    assert judged.read(file)[0].grades == {"a": 3, "b": 3, "c": 1}
    file.write_text(LINE + "x2\tdemo\n")
    with pytest.raises(ValueError, match="line 2"):
        judged.read(file)


def test_figures_by_hand() -> None:
    grades = {"a": 3, "b": 2, "c": 1}
    best = 7 + 3 / math.log2(3) + 1 / 2
    found = figures([["a", "b", "c"], ["x", "b", "y", "a"], ["x", "y", "z"]], [grades] * 3)
    assert found.each[0].tolist() == pytest.approx([1, 1, 1])
    assert found.each[1].tolist() == pytest.approx([3 / math.log2(3) / best, 1, 1 / 2])
    assert found.each[2].tolist() == [0, 0, 0]
    assert found.recall.mean == pytest.approx(2 / 3)


def test_the_interval_is_the_same_each_time() -> None:
    each = figures([["a"]] * 4 + [["x"]] * 4, [{"a": 3}] * 8).each[:, 1]
    first, second = interval(each), interval(each)
    assert first == second
    assert first.low < 0.5 < first.high
