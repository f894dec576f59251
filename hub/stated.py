"""What a record states in words about ages, cost and access, where it has no figures for it.

Only plain wordings count: what is not certain is not known.
"""

import re
from collections.abc import Collection, Sequence

BETWEEN = re.compile(
    r"\b(?:aged?|ages)\s*(?:between\s*)?(\d{1,2})\s*(?:-|to|and|–)\s*(\d{1,2})\b"
    r"|\b(\d{1,2})\s*(?:-|to|–)\s*(\d{1,2})\s*(?:years? old|year[ -]olds?|yrs?\b)",
    re.IGNORECASE,
)
AT_LEAST = re.compile(
    r"\b(?:aged?|ages|adults|people|anyone|women|men)\s+(?:aged\s+)?(\d{2})\s*"
    r"(?:\+|years?\s+(?:and|or)\s+(?:over|older|above)|and (?:over|above|older)|or (?:over|older))"
    r"|\b(?:aged )?over[ -](\d{2})s?\b|\b(\d{2})\+",
    re.IGNORECASE,
)
UNDER = re.compile(r"\b(?:aged )?under[ -]?(\d{1,2})s?\b", re.IGNORECASE)
# Whole wordings only: "free for members" is not free.
FREE = re.compile(
    r"\s*(it is |this is |the service is |all )?"
    r"(free|free of charge|no charge|no cost|no fee|none|nil)"
    r"( service| to all| for all| to everyone| for everyone| to use)?\s*[.!]?\s*",
    re.IGNORECASE,
)
STAIRS = re.compile(
    r"\b(not (wheelchair )?accessible|no (wheelchair|step[ -]free|disabled|level) access|"
    r"no lift|steps only|stairs only|inaccessible)\b",
    re.IGNORECASE,
)
SELF = r"\b(?:i am|i'm|im|as)\s+(?:only\s+|just\s+)?an?\s+(?:\w+\s+){0,2}?"
SELF_MALE = re.compile(SELF + r"(?:man|fella|bloke|guy|lad|dad|father|husband|widower)\b", re.I)
SELF_FEMALE = re.compile(SELF + r"(?:woman|mum|mother|wife|widow|lady|girl)\b", re.IGNORECASE)


def ages_of(
    low: float | None, high: float | None, words: str | None
) -> tuple[float | None, float | None]:
    """The ages a service is for: its figures, or what its words on eligibility say plainly."""
    if low is not None or high is not None or not words:
        return low, high
    if found := BETWEEN.search(words):
        first, last = (int(part) for part in found.groups() if part)
        return (float(first), float(last)) if first < last else (None, None)
    if len(re.findall(r"\d+", words)) > 1:
        return None, None  # several figures: nothing is certain
    if found := AT_LEAST.search(words):
        return float(next(part for part in found.groups() if part)), None
    if found := UNDER.search(words):
        return None, float(found[1]) - 1
    return None, None


def is_free(features: Collection[str], fees: str | None, amounts: Sequence[float]) -> bool:
    """Whether a record says that a service costs nothing."""
    if "free" in features or FREE.fullmatch(fees or ""):
        return True
    return bool(amounts) and not any(amounts)


def own_sex(words: str) -> str | None:
    """What somebody says of themselves, in plain words: "i am a man". None where unsaid."""
    found = {
        sex for sex, said in (("male", SELF_MALE), ("female", SELF_FEMALE)) if said.search(words)
    }
    return found.pop() if len(found) == 1 else None


def stairs_only(access: str | None) -> bool:
    """Whether a place says that it cannot be got into without stairs."""
    return bool(access and STAIRS.search(access))
