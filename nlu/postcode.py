"""UK postcodes in free text: full ones normalised, outcodes where one was meant."""

from __future__ import annotations

import re
from functools import cache

from nlu.words import LEXICON

# Full postcodes with or without the space, in any case; the inward part decides.
_FULL = re.compile(
    r"(?<![A-Za-z0-9])(GIR|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]?)\s?(\d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# An outcode alone must look like one that was meant: capitals, or after a word like "in".
_OUT = re.compile(
    r"(?<![A-Za-z0-9£])([A-PR-UWYZ][A-HK-Y]?[1-9]\d?[A-HJKMNPR-Y]?)(?![A-Za-z0-9])", re.IGNORECASE
)
_LEAD = re.compile(r"(?:\b(?:in|near|from|at|to|round|postcode|is|area|of|live)\s)$", re.I)


def postcode(text: str) -> str | None:
    """The first full postcode, else the first outcode: `l110bl` -> `L11 0BL`, `L11`."""
    for match in _FULL.finditer(text):
        out, inward = match.group(1).upper(), match.group(2).upper()
        if _area(out) in _known("areas"):
            return f"{out} {inward}"
    for match in _OUT.finditer(text):
        out = match.group(1)
        meant = out.isupper() or _LEAD.search(text[: match.start()]) or out == text.strip()
        if (
            meant
            and _area(out.upper()) in _known("areas")
            and out.upper() not in _known("not_places")
        ):
            return out.upper()
    return None


@cache
def _known(part: str) -> frozenset[str]:
    """Postcode areas, or things that only look like outcodes, from the lexicon."""
    for line in (LEXICON / "postcodes.txt").read_text(encoding="utf-8").splitlines():
        name, _, values = line.partition(": ")
        if name == part:
            return frozenset(values.split())
    return frozenset()


def _area(outcode: str) -> str:
    """The letters an outcode begins with: `L11` -> `L`, `PR8` -> `PR`."""
    letters = re.match(r"[A-Z]+", outcode)
    return letters.group(0) if letters else ""
