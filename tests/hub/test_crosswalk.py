"""From other people's words to our needs."""

import pytest

from hub.crosswalk import crosswalk

TERMS = [
    ("goodhelp-needs", "food", "Food", ("food",)),
    ("goodhelp-needs", "not-a-need", "Food", ()),
    ("openeligibility", "1101", "Food Pantry", ("food",)),
    ("openeligibility", "x", "Mental Health Care", ("mental_health",)),
    ("openeligibility", "x", "Help Find Housing", ("housing",)),
    ("openeligibility", "x", "Domestic Violence Shelter", ("domestic_abuse",)),
    ("esdServiceTypes", "865", "Bereavement counselling", ("bereavement", "mental_health")),
    ("esdServiceTypes", "x", "Fly-tipping", ("environment",)),
    ("AIRS", "BD-1800.2000", "", ("food",)),
    ("AIRS", "RX-8250", "", ("addiction",)),
    ("AIRS", "YF-3000", "", ()),
    ("anything", "3f7b145d-84af-42d7-8fae-eaca714b02b2", "name", ()),
]


@pytest.mark.parametrize(("taxonomy", "code", "name", "needs"), TERMS)
def test_a_term_stands_for_its_needs(
    taxonomy: str, code: str, name: str, needs: tuple[str, ...]
) -> None:
    assert crosswalk().of_term(taxonomy, code, name) == needs


def test_the_longest_phrase_wins_and_stems_take_any_ending() -> None:
    found = crosswalk().counts("Mental health and a foodbank for rough sleepers")
    assert found == {"mental_health": 1, "food": 1, "homelessness": 1}


def test_whom_a_service_is_for_is_no_need() -> None:
    known = crosswalk()
    assert known.of_term("Open211", "YB-8000", "Older Adults") == ()
    assert known.of_term("esdCircumstances", "12", "Caring for children") == ()
    assert known.is_audience("AIRS", "YF-3000.1500") and not known.is_audience("AIRS", "BD-1800")


@pytest.mark.parametrize(
    "name", ["Specialized Information and Referral", "Free Transit Passes", "Cell Phone Donations"]
)
def test_a_feature_is_a_whole_term_and_never_a_word_in_one(name: str) -> None:
    assert crosswalk().feature_of_term("x", "", name) == ()


def test_how_a_service_works_is_heard_in_its_terms() -> None:
    assert crosswalk().feature_of_term("x", "", "Women's only, by telephone") == (
        "women_only",
        "by_phone",
    )
