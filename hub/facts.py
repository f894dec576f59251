"""Answers about one service, straight from its record: nothing is guessed."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hub.candidates import Candidates
from hub.schedules import NOT_KNOWN
from hub.wording import (
    shortened,
    spoken_booking,
    spoken_cost,
    spoken_eligibility,
    spoken_where,
    texted,
)

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Facts:
    """Short plain answers; None where the record does not say.

    `when` is the weekly rule ("Tuesdays 10am to midday"), `next` the next opening.
    """

    service_id: str
    name: str
    organization: str
    about: str | None
    cost: str | None
    booking: str | None
    when: str | None
    next: str | None
    where: str | None
    eligibility: str | None
    access: str | None
    wait: str | None
    phone: str | None
    text_to: str | None
    url: str | None
    email: str | None


def facts_of(
    session: Session, service_id: str, *, now: datetime, hub_id: str | None = None
) -> Facts | None:
    """What the record says of a service, also of one that was withdrawn; None for an unknown id."""
    found = Candidates(LONDON).of_id(session, service_id, hub_id)
    if found is None:
        return None
    weekly, coming = found.times.weekly(now), found.times.spoken(now)
    return Facts(
        service_id=found.id,
        name=texted(found.name),
        organization=texted(found.organization),
        about=shortened(found.description, 200) or None,
        cost=spoken_cost(found),
        booking=spoken_booking(found),
        when=None if weekly == NOT_KNOWN else weekly,
        next=None if coming == NOT_KNOWN else coming,
        where=spoken_where(found),
        eligibility=spoken_eligibility(found),
        access=next((shortened(s.access, 140) for s in found.spots if s.access), None),
        wait=shortened(found.wait, 80) if found.wait else None,
        phone=found.phone,
        text_to=found.text_to,
        url=found.url,
        email=found.email,
    )
