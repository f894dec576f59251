"""People and how to reach them: Hub, User, Person, Address, safe contact, consent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.crypto import Sealed
from hub.database import Base, UtcDateTime


class Role(StrEnum):
    """What a signed-in person may do. Each includes the one before."""

    STAFF = "staff"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


class Channel(StrEnum):
    """The ways a resident can reach us."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    SIMULATOR = "simulator"


class Hub(Base):
    """A neighbourhood hub. Every other row belongs to one."""

    __tablename__ = "hubs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class User(Base):
    """A member of staff who signs in to the inbox."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("hub_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def may(self, role: Role) -> bool:
        """Whether this user's role includes `role`."""
        order = list(Role)
        return self.active and order.index(Role(self.role)) >= order.index(role)


class Person(Base):
    """A resident. What they told us about themselves, and nothing computed about them."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"), index=True)
    name: Mapped[str | None] = mapped_column(Sealed)
    age: Mapped[int | None]
    outcode: Mapped[str | None] = mapped_column(String(4))
    ward: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(8), default="en")
    strengths: Mapped[list[str]] = mapped_column(JSON, default=list)
    barriers: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    addresses: Mapped[list["Address"]] = relationship(back_populates="person")
    safe_contact: Mapped["SafeContact | None"] = relationship(back_populates="person")


class Address(Base):
    """One channel and one number or chat id of a person."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("hub_id", "channel", "lookup"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(Sealed)
    lookup: Mapped[str] = mapped_column(String(64))
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_inbound_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What they call themselves on the channel: theirs to change, so it is not the person's name.
    profile_name: Mapped[str | None] = mapped_column(Sealed)

    person: Mapped[Person] = relationship(back_populates="addresses")

    @property
    def masked(self) -> str:
        """The last three characters, for a page: enough to tell two people apart."""
        return f"•••{self.value[-3:]}"


class ContactWay(StrEnum):
    """How a person said it is safe to reach them. Unknown blocks all but direct answers."""

    CALL = "call"
    TEXT = "text"
    THIS_APP = "this_app"
    NEITHER = "neither"
    UNKNOWN = "unknown"


class SafeContact(Base):
    """The way and the times that are safe, as the person last told us."""

    __tablename__ = "safe_contacts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    way: Mapped[str] = mapped_column(String(20), default=ContactWay.UNKNOWN)
    times: Mapped[str | None] = mapped_column(Sealed)
    voicemail: Mapped[bool] = mapped_column(default=False)
    code_word: Mapped[str | None] = mapped_column(Sealed)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(back_populates="safe_contact")


class Consent(Base):
    """What a person agreed to have shared: for whom, in which exact words, when."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(300))
    words: Mapped[str] = mapped_column(Sealed)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Reach:
    """Where to find a person: `channel` and the number (E.164) or chat id as the provider says."""

    channel: Channel
    value: str


# Built once: this is asked for every webhook.
_KNOWN = select(Address).where(
    Address.hub_id == bindparam("hub_id", type_=String),
    Address.channel == bindparam("channel", type_=String),
    Address.lookup == bindparam("lookup", type_=String),
)


def find_or_create(session: Session, hub_id: str, reach: Reach, now: datetime) -> Address:
    """The address of somebody who wrote to us; a new person where it was never seen."""
    lookup = blind(session, reach.value)
    found = session.scalar(_KNOWN, {"hub_id": hub_id, "channel": reach.channel, "lookup": lookup})
    if found is not None:
        return found
    person = Person(hub_id=hub_id, created_at=now, strengths=[], barriers=[], language="en")
    address = Address(
        hub_id=hub_id, channel=reach.channel, value=reach.value, lookup=lookup, person=person
    )
    session.add(address)
    session.flush()
    return address


def set_safe_contact(
    session: Session,
    person_id: int,
    *,
    way: ContactWay,
    now: datetime,
    times: str | None = None,
    message_id: int | None = None,
) -> SafeContact:
    """Keep the way and times that are safe; what was known before is replaced."""
    row = session.get(SafeContact, person_id)
    if row is None:
        row = SafeContact(person_id=person_id)
        session.add(row)
    row.way, row.times, row.message_id, row.updated_at = way, times, message_id, now
    return row


def give_consent(
    session: Session,
    person_id: int,
    *,
    recipient: str,
    words: str,
    message_id: int | None,
    now: datetime,
    ticket_id: int | None = None,
) -> Consent:
    """Record an agreement to share these exact words with this recipient."""
    row = Consent(
        person_id=person_id,
        ticket_id=ticket_id,
        recipient=recipient,
        words=words,
        message_id=message_id,
        given_at=now,
    )
    session.add(row)
    session.flush()
    return row


def withdraw_consent(session: Session, person_id: int, now: datetime) -> int:
    """Withdraw every standing consent of a person; how many there were."""
    rows = session.scalars(
        select(Consent).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    ).all()
    for row in rows:
        row.withdrawn_at = now
    return len(rows)


def blind(session: Session, value: str) -> str:
    """The keyed hash that an address is found by."""
    bind = session.get_bind()
    found: str = bind.dialect.goodhelp_cipher.blind(value)  # type: ignore[attr-defined]
    return found
