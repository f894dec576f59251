"""Staff's corrections: an overlay over a feed's record that outlasts every reading.

The feed's own value stays in the record beside it. A correction ends when somebody takes it back,
when a newer one replaces it, or when the feed says the same.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.database import Base, UtcDateTime
from hub.errors import BadInput, NotAllowed, StaleEdit
from hub.people import User
from hub.services import Schedule, Service

# A feed that says a service is over needs no correction.
OVER = ("inactive", "defunct", "temporarily closed")
AT_MOST = {"phone": 60, "email": 320, "url": 2000, "times": 300, "note": 1000, "closed": 300}
PHONE = re.compile(r"^\+?[\d\s().-]{3,25}\d(\s*(ext|extension|x)\.?\s*\d{1,6})?$", re.IGNORECASE)
EMAIL = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]{2,}$")
WEB = re.compile(r"^https?://[^\s/?#.]+(\.[^\s/?#.]+)+([/?#]\S*)?$", re.IGNORECASE)


class Field(StrEnum):
    """What can be corrected. `times` are in words; `closed` means: offer it no more."""

    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    TIMES = "times"
    NOTE = "note"
    CLOSED = "closed"


class End(StrEnum):
    """Why a correction holds no longer."""

    TAKEN_BACK = "taken_back"
    REPLACED = "replaced"
    FEED_AGREES = "feed_agrees"


class Correction(Base):
    """What a member of staff knows better. `before` is what the feed said then."""

    __tablename__ = "service_corrections"
    __table_args__ = (Index("ix_service_corrections_hub_id_at", "hub_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    service_key: Mapped[int] = mapped_column(
        ForeignKey("services.key", ondelete="CASCADE"), index=True
    )
    field: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[str | None] = mapped_column(String(20))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    service: Mapped[Service] = relationship()
    by: Mapped[User] = relationship(foreign_keys=by_id)
    ended_by: Mapped[User | None] = relationship(foreign_keys=ended_by_id)


def correct(
    session: Session, service: Service, user: User, field: str, value: str, now: datetime
) -> Correction:
    """Keep what a member of staff knows better. Raises BadInput, NotAllowed.

    A newer correction of the same field stands in the place of the older.
    """
    if service.hub_id != user.hub_id:
        raise NotAllowed("This service belongs to another hub.")
    found = _checked(field, value)
    before = fed(service, found[0])
    if same(found[0], found[1], before):
        raise BadInput("That is what the record says already.")
    for old in live(session, [service.key]):
        if old.field == found[0]:
            _end(old, End.REPLACED, now, user)
    made = Correction(
        hub_id=service.hub_id,
        service_key=service.key,
        field=found[0],
        value=found[1],
        before=before,
        by_id=user.id,
        at=now,
    )
    session.add(made)
    _touch(service, now)
    session.flush()
    return made


def take_back(session: Session, correction_id: int, user: User, now: datetime) -> Correction:
    """The feed's own value holds again. Raises NotAllowed, StaleEdit."""
    row = session.get(Correction, correction_id, with_for_update=True)
    if row is None or row.hub_id != user.hub_id:
        raise NotAllowed("There is no such correction at your hub.")
    if row.ended_at is not None:
        raise StaleEdit("This correction holds no longer. Please look at the page again.")
    _end(row, End.TAKEN_BACK, now, user)
    _touch(row.service, now)
    return row


def settle(session: Session, hub_id: str, feed_id: str, now: datetime) -> int:
    """After a reading: what the feed now says itself falls away; how many corrections."""
    rows = session.scalars(
        select(Correction)
        .join(Service, Service.key == Correction.service_key)
        .where(
            Correction.hub_id == hub_id,
            Correction.ended_at.is_(None),
            Service.feed_id == feed_id,
        )
    ).all()
    settled = 0
    for row in rows:
        if same(Field(row.field), row.value, fed(row.service, Field(row.field))):
            _end(row, End.FEED_AGREES, now)
            settled += 1
    return settled


def live(session: Session, keys: Sequence[int]) -> list[Correction]:
    """The corrections that hold for some services, oldest first."""
    if not keys:
        return []
    return list(
        session.scalars(
            select(Correction)
            .where(Correction.service_key.in_(keys), Correction.ended_at.is_(None))
            .order_by(Correction.id)
        )
    )


