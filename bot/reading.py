"""What somebody answered to the gate's own questions. In doubt it is not read as safe.

These run with nothing else working, so they are words only. An answer that is not plain is
asked about again, or taken as unknown; unknown blocks every contact but direct answers.
"""

import re
from typing import Any

from hub.contact_way import contact_way
from hub.people import ContactWay

_YES = re.compile(
    r"^(y|ye|yes|yeah|yeh|yep|yea|yeahh*|aye|1|safe|ok|okay|fine|i am|we are|"
    r"((yes|yeah|yeh|yea|yh|ye|y|yep|ok|aye) )?(i'?m|we'?re|i am|we are|all|am) "
    r"(safe|ok|okay|fine|alright|all right|good)( now)?|"
    r"(yes|yeah|yep|ok|aye)( thanks| thank you| love| mate| for tonight| i am| we are| safe)+)$"
)
_NO = re.compile(
    r"\b(no|nope|nah|na|not|unsafe|help|dunno|don'?t know|scared|frightened|isn'?t|aren'?t|"
    r"can'?t|2)\b"
)
# A joke, a song, a wrong word. "I was being dramatic" or "forget it" is none: people say that when
# they are sorry to have said too much.
_MISTAKE = re.compile(
    r"\b(joke|joking|kidding|figure of speech|didn'?t mean (it|that) (like|that|literally)|"
    r"only messing|just messing|messing about|autocorrect|typo|wrong (number|person|chat)|"
    r"(just|only) (a|an) (saying|expression)|lyrics?|"
    r"(it'?s|was|from|about) (just |only )?(a|the|this|that) "
    r"(film|game|song|book|show|series|quiz)|"
    r"in (the|a) (film|game|book|show))\b"
)
_SERIOUS = re.compile(
    r"\b(not (a |even )?(joke|joking|kidding|messing)|no joke|serious(ly)?|scared|frightened|"
    r"unsafe|not (safe|ok|okay)|help me|can'?t)\b"
)
# "Is everyone safe right now?" Yes; or what people say for it, and nothing after it but talk.
_WELL = re.compile(
    r"^((no|ok|okay) )?(nothing like that|(we|he|she|they|it|i|everyone|everyones|everybody|"
    r"everything|all|hes|shes|"
    r"were|im|its|theyre|the (kids|children|baby|lad|lads|girls|boys)|kids|nan|mum|dad)"
    r"( is| are| am| all|'s|'re|'m)* (safe|fine|ok|okay|alright|all right|good|all good))\b|"
    r"^(yes|yeah|yeh|yep|yh|yea|aye|ye|y|1|course|of course|safe|fine|all good|all fine)\b"
)
_NOT_WELL = re.compile(
    r"\b(not|unsafe|scared|frightened|afraid|isn'?t|aren'?t|hurt|hurts|hurting|help me|no one|"
    r"nobody|until|till|for now|at the moment|dunno|don'?t know|nearly|sort of|kind of|"
    r"think so|suppose|maybe|probably|999|police|ambulance|rang|called|calling|coming back|"
    r"but no|in (my|the) car|(he|she)'?s (here|back)|what do i do|please help)\b"
)
_UNSAFE = re.compile(
    r"^(no|nope|nah|n|2|not (really|sure|safe|at all|now|ok|okay|right now)|never|unsafe|"
    r"(i )?(dunno|don'?t know|dont know|idk)|(i'?m|we'?re) not( .*)?|help|nobody is|no one is|"
    r"(he|she|they|it)('s| is|s)? (isn'?t|not|aren'?t)( .*)?)$|"
    r"\b(not safe|unsafe|scared|frightened|help me|isn'?t safe|aren'?t safe|"
    r"(don'?t|do not|never) feel safe)\b|"
    r"^(no|nope|nah) (my|there|i'?m|im|we'?re|he|she|they|not|it'?s|nobody|no one|one|none)\b"
)
_ALONE = re.compile(
    r"\b(nobody|noone|no-one|none|alone|(just|only) me|(by|on) (my|me) (own|self))\b|\bmyself\b"
)
_BARE = re.compile(
    r"^((yes|yeah|yep|ye|y|no|nope|nah|n|ok|okay|um|er|well|just) )*"
    r"(yes|yeah|yep|ye|y|aye|no|nope|nah|n|ok|okay|nobody|no one|noone|none|not really|not sure|"
    r"dunno|don'?t know|idk|maybe|alone|(just )?me|myself|(on|by) (my|me) (own|self)|(by )?myself|"
    r"call|ring|text|txt|neither|either|both|here|whatever|[123]|i am|"
    r"i'?m (not|ok|okay|safe|fine))( (please|thanks|thank you|me|is (ok|okay|fine)))*$"
)
_SOMEBODY = re.compile(
    r"^((yes|yeah|ok|well|just|only) )*(my|me|his|her|their|a|the|our) "
    r"(mum|mam|dad|sister|brother|nan|grandad|mate|friend|neighbour|son|daughter|partner|auntie|"
    r"aunt|uncle|cousin|family)( is|s|'s|'?ll be)?"
    r"( (here|there|coming|round|home|with (me|them|her|him|us)))?$"
)
_WAY = re.compile(r"\b(call|calls|ring|phone|text|texts|txt|message|messages|neither|whatsapp)\b")
_COMMANDS = {
    "human": re.compile(
        r"^(human|person|a person|(can|could) (i|you|someone) .{0,30}\b(person|human|someone)\b.*|"
        r"i (want|need) (to (talk|speak) to )?(a |someone)?(real )?(person|human)?)$"
    ),
    "skip": re.compile(r"^(skip|pass|next|rather not say|i'?d rather not say)$"),
    "privacy": re.compile(r"^(privacy|who (reads|sees|can see|will see) (this|it|these).*)$"),
    "delete": re.compile(r"^(delete|delete (it|this|everything|my messages|my data).*)$"),
    "repeat": re.compile(
        r"^(what|wot|wat|eh|huh|pardon|sorry|come again|say (that|it) again|"
        r"(what|wot) (did|do) (you|u|ya) (say|mean).*|(what|wot) was the question)$"
    ),
}


