"""What somebody answered to the gate's own questions. In doubt it is not read as safe.

These run with nothing else working, so they are words only. An answer that is not plain is
asked about again, or taken as unknown; unknown blocks every contact but direct answers.
"""

import re

from hub.people import ContactWay

WORD = re.compile(r"[a-z0-9']+|[,.;!?]")
PLAIN_WORDS = 6

_YES = re.compile(
    r"^(y|ye|yes|yeah|yeh|yep|yea|yeahh*|aye|1|safe|ok|okay|fine|i am|we are|"
    r"((yes|yeah|yep|ok|aye) )?(i'?m|we'?re|i am|we are|all|am) "
    r"(safe|ok|okay|fine|alright|all right|good)( now)?|"
    r"(yes|yeah|yep|ok|aye)( thanks| thank you| love| mate| for tonight| i am| we are| safe)+)$"
)
_NO = re.compile(
    r"\b(no|nope|nah|not|unsafe|help|dunno|don'?t know|scared|frightened|isn'?t|aren'?t|can'?t|2)\b"
)
_MISTAKE = re.compile(
    r"\b(joke|joking|kidding|figure of speech|didn'?t mean|only messing|just messing|autocorrect|"
    r"lyrics|(it'?s|was|from|about) (a|the|this) (film|game|song|book|show)|in the (film|game))\b"
)
_HUSH = re.compile(
    r"^\W*(please |pls |plz |ok |can you |just )*(stop|don'?t|do not|quit|no more)\s+"
    r"(texting|messaging|txting|text|txt|message|msg|messages|texts|replying|reply|sending|"
    r"write|writing|contact|contacting)\b(?!\s+(him|her|them|my|the|people|scammers))"
)

_CALLS = {"call", "calls", "ring", "phone", "calling", "ringing"}
_TEXTS = {"text", "texts", "txt", "txts", "message", "messages", "msg", "whatsapp", "telegram"}
_NOT = {"not", "never", "neither", "nor", "without", "unsafe"}
_ENDS = {"but", ",", ".", ";", "!", "?", "just", "only", "instead", "so", "and", "because"}
_NOT_ASKING = {"my", "his", "her", "their", "the", "every", "each", "all", "he", "she", "they"}
_AFTER = {
    *("me", "us", "here", "please", "pls", "plz", "is", "only", "ok", "okay", "fine", "safe"),
    *("best", "or", "and", "on", "thanks", "back", "if", "after", "before", "first"),
}


def is_yes(text: str) -> bool:
    """A plain yes to "Are you safe?", and nothing after it that takes it back."""
    return bool(_YES.match(_bare(text)))


def is_no(text: str) -> bool:
    """Any sign of no, in any words."""
    return bool(_NO.search(_lower(text)))


def is_mistake(text: str) -> bool:
    """They tell us that it was a joke, a song, a wrong word, and do not say no besides."""
    return bool(_MISTAKE.search(_lower(text))) and not is_no(text)


def hushed(text: str) -> bool:
    """They ask us to stop at once, as a person who is overlooked may have to."""
    return bool(_HUSH.match(re.sub(r"\s+", " ", _lower(text))))


def contact_way(text: str) -> ContactWay:
    """The way they say it is safe to reach them; unknown where it is not plain."""
    bare = _bare(text)
    numbered = {"1": ContactWay.CALL, "2": ContactWay.TEXT, "3": ContactWay.NEITHER}
    if bare in numbered:
        return numbered[bare]
    if bare in ("either", "both", "any", "anything", "either is fine", "both fine", "any of them"):
        return ContactWay.TEXT
    asked, refused = _mentions(WORD.findall(_lower(text)))
    if asked == {"call"}:
        return ContactWay.CALL
    if asked:
        return ContactWay.TEXT
    if len(refused) == 2 or re.search(r"\b(neither|none of them)\b", bare):
        return ContactWay.NEITHER
    mentioned = refused or any(word in _CALLS | _TEXTS for word in bare.split())
    return ContactWay.NEITHER if is_no(text) and not mentioned else ContactWay.UNKNOWN


def _mentions(words: list[str]) -> tuple[set[str], set[str]]:
    """Ways that are asked for, and ways that are refused."""
    asked: set[str] = set()
    refused: set[str] = set()
    negated = 0
    for at, word in enumerate(words):
        if word in _ENDS:
            negated = 0
        elif word in _NOT or word.endswith("n't") or word in _BARE_NOT:
            negated = PLAIN_WORDS
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