def of_service(session: Session, service: Service) -> list[Correction]:
    """Every correction of one service, the newest first."""
    return list(
        session.scalars(
            select(Correction)
            .where(Correction.service_key == service.key)
            .order_by(Correction.id.desc())
        )
    )


def of_hub(session: Session, hub_id: str, since: datetime, feed_id: str = "") -> list[Correction]:
    """What holds, and what fell away since a moment because its feed says the same; newest first.

    With `feed_id` only those of one feed.
    """
    wanted = (
        select(Correction)
        .join(Service, Service.key == Correction.service_key)
        .where(
            Correction.hub_id == hub_id,
            Correction.ended_at.is_(None)
            | ((Correction.ending == End.FEED_AGREES) & (Correction.ended_at >= since)),
        )
        .order_by(Correction.ended_at.is_not(None), Correction.id.desc())
    )
    if feed_id:
        wanted = wanted.where(Service.feed_id == feed_id)
    return list(session.scalars(wanted))


def closed_keys(session: Session, hub_id: str) -> set[int]:
    """The keys of services that staff say are to be offered no more."""
    return set(
        session.scalars(
            select(Correction.service_key).where(
                Correction.hub_id == hub_id,
                Correction.field == Field.CLOSED,
                Correction.ended_at.is_(None),
            )
        )
    )


def fed(service: Service, field: Field) -> str:
    """What the feed itself says now; empty where it says nothing."""
    if field == Field.PHONE:
        return next((p.number for p in service.phones if p.type.lower() not in _NOT_VOICE), "")
    if field == Field.EMAIL:
        return service.email or next((c.email for c in service.contacts if c.email), "") or ""
    if field == Field.URL:
        return service.url or ""
    if field == Field.TIMES:
        return "; ".join(dict.fromkeys(_spoken(row) for row in service.schedules))
    if field == Field.CLOSED:
        over = service.withdrawn_at is not None or service.status in OVER
        return "closed" if over else ""
    return ""


def same(field: Field, ours: str, theirs: str) -> bool:
    """Whether a feed says what we say, however it is written. A note never ends by itself."""
    if field == Field.NOTE:
        return False
    if field == Field.CLOSED:
        return bool(theirs)
    if field == Field.PHONE:
        return bool(theirs) and _digits(ours) == _digits(theirs)
    if field == Field.URL:
        return _bare(ours) == _bare(theirs)
    return bool(theirs) and " ".join(ours.lower().split()) == " ".join(theirs.lower().split())


_NOT_VOICE = ("text", "sms", "fax")


def _checked(field: str, value: str) -> tuple[Field, str]:
    if field not in set(Field):
        raise BadInput("Choose what to correct.")
    kind, said = Field(field), " ".join(value.split())
    if kind == Field.CLOSED:
        return kind, said[: AT_MOST[kind]] or "closed"
    if not said:
        raise BadInput("Write what is right. To go back to the feed's own, take it back.")
    if len(said) > AT_MOST[kind]:
        raise BadInput(f"That can have {AT_MOST[kind]} characters.")
    if kind == Field.PHONE and not PHONE.match(said):
        raise BadInput("That is no phone number. Write it as 0151 496 0000.")
    if kind == Field.EMAIL and not EMAIL.match(said):
        raise BadInput("That is no e-mail address. Write it as name@example.org.")
    if kind == Field.URL:
        said = said if "://" in said else f"https://{said}"
        if not WEB.match(said):
            raise BadInput("That is no web address. Write it as https://www.example.org.")
    return kind, said


def _end(row: Correction, end: End, now: datetime, user: User | None = None) -> None:
    row.ending, row.ended_at, row.ended_by_id = end, now, user.id if user else None


def _touch(service: Service, now: datetime) -> None:
    # Matching looks at this to see that the directory changed.
    service.updated_at = max(now, service.updated_at + timedelta(microseconds=1))


def _digits(number: str) -> str:
    return re.sub(r"^(?:00)?44", "", re.sub(r"\D", "", number)).lstrip("0")


def _bare(address: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", address.strip().lower()).rstrip("/")


def _spoken(row: Schedule) -> str:
    if row.description:
        return " ".join(row.description.split())
    days = row.byday or (row.dtstart and row.dtstart.isoformat()) or row.freq or ""
    span = f"{row.opens_at:%H:%M}-{row.closes_at:%H:%M}" if row.opens_at and row.closes_at else ""
    return " ".join(filter(None, (days, span, "closed" if row.closed else "")))
