"""When two services are one, and when somebody has to look."""

import pytest

from hub.likeness import Card, compared, pairs_of

HALL = (("L11 0ZA", 53.453, -2.901),)
NEXT_DOOR = ((None, 53.4535, -2.9012),)
FAR = (("M1 1AE", 53.48, -2.23),)
PHONE = ("0151 496 0003",)
PANTRY = Card(1, "council", "Lantern Pantry", "Lantern Trust", PHONE, HALL)
CASES = [
    (Card(2, "b", "Lantern Pantry", "", ("+44 151 496 0003",), HALL), True),
    (Card(2, "b", "The Lantern pantry!", "Lantern Trust", PHONE, NEXT_DOOR), False),
    (Card(2, "b", "Pantry Lantern", "Lantern Trust", (), NEXT_DOOR), True),
    # The same name and place, and nothing more: a person looks.
    (Card(2, "b", "Lantern Pantry", "Other", (), HALL), False),
    (Card(2, "b", "Lantern Pantry", "", PHONE, FAR), False),
    (Card(2, "b", "Lantern Pantry for families", "", PHONE, HALL), False),
    # One is for children and one for adults.
    (Card(2, "b", "Lantern Pantry", "", PHONE, HALL, (0, 17)), False),
    (Card(2, "b", "Choir", "Lantern Trust", PHONE, HALL), None),
    (Card(2, "b", "Lantern Pantry", "Lantern Trust", (), FAR), None),
]


@pytest.mark.parametrize(("other", "certain"), CASES)
def test_alike(other: Card, certain: bool | None) -> None:
    pair = compared(PANTRY, other)
    assert (pair.certain if pair else None) == certain


def test_the_more_trusted_comes_first_and_one_feed_is_left_alone() -> None:
    twin = Card(2, "charity", "Lantern Pantry", "", PHONE, HALL)
    own = Card(3, "council", "Lantern Pantry", "", PHONE, HALL)
    found = {(pair.first, pair.second) for pair in pairs_of([PANTRY, own, twin])}
    assert found == {(1, 2), (3, 2)}


def test_a_switchboard_makes_nothing_alike() -> None:
    crowd = [Card(n, f"f{n % 2}", "Help desk", "", PHONE) for n in range(100)]
    assert pairs_of(crowd) == []
