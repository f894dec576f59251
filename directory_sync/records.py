"""A service as one record, in the shape of Open Referral UK 3.0 with the extras suppliers send."""

import hashlib
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from directory_sync.fields import (
    Age,
    Amount,
    Clock,
    Day,
    Email,
    Id,
    Interval,
    Latitude,
    Line,
    Lines,
    Longitude,
    LongText,
    Moment,
    NeededLine,
    NeededWord,
    OptionalId,
    Short,
    Status,
    Url,
    Word,
)

# Part of every hash: raise it when what is stored of a record changes.
SHAPE = "3"


class Record(BaseModel):
    """What every part of a record has in common: unknown fields are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OrganizationRecord(Record):
    """Who runs a service."""

    id: Id
    name: NeededLine
    description: LongText = None
    email: Email = None
    website: Url = None


class LocationRecord(Record):
    """A place, its address in one line."""

    id: Id
    location_type: Word = "physical"
    name: Line = None
    address: Lines = None
    city: Line = None
    postal_code: Word = None
    country: Short = None
    latitude: Latitude = None
    longitude: Longitude = None
    accessibility: Lines = None


class ScheduleRecord(Record):
    """When a service is open, as an iCal rule."""

    service_at_location_id: OptionalId = None
    freq: Word = None
    interval: Interval = 1
    byday: Short = None
    bymonthday: Short = None
    dtstart: Day = None
    valid_from: Day = None
    valid_to: Day = None
    opens_at: Clock = None
    closes_at: Clock = None
    timezone: Short = None
    closed: bool = False
    description: Lines = None
    confidence: float | None = None
    bank_holidays: Word = None
    term_time: bool = False
    instead: bool = False


class PhoneRecord(Record):
    """A number to call or to text."""

    number: NeededWord
    type: Word = "voice"
    description: Line = None


class ContactRecord(Record):
    """A desk. Names of people are left out on purpose."""

    title: Line = None
    email: Email = None


class CostRecord(Record):
    """A price."""

    option: Line = None
    amount: Amount = None
    currency: Word = None
    amount_description: Lines = None
    valid_from: Day = None
    valid_to: Day = None


class AreaRecord(Record):
    """Where the people live whom a service is for."""

    name: Lines = None
    service_area: Lines = None


class LanguageRecord(Record):
    """A language that is spoken there."""

    name: Short = None
    code: Word = None


class TermRecord(Record):
    """A taxonomy term on a service."""

    taxonomy: Line = None
    code: Line = None
    name: Line = None


class ServiceRecord(Record):
    """One service with all that hangs on it."""

    id: Id
    name: NeededLine
    alternate_name: Line = None
    description: LongText = None
    url: Url = None
    email: Email = None
    status: Status = "active"
    alert: Lines = None
    minimum_age: Age = None
    maximum_age: Age = None
    eligibility_description: Lines = None
    fees_description: Lines = None
    application_process: Lines = None
    wait_time: Lines = None
    assured_date: Day = None
    last_modified: Moment = None
    organization: OrganizationRecord | None = None
    locations: tuple[LocationRecord, ...] = ()
    schedules: tuple[ScheduleRecord, ...] = ()
    phones: tuple[PhoneRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()
    cost_options: tuple[CostRecord, ...] = ()
    service_areas: tuple[AreaRecord, ...] = ()
    languages: tuple[LanguageRecord, ...] = ()
    terms: tuple[TermRecord, ...] = ()
    # Ids of service_at_location, in the order of `locations`.
    place_ids: tuple[str | None, ...] = Field(default=())

    def content_hash(self, salt: str = "") -> str:
        """A fingerprint of all that is stored of it; `last_modified` alone changes nothing."""
        text = self.model_dump_json(exclude={"last_modified"}, exclude_defaults=True)
        return hashlib.sha256(f"{SHAPE}|{salt}|{text}".encode()).hexdigest()


class Reject(Record):
    """A field that could not be read: of which record, which field, and why.

    `record_kept` is true where only the field was left out.
    """

    id: str
    field: str
    reason: str
    record_kept: bool = False

    def to_json(self) -> dict[str, Any]:
        """The shape that `goodhelp sync` prints."""
        return {"id": self.id, "field": self.field, "reason": self.reason}
