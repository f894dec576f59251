"""Short plain words: cut where a sentence or a word ends, never in the middle."""

import pytest

from hub.wording import clipped, shortened, texted


@pytest.mark.parametrize(
    ("text", "at_most", "kept"),
    [
        ("£4 a visit. The first visit is free.", 80, "£4 a visit. The first visit is free"),
        ("£4 a visit. The first visit is free.", 20, "£4 a visit"),
        ("one two three four", 9, "one two"),
        ("unbreakable", 5, "unbre"),
        ("  a \n b  ", 80, "a b"),
    ],
)
def test_shortened(text: str, at_most: int, kept: str) -> None:
    assert shortened(text, at_most) == kept


def test_a_name_is_not_cut_at_a_full_stop() -> None:
    assert clipped("U.S. Fish and Wildlife Service, Key West", 20) == "U.S. Fish and"


def test_quotes_and_dashes_are_straight() -> None:
    assert texted("“It’s on” – 10–12…") == '"It\'s on" - 10-12...'
