"""Textspeak, Scouse and slips become plain English; anything else stays as it is."""

import pytest

from nlu.normalise import MAX_CHARACTERS, clean, plain

SAID_AND_MEANT = [
    ("cant pay the leccy n im skint", "can not pay the electric and i am no money"),
    ("wot time 2moz pls", "what time tomorrow please"),
    ("on me tod since me mam went in the ozzy", "alone since my mum went in the hospital"),
    ("THE BALIFFS R COMIN", "the bailiffs are coming"),
    ("soooo lonley", "soo lonely"),
    ("i want 2 eat", "i want to eat"),
    ("kms", "kill myself"),
    ("4 kids and 2 dogs", "4 kids and 2 dogs"),
    ("don’t know", "do not know"),
    ("", ""),
]


@pytest.mark.parametrize(("said", "meant"), SAID_AND_MEANT)
def test_what_was_said_becomes_plain(said: str, meant: str) -> None:
    assert plain(said) == meant


def test_cleaning_drops_what_no_text_should_hold() -> None:
    assert clean("a\x00b\u200b\n\tc") == "a b c"
    assert clean("“fine”") == '"fine"'


def test_a_very_long_text_keeps_its_beginning_and_its_end() -> None:
    text = clean("start " + "x" * 10_000 + " end")
    assert len(text) <= MAX_CHARACTERS + 3
    assert text.startswith("start ")
    assert text.endswith(" end")
