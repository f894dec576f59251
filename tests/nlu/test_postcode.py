"""Postcodes and places as people type them."""

import json
from pathlib import Path

import pytest

from nlu.postcode import postcode
from nlu.tokens import Reader, age

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "geo" / "postcode_vectors"

TYPED_AND_MEANT = [
    ("im in L11 0BL", "L11 0BL"),
    ("l110bl", "L11 0BL"),
    ("postcode is pr8 6aa ta", "PR8 6AA"),
    ("L11", "L11"),
    ("in l4 by the ozzy", "L4"),
    ("flat 2, WR1", "WR1"),
    ("L11 0BL or L12 1AA", "L11 0BL"),
    ("M8 u there", None),
    ("got my P45", None),
    ("need £20 today", None),
    ("at 10am on the 12th", None),
    ("b4 i go", None),
    ("my number is 07700 900123", None),
    ("", None),
]


@pytest.mark.parametrize(("typed", "meant"), TYPED_AND_MEANT)
def test_a_postcode_is_read(typed: str, meant: str | None) -> None:
    assert postcode(typed) == meant


def test_real_postcodes_are_normalised() -> None:
    if not VECTORS.is_dir():
        pytest.skip("the shared postcode vectors are not here")
    tests = json.loads((VECTORS / "normalisation.json").read_text())["tests"]
    odd = {"GIR 0AA"}
    cases = [t for t in tests if t["expected"] and t["expected"] not in odd]
    assert cases
    for case in cases:
        assert postcode(case["base"].strip()) == case["expected"], case


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("im 72 n live alone", 72),
        ("I am only 15", 15),
        ("44f two kids", None),
        ("I'm 6 weeks behind", None),
        ("im 20 quid short", None),
        ("82 years old, fell", 82),
    ],
)
def test_the_age_of_the_writer(text: str, years: int | None) -> None:
    assert age(text) == years


def test_places_names_days_and_times() -> None:
    reader = Reader(["Croxteth", "Norris Green"])
    text = "My mum Maureen is in norris green, she needs a lift Thursday at 10am"
    reading = reader.read(text)
    assert reading.place == "Norris Green"
    assert [text[a:b] for a, b in reading.names] == ["Maureen"]
    assert reading.days == ("thursday",)
    assert reading.times == ("10am",)
    assert reading.third_party
