"""May we write to somebody first, and when? A follow-up, and news of what became of feedback.

Only by a way that they said is safe, at a time that they said is safe, outside quiet hours, and
never while a person or the risk gate is talking with them. In doubt: no.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import links, pauses, safe_times, suppressions
from hub.conversations import Conversation, HeldBy
from hub.people import Channel, ContactWay
from hub.profile import Profile
from hub.tickets import Ticket

# A talk that is this fresh is not interrupted.
UNDER_WAY = timedelta(hours=12)
WINDOW = timedelta(hours=24)
LATER = timedelta(days=1)
SOON = timedelta(minutes=2)


@dataclass(frozen=True)
class Verdict:
    """Yes (`at` is now), later (`at`), or never (`at` is None), and why, in words for staff."""

    at: datetime | None
    reason: str = ""

    def now(self, now: datetime) -> bool:
        """Whether it may be done now."""
        return self.at is not None and self.at <= now


def verdict(
    session: Session,
    conversation: Conversation,
    profile: Profile,
    now: datetime,
    *,
    held_is_fine: bool = False,
) -> Verdict:
    """Whether a text that is not an answer may go out. `held_is_fine`: a worker sends it."""
    refused = _never(session, conversation, now)
    if refused:
        return Verdict(None, refused)
    if not held_is_fine:
        wait = _not_now(session, conversation, now)
        if wait is not None:
            return wait
    safe = conversation.person.safe_contact
    times = safe_times.safe_times(safe.times if safe else None)
    if times is None:
        return Verdict(None, "They said when it is safe in words only a person can read.")
    at = safe_times.next_moment(now, profile.zone, profile.quiet_hours, times)
    if at is None:
        return Verdict(None, "The times they said are safe are all in our quiet hours.")
    return Verdict(at, "" if at <= now else "It waits for a time that is safe for them.")


def _never(session: Session, conversation: Conversation, now: datetime) -> str:
    address, safe = conversation.address, conversation.person.safe_contact
    way = ContactWay(safe.way) if safe else ContactWay.UNKNOWN
    if address.opted_out_at is not None:
        return "They asked for no more messages."
    if suppressions.forbids(session, address):
        return "They asked to be deleted."
    if way == ContactWay.CALL:
        return "They said only a call is safe. Please ring them yourself."
    if way == ContactWay.NEITHER:
        return "They said neither a call nor a text is safe."
    if safe is None or way == ContactWay.UNKNOWN:
        return "We do not know what is safe for them."
    if _risk_since(conversation, safe.updated_at):
        return "A risk was heard and they were not asked since what is safe."
    if links.hushed_elsewhere(session, conversation.person_id):
        return "They said on another phone or app that nobody should contact them."
    if address.channel == Channel.WHATSAPP:
        last = address.last_inbound_at
        if last is None or now - last >= WINDOW:
            return "WhatsApp allows no free text 24 hours after their last message."
    return ""


def _not_now(session: Session, conversation: Conversation, now: datetime) -> Verdict | None:
    safety = conversation.state.get("safety") or {}
    if safety.get("asked"):
        return Verdict(now + LATER, "A question about their safety is still open.")
    if pauses.stands(session, conversation.hub_id, conversation.address.channel):
        return Verdict(now + LATER, "The assistant is paused on this channel.")
    if conversation.held_by == HeldBy.PERSON:
        return Verdict(now + LATER, "A person is talking with them.")
    still_open = select(Ticket.id).where(
        Ticket.person_id == conversation.person_id, Ticket.closed_at.is_(None)
    )
    if conversation.held_by == HeldBy.WAITING or session.scalar(still_open.limit(1)):
        return Verdict(now + LATER, "They have an open ticket.")
    leased = conversation.lease_until is not None and conversation.lease_until > now
    if leased or conversation.last_seq > conversation.done_seq:
        return Verdict(now + SOON, "They have just written.")
    last = conversation.address.last_inbound_at
    if last is not None and now - last < UNDER_WAY:
        return Verdict(last + UNDER_WAY, "They have just written.")
    return None


def _risk_since(conversation: Conversation, asked_at: datetime) -> bool:
    """Whether the gate heard a risk after the safe way was last asked."""
    safety = conversation.state.get("safety") or {}
    return bool(safety.get("risks")) and datetime.fromisoformat(safety["at"]) > asked_at
