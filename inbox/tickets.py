"""The lists of tickets and one ticket: thin routes over the record's verbs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from hub import follow_ups, gsm7, replies, tickets, triage
from hub.errors import BadInput, ClaimRefused, NotAllowed, NotSafe, Refused, StaleEdit
from hub.people import User
from hub.shown import shown
from hub.tickets import OUTCOMES, Ticket, TicketStatus
from hub.triage import Shelf
from inbox.after import after
from inbox.by_hand import add_by_hand
from inbox.doors import SESSION_HOURS, Visitor
from inbox.labels import label
from inbox.pages import Inbox
from inbox.views import TrailLine, Views, Ways

Fields = dict[str, str]
Verb = Callable[[Session, Ticket, User, Fields], object]
# What each refusal is on the web.
STATUS = {BadInput: 400, NotSafe: 409, ClaimRefused: 409, StaleEdit: 409}


@dataclass(frozen=True)
class Problem:
    """Why a form was refused, what happened meanwhile, and what had been typed."""

    text: str
    form: str
    changes: tuple[TrailLine, ...] = ()
    typed: Fields = field(default_factory=dict)


def make_tickets(inbox: Inbox) -> APIRouter:
    """The routes under /inbox/."""
    router = APIRouter(prefix="/inbox")
    doors, clock, settings = inbox.doors, inbox.clock, inbox.settings
    ways = Ways(template=bool(settings.whatsapp_template), texts=bool(settings.sms_number))
    Who = Annotated[Visitor, Depends(doors.visitor)]
    Form = Annotated[Fields, Depends(doors.form)]

    def views(session: Session, visitor: Visitor) -> Views:
        return Views(session, inbox.calendar, visitor.user, clock(), ways)

    def shelf_page(request: Request, visitor: Visitor, shelf: Shelf) -> HTMLResponse:
        with inbox.database.reading() as session:
            lines = views(session, visitor).lines(shelf)
        return inbox.page(
            request,
            "tickets.html",
            visitor,
            shelf=shelf,
            lines=lines,
            at_most=triage.AT_MOST,
        )

    @router.get("/")
    def new(request: Request, visitor: Who) -> HTMLResponse:
        return shelf_page(request, visitor, Shelf.NEW)

    @router.get("/mine")
    def mine(request: Request, visitor: Who) -> HTMLResponse:
        return shelf_page(request, visitor, Shelf.MINE)

    @router.get("/all")
    def everyones(request: Request, visitor: Who, closed: bool = False) -> HTMLResponse:
        return shelf_page(request, visitor, Shelf.CLOSED if closed else Shelf.ALL)

    def ticket_page(
        request: Request,
        visitor: Visitor,
        ticket_id: int,
        status: int = 200,
        problem: Problem | None = None,
    ) -> HTMLResponse:
        with inbox.database.reading() as session:
            ticket = _find(session, visitor.user, ticket_id)
            page = views(session, visitor).page(ticket)
            more = after(session, ticket, inbox.calendar, inbox.profile, clock())
            services = [(service.key, service.name) for service in shown(session, ticket)]
        return inbox.page(
            request,
            "ticket.html",
            visitor,
            status,
            ticket=page,
            after=more,
            services=services,
            problem=problem,
            outcomes=[(outcome.value, label("endings", outcome)) for outcome in OUTCOMES],
            alphabet={
                "basic": "".join(sorted(gsm7.BASIC)),
                "extended": "".join(sorted(gsm7.EXTENDED)),
                "plain": {chr(sign): other or "" for sign, other in gsm7.PLAIN.items()},
            },
            max_reply=replies.MAX_REPLY,
        )

    @router.get("/tickets/{ticket_id}")
    def one(request: Request, visitor: Who, ticket_id: int) -> HTMLResponse:
        """The page of a ticket. Opening it is written into its trail."""
        with inbox.database.writing() as session:
            ticket = _find(session, visitor.user, ticket_id)
            tickets.seen(session, ticket, visitor.user, clock())
        return ticket_page(request, visitor, ticket_id)

    @router.get("/tickets/{ticket_id}/live")
    def live(request: Request, visitor: Who, ticket_id: int) -> Response:
        """The same page for one that is open already: a page nobody looks at is not 'seen'."""
        with inbox.database.reading() as session:
            ticket = _find(session, visitor.user, ticket_id)
            since = clock() - timedelta(hours=SESSION_HOURS)
            if not tickets.read_since(session, ticket, visitor.user, since):
                return PlainTextResponse("load the page", status_code=409)
        return ticket_page(request, visitor, ticket_id)

    def act(
        request: Request,
        visitor: Visitor,
        ticket_id: int,
        form: Fields,
        verb: Verb,
        then: str = "",
    ) -> Response:
        """Run a verb on a locked ticket; a refusal shows the page with everything typed."""
        try:
            with inbox.database.writing() as session:
                ticket = _lock(session, visitor.user, ticket_id, form)
                verb(session, ticket, visitor.user, form)
        except (BadInput, NotSafe, ClaimRefused, StaleEdit) as refusal:
            return refused(request, visitor, ticket_id, form, refusal)
        return RedirectResponse(f"/inbox/tickets/{ticket_id}{then}", status_code=303)

    def refused(
        request: Request, visitor: Visitor, ticket_id: int, form: Fields, refusal: Refused
    ) -> HTMLResponse:
        changes: tuple[TrailLine, ...] = ()
        if isinstance(refusal, StaleEdit):
            with inbox.database.reading() as session:
                ticket = _find(session, visitor.user, ticket_id)
                after = triage.since(session, ticket, _number(form.get("trail")) or 0)
                shown = views(session, visitor)
                changes = tuple(shown.trail_line(event) for event in after)
        name = request.url.path.rpartition("/")[2]
        problem = Problem(str(refusal), name, changes, form)
        return ticket_page(request, visitor, ticket_id, STATUS[type(refusal)], problem)

    @router.post("/tickets/{ticket_id}/claim")
    def claim(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            tickets.seen(session, ticket, user, clock())
            tickets.claim(session, ticket, user, clock())

        # The version is left out: whoever comes second learns who holds the ticket.
        return act(request, visitor, ticket_id, {**form, "version": ""}, verb)

    @router.post("/tickets/{ticket_id}/seen")
    def seen(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            tickets.seen(session, ticket, user, clock())

        return act(request, visitor, ticket_id, {**form, "version": ""}, verb)

    @router.post("/tickets/{ticket_id}/release")
    def release(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            tickets.release(session, ticket, user, clock())

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/reply")
    def reply(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            replies.reply(session, ticket, user, form.get("text", ""), clock())

        return act(request, visitor, ticket_id, form, verb, "#talk")

    @router.post("/tickets/{ticket_id}/notes")
    def note(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            tickets.note(session, ticket, user, form.get("text", ""), clock())

        return act(request, visitor, ticket_id, form, verb, "#trail")

    @router.post("/tickets/{ticket_id}/outcome")
    def outcome(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            chosen = form.get("outcome", "")
            if chosen not in OUTCOMES:
                raise BadInput("Choose how it ended before you close the ticket.")
            ended = TicketStatus(chosen)
            tickets.close(session, ticket, user, ended, form.get("text", ""), clock())
            after_days = timedelta(days=inbox.profile.follow_up_after_days)
            follow_ups.on_close(session, ticket, clock(), after_days)

        return act(request, visitor, ticket_id, form, verb)

    add_by_hand(router, inbox, act)
    return router


def _find(session: Session, user: User, ticket_id: int) -> Ticket:
    try:
        return triage.find(session, user, _row_id(ticket_id))
    except NotAllowed:
        raise HTTPException(404) from None


def _lock(session: Session, user: User, ticket_id: int, form: Fields) -> Ticket:
    version = form.get("version", "")
    if version and _number(version) is None:
        raise HTTPException(400)
    try:
        return tickets.lock(session, _row_id(ticket_id), user, _number(version))
    except NotAllowed:
        raise HTTPException(404) from None


def _row_id(number: int) -> int:
    """A number that a database can look up; a longer one is nobody's."""
    if not 0 < number < 2**31:
        raise HTTPException(404)
    return number


def _number(text: str | None) -> int | None:
    short = text is not None and len(text) < 10 and text.isascii() and text.isdigit()
    return int(text) if short and text else None
