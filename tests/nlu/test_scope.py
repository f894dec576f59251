"""What is denied or over is not heard: "not after food, just company"."""

import pytest

from nlu import needs, scope
from nlu.normalise import plain

DENIED_AND_LEFT = [
    ("NOT AFTER FOOD JUST COMPANY REALLY", {"loneliness"}),
    ("dont need the food bank ta but could do with a lift home", {"transport"}),
    ("rent is fine, its the damp", {"housing"}),
    ("im not homeless", set()),
    ("got plenty of food thanks", set()),
    ("no food in", {"food"}),
]


@pytest.mark.parametrize(("text", "left"), DENIED_AND_LEFT)
def test_a_denied_need_is_not_heard_by_words(text: str, left: set[str]) -> None:
    assert {need.id for need in needs.by_words(plain(text))} == left


def test_a_denied_need_is_dropped_whatever_the_model_believes() -> None:
    believed = dict.fromkeys(needs.taxonomy.need_ids(), 0.0) | {"food": 0.9, "loneliness": 0.8}
    limits = dict.fromkeys(believed, 0.4)
    heard = needs.decide(believed, limits, plain("not after food, just someone to talk to"))
    assert [need.id for need in heard] == ["loneliness"]
    heard = needs.decide(believed, limits, plain("no food and nobody to talk to"))
    assert [need.id for need in heard] == ["food", "loneliness"]


def test_denied_words_are_marked_for_the_model() -> None:
    assert scope.mark_denied("not after food just company") == (
        "not_not not_after not_food just company"
    )


def test_what_is_over_is_seen() -> None:
    assert scope.is_over(plain("was homeless in 2015, all good now"))
    assert not scope.is_over(plain("homeless since friday"))
