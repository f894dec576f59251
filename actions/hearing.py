"""What is kept of every message, whatever the turn is about: nothing that was voiced is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from actions import easing, plain
from actions.state import TALK, NeedStatus, State
from hub import topics
from hub.conversations import Conversation
from hub.messages import Message, Reply
from hub.places import Place, places_of
from hub.turns import Effect

if TYPE_CHECKING:
    from actions.turn import Turn

WORDS_KEPT = 300
# What somebody says at these points is worked through by the action itself.
OWN_READING = ("summary", "correcting", "wording", "feedback", "usefulness", "soft_outcome")
# What is said for these is an answer to a question, not a new need: "after the kids' school".
ANSWERING = {
    "choose",
    "something_else",
    "give_time",
    "give_place",
    "contact_call",
    "contact_text",
    "contact_neither",
    "change_words",
    "question_booking",
    "question_cost",
    "question_when",
    "question_where",
    "question_who",
    "question_other",
    "repeat",
    "skip",
    "go_back",
    "menu",
    "privacy",
    "delete",
    "my_data",
}
# A need that comes up again after it was settled is a need again.
SETTLED = (NeedStatus.MET, NeedStatus.UNMET, NeedStatus.DROPPED, NeedStatus.WITH_PERSON)
# "Mornings, and I also need help with my bills": an answer and a need in one text.
HELP_WITH = re.compile(
    r"\b(need|want|get|like) (some |any |a bit of )?(help|support|advice) (with|about|on) "
    r"(?P<what>.+)",
    re.I,
)
SMALL_WORDS = {"and", "the", "for", "with", "your", "are", "you", "how", "about", "things"}
# So many words after it say what with.
NAMED_BY = 4
MORE = re.compile(
    r"\b(and|also|too|as well|but|plus)\b.*"
    r"\b(need|help|stuck|worried|struggling|no|broken|broke|got no)\b|"
    r"^\W*(and |but |also |oh )*(i|we|i'?d|my|me)\b"
    r"(?! (need|want|would like|like) to (know|ask|book))"
    r".{0,12}\b(need|want|feel|like|look after|got no|have no|died|is damp)\b|"
    r"\bneed help\b|\bhelp with\b|\banother thing\b",
    re.I,
)


def kept(turn: Turn) -> tuple[State, tuple[str, ...]]:
    """The state with this message in it, and the needs that are new by it."""
    state, heard, eased = turn.state, turn.heard, easing.heard(turn)
    state = state.but(
        first_words=state.first_words or turn.text[:WORDS_KEPT],
        strengths=_joined(state.strengths, heard.strengths),
        barriers=_joined(state.barriers, easing.barriers(turn)),
        eases=_joined(state.eases, eased),
        refused_words=state.refused_words or (turn.text[:WORDS_KEPT] if "refused" in eased else ""),
        third_party=state.third_party or (heard.third_party and bool(heard.needs)),
    )
    answering = state.stage not in TALK and turn.intent in ANSWERING and not MORE.search(turn.text)
    if state.stage in OWN_READING or answering:
        return state, ()
    return with_needs(state, heard.needs, turn.text)


def needs(turn: Turn) -> tuple[str, ...]:
    """The needs that were heard; where there are none, the one that is named in so many words.

    "No, actually I need help with debt" is short and begins like an answer.
    """
    asked = HELP_WITH.search(turn.text)
    if turn.heard.needs or asked is None:
        return turn.heard.needs
    said = set(re.findall(r"[a-z]{3,}", asked["what"].lower())[:NAMED_BY])
    keys = (key for key in turn.words.keys() if key.startswith("need_words."))  # noqa: SIM118
    for need in (key.partition(".")[2] for key in keys):
        words = f"{turn.words.text(f'need_words.{need}')} {turn.words.text(f'need_names.{need}')}"
        if said & set(re.findall(r"[a-z]{3,}", words.lower())) - SMALL_WORDS:
            return (need,)
    return ()


def with_needs(
    state: State, need_ids: tuple[str, ...], words: str
) -> tuple[State, tuple[str, ...]]:
    """Needs added with the words that voiced them; the second value are those that are new."""
    status = NeedStatus.HEARD if state.stage in TALK else NeedStatus.OPEN
    known = {need["id"]: need["status"] for need in state.needs}
    fresh = tuple(need for need in need_ids if known.get(need, NeedStatus.MET) in SETTLED)
    again = [need for need in state.needs if need["id"] not in fresh]
    added = [{"id": need, "words": words[:WORDS_KEPT], "status": status.value} for need in fresh]
    return state.but(needs=(*again, *added)), fresh


def place(turn: Turn) -> Place | None:
    """Where the resident is, as far as this message says so."""
    places = places_of(turn.office.profile.folder)
    for said in (turn.heard.postcode, turn.heard.place):
        found = places.find(said) if said else None
        if found is not None:
            return found
    return None


def effects(turn: Turn) -> tuple[Effect, ...]:
    """What is written to the person with every turn."""
    where = place(turn)

    def remember(session: Session, conversation: Conversation, message: Message) -> None:
        person = conversation.person
        person.strengths = list(_joined(tuple(person.strengths), turn.heard.strengths))
        person.barriers = list(_joined(tuple(person.barriers), easing.barriers(turn)))
        if where is not None:
            person.outcode = where.outcode or person.outcode
            person.ward = where.ward or person.ward

    return (remember,)


def keeps(turn: Turn) -> tuple[Effect, ...]:
    """What is written whoever answers: what was heard, and that this person wrote today."""
    today = turn.office.calendar.today(turn.now)
    return (topics.keep_heard(turn.heard.report, today, turn.heard.age),)


def noted(turn: Turn) -> str:
    """ "I have noted heating too." and "I will ask if someone can go with you."

    Empty where the message held nothing new.
    """
    lines = list(easing.noted(turn))
    if turn.fresh and turn.state.stage not in TALK:
        lines.insert(0, turn.words.text("noted", needs=turn.need_names(turn.fresh)))
    return " ".join(lines)


def noted_lines(turn: Turn) -> tuple[Reply, ...]:
    """The same as a text of its own, where there is anything."""
    said = noted(turn)
    return (Reply(said),) if said else ()


def phrase(turn: Turn) -> str:
    """A short phrase of the message at hand, fit to be said back."""
    return plain.quote(turn.text)


def _joined(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return (*old, *(item for item in new if item not in old))
