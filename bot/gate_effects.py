"""What the gate writes: an urgent ticket with the whole story, and how it is safe to be reached."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub import people, tickets
from hub.calendar import Promise
from hub.conversations import Conversation
from hub.messages import Message
from hub.people import ContactWay
from hub.tickets import Why
from hub.turns import Effect
from nlu.heard import Heard

Needs = list[dict[str, Any]]

# A need that is the danger itself is for the worker: nobody who told of a rape is asked whether
# they would like to look at "crime and trouble nearby". Said again later, it is a need again.
WITH_PERSON = "with_person"
PART_OF_IT = {
    "suicide": {"mental_health"},
    "self_harm": {"mental_health"},
    "overdose_medical": {"physical_health", "mental_health", "addiction"},
    "violence_now": {"crime_asb", "domestic_abuse", "family", "mental_health"},
    "harm_to_others": {"crime_asb", "mental_health", "family", "domestic_abuse"},
    "sexual_violence": {"crime_asb", "domestic_abuse", "mental_health", "family"},
    "child_at_risk": {"family", "domestic_abuse", "crime_asb", "caring", "mental_health"},
    "domestic_abuse": {"domestic_abuse", "family", "crime_asb", "mental_health"},
    "adult_at_risk": {"caring", "domestic_abuse", "crime_asb", "family", "disability"},
}
PENDING = ("open", "heard")


def with_needs(state: dict[str, Any], heard: Heard, text: str) -> Needs:
    """The needs of the conversation and those that are new by this message."""
    needs = list(state.get("needs") or [])
    known = {need["id"] for need in needs}
    apart = set().union(*(PART_OF_IT.get(risk, set()) for risk in heard.risk_ids))
    return needs + [
        {"id": need, "words": text, "status": WITH_PERSON if need in apart else "open"}
        for need in heard.need_ids
        if need not in known
    ]


def pending(needs: Needs) -> str | None:
    """The need that is looked at next, as the dialogue would: the confirmed ones come first."""
    ids = (n["id"] for one in PENDING for n in needs if n.get("status", "open") == one)
    return next(ids, None)


def raise_ticket(
    heard: Heard,
    text: str,
    promise: Promise,
    now: datetime,
    *,
    state: dict[str, Any] | None = None,
    someone_else: bool = False,
) -> Effect:
    """An urgent ticket, or the one that is open made urgent: nobody has seen this yet.

    What was said before is on it too, so that whoever picks it up knows the story.
    """
    before = state or {}
    told = tuple(need["id"] for need in before.get("needs") or ())
    first = before.get("first_words") or ""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_for(
            session,
            conversation,
            why=Why.RISK,
            now=now,
            message_id=message.id,
            urgent=True,
            needs=tuple(dict.fromkeys((*told, *heard.need_ids))),
            risks=heard.risk_ids,
            strengths=heard.strengths,
            barriers=heard.barriers,
            own_words=tuple(dict.fromkeys(filter(None, (first, text)))),
            good_life=before.get("good_life") or None,
            reply_promised=promise.text,
        )
        if someone_else:
            tickets.add_event(session, ticket, "third party", now)

    return effect


def add_words(heard: Heard, text: str, promise: Promise, now: datetime) -> Effect:
    """An answer to one of our questions: into the trail of the ticket, word for word."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is None:
            raise_ticket(heard, text, promise, now)(session, conversation, message)
            return
        tickets.add_event(session, ticket, "resident said", now, text=text)
        ticket.needs = list(dict.fromkeys((*ticket.needs, *heard.need_ids)))
        ticket.updated_at = now
        ticket.version += 1

    return effect


def keep_contact(way: ContactWay, now: datetime) -> Effect:
    """How it is safe to reach them, for whoever calls or writes."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        people.set_safe_contact(
            session, conversation.person_id, way=way, now=now, message_id=message.id
        )
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            tickets.add_event(session, ticket, "safe contact", now, text=str(way))

    return effect


def asked_to_erase(now: datetime) -> Effect:
    """DELETE in the middle of a danger: a person decides, and the trail says what was asked."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            tickets.add_event(session, ticket, "asked to be deleted", now)
            ticket.updated_at = now

    return effect
