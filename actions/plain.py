"""Texts as an SMS can carry them: plain letters, and not too many."""

import re
import unicodedata
from collections.abc import Iterable

from hub import gsm7
from hub.messages import Reply

TWO_PARTS = 306
QUOTE_AT_MOST = 70
PAUSES = re.compile(r",|\s(?=(?:and|but|so|cos|because|then|since|when)\b)", re.I)
# What opens a message and says nothing: it is not quoted back.
OPENING = re.compile(
    r"^\W*((hi|hiya|hello|hey|alright|morning|evening|good (morning|afternoon|evening)|please|"
    r"yes|yeah|yh|well|so|and|but|um+|er+|also)\b(?! to\b)[\s,.!-]*)+",
    re.I,
)


def plain(text: str) -> str:
    """A text in the alphabet of SMS: curly quotes made straight, accents and emoji left out."""
    kept: list[str] = []
    for sign in gsm7.plain(text):
        parts = sign if _carried(sign) else unicodedata.normalize("NFKD", sign)
        kept.extend(part for part in parts if _carried(part))
    return re.sub(r"[ \t]+", " ", "".join(kept)).strip()


def septets(text: str) -> int:
    """How many places of an SMS a text in its alphabet takes."""
    return gsm7.parts(text).units


def clipped(text: str, at_most: int) -> str:
    """A text cut at the end of a word, with three dots where something is left out."""
    text = " ".join(text.split())
    if len(text) <= at_most:
        return text
    cut = text[: at_most - 3].rsplit(" ", 1)[0].rstrip(" ,;:-.")
    return f"{cut}..."


def quote(text: str, at_most: int = QUOTE_AT_MOST) -> str:
    """A short phrase of what somebody wrote, in their own words; empty where none is fit.

    The first clause that says something is taken, never one with a number that could be a
    telephone's.
    """
    body = OPENING.sub("", plain(text))
    for clause in re.split(r"(?<=[.!?])\s+|\n|;|\s+-\s+", body):
        clause = clause.strip(" .,!?\"'-")
        if len(re.findall(r"\d", clause)) > 4 or len(re.findall(r"[a-zA-Z]", clause)) < 3:
            continue
        return _at_a_pause(clause.replace('"', "'"), at_most)
    return ""


def _at_a_pause(clause: str, at_most: int) -> str:
    """A clause cut where a speaker would pause; after a word where there is no pause."""
    if len(clause) <= at_most:
        return clause
    pauses = [found.start() for found in PAUSES.finditer(clause) if found.start() <= at_most]
    if pauses and pauses[-1] >= at_most // 3:
        return clause[: pauses[-1]].strip()
    return clipped(clause, at_most)


def packed(lines: Iterable[str], options: tuple[str, ...] = ()) -> tuple[Reply, ...]:
    """Lines in as few texts as hold them, none longer than two parts; options on the last."""
    texts: list[str] = []
    for line in lines:
        line = plain(line)
        if texts and septets(texts[-1]) + 1 + septets(line) <= TWO_PARTS - room(options):
            texts[-1] = f"{texts[-1]}\n{line}"
        else:
            texts.append(line)
    last = len(texts) - 1
    return tuple(Reply(text, options if at == last else ()) for at, text in enumerate(texts))


def room(options: tuple[str, ...]) -> int:
    """What options take on SMS, where each is a numbered line."""
    return sum(septets(option) + 3 for option in options)


def _carried(sign: str) -> bool:
    return sign in gsm7.BASIC or sign in gsm7.EXTENDED
