"""The words of `phrases.yml`, made ready to be looked for."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("phrases.yml")


@dataclass(frozen=True)
class Phrases:
    """Names of days and ordinals by their words; patterns of kinds in the order to try them."""

    short_days: dict[str, int]
    welsh_days: dict[str, int]
    no_days: frozenset[str]
    ordinals: dict[str, int]
    ordinal: re.Pattern[str]
    groups: re.Pattern[str]
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    risky: frozenset[str]
    careful: frozenset[str]
    harmless: frozenset[str]


@cache
def phrases() -> Phrases:
    """The words that ship with us, read once."""
    raw: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    ordinals = {word: number for number, words in raw["ordinals"].items() for word in words}
    groups = "|".join(f"(?P<{name}>{'|'.join(ways)})" for name, ways in raw["groups"].items())
    return Phrases(
        short_days={word: day for day, words in raw["short_days"].items() for word in words},
        welsh_days={word: day for day, word in enumerate(raw["welsh_days"])},
        no_days=frozenset(raw["no_days"]),
        ordinals=ordinals,
        ordinal=re.compile(rf"(?:{'|'.join(ordinals)})\b(?! (?:floor|street|avenue|year))"),
        groups=re.compile(rf"(?:{groups})\b"),
        kinds=tuple(
            (kind, re.compile(rf"(?<![a-z])(?:{'|'.join(ways)})(?![a-z])"))
            for kind, ways in raw["kinds"].items()
        ),
        risky=frozenset(raw["risky"].split()),
        careful=frozenset(raw["careful"].split()),
        harmless=frozenset(raw["harmless"].split()),
    )
