"""The warm introduction: exact words, consent, safe contact, and the ticket a person works from."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import asking, easing, plain
from actions.state import NeedStatus, State
from actions.step import Step
from actions.turn import Turn
from hub import people, tickets
from hub.conversations import Conversation
from hub.messages import Message, Reply
from hub.people import Consent, ContactWay
from hub.tickets import Why
from hub.turns import Effect

OWN_WORDS = 90
OWN_WORDS_LEAST = 20
SHARED_AT_MOST = 190
_NOT_CALLING = re.compile(
    r"\b(don'?t|do not|not|never|no|can'?t|stop|without|rather you didn'?t)\b[^.,;!?]{0,25}"
    r"\b(call|calls|calling|ring|ringing|phone|phoning|text|message|contact)\b",
    re.I,
)
_ABOUT_THE_WORDS = re.compile(
    r"\b(say|saying|mention|put|leave (out|that)|take out|(the|that) (bit|part)|not the last|"
    r"word)\b",
    re.I,
)


def share_words(turn: Turn, state: State) -> str:
    """What would be passed on, word for word, for the need at hand."""
    need = turn.words.text(f"need_names.{state.current}")
    key = "share.someone_else" if state.third_party else "share.need"
    asked = (turn.words.text(key, need=need), *easing.shared(turn, state))
    room = min(
        OWN_WORDS,
        SHARED_AT_MOST - len(" ".join(asked)) - len(turn.words.text("share.own_words", words="")),
    )
    own = plain.quote(state.words_for(state.current), room) if room >= OWN_WORDS_LEAST else ""
    if own and not state.third_party:
        asked = (asked[0], turn.words.text("share.own_words", words=own), *asked[1:])
    return plain.clipped(" ".join(asked), SHARED_AT_MOST)


def ask_consent(turn: Turn, step: Step) -> Step:
    """Show the exact words and the recipient, and ask."""
    return step.but(stage="consent").say(*asking.consent_words(turn, step.state))


def asks_for_no_call(text: str) -> bool:
    """ "Don't ring me", in any words. A wrong guess here rings a phone."""
    return bool(_NOT_CALLING.search(text))


def about_the_words(text: str) -> bool:
    """Whether a no is a no to these words: "I'd rather you didn't say I've no money"."""
    return bool(_ABOUT_THE_WORDS.search(text))


def ask_contact_way(turn: Turn, step: Step) -> Step:
    """Ask how it is safe to reach the person."""
    return step.but(stage="contact_way").say(*turn.say("contact_way.ask"))


def agreed(turn: Turn, state: State) -> Effect:
    """Open the ticket and record the consent in one transaction.

    The ticket is opened now and not after the last question: somebody who falls silent in
    between is not lost. Staff see that the safe way to reach them is not known yet.
    """

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_for(
            session,
            conversation,
            why=Why.THIRD_PARTY if state.third_party else Why.INTRODUCTION,
            now=turn.now,
            message_id=message.id,
            needs=live_needs(state),
            strengths=state.strengths,
            barriers=state.barriers,
            own_words=own_words(state),
            good_life=state.good_life or None,
            service_id=state.chosen["service_id"] if state.chosen else None,
            service_name=state.chosen["name"] if state.chosen else None,
            share_words=state.share_words,
            reply_promised=turn.promise.text,
        )
        people.give_consent(
            session,
            conversation.person_id,
            recipient=asking.recipient(state),
            words=state.share_words,
            message_id=message.id,
            now=turn.now,
            ticket_id=ticket.id,
        )
        easing.on_the_ticket(session, ticket, state, turn.now)

    return effect


def call_a_person(turn: Turn, state: State, why: Why) -> Effect:
    """Open a ticket for a person to answer, or add to the one that is open."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        ticket = tickets.open_for(
            session,
            conversation,
            why=Why.THIRD_PARTY if state.third_party else why,
            now=turn.now,
            message_id=message.id,
            needs=live_needs(state),
            strengths=state.strengths,
            barriers=state.barriers,
            own_words=own_words(state) or ((turn.text,) if turn.text else ()),
            good_life=state.good_life or None,
            reply_promised=turn.promise.text,
        )
        easing.on_the_ticket(session, ticket, state, turn.now)

    return effect


def keep_contact(turn: Turn, way: ContactWay, times: str | None = None) -> Effect:
    """Keep how and when it is safe to reach the person, and tell whoever holds the ticket."""
    now: datetime = turn.now

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        people.set_safe_contact(
            session,
            conversation.person_id,
            way=way,
            now=now,
            times=times,
            message_id=message.id,
        )
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            said = f"{way}: {times}" if times else str(way)
            tickets.add_event(session, ticket, "safe contact", now, text=said)
            ticket.updated_at = now

    return effect


def withdraw(turn: Turn) -> Effect:
    """Withdraw every consent; nothing may be passed on from the open ticket any more."""

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        people.withdraw_consent(session, conversation.person_id, turn.now)
        ticket = tickets.open_ticket(session, conversation.person_id)
        if ticket is not None:
            ticket.share_words = None
            ticket.updated_at = turn.now
            ticket.version += 1
            tickets.add_event(session, ticket, "consent withdrawn", turn.now)

    return effect


def promised(turn: Turn, way: ContactWay) -> tuple[Reply, ...]:
    """When a person will be in touch, by the way that was said to be safe."""
    venue = turn.office.profile.venue
    return turn.say(
        f"promise.by_{way}", when=turn.promise.text, venue=f"{venue.name}, {venue.address}"
    )


def finish(turn: Turn, step: Step) -> Step:
    """The introduction is arranged: on to the next need."""
    current = step.state.current
    moved = step.state.mark((current,), NeedStatus.MET) if current else step.state
    return asking.next_need(turn, Step(moved, step.replies, step.effects))


def live_needs(state: State) -> tuple[str, ...]:
    """Every need that was voiced and not taken back."""
    return tuple(need["id"] for need in state.needs if need["status"] != NeedStatus.DROPPED)


def own_words(state: State) -> tuple[str, ...]:
    """What was said, in their words: the first text, then what voiced each need."""
    said = (need["words"] for need in state.needs if need["status"] != NeedStatus.DROPPED)
    return tuple(dict.fromkeys(filter(None, (state.first_words, *said))))


def has_consent(turn: Turn) -> bool:
    """Whether a consent of this person stands."""
    with turn.office.database.reading() as session:
        standing = select(Consent.id).where(
            Consent.person_id == turn.person_id, Consent.withdrawn_at.is_(None)
        )
        return session.scalar(standing.limit(1)) is not None
