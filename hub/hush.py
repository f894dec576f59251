""" "Stop texting me now", from somebody who may be overlooked: nothing more goes out, at once.

Acted on when the message arrives, in the transaction that stores it (`messages.silence`): it needs
no worker, no Rasa and no turn. What follows is the gate's (`bot/converse.py`).
"""

import re

_WHAT = (
    r"(texting|messaging|txting|texing|textin|txtin|text|txt|message|msg|messages|texts|msgs|"
    r"replying|reply|replies|sending|send|write|writing|contact|contacting|responding)"
)
_NOT_OURS = (
    r"(?!\s+(him|her|them|my|the|people|scammers|until|till|about|in the|at night|after|before))"
    r"(?!( me)?\W+(just |please )?(call|ring|phone))"
)
_ASKED = re.compile(
    r"^\W*((please|pls|plz|plse|ok|okay|no|oi|hey|can you|could you|just|now|god|omg|shit)\W+)*"
    r"((stop|quit|dont|don'?t|do not)( ever| all| any| the)?\s+" + _WHAT + r"\b" + _NOT_OURS + r"|"
    r"no more\s+(texts|texting|messages|txts|msgs|messaging|replies)\b|"
    r"(dont|don'?t|do not)\s+(text|txt|message|msg|reply|contact|write)\b" + _NOT_OURS + r"|"
    r"(leave me alone|go away|not now|shush|shh+)\W*$)"
)
# "he's here, stop texting me": what comes before must not be about somebody else's texts.
_OTHERS = re.compile(
    r"\b(him|her|them|he|she|they|it|who|won'?t|wont|wouldn'?t|doesn'?t|to|can'?t|cant|never|"
    r"ex|people|scammers|someone|somebody)\s*$"
)
_CLAUSES = re.compile(
    r"[,.;!?\n]+|\b(?:so|and|but|cos|because|plz|pls|please|here|back|home|coming|looking|phone|now)\b"
)


def hushed(text: str) -> bool:
    """They ask us to stop at once, as a person who is overlooked may have to."""
    lower = re.sub(r"\s+", " ", text.lower().replace("\u2019", "'")).strip()
    if _ASKED.match(lower):
        return True
    if len(lower) > 90:
        return False
    for cut in _CLAUSES.finditer(lower):
        rest = lower[cut.end() :]
        if _ASKED.match(rest) and not _OTHERS.search(lower[: cut.end()]):
            return not re.search(r"\b(not now|go away|leave me alone|shh*)\W*$", rest)
    return False
