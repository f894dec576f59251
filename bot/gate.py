"""The risk gate: before consent, STOP, hand-off and Rasa, and without any of them.

It says fixed words, opens an urgent ticket and asks two things only: are you safe, and how
is it safe to reach you. It never closes a conversation and never clears a risk: a person does.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.reading import is_mistake, is_no, is_yes
from hub import people, tickets
from hub.calendar import Promise
from hub.contact_way import contact_way
from hub.conversations import Conversation
from hub.messages import Message, Reply
from hub.people import ContactWay
from hub.tickets import Why
from hub.turns import Answer, Effect
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

# A second risk in the same message gets a line of its own where its help is another.
ALSO = {
    "suicide": "crisis",
    "self_harm": "crisis",
    "domestic_abuse": "abuse",
    "sexual_violence": "sexual_violence",
    "child_at_risk": "child",
    "no_shelter_tonight": "shelter",
    "no_essentials": "essentials",
}
# Below this share of the strongest risk's score another one counts as heard faintly.
FAINT = 0.5
# An old question of ours is not what a new message answers.
QUESTION_HOLDS = timedelta(hours=12)
# "i think he wants to die" is about him, "i want to die" is not.
_NOT_ABOUT_ME = re.compile(
    r"\b(i think|i know|i found|i'?m (worried|scared|afraid)|worried)\b", re.I
)
_ME = re.compile(r"\b(i|i'?m|i'?ve|i'?d|i'?ll|me|myself|my life)\b", re.I)


@dataclass(frozen=True)
class Situation:
    """What the gate may know: the words of the hub, when a person replies, and the time."""

    words: Words
    promise: Promise
    now: datetime
    on_call: bool = False


def must_answer(situation: Situation, state: dict[str, Any], heard: Heard) -> bool:
    """Whether the gate, and nothing else, answers this message.

    A practical risk that was answered before does not keep somebody here: the ticket is urgent
    already, and what they ask for now is for the conversation to find.
    """
    if heard.risks:
        return not practical_again(state, heard) or bool(_asked(situation, state))
    return bool(_asked(situation, state))


def practical_again(state: dict[str, Any], heard: Heard) -> bool:
    """Only risks like "no food today", and all of them answered before."""
    told = set((state.get("safety") or {}).get("told", []))
    return bool(heard.risks) and all(
        risk in PRACTICAL and f"gate.{risk}" in told for risk in heard.risk_ids
    )


def answer(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    """The gate's reply to a message with a risk, or to an answer to its own question.

    `new` adds the first-contact line behind the safety words, never before them.
    """
    asked = _asked(situation, state)
    if asked == "contact" and contact_way(text) is not ContactWay.UNKNOWN:
        known = not heard.risks or _all_told(state, heard)
        if known:
            return _after_contact(situation, state, heard, text)
    if heard.risks:
        return _flagged(situation, state, heard, text, new=new)
    if asked == "safe":
        return _after_safe(situation, state, heard, text)
    return _after_contact(situation, state, heard, text)


def alert(situation: Situation, heard: Heard, text: str) -> Answer:
    """While a worker holds the conversation: the emergency words, and the ticket is raised."""
    risk = _first(heard)
    return Answer(
        replies=situation.words.say(f"gate.{_reply_for(risk, heard, text)}"),
        effects=(raise_ticket(situation, heard, text),),
        urgent=True,
    )


def _flagged(
    situation: Situation, state: dict[str, Any], heard: Heard, text: str, *, new: bool
) -> Answer:
    words, risk = situation.words, _first(heard)
    safety = dict(state.get("safety") or {})
    told = set(safety.get("told", []))
    key = f"gate.{_reply_for(risk, heard, text)}"
    # The same words twice sound like a machine that does not listen: the second time is shorter.
    replies = words.say(f"{key}_again" if key in told else key)
    other = _other(risk, heard)
    if other and f"gate.also_{other}" not in told:
        replies += words.say(f"gate.also_{other}")
        told.add(f"gate.also_{other}")
    if "waiting" not in told:
        line = "gate.on_call" if situation.on_call else "gate.nobody_reading"
        replies += words.say(line, when=situation.promise.text)
    if new:
        replies += words.say("first_contact.short")
    told |= {key, "waiting", *(f"gate.{one}" for one in heard.risk_ids)}
    safety = {
        "asked": "contact" if risk in PRACTICAL else "safe",
        "at": situation.now.isoformat(),
        "told": sorted(told),
        "risks": sorted({*safety.get("risks", []), *heard.risk_ids}),
        "watched": bool(safety.get("watched") or WATCHED & set(heard.risk_ids)),
    }
    kept = {"safety": safety, "first_words": state.get("first_words") or text}
    kept["needs"] = _with_needs(state, heard, text)
    return Answer(
        replies=replies,
        state=kept,
        effects=(raise_ticket(situation, heard, text),),
        urgent=True,
    )


def _after_safe(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    safety = {**state["safety"], "at": situation.now.isoformat(), "asked": "contact"}
    effect = raise_ticket(situation, heard, text)
    if is_mistake(text):
        said, safety["asked"], effect = "gate.glad_ok", None, _add_words(situation, text)
    elif is_yes(text):
        said, effect = "gate.safe_yes", _add_words(situation, text)
    elif is_no(text):
        said = "gate.safe_no"
    else:
        said = "gate.safe_unclear"
    return Answer(
        replies=situation.words.say(said),
        state={"safety": safety, "needs": _with_needs(state, heard, text)},
        effects=(effect,),
        urgent=True,
    )


def _after_contact(situation: Situation, state: dict[str, Any], heard: Heard, text: str) -> Answer:
    safety = {**state["safety"], "at": situation.now.isoformat()}
    way = contact_way(text)
    needs = _with_needs(state, heard, text)
    if way is ContactWay.UNKNOWN and not safety.get("contact_twice"):
        safety["contact_twice"] = True
        return Answer(
            replies=situation.words.say("gate.contact_again"),
            state={"safety": safety, "needs": needs},
            effects=(raise_ticket(situation, heard, text),),
            urgent=True,
        )
    safety |= {"asked": None, "contact_twice": False}
    replies = situation.words.say(f"gate.contact_{way}", when=situation.promise.text)
    if safety.get("watched"):
        replies += situation.words.say("gate.delete_hint")
    stage, more = _what_next(situation, needs)

    def keep(session: Session, conversation: Conversation, message: Message) -> None:
        people.set_safe_contact(
            session, conversation.person_id, way=way, now=situation.now, message_id=message.id
        )

    return Answer(
        replies=replies + more,
        state={"safety": safety, "needs": needs, "stage": stage},
        effects=(keep, raise_ticket(situation, heard, text)),
        urgent=True,
    )


def _what_next(situation: Situation, needs: list[dict[str, Any]]) -> tuple[str, tuple[Reply, ...]]:
    """What was asked for is not forgotten: the first need that was voiced is offered next."""
    words = situation.words
    waiting = next((need["id"] for need in needs if need.get("status", "open") == "open"), None)
    if waiting is None:
        return "returned", words.say("gate.still_here")
    name = words.text(f"need_names.{waiting}")
    return "next_need", words.say("next_need.ask", need=name)


def _asked(situation: Situation, state: dict[str, Any]) -> str | None:
    safety = state.get("safety") or {}
    at = safety.get("at")
    if at and situation.now - datetime.fromisoformat(at) > QUESTION_HOLDS:
        return None
    found: str | None = safety.get("asked")
    return found


def _spoken(heard: Heard) -> list[str]:
    """The risks that are spoken to, most pressing first. All of them stand on the ticket.

    A frightened person is not sent six helplines for one sentence: a risk that was heard only
    faintly, beside one that was heard plainly, is left to the worker.
    """
    strongest = max(risk.score for risk in heard.risks)
    plain = [risk.id for risk in heard.risks if risk.score >= FAINT * strongest]
    return sorted(plain, key=URGENCY.index)


def _first(heard: Heard) -> str:
    return _spoken(heard)[0]


def _other(first: str, heard: Heard) -> str | None:
    """One more kind of help, where a second risk was heard as plainly."""
    kinds = [ALSO[risk] for risk in _spoken(heard) if risk in ALSO]
    return next((kind for kind in kinds if kind != ALSO.get(first)), None)


def _all_told(state: dict[str, Any], heard: Heard) -> bool:
    told = set((state.get("safety") or {}).get("told", []))
    return all(f"gate.{risk}" in told for risk in heard.risk_ids)


def _reply_for(risk: str, heard: Heard, text: str) -> str:
    if risk in {"suicide", "self_harm"} and heard.third_party and not _about_me(risk, heard, text):
        return "crisis_other"
    young = heard.age is not None and heard.age < 18
    if young and risk in {"suicide", "self_harm", "child_at_risk", "sexual_violence"}:
        return f"{risk}_young" if risk != "self_harm" else "suicide_young"
    return risk


def _about_me(risk: str, heard: Heard, text: str) -> bool:
    """Whether the words of the risk stand in a clause with "I" or "me"."""
    found = next(one for one in heard.risks if one.id == risk)
    for clause in re.split(r"[,.;!?\n]|\b(?:but|and|so|because)\b", text):
        frightening = not found.words or any(w.lower() in clause.lower() for w in found.words)
        if frightening and _ME.search(_NOT_ABOUT_ME.sub("", clause)):
            return True
    return False


def _with_needs(state: dict[str, Any], heard: Heard, text: str) -> list[dict[str, Any]]:
    needs = list(state.get("needs") or [])
    known = {need["id"] for need in needs}
    needs += [
        {"id": need, "words": text, "status": "open"}
        for need in heard.need_ids
        if need not in known
    ]
    return needs


def raise_ticket(situation: Situation, heard: Heard, text: str) -> Effect:
    """An urgent ticket, or the one that is open made urgent: nobody has seen this yet."""

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


def _add_words(situation: Situation, text: str) -> Effect:
    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            tickets.add_event(session, ticket, "resident said", situation.now, text=text)

    return effect
