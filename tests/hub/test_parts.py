"""What a text costs, and where a long one is cut."""

import pytest

from hub import gsm7
from hub.parts import measure, split


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("£5 für Zoë", "UCS-2", 1),
        ("£5 für Zoé", "GSM-7", 1),
        ("\u2019" + "a" * 69, "UCS-2", 1),
        ("\u2019" + "a" * 70, "UCS-2", 2),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        # A sign of two places is never cut in two.
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3),
        ("\u2019" + "a" * 65 + "😀" + "a" * 66, "UCS-2", 3),
        ("", "GSM-7", 1),
    ],
)
def test_parts_are_counted_as_networks_count(text: str, encoding: str, parts: int) -> None:
    counted = gsm7.parts(text)
    assert (counted.encoding, counted.parts) == (encoding, parts)


def test_typographic_signs_become_plain_and_letters_stay() -> None:
    text = "\u201cIt\u2019s\u201d \u2013 now\u2026 Zo\u00eb \u017b\u00f3\u0142\u0107 \U0001f600"
    assert gsm7.plain(text) == '"It\'s" - now... Zo\u00eb \u017b\u00f3\u0142\u0107 \U0001f600'


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "telegram", "simulator"])
@pytest.mark.parametrize(
    "text",
    [
        "word " * 2000,
        "x" * 9000,
        "😀" * 3000,
        "Sentence one. " * 500,
        "a\n\nb" * 2000,
        "\u2026" * 999,
    ],
    ids=["words", "solid", "emoji", "sentences", "paragraphs", "ellipses"],
)
def test_nothing_is_lost_and_nothing_is_too_long(text: str, channel: str) -> None:
    limit = 4096 if channel == "telegram" else 1600
    pieces = split(text, ("Yes", "No"), channel)
    assert all(0 < measure(piece) <= limit for piece in pieces)
    assert measure(pieces[-1]) + len("\n1 Yes\n2 No") <= limit
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_it_is_cut_where_a_reader_would_pause() -> None:
    paragraph = "One sentence. Another sentence. " * 30
    first, second = split(f"{paragraph}\n\n{paragraph}", (), "sms")
    assert (first, second) == (paragraph.strip(), paragraph.strip())


def test_a_short_text_is_left_alone() -> None:
    assert split("hello", ("Yes",), "sms") == ["hello"]
    assert split("", (), "sms") == [""]
    assert split("x" * 1600, (), "sms") == ["x" * 1600]
    assert len(split("word " * 320, ("Yes", "No"), "sms")) == 2
