"""A reply that is too long for its channel becomes several, cut where a reader would pause."""

import re

from hub.gsm7 import plain, utf16_length

# Characters a provider takes in one message.
LIMITS = {"sms": 1600, "whatsapp": 1600, "telegram": 4096}
DEFAULT_LIMIT = 1600
# From the kindest place to cut to the last resort.
BREAKS = tuple(
    re.compile(p) for p in (r"\n\s*\n", r"\n", r"(?<=[.!?…])\s+", r"(?<=[,;:])\s+", r"\s+")
)


def split(text: str, options: tuple[str, ...], channel: str) -> list[str]:
    """The texts to send, in order. The last leaves room for the numbered options."""
    limit = LIMITS.get(channel, DEFAULT_LIMIT)
    room = sum(measure(option) + 5 for option in options)
    texts: list[str] = []
    left = text.strip()
    while measure(left) > limit:
        left = _cut(left, limit, texts)
    if measure(left) + room > limit:
        left = _cut(left, max(limit - room, 1), texts)
    return [*texts, left] if left or not texts else texts


def measure(text: str) -> int:
    """The length a provider may count, before or after signs are made plain."""
    return max(utf16_length(text), utf16_length(plain(text)))


def _cut(text: str, limit: int, texts: list[str]) -> str:
    head = _head(text, limit)
    texts.append(head.rstrip())
    return text[len(head) :].lstrip()


def _head(text: str, limit: int) -> str:
    fitting = _fitting(text, limit)
    for pattern in BREAKS:
        ends = [found.start() for found in pattern.finditer(fitting)]
        # A cut in the first third would leave a scrap: a smaller pause further on is better.
        if ends and ends[-1] > len(fitting) // 3:
            return fitting[: ends[-1]]
    return fitting


def _fitting(text: str, limit: int) -> str:
    length = 0
    for at, sign in enumerate(text):
        length += measure(sign)
        if length > limit:
            return text[:at] or text[:1]
    return text
