"""The service directory as stored, with HSDS names. Every row belongs to a hub and a feed.

`id` is the feed's own id: any text, unique within one feed of one hub. `key` is ours. Rows
that hang on a service are written anew whenever its content hash changes.
"""

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import (
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    Time,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hub.database import Base, UtcDateTime
from hub.feeds import Feed, SyncReject, SyncRun

if TYPE_CHECKING:
    from hub.facts import Facts

__all__ = [
    "Attribute",
    "CostOption",
    "Feed",
    "Language",
    "Location",
    "Organization",
    "Phone",
    "Schedule",
    "Service",
    "ServiceArea",
    "ServiceAtLocation",
    "ServiceContact",
    "ServiceNeed",
    "ServiceVector",
    "SyncReject",
    "SyncRun",
    "facts",
]

FEED = ("hub_id", "feed_id"), ("feeds.hub_id", "feeds.id")


class Organization(Base):
    """Who runs a service."""

    __tablename__ = "organizations"
    __table_args__ = (
        ForeignKeyConstraint(*FEED),
        UniqueConstraint("hub_id", "feed_id", "id"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    feed_id: Mapped[str] = mapped_column(String(64))
    id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    description: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(320))
    website: Mapped[str | None] = mapped_column(String(2000))


class Location(Base):
    """A place. Degrees, WGS 84. The address is one line, as people write it."""

    __tablename__ = "locations"
    __table_args__ = (
        ForeignKeyConstraint(*FEED),
        UniqueConstraint("hub_id", "feed_id", "id"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    feed_id: Mapped[str] = mapped_column(String(64))
    id: Mapped[str] = mapped_column(String(200))
    location_type: Mapped[str] = mapped_column(String(20), default="physical")
    name: Mapped[str | None] = mapped_column(String(300))
    address: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(String(300))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    accessibility: Mapped[str | None] = mapped_column(Text)


class Service(Base):
    """One service. `withdrawn_at` is set when its feed stopped listing it; it is kept for tickets.

    `twin_of` is the key of the same service from a more trusted feed, offered in its stead.

    `status` is as in HSDS: active, inactive, defunct, temporarily closed.
    """

    __tablename__ = "services"
    __table_args__ = (
        ForeignKeyConstraint(*FEED),
        UniqueConstraint("hub_id", "feed_id", "id"),
        Index("ix_services_hub_id_id", "hub_id", "id"),
        # Whether anything has changed is asked before each match.
        Index("ix_services_hub_id_updated_at", "hub_id", "updated_at"),
        Index("ix_services_hub_id_withdrawn_at", "hub_id", "withdrawn_at"),
    )

    key: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    feed_id: Mapped[str] = mapped_column(String(64))
    id: Mapped[str] = mapped_column(String(200))
    organization_key: Mapped[int | None] = mapped_column(
        ForeignKey("organizations.key"), index=True
    )
    name: Mapped[str] = mapped_column(String(300))
    alternate_name: Mapped[str | None] = mapped_column(String(300))
    description: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(2000))
    email: Mapped[str | None] = mapped_column(String(320))
    status: Mapped[str] = mapped_column(String(20))
    alert: Mapped[str | None] = mapped_column(Text)
    minimum_age: Mapped[float | None] = mapped_column(Float)
    maximum_age: Mapped[float | None] = mapped_column(Float)
    eligibility_description: Mapped[str | None] = mapped_column(Text)
    fees_description: Mapped[str | None] = mapped_column(Text)
    application_process: Mapped[str | None] = mapped_column(Text)
    wait_time: Mapped[str | None] = mapped_column(Text)
    assured_date: Mapped[date | None] = mapped_column(Date)
    last_modified: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content_hash: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    twin_of: Mapped[int | None] = mapped_column()

    organization: Mapped[Organization | None] = relationship()
    places: Mapped[list["ServiceAtLocation"]] = relationship(order_by="ServiceAtLocation.key")
    schedules: Mapped[list["Schedule"]] = relationship(order_by="Schedule.key")
    phones: Mapped[list["Phone"]] = relationship(order_by="Phone.key")
    contacts: Mapped[list["ServiceContact"]] = relationship(order_by="ServiceContact.key")
    cost_options: Mapped[list["CostOption"]] = relationship(order_by="CostOption.key")
    service_areas: Mapped[list["ServiceArea"]] = relationship(order_by="ServiceArea.key")
    languages: Mapped[list["Language"]] = relationship(order_by="Language.key")
    attributes: Mapped[list["Attribute"]] = relationship(order_by="Attribute.key")
    needs: Mapped[list["ServiceNeed"]] = relationship(order_by="ServiceNeed.key")


class _OfService:
    """What hangs on one service, and goes with it."""

    key: Mapped[int] = mapped_column(primary_key=True)
    service_key: Mapped[int] = mapped_column(
        ForeignKey("services.key", ondelete="CASCADE"), index=True
    )


class ServiceAtLocation(_OfService, Base):
    """That a service is held at a place."""

    __tablename__ = "service_at_locations"

    id: Mapped[str | None] = mapped_column(String(200))
    location_key: Mapped[int] = mapped_column(ForeignKey("locations.key"), index=True)

    location: Mapped[Location] = relationship()


class Schedule(_OfService, Base):
    """When a service is open, as an iCal rule. Times are the wall clock of `timezone`.

    `closed` marks days that are not open, from `valid_from` to `valid_to`; `instead` times that
    stand in place of the others on their days. `bank_holidays` is "open", "closed" or "only" where
    that is said. `confidence` is set where the times were read from words, which are kept in
    `description`.
    """

    __tablename__ = "schedules"

    service_at_location_id: Mapped[str | None] = mapped_column(String(200))
    freq: Mapped[str | None] = mapped_column(String(20))
    interval: Mapped[int] = mapped_column(default=1)
    byday: Mapped[str | None] = mapped_column(String(100))
    bymonthday: Mapped[str | None] = mapped_column(String(100))
    dtstart: Mapped[date | None] = mapped_column(Date)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    opens_at: Mapped[time | None] = mapped_column(Time)
    closes_at: Mapped[time | None] = mapped_column(Time)
    timezone: Mapped[str | None] = mapped_column(String(100))
    closed: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None] = mapped_column(Float)
    bank_holidays: Mapped[str | None] = mapped_column(String(10))
    term_time: Mapped[bool] = mapped_column(default=False, server_default=false())
    instead: Mapped[bool] = mapped_column(default=False, server_default=false())


class Phone(_OfService, Base):
    """A number to call, or to text where `type` is "text"."""

    __tablename__ = "phones"

    number: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(20), default="voice")
    description: Mapped[str | None] = mapped_column(String(300))


class ServiceContact(_OfService, Base):
    """HSDS `contact`: a desk that can be written to. Names of people are not kept."""

    __tablename__ = "service_contacts"

    title: Mapped[str | None] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(320))


