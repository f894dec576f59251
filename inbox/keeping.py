"""What we keep, for how long, and what waits for a decision: a page for coordinators."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import retention
from hub.holds import Hold
from hub.kept import Erasure
from hub.retention import Rule
from hub.tickets import Ticket
from inbox.doors import Visitor
from inbox.labels import label
from inbox.pages import Inbox
from inbox.times import when


@dataclass(frozen=True)
class Kept:
    """One kind of row: what staff call it, its days, and what the last run deleted."""

    what: str
    rule: Rule
    deleted: int


@dataclass(frozen=True)
class Held:
    """One hold: on which ticket, why, since when, and whether its person asked to be deleted."""

    ticket_id: int
    reason: str
    by: str
    at: str
    asked: bool


def make_keeping(inbox: Inbox) -> APIRouter:
    """The route /insights/kept."""
    router = APIRouter(prefix="/insights")
    Coordinator = Annotated[Visitor, Depends(inbox.doors.coordinator)]

    @router.get("/kept")
    def kept(request: Request, visitor: Coordinator) -> HTMLResponse:
        now, hub_id = inbox.clock(), visitor.user.hub_id
        with inbox.database.reading() as session:
            run = retention.last_run(session, hub_id)
            counts = run.counts if run else {}
            rules = [
                Kept(label("kept", rule.name), rule, counts.get(rule.name, 0))
                for rule in retention.report(session, inbox.profile, now)
            ]
            held = _held(inbox, session, hub_id)
            erased = session.scalar(
                select(func.count()).select_from(Erasure).where(Erasure.hub_id == hub_id)
            )
        last = when(run.at, now, inbox.calendar.zone) if run else ""
        return inbox.page(
            request, "kept.html", visitor, rules=rules, held=held, erased=erased or 0, last=last
        )

    return router


def _held(inbox: Inbox, session: Session, hub_id: str) -> list[Held]:
    asked = select(Erasure.person_id).where(Erasure.hub_id == hub_id, Erasure.held)
    rows = session.execute(
        select(Hold, Ticket.person_id.in_(asked.where(Erasure.person_id.is_not(None))))
        .join(Ticket, Ticket.id == Hold.ticket_id)
        .where(Hold.hub_id == hub_id)
        .order_by(Hold.at)
    )
    now, zone = inbox.clock(), inbox.calendar.zone
    return [
        Held(
            hold.ticket_id,
            hold.reason,
            hold.user.name if hold.user else "the assistant",
            when(hold.at, now, zone),
            bool(asked_to_go),
        )
        for hold, asked_to_go in rows
    ]
