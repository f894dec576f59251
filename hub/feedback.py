"""What residents say about the hub, what was decided, and whether they were told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub import messages, writing_first
from hub.conversations import Conversation
from hub.crypto import Sealed
from hub.database import Base, UtcDateTime
from hub.errors import BadInput, NotAllowed, NotSafe, StaleEdit
from hub.messages import Author
from hub.people import User
from hub.profile import Profile
from hub.tickets import Ticket
from hub.words import Words

MAX_WORDS = 2_000
# "You said ... we did ..." is one text of two parts at most.
MAX_SAID = 80
MAX_DID = 160
AT_MOST = 200


class Feedback(Base):
    """One piece of feedback in free words. `told_id` is the message that told them the outcome."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_hub_id_at", "hub_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    words: Mapped[str] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(Sealed)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    conversation: Mapped[Conversation] = relationship()
    decided_by: Mapped[User | None] = relationship()


def log(
    session: Session,
    conversation: Conversation,
    words: str,
    now: datetime,
    ticket_id: int | None = None,
) -> Feedback:
    """Keep what somebody said about the hub, in their words."""
    made = Feedback(
        hub_id=conversation.hub_id,
        person_id=conversation.person_id,
        conversation_id=conversation.id,
        ticket_id=ticket_id,
        words=words.strip()[:MAX_WORDS],
        at=now,
    )
    session.add(made)
    session.flush()
    return made


def listed(session: Session, user: User) -> list[Feedback]:
    """The hub's feedback: what nobody decided on first, then the newest."""
    return list(
        session.scalars(
            select(Feedback)
            .where(Feedback.hub_id == user.hub_id)
            .order_by(Feedback.decided_at.is_not(None), Feedback.at.desc(), Feedback.id.desc())
            .limit(AT_MOST)
        )
    )


def find(session: Session, user: User, feedback_id: int) -> Feedback:
    """One piece of feedback of the user's hub, locked. Raises NotAllowed for any other."""
    found = session.scalar(
        select(Feedback)
        .where(Feedback.id == feedback_id, Feedback.hub_id == user.hub_id)
        .with_for_update()
    )
    if found is None:
        raise NotAllowed("There is no such feedback at your hub.")
    return found


def decide(session: Session, row: Feedback, user: User, decision: str, now: datetime) -> None:
    """Write down what was done with it. It can be changed until they were told."""
    if row.told_at is not None:
        raise StaleEdit("They were told already. What they were told stays as it is.")
    if not decision.strip():
        raise BadInput("Write down what was done first.")
    if len(decision) > MAX_WORDS:
        raise BadInput(f"That can have {MAX_WORDS:,} characters.")
    row.decision, row.decided_by_id, row.decided_at = decision.strip(), user.id, now


def tell(
    session: Session,
    row: Feedback,
    user: User,
    *,
    said: str,
    did: str,
    words: Words,
    profile: Profile,
    now: datetime,
) -> datetime:
    """Tell them what was done: "You said ..., this is what we did ...". When it goes out.

    Only by a way that is safe, at a safe time. What they said is left out where a risk was ever
    heard: somebody else may read the phone. Raises NotSafe where they may not be written to.
    """
    said, did = " ".join(said.split()), " ".join(did.split())
    if row.told_at is not None:
        raise StaleEdit("They were told already.")
    if not did:
        raise BadInput("Write what was done, in one plain sentence.")
    if len(said) > MAX_SAID or len(did) > MAX_DID:
        raise BadInput(f"Keep it short: {MAX_SAID} characters for them, {MAX_DID} for us.")
    may = writing_first.verdict(session, row.conversation, profile, now, held_is_fine=True)
    if may.at is None:
        raise NotSafe(may.reason)
    quiet = not said or at_risk(session, row)
    (reply,) = words.say("feedback.told_quiet" if quiet else "feedback.told", said=said, did=did)
    message = messages.queue_reply(
        session,
        row.conversation,
        reply,
        author=Author.STAFF,
        user_id=user.id,
        now=now,
        not_before=None if may.now(now) else may.at,
    )
    row.decision = row.decision or did
    row.decided_by_id, row.decided_at = row.decided_by_id or user.id, row.decided_at or now
    row.told_id, row.told_at = message.id, now
    return may.at


def at_risk(session: Session, row: Feedback) -> bool:
    """Whether a risk was ever heard from this person."""
    safety = row.conversation.state.get("safety") or {}
    risks = session.scalars(select(Ticket.risks).where(Ticket.person_id == row.person_id))
    return bool(safety.get("risks")) or any(risks)
