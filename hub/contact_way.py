"""The way somebody says it is safe to reach them. In doubt it is not read as safe.

One reading for the gate and for the conversation: a wrong guess here rings a phone that somebody
else may answer. Unknown is asked about again, and blocks every contact but direct answers.
"""

import re

from hub.people import ContactWay

WORD = re.compile(r"[a-z0-9']+|[,.;!?]")
REACH = 6

_CALLS = {"call", "calls", "ring", "phone", "calling", "ringing"}
_TEXTS = {"text", "texts", "txt", "txts", "message", "messages", "msg", "whatsapp", "telegram"}
_NOT = {"not", "never", "neither", "nor", "without", "unsafe"}
_ENDS = {"but", ",", ".", ";", "!", "?", "just", "only", "instead", "so", "and", "because"}
_NOT_ASKING = {"my", "his", "her", "their", "the", "every", "each", "all", "he", "she", "they"}
_AFTER = {
    *("me", "us", "here", "please", "pls", "plz", "is", "only", "ok", "okay", "fine", "safe"),
    *("best", "or", "and", "on", "thanks", "back", "if", "after", "before", "first"),
}
_HERE = re.compile(
    r"^(yes |just |only )?(on )?(here|this app|this|whatsapp|telegram)( is)?"
    r"( fine| ok| okay| safe| best| please| only)*$"
)
_WATCHED = re.compile(
    r"\b(has|have|checks?|reads?|looks at|goes through|takes) my (phone|mobile|texts|messages)\b"
)
_NO = re.compile(r"\b(no|nope|nah|not|unsafe|isn'?t|can'?t)\b")


def contact_way(text: str, channel: str = "sms") -> ContactWay:
    """The way they say it is safe to reach them; unknown where it is not plain.

    "Here" is a text on SMS and the app itself on every other channel.
    """
    bare = _bare(text)
    numbered = {"1": ContactWay.CALL, "2": ContactWay.TEXT, "3": ContactWay.NEITHER}
    if bare in numbered:
        return numbered[bare]
    if bare in ("either", "both", "any", "anything", "either is fine", "both fine", "any of them"):
        return ContactWay.TEXT
    if _WATCHED.search(bare):
        return ContactWay.NEITHER
    if _HERE.match(bare):
        return ContactWay.TEXT if channel == "sms" else ContactWay.THIS_APP
    asked, refused = _mentions(WORD.findall(_lower(text)))
    if asked == {"call"} and not re.search(r"\b(either|both)\b", bare):
        return ContactWay.CALL
    if asked:
        return ContactWay.TEXT
    if len(refused) == 2 or re.search(r"\b(neither|none of them)\b", bare):
        return ContactWay.NEITHER
    mentioned = refused or any(word in _CALLS | _TEXTS for word in bare.split())
    return ContactWay.NEITHER if _NO.search(_lower(text)) and not mentioned else ContactWay.UNKNOWN


def _mentions(words: list[str]) -> tuple[set[str], set[str]]:
    """Ways that are asked for, and ways that are refused."""
    asked: set[str] = set()
    refused: set[str] = set()
    negated = 0
    for at, word in enumerate(words):
        if word in _ENDS:
            negated = 0
        elif word in _NOT or word.endswith("n't") or word in _BARE_NOT:
            negated = REACH
        elif word == "no":
            negated = 1
        elif word in _CALLS or word in _TEXTS:
            way = "call" if word in _CALLS else "text"
            if negated:
                refused.add(way)
                negated += 1 if words[at + 1 : at + 2] == ["or"] else 0
            elif _is_wish(words, at):
                asked.add(way)
        negated = max(0, negated - (word not in ("or", "no")))
    if asked and any(word in ("never", "unsafe") for word in words):
        return set(), refused
    return asked - refused, refused


_BARE_NOT = {"dont", "cant", "isnt", "wont", "shouldnt", "aint"}


def _is_wish(words: list[str], at: int) -> bool:
    """ "text me", "call", "ring is ok": not "he reads every message", not "my phone"."""
    if any(word in _NOT_ASKING for word in words[max(0, at - 2) : at]):
        return False
    after = words[at + 1] if at + 1 < len(words) else "please"
    return (
        after in _AFTER or after in _ENDS or after in _BARE_NOT or after in ("not", "don't", "no")
    )


def _lower(text: str) -> str:
    return text.lower().replace("\u2019", "'").strip()


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", _lower(text)))
