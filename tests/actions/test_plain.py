"""What is said back fits an SMS, and quotes nothing that it should not."""

import pytest

from actions import plain
from hub.gsm7 import parts


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("hi i need help with my bills", "i need help with my bills"),
        ("Hello. My gas is off!", "My gas is off"),
        ("it’s “damp” again", "it's 'damp' again"),
        ("call me on 07700 900123", ""),
        ("🙂🙂", ""),
        ("2", ""),
        ("مرحبا", ""),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert plain.quote(text) == quoted


def test_a_long_text_is_quoted_up_to_a_pause() -> None:
    said = "im on me own all the time since my husband passed and theres a letter off the bailiffs"
    assert plain.quote(said) == "im on me own all the time since my husband passed"


def test_packed_texts_hold_every_line_and_are_short() -> None:
    lines = [f"{at}. A service with a rather long name: Tuesday 10am, free." for at in range(9)]
    replies = plain.packed(lines, ("YES", "NO"))
    assert "\n".join(reply.text for reply in replies).split("\n") == lines
    assert len(replies) > 1
    assert all(parts(reply.text).parts <= 2 for reply in replies)
    assert [reply.options for reply in replies][-1] == ("YES", "NO")
    assert not any(reply.options for reply in replies[:-1])


@pytest.mark.parametrize("text", ["café", "naïve “quote”", "a\tb", "x" * 400, "łódź", "€5"])
def test_plain_is_always_gsm7(text: str) -> None:
    assert parts(plain.plain(text)).encoding == "GSM-7"
