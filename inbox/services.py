"""One service of the directory, as its feed has it and as staff know better."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from hub import corrections, tickets, triage
from hub.corrections import AT_MOST, Correction, Field
from hub.errors import BadInput, NotAllowed, StaleEdit
from hub.hours import read_hours
from hub.services import Service
from inbox.doors import Visitor
from inbox.labels import label
from inbox.pages import Inbox
from inbox.times import when

Fields = dict[str, str]
MOST = 2**31 - 1


@dataclass(frozen=True)
class Line:
    """One field: the feed's value and, where there is one, ours."""

    field: str
    fed: str
    ours: str
    said: str
    correction_id: int
    moved: bool
    doubt: str
    at_most: int


@dataclass(frozen=True)
class Past:
    """A correction that holds no longer."""

    field: str
    value: str
    said: str
    ended: str


def make_services(inbox: Inbox) -> APIRouter:
    """The routes under /inbox/services."""
    router = APIRouter(prefix="/inbox/services")
    Who = Annotated[Visitor, Depends(inbox.doors.visitor)]
    Form = Annotated[Fields, Depends(inbox.doors.form)]

    def shown(now: datetime, at: datetime | None) -> str:
        return when(at, now, inbox.calendar.zone) if at else ""

    def page(
        request: Request,
        visitor: Visitor,
        key: int,
        ticket_id: int,
        status: int = 200,
        problem: str = "",
        typed: Fields | None = None,
    ) -> HTMLResponse:
        now = inbox.clock()
        with inbox.database.reading() as session:
            service = _find(session, visitor, key)
            every = corrections.of_service(session, service)
            standing = {row.field: row for row in every if row.ended_at is None}
            values = {
                "service": service,
                "owner": service.organization.name if service.organization else "",
                "lines": [_line(service, f, standing.get(f), now, inbox) for f in Field],
                "past": [
                    Past(
                        row.field,
                        row.value,
                        _said(row, now, inbox),
                        f"{label('corrections', row.ending)}, {shown(now, row.ended_at)}",
                    )
                    for row in every
                    if row.ended_at is not None and row.ending
                ],
                "fresh": _fresh(service, now, inbox),
                "withdrawn": shown(now, service.withdrawn_at),
            }
        return inbox.page(
            request, "service.html", visitor, status,
            ticket_id=ticket_id, problem=problem, typed=typed or {}, **values,
        )  # fmt: skip

    @router.get("/{key}")
    def one(request: Request, visitor: Who, key: int, ticket: int = 0) -> HTMLResponse:
        return page(request, visitor, key, ticket)

    @router.post("/{key}/correction")
    def correct(request: Request, visitor: Who, key: int, form: Form) -> Response:
        ticket_id = _number(form.get("ticket", ""))
        try:
            with inbox.database.writing() as session:
                service = _find(session, visitor, key)
                made = corrections.correct(
                    session, service, visitor.user, form.get("field", ""), form.get("value", ""),
                    inbox.clock(),
                )  # fmt: skip
                if ticket_id:
                    ticket = triage.find(session, visitor.user, ticket_id)
                    what = f"{label('correctable', made.field)} of {service.name}"
                    tickets.add_event(
                        session, ticket, "corrected", inbox.clock(), user=visitor.user, text=what
                    )
        except NotAllowed:
            raise HTTPException(404) from None
        except BadInput as refusal:
            return page(request, visitor, key, ticket_id, 400, str(refusal), form)
        return _back(key, ticket_id)

    @router.post("/{key}/withdrawal")
    def withdraw(request: Request, visitor: Who, key: int, form: Form) -> Response:
        ticket_id = _number(form.get("ticket", ""))
        try:
            with inbox.database.writing() as session:
                _find(session, visitor, key)
                wanted = _number(form.get("correction", ""))
                corrections.take_back(session, wanted, visitor.user, inbox.clock())
        except NotAllowed:
            raise HTTPException(404) from None
        except StaleEdit as refusal:
            return page(request, visitor, key, ticket_id, 409, str(refusal))
        return _back(key, ticket_id)

    return router


def _back(key: int, ticket_id: int) -> RedirectResponse:
    query = f"?ticket={ticket_id}" if ticket_id else ""
    return RedirectResponse(f"/inbox/services/{key}{query}", status_code=303)


def _line(
    service: Service, field: Field, ours: Correction | None, now: datetime, inbox: Inbox
) -> Line:
    fed = corrections.fed(service, field)
    doubt = ""
    if ours and field == Field.TIMES:
        reading = read_hours(ours.value)
        doubt = "" if reading.certain else "; ".join(reading.doubts[:2]) or "nothing was understood"
    return Line(
        field=field,
        fed=fed,
        ours=ours.value if ours else "",
        said=_said(ours, now, inbox) if ours else "",
        correction_id=ours.id if ours else 0,
        # The feed has changed since, and not to what we say.
        moved=bool(ours) and field != Field.NOTE and fed != (ours.before if ours else ""),
        doubt=doubt,
        at_most=AT_MOST[field],
    )


def _said(row: Correction, now: datetime, inbox: Inbox) -> str:
    return f"{row.by.name}, {when(row.at, now, inbox.calendar.zone)}"


def _fresh(service: Service, now: datetime, inbox: Inbox) -> str:
    """When somebody last looked at the record, as far as the feed says."""
    if service.assured_date:
        years = (inbox.calendar.today(now) - service.assured_date).days // 365
        old = f", {years} year{'s' if years > 1 else ''} ago" if years else ""
        return f"Confirmed on {service.assured_date:%d %B %Y}{old}".replace(" 0", " ")
    if service.last_modified:
        return f"Changed by its owner on {service.last_modified:%d %B %Y}".replace(" 0", " ")
    return "Its feed does not say when anybody last checked it"


def _find(session: Session, visitor: Visitor, key: int) -> Service:
    service = session.get(Service, key) if 0 < key <= MOST else None
    if service is None or service.hub_id != visitor.user.hub_id:
        raise HTTPException(404)
    return service


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
