"""Word patterns from a data file: which labels a text names, and by which of its words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LEXICON = Path(__file__).parent / "lexicon"


@cache
def read(name: str) -> dict[str, Any]:
    """One lexicon file, by name without its ending."""
    data = yaml.safe_load((LEXICON / f"{name}.yml").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that begins and ends at a word; a space in it is any white space."""
    spaced = pattern.replace(" ?", r"\s*").replace(" ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)")


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """One pattern a label, all its alternatives joined."""
    return {label: joined(tuple(map(str, rows))) for label, rows in read(name).items()}


@cache
def joined(rows: tuple[str, ...]) -> re.Pattern[str]:
    return compiled("|".join(f"(?:{row})" for row in rows)) if rows else re.compile(r"(?!)")


def found(name: str, text: str) -> dict[str, tuple[str, ...]]:
    """Labels named in a plain text, each with the words that named it, in order."""
    out = {}
    for label, pattern in patterns(name).items():
        hits = tuple(dict.fromkeys(m.group(0).strip() for m in pattern.finditer(text)))
        if hits:
            out[label] = hits
    return out
