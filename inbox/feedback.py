"""The log of feedback: what residents said, what was decided, and telling them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from hub import feedback, messages
from hub.errors import BadInput, NotAllowed, NotSafe, StaleEdit
from hub.feedback import MAX_DID, MAX_SAID, Feedback
from hub.messages import Message
from hub.people import User
from hub.writing_first import verdict
from inbox.doors import Visitor
from inbox.labels import label
from inbox.pages import Inbox
from inbox.times import when

Fields = dict[str, str]
MOST = 2**31 - 1


@dataclass(frozen=True)
class Said:
    """One piece of feedback as the page shows it."""

    id: int
    words: str
    at: str
    ticket_id: int | None
    decision: str
    decided: str
    told: str
    may_not_tell: str
    later: str
    quiet: bool
    quote: str


def make_feedback(inbox: Inbox) -> APIRouter:
    """The routes under /inbox/feedback."""
    router = APIRouter(prefix="/inbox/feedback")
    Who = Annotated[Visitor, Depends(inbox.doors.visitor)]
    Form = Annotated[Fields, Depends(inbox.doors.form)]
    clock = inbox.clock

    def page(
        request: Request, visitor: Visitor, status: int = 200, problem: str = "", at: int = 0
    ) -> HTMLResponse:
        with inbox.database.reading() as session:
            rows = [_said(inbox, session, row) for row in feedback.listed(session, visitor.user)]
        return inbox.page(
            request, "feedback.html", visitor, status,
            rows=rows, problem=problem, problem_at=at, max_said=MAX_SAID, max_did=MAX_DID,
        )  # fmt: skip

    def act(
        request: Request,
        visitor: Visitor,
        feedback_id: int,
        verb: Callable[[Session, Feedback, User], object],
    ) -> Response:
        try:
            with inbox.database.writing() as session:
                row = feedback.find(session, visitor.user, min(feedback_id, MOST))
                verb(session, row, visitor.user)
        except NotAllowed:
            raise HTTPException(404) from None
        except (BadInput, NotSafe, StaleEdit) as refusal:
            status = 400 if isinstance(refusal, BadInput) else 409
            return page(request, visitor, status, str(refusal), feedback_id)
        return RedirectResponse(f"/inbox/feedback#f{feedback_id}", status_code=303)

    @router.get("")
    def listed(request: Request, visitor: Who) -> HTMLResponse:
        return page(request, visitor)

    @router.post("/{feedback_id}/decision")
    def decide(request: Request, visitor: Who, feedback_id: int, form: Form) -> Response:
        def verb(session: Session, row: Feedback, user: User) -> None:
            feedback.decide(session, row, user, form.get("decision", ""), clock())

        return act(request, visitor, feedback_id, verb)

    @router.post("/{feedback_id}/answer")
    def answer(request: Request, visitor: Who, feedback_id: int, form: Form) -> Response:
        def verb(session: Session, row: Feedback, user: User) -> None:
            feedback.tell(
                session,
                row,
                user,
                said=form.get("said", ""),
                did=form.get("did", ""),
                words=inbox.words,
                profile=inbox.profile,
                now=clock(),
            )

        return act(request, visitor, feedback_id, verb)

    return router


def _said(inbox: Inbox, session: Session, row: Feedback) -> Said:
    now, zone = inbox.clock(), inbox.calendar.zone
    may = verdict(session, row.conversation, inbox.profile, now, held_is_fine=True)
    told = session.get(Message, row.told_id) if row.told_id else None
    decided = ""
    if row.decided_at:
        by = f" by {row.decided_by.name}" if row.decided_by else ""
        decided = f"{when(row.decided_at, now, zone)}{by}"
    sent = label("delivery", messages.Status(told.status)) if told else "Told"
    return Said(
        id=row.id,
        words=row.words,
        at=when(row.at, now, zone),
        ticket_id=row.ticket_id,
        decision=row.decision or "",
        decided=decided,
        told=f"{sent}, {when(row.told_at, now, zone)}" if row.told_at else "",
        may_not_tell=may.reason if may.at is None else "",
        later=when(may.at, now, zone) if may.at and not may.now(now) else "",
        quiet=feedback.at_risk(session, row),
        quote=" ".join(row.words.split())[:MAX_SAID].rstrip(),
    )
