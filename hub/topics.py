"""What nobody meets, and who came for what. Counts of people; small numbers are suppressed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hub.conversations import Conversation
from hub.database import Base, UtcDateTime
from hub.messages import Message

WINDOW = timedelta(days=30)


class Unmet(StrEnum):
    """Why a need was not met. One reason for each unmet need."""

    NO_SERVICE = "no_service"
    INELIGIBLE = "ineligible"
    FULL = "full"
    CLOSED_THEN = "closed_then"
    TOO_FAR = "too_far"
    COST = "cost"
    ACCESS = "access"
    DECLINED = "declined"
    NO_REPLY = "no_reply"


class UnmetNeed(Base):
    """One person, one need, thirty days, one reason."""

    __tablename__ = "unmet_needs"
    __table_args__ = (Index("ix_unmet_needs_hub_id_at", "hub_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    need: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    reviewed: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Contact(Base):
    """One person on one day: what the hub's published reports count.

    `need` is the main reason, the first need that was heard that day. `first` marks the day
    a person was new. `ward` is a copy, so that a report does not change when somebody moves.
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("person_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    day: Mapped[date] = mapped_column(Date)
    need: Mapped[str | None] = mapped_column(String(40))
    ward: Mapped[str | None] = mapped_column(String(100))
    first: Mapped[bool] = mapped_column(default=False)


def record_unmet(
    session: Session,
    hub_id: str,
    person_id: int,
    need: str,
    reason: Unmet,
    now: datetime,
    message_id: int | None = None,
) -> UnmetNeed:
    """Count an unmet need, once for each person and need in thirty days. The last reason holds."""
    found = session.scalar(
        select(UnmetNeed).where(
            UnmetNeed.person_id == person_id, UnmetNeed.need == need, UnmetNeed.at > now - WINDOW
        )
    )
    if found is not None:
        found.reason = reason
        return found
    made = UnmetNeed(
        hub_id=hub_id,
        person_id=person_id,
        need=need,
        reason=reason,
        message_id=message_id,
        at=now,
        reviewed=False,
    )
    session.add(made)
    return made


def keep_heard(
    heard: dict[str, Any], today: date, age: int | None = None
) -> Callable[[Session, Conversation, Message], None]:
    """An effect of a turn (`hub/turns.py`): keep what was heard, and count the person's day.

    `heard` is what `goodhelp hear` prints.
    """

    def effect(session: Session, conversation: Conversation, message: Message) -> None:
        message.heard = heard
        person = conversation.person
        if age is not None:
            person.age = age
        record_contact(
            session,
            conversation.hub_id,
            person.id,
            today,
            need=next((need["id"] for need in heard.get("needs", [])), None),
            ward=person.ward,
        )

    return effect


def record_contact(
    session: Session,
    hub_id: str,
    person_id: int,
    day: date,
    *,
    need: str | None = None,
    ward: str | None = None,
) -> Contact:
    """Count a person's day. A need or ward that becomes known later that day is filled in."""
    found = session.scalar(
        select(Contact).where(Contact.person_id == person_id, Contact.day == day)
    )
    if found is None:
        before = session.scalar(select(Contact.id).where(Contact.person_id == person_id).limit(1))
        found = Contact(hub_id=hub_id, person_id=person_id, day=day, first=before is None)
        session.add(found)
    found.need = found.need or need
    found.ward = found.ward or ward
    session.flush()
    return found
