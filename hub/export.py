"""Everything we hold about one person, to hand over to them: plain values, ready for JSON."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import holds, messages
from hub.conversations import Conversation
from hub.errors import BadInput
from hub.feedback import Feedback
from hub.follow_ups import FollowUp
from hub.messages import Direction
from hub.people import Address, Consent, Person, Reach, SafeContact, blind
from hub.tickets import Ticket
from hub.topics import Contact, UnmetNeed


def find(session: Session, hub_id: str, reach: Reach) -> Person:
    """The person who writes from a number. Raises BadInput where nobody does."""
    address = session.scalar(
        select(Address).where(
            Address.hub_id == hub_id,
            Address.channel == reach.channel,
            Address.lookup == blind(session, reach.value),
        )
    )
    if address is None:
        raise BadInput(f"nobody has written to this hub from that {reach.channel} number")
    return address.person


def everything(session: Session, person: Person, now: datetime) -> dict[str, Any]:
    """All of it, by kind. Staff notes are theirs too: read it through before handing it over."""

    def mine(kind: Any) -> Any:
        return session.scalars(
            select(kind).where(kind.person_id == person.id).order_by(*kind.__table__.primary_key)
        )

    talks = list(mine(Conversation))
    safe = session.get(SafeContact, person.id)
    return {
        "made_at": _at(now),
        "hub": person.hub_id,
        "person": {
            "number": person.id,
            "name": person.name,
            "age": person.age,
            "postcode_district": person.outcode,
            "ward": person.ward,
            "language": person.language,
            "strengths": person.strengths,
            "barriers": person.barriers,
            "first_wrote": _at(person.created_at),
        },
        "ways_to_reach_you": [_address(row) for row in mine(Address)],
        "safe_contact": _safe(safe) if safe else None,
        "messages": [_message(row) for talk in talks for row in _transcript(session, talk)],
        "what_the_assistant_remembers": [dict(talk.state) for talk in talks],
        "tickets": [_ticket(session, row) for row in mine(Ticket)],
        "consents": [_consent(row) for row in mine(Consent)],
        "follow_ups": [_follow_up(row) for row in mine(FollowUp)],
        "feedback": [_feedback(row) for row in mine(Feedback)],
        "days_you_were_in_touch": [_contact(row) for row in mine(Contact)],
        "needs_nothing_was_found_for": [_unmet(row) for row in mine(UnmetNeed)],
    }


def _transcript(session: Session, talk: Conversation) -> list[messages.Message]:
    return messages.transcript(session, talk.id)


def _address(row: Address) -> dict[str, Any]:
    return {
        "channel": row.channel,
        "number": row.value,
        "name_you_use_there": row.profile_name,
        "asked_us_to_stop": _at(row.opted_out_at),
        "last_wrote": _at(row.last_inbound_at),
    }


def _safe(row: SafeContact) -> dict[str, Any]:
    return {
        "way": row.way,
        "times": row.times,
        "voicemail": row.voicemail,
        "code_word": row.code_word,
        "said": _at(row.updated_at),
    }


def _message(row: messages.Message) -> dict[str, Any]:
    return {
        "at": _at(row.created_at),
        "from": "you" if row.direction == Direction.IN else row.author,
        "text": row.text,
        "text_after_you_changed_it": row.edited_text,
        "deleted_on_your_phone": _at(row.deleted_at),
        "options": row.options,
        "attachments": len(row.media),
        "status": row.status,
        "what_the_computer_heard": row.heard,
    }


def _ticket(session: Session, row: Ticket) -> dict[str, Any]:
    hold = holds.of(session, row)
    return {
        "number": row.id,
        "opened": _at(row.created_at),
        "closed": _at(row.closed_at),
        "why": row.why,
        "status": row.status,
        "urgent": row.urgent,
        "needs": row.needs,
        "risks": row.risks,
        "strengths": row.strengths,
        "barriers": row.barriers,
        "in_your_words": row.own_words,
        "good_life": row.good_life,
        "service": row.service_name,
        "words_that_may_be_shared": row.share_words,
        "told_when_a_person_replies": row.reply_promised,
        "level_of_help": row.level,
        "kept_for_safeguarding_since": _at(hold.at) if hold else None,
        "what_happened": [
            {
                "at": _at(event.at),
                "what": event.kind,
                "by": event.user.name if event.user else None,
                "text": event.text,
            }
            for event in row.events
        ],
    }


def _consent(row: Consent) -> dict[str, Any]:
    return {
        "shared_with": row.recipient,
        "exact_words": row.words,
        "given": _at(row.given_at),
        "withdrawn": _at(row.withdrawn_at),
    }


def _follow_up(row: FollowUp) -> dict[str, Any]:
    return {
        "asked": _at(row.asked_at),
        "did_you_meet": row.name,
        "answer": row.answer,
        "useful_from_1_to_10": row.usefulness,
        "other_answers": row.outcomes,
    }


def _feedback(row: Feedback) -> dict[str, Any]:
    return {"at": _at(row.at), "words": row.words, "decision": row.decision}


def _contact(row: Contact) -> dict[str, Any]:
    return {"day": row.day.isoformat(), "main_reason": row.need, "ward": row.ward}


def _unmet(row: UnmetNeed) -> dict[str, Any]:
    return {"at": _at(row.at), "need": row.need, "reason": row.reason}


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
