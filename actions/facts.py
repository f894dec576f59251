"""What the directory's record says about one service, for a resident who asks."""

import re
from typing import Any

from sqlalchemy import select

from actions import plain
from actions.turn import Turn
from hub.services import Service

FACT_AT_MOST = 110
# What is asked about, by its words: one message may ask two things, and Rasa names one intent.
ASKED = {
    "access": r"lift|stairs?|steps?|step.?free|wheelchair|access\w*|ramp|(disabled )?toilets?|loop",
    "cost": r"free|cost|costs|price|pay|paid|paying|charge|charges|fees?|how much|expensive|dear",
    "when": r"when|(what|wot|which) (time|day|days|hours)|open|opening|hours|finish|weekends?",
    "booking": r"book|booking|appointment|referr\w*|turn up|drop.?in|walk in|sign up|register|"
    r"wait|waiting|full|spaces?",
    "where": r"where\w*|address|postcode|how far|get there|near|bus|directions|map|street|floor",
    "who": r"can (my|me|his|her|our) |can i (bring|take)|can (kids|children|men|women|anyone)|"
    r"for (kids|children|men|women|adults|families)|(take|allow|let) (kids|children|men|women)|"
    r"old|young|age|ages|qualify|who (can|goes|is it)|men only|women only|my (lad|daughter|son)",
    "contact": r"(phone|telephone|their|the) number|number for|phone them|ring them|call them|"
    r"email|website|web ?page|contact them|get in touch",
    "language": r"speak|polish|arabic|romanian|farsi|kurdish|somali|urdu|language|interpreter",
}
_ASKED = {name: re.compile(rf"\b({words})", re.I) for name, words in ASKED.items()}
_QUESTION = re.compile(
    r"^\W*(and |but |so |ok |also )?(is|are|do|does|did|can|could|will|would|have they|has it|"
    r"what|whats|what's|where|wheres|when|whens|who|whos|how|hows)\b",
    re.I,
)
# Which field of the match answers which question.
FIELDS = {"booking": "booking", "who": "eligibility", "cost": "cost", "when": "when"}
NOT_KNOWN = ("not known", "ask where", "ask about")
# Words of a question that say nothing about what is asked for.
SMALL_WORDS = """
there their they them that this have does what when where which with will would could need your
about from much many some into like want take bring come goes can
"""
SMALL = frozenset(SMALL_WORDS.split())


def asked(text: str) -> tuple[str, ...]:
    """What a message asks about, as far as its words say; empty where they say nothing known."""
    found = tuple(name for name, words in _ASKED.items() if words.search(text))
    # "Is there a lift", "wheres the ramp": where it is was not the question.
    return tuple(name for name in found if name != "where" or "access" not in found)


def is_question(text: str) -> bool:
    """Whether a message asks something: "is there parking", "do they...?"."""
    return text.rstrip().endswith("?") or bool(_QUESTION.match(text))


def of(turn: Turn, offer: dict[str, Any], about: str) -> str:
    """What the record says about one thing; empty where it says nothing."""
    if about == "contact":
        ways = (offer.get(name) for name in ("phone", "text_to", "email", "url"))
        return ", ".join([str(way) for way in ways if way][:2])
    if about in FIELDS or about == "where":
        fact = str(offer.get(FIELDS.get(about, "where")) or "")
        return "" if any(words in fact for words in NOT_KNOWN) else _tidy(fact)
    with turn.office.database.reading() as session:
        service = session.scalar(
            select(Service).where(
                Service.hub_id == turn.office.profile.id,
                Service.id == offer["service_id"],
                Service.withdrawn_at.is_(None),
            )
        )
        if service is None:
            return ""
        if about == "access":
            return _tidy(next(filter(None, _accesses(service)), ""))
        return _languages(service) if about == "language" else _tidy(_mentioned(service, turn.text))


def _accesses(service: Service) -> list[str]:
    return [place.location.accessibility or "" for place in service.places]


def _languages(service: Service) -> str:
    names = [language.name or language.code for language in service.languages]
    return _tidy(", ".join(str(name) for name in names if name))


def _mentioned(service: Service, text: str) -> str:
    """The sentence of the record that speaks of what is asked for: "Is there parking?"."""
    wanted = {_stem(word) for word in re.findall(r"[a-z]{4,}", text.lower())} - SMALL
    record = (service.description, service.application_process, service.fees_description)
    said = " ".join(filter(None, (*record, *_accesses(service))))
    for sentence in re.split(r"(?<=[.!?])\s+", said):
        if sentence.startswith("Demo data"):
            continue
        if wanted & {_stem(word) for word in re.findall(r"[a-z]{4,}", sentence.lower())}:
            return sentence
    return ""


def _stem(word: str) -> str:
    return re.sub(r"(ing|s|es|ed)$", "", word)


def _tidy(fact: str) -> str:
    return plain.clipped(plain.plain(fact), FACT_AT_MOST).rstrip(" .,;")