class CostOption(_OfService, Base):
    """A price, in `currency`."""

    __tablename__ = "cost_options"

    option: Mapped[str | None] = mapped_column(String(300))
    amount: Mapped[float | None] = mapped_column(Float)
    currency: Mapped[str | None] = mapped_column(String(20))
    amount_description: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class ServiceArea(_OfService, Base):
    """Where the people live whom a service is for, in the feed's words."""

    __tablename__ = "service_areas"

    name: Mapped[str | None] = mapped_column(Text)
    service_area: Mapped[str | None] = mapped_column(Text)


class Language(_OfService, Base):
    """A language that is spoken there."""

    __tablename__ = "languages"

    name: Mapped[str | None] = mapped_column(String(100))
    code: Mapped[str | None] = mapped_column(String(20))


class Attribute(_OfService, Base):
    """A taxonomy term on a service: HSDS `attribute` and `taxonomy_term` in one row."""

    __tablename__ = "attributes"
    __table_args__ = (Index("ix_attributes_taxonomy_code", "taxonomy", "code"),)

    taxonomy: Mapped[str] = mapped_column(String(300))
    code: Mapped[str] = mapped_column(String(300))
    name: Mapped[str | None] = mapped_column(String(300))


class ServiceNeed(_OfService, Base):
    """That a service helps with one of the 27 needs.

    `source` says how we know: "feed" (said so), "crosswalk" (from a taxonomy term) or "words"
    (from its own name and description). `position` is 0 for its main need.
    """

    __tablename__ = "service_needs"
    __table_args__ = (
        UniqueConstraint("service_key", "need"),
        Index("ix_service_needs_hub_id_need", "hub_id", "need"),
    )

    hub_id: Mapped[str] = mapped_column(ForeignKey("hubs.id"))
    need: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(default=0)


class ServiceVector(Base):
    """The meaning of a service's text: float32, row-normalised, for one embedding model."""

    __tablename__ = "service_vectors"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    model: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


def facts(
    session: Session, service_id: str, *, now: datetime | None = None, hub_id: str | None = None
) -> "Facts | None":
    """Short plain answers about a service from its record; None for an unknown id.

    See `hub.facts.Facts`: cost, booking, when, where, eligibility and more, each None where the
    record does not say.
    """
    # The words are made from candidates, which are read from the tables above.
    from hub.facts import facts_of

    return facts_of(session, service_id, now=now or datetime.now(UTC), hub_id=hub_id)
