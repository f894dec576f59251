"""What people say and what directories call the help for it: data that must stay readable."""

from pathlib import Path

import pytest

from hub.crosswalk import crosswalk
from hub.situations import read, situations


def test_every_need_has_its_situations() -> None:
    assert {situation.need for situation in situations()} == set(crosswalk().needs)


def test_every_situation_has_both_sides_and_no_phrase_comes_twice_in_one() -> None:
    for situation in situations():
        assert situation.calls and situation.says, situation
        assert len(set(situation.says)) == len(situation.says), situation
        assert all(len(phrase) < 90 for phrase in (*situation.calls, *situation.says))


def test_help_after_rape_is_marked_as_sensitive() -> None:
    assert all(s.sensitive for s in situations() if "rape crisis" in s.calls)


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "some.tsv"
    file.write_text("# words\nfood\tfood bank\tno food in\nfood\tfood bank\n")
    with pytest.raises(ValueError, match=r"some\.tsv, line 3"):
        read(file)