def is_yes(text: str) -> bool:
    """A plain yes to "Are you safe?", and nothing after it that takes it back."""
    return bool(_YES.match(_bare(text)))


def is_no(text: str) -> bool:
    """Any sign of no, in any words."""
    return bool(_NO.search(_lower(text)))


def all_is_well(text: str) -> bool:
    """A yes to "Is everyone safe right now?", in any words, and no doubt in it."""
    bare = _bare(text)
    if bare in ("ok", "okay", "k"):
        # It may only mean "I have read that".
        return False
    if is_yes(text):
        return True
    return bool(_WELL.match(bare)) and not _NOT_WELL.search(bare)


def not_safe(text: str) -> bool:
    """A no to the same question, or fear in any words."""
    return not all_is_well(text) and bool(_UNSAFE.search(_bare(text)))


def is_alone(text: str) -> bool:
    """A no to "Is there someone who can be with you?", in any words."""
    return is_no(text) or bool(_ALONE.search(_lower(text)))


def is_mistake(text: str) -> bool:
    """They tell us that it was a joke, a song, a wrong word, and nothing that takes it back."""
    lowered = _lower(text)
    return bool(_MISTAKE.search(lowered)) and not _SERIOUS.search(lowered)


def is_bare(text: str) -> bool:
    """Nothing but a short answer to a question of ours: "nobody", "not really", "text please"."""
    return bool(_BARE.match(_bare(text)))


def names_somebody(text: str) -> bool:
    """Nothing but who can be with them: "my sister is here"."""
    return bool(_SOMEBODY.match(_bare(text)))


def begins_with_yes_or_no(text: str) -> bool:
    """ "yes hes out", "no not really": it answers a question, whatever else it says."""
    return bool(re.match(r"^(yes|yeah|yep|no|nope|nah|not|ok|okay)\b", _bare(text)))


def names_a_way(text: str) -> bool:
    """Whether a way to be reached is named in so many words, and which is plain."""
    return bool(_WAY.search(_lower(text))) and contact_way(text) is not ContactWay.UNKNOWN


def command(text: str) -> str:
    """Which of the words that always work this message is; empty for any other message."""
    bare = _bare(text)
    return next((name for name, words in _COMMANDS.items() if words.match(bare)), "")


def _lower(text: str) -> str:
    return text.lower().replace("\u2019", "'").strip()


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", _lower(text)))


def without_words(media: list[dict[str, Any]]) -> str:
    """The line that answers a message of no words."""
    if any("latitude" in item for item in media):
        return "channels.pin"
    if any("contact" in item for item in media):
        return "channels.contact"
    return "odd.media" if media else "odd.empty"
