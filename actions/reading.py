"""What a short answer means: yes or no, which one, how to be reached.

Rasa's rules decide whose turn it is; this reads the words inside a turn, numbers included.
"""

import re
from collections.abc import Sequence

from hub.people import ContactWay

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
CALL = re.compile(r"\b(call|calls|called|calling|ring|rang|phone|bell|telephone)\b", re.I)
TEXT = re.compile(r"\b(text|texts|texting|txt|message|messages|msg|sms)\b", re.I)
HERE = re.compile(r"\b(here|this app|whats ?app|telegram|on this)\b", re.I)
NEITHER = re.compile(
    r"\b(neither|none|no contact|not safe|no way|nobody|i'?ll (come|pop|call) in|"
    r"(checks|reads|goes through) my (phone|texts|messages))\b",
    re.I,
)
# Words that name no service.
COMMON = frozenset(
    {"the", "one", "please", "and", "for", "that", "this", "with", "hub", "service", "help", "need"}
)
NOT = r"\b(don'?t|do not|not|no|never)\b[\w\s']{0,12}?"
NOT_CALL = re.compile(NOT + r"\b(call|calls|ring|phone)", re.I)
NOT_TEXT = re.compile(NOT + r"\b(text|texts|message|messages)", re.I)


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


def contact_way(text: str, channel: str = "sms", option: str = "") -> ContactWay:
    """The way somebody says it is safe to reach them; unknown where they say something else."""
    text = option or text
    no_call, no_text = NOT_CALL.search(text), NOT_TEXT.search(text)
    if no_call and no_text:
        return ContactWay.NEITHER
    if no_call:
        return ContactWay.TEXT
    if no_text:
        return ContactWay.CALL if CALL.search(text) else ContactWay.NEITHER
    if NEITHER.search(text):
        return ContactWay.NEITHER
    if HERE.search(text):
        return ContactWay.TEXT if channel == "sms" else ContactWay.THIS_APP
    if CALL.search(text) and TEXT.search(text):
        # Either is fine: the quieter one is taken.
        return ContactWay.TEXT
    if TEXT.search(text):
        return ContactWay.TEXT
    return ContactWay.CALL if CALL.search(text) else ContactWay.UNKNOWN


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower())) - COMMON
