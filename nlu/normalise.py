"""Textspeak, dialect and common slips into plain English, offline, from three word lists.

The word features and the rules read the plain text. It is never shown to anybody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

LEXICON = Path(__file__).parent / "lexicon"
LISTS = ("typos.tsv", "dialect.tsv", "textspeak.tsv")
# Ten texts' length. Beyond it only the risk words read on.
MAX_CHARACTERS = 2000

_CURLY = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_", re.UNICODE)
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")
_SPACES = re.compile(r"\s+")


def clean(text: str, limit: int | None = MAX_CHARACTERS) -> str:
    """The text without control characters, curly quotes and long runs of white space.

    A text over the limit keeps its beginning and its end, where people say what matters.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit * 3 // 4] + " … " + text[3 - limit // 4 :]
    text = unicodedata.normalize("NFKC", text).translate(_CURLY)
    text = "".join(c if c.isprintable() else " " for c in text)
    return _SPACES.sub(" ", text).strip()


def plain(text: str) -> str:
    """Lower-case plain English: `me leccys gone 2nite` -> `my electric is gone tonight`.

    >>> plain("cant pay the leccy n im skint")
    'can not pay the electric and i am no money'
    """
    words = [_STRETCHED.sub(r"\1\1", w) for w in _WORD.findall(clean(text).lower())]
    longest, table = _phrases()
    out: list[str] = []
    at = 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            swap = table.get(" ".join(words[at : at + size]))
            if swap is not None:
                if swap:
                    out.append(swap)
                at += size
                break
        else:
            out.append(words[at])
            at += 1
    return _join(out)


@cache
def _phrases() -> tuple[int, dict[str, str]]:
    table: dict[str, str] = {}
    for name in LISTS:
        for line in (LEXICON / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                said, meant = line.split("\t")
                table[" ".join(_WORD.findall(said))] = meant
    return max(len(key.split()) for key in table), table


def _join(words: list[str]) -> str:
    text = " ".join(words)
    return re.sub(r" ([.,!?;:])", r"\1", text)
