"""The risk gate: before consent, STOP, hand-off and Rasa, and without any of them.

It says fixed words, opens an urgent ticket and asks two things only: are you safe, and how
is it safe to reach you. It never closes a conversation and never clears a risk: a person does.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub import people, tickets
from hub.calendar import Promise
from hub.conversations import Conversation
from hub.messages import Message
from hub.people import ContactWay
from hub.tickets import Why
from hub.turns import Answer
from hub.words import Words
from nlu.heard import Heard

# The first reply follows the most pressing risk. Several risks: the earliest in this list.
URGENCY = (
    "overdose_medical",
    "violence_now",
    "suicide",
    "harm_to_others",
    "self_harm",
    "sexual_violence",
    "child_at_risk",
    "domestic_abuse",
    "adult_at_risk",
    "no_shelter_tonight",
    "no_essentials",
)
# Risks after which it may not be safe that somebody sees the phone.
WATCHED = {"domestic_abuse", "sexual_violence", "violence_now", "child_at_risk", "adult_at_risk"}
# Risks that leave the rest of the conversation open: what was asked is still answered.
PRACTICAL = {"no_shelter_tonight", "no_essentials"}

YES = re.compile(r"^\W*(y|ye|yes|yeah|yeh|yep|ye[ah]+|aye|i am|im safe|i'm safe|safe|ok|1)\b", re.I)
NO = re.compile(r"\b(no|nope|nah|not safe|not really|unsafe|help|dunno|don'?t know|2)\b", re.I)
# Joking, a song, a wrong word: it ends gently, and the ticket stays for a person to look at.
MISTAKE = re.compile(
    r"\b(joke|joking|kidding|figure of speech|didn'?t mean|not like that|only messing|"
    r"film|game|song|i'?m fine|im fine|i'?m ok|im ok|wrong end)\b",
    re.I,
)
CALL = re.compile(r"\b(call|ring|phone|1)\b", re.I)
TEXT = re.compile(r"\b(text|txt|message|msg|here|this|whats ?app|telegram|2)\b", re.I)
NEITHER = re.compile(r"\b(neither|none|no|don'?t|do not|not safe|3)\b", re.I)
HUSH = re.compile(r"\bstop (texting|messaging|txting)( me)?( now)?\b", re.I)


@dataclass(frozen=True)
class Situation:
    """What the gate may know: the words of the hub, when a person replies, and the time."""

    words: Words
    promise: Promise
    now: datetime
    on_call: bool = False


def hushed(text: str) -> bool:
    """Whether somebody asks us to stop at once, as a person who is overlooked may have to."""
    return bool(HUSH.search(text))


def must_answer(state: dict[str, Any], heard: Heard) -> bool:
    """Whether the gate, and nothing else, answers this message."""
    return bool(heard.risks) or bool(_asked(state))


def answer(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    """The gate's reply to a message with a risk, or to an answer to its own question.

    `new` adds the first-contact line behind the safety words, never before them.
    """
    if heard.risks:
        return _flagged(situation, state, heard, text, new=new)
    if _asked(state) == "safe":
        return _after_safe(situation, state, text)
    return _after_contact(situation, state, text)


def alert(situation: Situation, heard: Heard, text: str) -> Answer:
    """While a worker holds the conversation: the emergency words, and the ticket is raised."""
    risk = _first(heard)
    return Answer(
        replies=situation.words.say(f"gate.{_reply_for(risk, heard)}"),
        effects=(_urgent_ticket(situation, heard, text),),
        urgent=True,
    )


def _flagged(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    words, risk = situation.words, _first(heard)
    safety = dict(state.get("safety") or {})
    told = set(safety.get("told", []))
    key = f"gate.{_reply_for(risk, heard)}"
    # The same words twice sound like a machine that does not listen: the second time is shorter.
    replies = words.say(f"{key}_again" if key in told else key)
    if "waiting" not in told:
        line = "gate.on_call" if situation.on_call else "gate.nobody_reading"
        replies += words.say(line, when=situation.promise.text)
    if new:
        replies += words.say("first_contact.short")
    safety = {
        "asked": "contact" if risk in PRACTICAL else "safe",
        "told": sorted(told | {key, "waiting"}),
        "risks": sorted({*safety.get("risks", []), *heard.risk_ids}),
        "watched": safety.get("watched", False) or risk in WATCHED,
    }
    kept = {"safety": safety, "first_words": state.get("first_words") or text}
    kept["needs"] = _with_needs(state, heard, text)
    return Answer(
        replies=replies,
        state=kept,
        effects=(_urgent_ticket(situation, heard, text),),
        urgent=True,
    )


def _after_safe(situation: Situation, state: dict[str, Any], text: str) -> Answer:
    safety = dict(state["safety"])
    if MISTAKE.search(text):
        said, safety["asked"] = "gate.glad_ok", None
    elif YES.match(text) and not NO.search(text):
        said, safety["asked"] = "gate.safe_yes", "contact"
    elif NO.search(text):
        said, safety["asked"] = "gate.safe_no", "contact"
    else:
        said, safety["asked"] = "gate.safe_unclear", "contact"
    return Answer(
        replies=situation.words.say(said),
        state={"safety": safety},
        effects=(_add_words(situation, text),),
        urgent=True,
    )


def _after_contact(situation: Situation, state: dict[str, Any], text: str) -> Answer:
    safety = dict(state["safety"])
    way = contact_way(text)
    if way is ContactWay.UNKNOWN and not safety.get("contact_twice"):
        safety["contact_twice"] = True
        return Answer(
            replies=situation.words.say("gate.contact_again"),
            state={"safety": safety},
            effects=(_add_words(situation, text),),
            urgent=True,
        )
    safety["asked"] = None
    replies = situation.words.say(f"gate.contact_{way}", when=situation.promise.text)
    if safety.get("watched"):
        replies += situation.words.say("gate.delete_hint")
    replies += situation.words.say("gate.still_here")

    def keep(session: Session, conversation: Conversation, message: Message) -> None:
        people.set_safe_contact(
            session, conversation.person_id, way=way, now=situation.now, message_id=message.id
        )

    return Answer(
        replies=replies,
        state={"safety": safety, "stage": "returned"},
        effects=(keep, _add_words(situation, text)),
        urgent=True,
    )


def contact_way(text: str) -> ContactWay:
    """The way somebody says it is safe to reach them; unknown where they say something else."""
    if NEITHER.search(text) and not (CALL.search(text) or TEXT.search(text)):
        return ContactWay.NEITHER
    if re.search(r"\b(don'?t|do not|not|no|never)\b.{0,12}\b(call|ring|phone)", text, re.I):
        return ContactWay.TEXT if TEXT.search(text) else ContactWay.NEITHER
    if re.search(r"\b(don'?t|do not|not|no|never)\b.{0,12}\b(text|message)", text, re.I):
        return ContactWay.CALL if CALL.search(text) else ContactWay.NEITHER
    if TEXT.search(text):
        return ContactWay.TEXT
    if CALL.search(text):
        return ContactWay.CALL
    return ContactWay.UNKNOWN


def _asked(state: dict[str, Any]) -> str | None:
    found: str | None = (state.get("safety") or {}).get("asked")
    return found


def _first(heard: Heard) -> str:
    return min(heard.risk_ids, key=lambda risk: URGENCY.index(risk))


def _reply_for(risk: str, heard: Heard) -> str:
    if heard.third_party and risk in {"suicide", "self_harm"}:
        return "crisis_other"
    young = heard.age is not None and heard.age < 18
    if young and risk in {"suicide", "self_harm", "child_at_risk", "sexual_violence"}:
        return f"{risk}_young" if risk != "self_harm" else "suicide_young"
    return risk


def _with_needs(state: dict[str, Any], heard: Heard, text: str) -> list[dict[str, Any]]:
    needs = list(state.get("needs") or [])
    known = {need["id"] for need in needs}
    needs += [{"id": need, "words": text} for need in heard.need_ids if need not in known]
    return needs


def _urgent_ticket(situation: Situation, heard: Heard, text: str) -> Any:
    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        tickets.open_for(
            session,
            conversation,
            why=Why.RISK,
            now=situation.now,
            message_id=message.id,
            urgent=True,
            needs=heard.need_ids,
            risks=heard.risk_ids,
            strengths=heard.strengths,
            barriers=heard.barriers,
            own_words=(text,),
            reply_promised=situation.promise.text,
        )

    return effect


def _add_words(situation: Situation, text: str) -> Any:
    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            tickets.add_event(session, ticket, "resident said", situation.now, text=text)

    return effect
