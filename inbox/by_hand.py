"""What staff enter, keep, hand over and delete on a ticket: routes over the record's verbs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from hub import by_hand, erasure, export, follow_ups, holds, tickets, triage
from hub.errors import BadInput, NotAllowed
from hub.people import Role, User
from hub.tickets import Ticket
from inbox.doors import Visitor
from inbox.pages import Inbox

Fields = dict[str, str]
Act = Callable[..., Response]
YES = "DELETE"
# The largest id a database takes.
MOST = 2**31 - 1


def add_by_hand(router: APIRouter, inbox: Inbox, act: Act) -> None:
    """Add the routes under /tickets/{id}/ to the inbox's router. `act` runs a verb on a ticket."""
    Who = Annotated[Visitor, Depends(inbox.doors.visitor)]
    Form = Annotated[Fields, Depends(inbox.doors.form)]
    clock = inbox.clock

    @router.post("/tickets/{ticket_id}/introduction")
    def introduction(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            to, service = form.get("to", ""), form.get("service", "")
            say = follow_ups.sayable(form.get("say", ""), service)
            tickets.introduce(session, ticket, user, to, service, clock())
            if form.get("ask"):
                after = timedelta(days=inbox.profile.follow_up_after_days)
                follow_ups.plan(session, ticket, say, clock() + after, clock())

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/safe-contact")
    def safe_contact(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            by_hand.safe_contact(
                session,
                ticket,
                user,
                way=form.get("way", ""),
                times=form.get("times", ""),
                voicemail=bool(form.get("voicemail")),
                code_word=form.get("code_word", ""),
                now=clock(),
            )

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/consent")
    def consent(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            by_hand.consent(
                session,
                ticket,
                user,
                recipient=form.get("recipient", ""),
                words=form.get("words", ""),
                how=form.get("how", ""),
                now=clock(),
            )

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/consent-withdrawal")
    def withdrawal(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            by_hand.withdraw(session, ticket, user, clock())

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/level")
    def level(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            by_hand.level(session, ticket, user, form.get("level", ""), clock())

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/hold")
    def hold(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            holds.place(session, ticket, user, form.get("reason", ""), clock())

        return act(request, visitor, ticket_id, form, verb)

    @router.post("/tickets/{ticket_id}/hold-release")
    def release(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        gone: list[bool] = []

        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            _coordinators_only(user)
            holds.release(session, ticket, user, clock())
            session.flush()
            gone.append(erasure.let_go(session, ticket.person, clock()))

        answer = act(request, visitor, ticket_id, form, verb)
        return RedirectResponse("/inbox/", status_code=303) if any(gone) else answer

    @router.post("/tickets/{ticket_id}/erasure")
    def erase(request: Request, visitor: Who, ticket_id: int, form: Form) -> Response:
        """Delete the person, for somebody who asked a member of staff."""
        gone: list[bool] = []

        def verb(session: Session, ticket: Ticket, user: User, form: Fields) -> None:
            _coordinators_only(user)
            if form.get("sure", "").strip().upper() != YES:
                raise BadInput(f"Type {YES} to say that you mean it. It cannot be undone.")
            gone.append(not erasure.erase(session, ticket.person, clock()).held)

        answer = act(request, visitor, ticket_id, form, verb)
        return RedirectResponse("/inbox/", status_code=303) if any(gone) else answer

    @router.get("/tickets/{ticket_id}/everything")
    def everything(request: Request, visitor: Who, ticket_id: int) -> HTMLResponse:
        """All that is held about the person, to print and hand over. Written into the trail."""
        with inbox.database.writing() as session:
            try:
                ticket = triage.find(session, visitor.user, min(ticket_id, MOST))
            except NotAllowed:
                raise HTTPException(404) from None
            tickets.add_event(session, ticket, "exported", clock(), user=visitor.user)
            held = export.everything(session, ticket.person, clock())
        return inbox.page(request, "everything.html", visitor, held=held, ticket_id=ticket_id)


def _coordinators_only(user: User) -> None:
    if not user.may(Role.COORDINATOR):
        raise NotAllowed("Only coordinators can delete what we hold about somebody.")
