"""What somebody answered to the gate's own questions. In doubt it is not read as safe.

These run with nothing else working, so they are words only. An answer that is not plain is
asked about again, or taken as unknown; unknown blocks every contact but direct answers.
"""

import re

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


def is_yes(text: str) -> bool:
    """A plain yes to "Are you safe?", and nothing after it that takes it back."""
    return bool(_YES.match(_bare(text)))


def is_no(text: str) -> bool:
    """Any sign of no, in any words."""
    return bool(_NO.search(_lower(text)))


def is_mistake(text: str) -> bool:
    """They tell us that it was a joke, a song, a wrong word, and do not say no besides."""
    return bool(_MISTAKE.search(_lower(text))) and not is_no(text)


def _lower(text: str) -> str:
    return text.lower().replace("\u2019", "'").strip()


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", _lower(text)))
