"""What a record says in words: only what is plain counts."""

import pytest

from hub.stated import ages_of, is_free, stairs_only


@pytest.mark.parametrize(
    ("words", "ages"),
    [
        ("For people aged 60 and over.", (60, None)),
        ("Anyone 55+ in the ward", (55, None)),
        ("Over 50s only", (50, None)),
        ("Ages 11 to 16", (11, 16)),
        ("All girls, 5-17 years old", (5, 17)),
        ("under 25", (None, 24)),
        ("Under 25, or over 18 if a carer", (None, None)),
        ("Aged 60 or over, or unable to leave home", (60, None)),
        ("Open Mon to Fri 9-5", (None, None)),
        ("Crime victims", (None, None)),
        ("", (None, None)),
    ],
)
def test_ages_in_words(words: str, ages: tuple[float | None, float | None]) -> None:
    assert ages_of(None, None, words) == ages


def test_figures_come_before_words() -> None:
    assert ages_of(16, None, "Over 50s only") == (16, None)


@pytest.mark.parametrize(
    ("fees", "amounts", "free"),
    [
        ("Free.", [], True),
        ("free of charge", [], True),
        ("Free to all", [], True),
        ("Free for members", [], False),
        ("First session free", [], False),
        ("Free with a GP referral", [], False),
        (None, [0.0], True),
        (None, [0.0, 5.0], False),
        (None, [], False),
    ],
)
def test_free_is_said_only_of_what_is_free(
    fees: str | None, amounts: list[float], free: bool
) -> None:
    assert is_free((), fees, amounts) is free


def test_stairs() -> None:
    assert stairs_only("Upstairs, no lift.")
    assert stairs_only("Not wheelchair accessible")
    assert not stairs_only("Step-free entrance and an accessible toilet.")
    assert not stairs_only(None)
