"""Short answers in many voices: yes and no, which one, and how to be reached."""

import pytest

from actions import reading
from hub.contact_way import contact_way
from hub.people import ContactWay

NAMES = ("Debt advice at the hub", "Evening debt clinic", "Food pantry")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", True), ("Yeah go on", True), ("aye", True), ("ok then", True), ("sound", True),
        ("No", False), ("nah ta", False), ("not really", False), ("dont share it", False),
        ("no, yes i mean", False), ("maybe", None), ("what is it", None), ("", None),
    ],
)  # fmt: skip
def test_yes_or_no(text: str, said: bool | None) -> None:
    assert reading.yes_or_no(text) is said


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("no 2", 2), ("number 3 please", 3), ("#2", 2), ("the second one", 2),
        ("third", 3), ("first one please", 1), ("two", 2), ("1 or 2", None), ("10 til 2", 2),
        ("2.30", None), ("at 2pm", None), ("hello", None),
    ],
)  # fmt: skip
def test_number(text: str, number: int | None) -> None:
    assert reading.number(text) == number


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1", 0), ("the last one", 2), ("the food one", 2), ("evening clinic", 1), ("4", None),
        ("debt", None), ("i need help", None), ("🙂", None),
    ],
)  # fmt: skip
def test_which_service_is_meant(text: str, at: int | None) -> None:
    assert reading.which(text, NAMES) == at


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("call", ContactWay.CALL),
        ("ring me", ContactWay.CALL),
        ("dont text, call", ContactWay.CALL),
        ("text", ContactWay.TEXT),
        ("please dont ring", ContactWay.UNKNOWN),
        ("here is fine", ContactWay.TEXT),
        ("call or text either", ContactWay.TEXT),
        ("neither", ContactWay.NEITHER),
        ("dont call me and dont text me", ContactWay.NEITHER),
        ("he checks my phone", ContactWay.NEITHER),
        ("mornings", ContactWay.UNKNOWN),
        ("", ContactWay.UNKNOWN),
    ],
)
def test_contact_way_takes_the_quieter_meaning(text: str, way: ContactWay) -> None:
    assert contact_way(text) is way


def test_an_option_that_was_tapped_counts_for_its_words() -> None:
    assert contact_way("NEITHER", "sms") is ContactWay.NEITHER
    assert contact_way("on here", "telegram") is ContactWay.THIS_APP
