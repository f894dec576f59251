"""Inline keyboards: an option of a reply becomes a key; a tap tells which key of which message.

A key carries our message's id and the option's place, at most 64 bytes, never the words: what a
tap means is looked up in the record, so that an old key cannot answer a new question.
"""

import re

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit

MOST_DATA = InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
# Keys stand side by side while their words fit on a small phone.
ROW_CHARACTERS = 18
ROW_KEYS = 4
SHORT = 10
MOST_ON_A_KEY = 64
DATA = re.compile(r"o:([0-9]{1,18}):([0-9]{1,3})")


def keyboard(our_id: int, options: tuple[str, ...]) -> InlineKeyboardMarkup | None:
    """The keyboard of a message; None without options."""
    if not options:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    for place, option in enumerate(options):
        key = InlineKeyboardButton(_shown(option), callback_data=f"o:{our_id}:{place}")
        if rows and _fits(rows[-1], key):
            rows[-1].append(key)
        else:
            rows.append([key])
    return InlineKeyboardMarkup(rows)


def read(data: str | None) -> tuple[int, int] | None:
    """Our message's id and the option's place; None where a key is not one of ours."""
    found = DATA.fullmatch(data or "")
    return (int(found[1]), int(found[2])) if found else None


def _fits(row: list[InlineKeyboardButton], key: InlineKeyboardButton) -> bool:
    every = [len(one.text) for one in (*row, key)]
    return len(row) < ROW_KEYS and sum(every) <= ROW_CHARACTERS and max(every) <= SHORT


def _shown(option: str) -> str:
    words = " ".join(option.split()) or "…"
    return words if len(words) <= MOST_ON_A_KEY else words[: MOST_ON_A_KEY - 1].rstrip() + "…"
