"""What a short answer means: yes or no, which one.

Rasa's rules decide whose turn it is; this reads the words inside a turn, numbers included.
"""

import re
from collections.abc import Sequence

YES = re.compile(
    r"^\W*(y|ye|yes+|yea|yeah|yeh|yep|yup|yh|aye|ok|okay|k|sure|sound|please|please do|go on|"
    r"go ahead|go for it|alright|all right|fine|of course|course|correct|right|defo|definitely|"
    r"i agree|agreed|do it|share|that'?s right|thats it|spot on|i would|i do|id like that)\b",
    re.I,
)
NO = re.compile(
    r"^\W*(n|no+|nope|nah|na|naw|not|never|dont|don'?t|do not|rather not|id rather not|leave it|"
    r"wrong|nowt|nothing|none)\b",
    re.I,
)
ORDINALS = {
    "first": 1, "1st": 1, "one": 1, "top": 1,
    "second": 2, "2nd": 2, "two": 2, "middle": 2,
    "third": 3, "3rd": 3, "three": 3,
}  # fmt: skip
ONE = re.compile(r"^\W*(?:(?:number|option|no|pick|choose)\W+)?one\b", re.I)
# Words that name no service.
COMMON = frozenset(
    {"the", "one", "please", "and", "for", "that", "this", "with", "hub", "service", "help", "need"}
)


def yes_or_no(text: str) -> bool | None:
    """True, False, or None where it is neither."""
    if NO.search(text):
        return False
    return True if YES.search(text) else None


def number(text: str) -> int | None:
    """The number somebody picks, counted from 1: "2", "no 2", "the second one"."""
    digits = re.findall(r"(?<![\w:.])([1-9])(?![\w:])(?!\.\d)", text)
    if len(digits) == 1:
        return int(digits[0])
    words = re.findall(r"[a-z0-9]+", text.lower())
    named = {ORDINALS[word] for word in words if word in ORDINALS and word != "one"}
    # "the food one" names no number; "one" and "number one" do.
    if not named and ONE.search(text):
        named = {1}
    return named.pop() if len(named) == 1 and not digits else None


def which(text: str, names: Sequence[str]) -> int | None:
    """Which of some names a text means, counted from 0: by its number, or by its words."""
    if re.search(r"\blast\b", text, re.I) and len(text.split()) <= 5:
        return len(names) - 1
    picked = number(text)
    if picked is not None and len(text.split()) <= 8:
        return picked - 1 if picked <= len(names) else None
    said = _words(text)
    scores = [len(said & _words(name)) for name in names]
    best = max(scores, default=0)
    return scores.index(best) if best and scores.count(best) == 1 else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower())) - COMMON
