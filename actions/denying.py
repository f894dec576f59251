"""Which needs somebody takes back: "no, not food", "not the debt, the damp"."""

import re

from actions.turn import Turn

DENIED = re.compile(
    r"\b(no|not|nope|nah|isn'?t|wasn'?t|never|don'?t|dont|without|drop|except|forget|wrong)\b", re.I
)
# Where one piece of a correction ends and the next begins.
PIECES = re.compile(r"[,.;\n]|\b(?:but|and|it'?s|its|just|only|more)\b", re.I)
ALL_WRONG = re.compile(r"\b(all wrong|none of (that|it|those)|nothing right|start again)\b", re.I)
CORRECTING = ("summary", "correcting")
ONLY = re.compile(
    r"^\W*(?:(?:no|nah|nope|not really|only|just)\W+)?(?:its |it'?s )?(?:just|only)\b(?P<rest>.+)",
    re.I,
)
AND = re.compile(r"\b(and|also|but|not|plus)\b", re.I)
SMALL_WORDS = {"and", "the", "with", "for", "you", "are", "how"}


def denied(turn: Turn, listed: tuple[str, ...]) -> tuple[str, ...]:
    """Of the needs that were listed, those that the message denies."""
    if ALL_WRONG.search(turn.text):
        return listed
    dropped: list[str] = []
    only = _only(turn, listed) if turn.state.stage in CORRECTING else ()
    if only:
        return tuple(need for need in listed if need not in only)
    for piece in PIECES.split(turn.text):
        if piece and DENIED.search(piece):
            dropped += [need for need in listed if _names(turn, need, piece)]
    return tuple(dict.fromkeys(dropped))


def _only(turn: Turn, listed: tuple[str, ...]) -> tuple[str, ...]:
    """ "No, just the bills": what is left, where one thing and nothing else is named.

    In free talk "just" is a filler, so it is read like this only where a summary is put right.
    """
    found = ONLY.search(turn.text)
    if found is None or AND.search(found["rest"]):
        return ()
    named = tuple(need for need in listed if _names(turn, need, found["rest"]))
    return named or tuple(turn.heard.needs)


def _names(turn: Turn, need: str, piece: str) -> bool:
    """Whether a piece of text names a need, by its label or one of its everyday words."""
    words = f"{turn.words.text(f'need_names.{need}')} {turn.words.text(f'need_words.{need}')}"
    return bool(_said(piece) & _said(words))


def _said(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower())) - SMALL_WORDS
