"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hub import users
from inbox.doors import Visitor, own_path, token_of
from inbox.errors import is_local
from inbox.pages import Inbox

WRONG = "That name and password do not go together. Please try again."
TOO_OFTEN = "Too many tries. Wait fifteen minutes, or ask your coordinator for a new password."
# A longer one is never anybody's; hashing it would only keep the machine busy.
MAX_PASSWORD = 256


def make_signin(inbox: Inbox) -> APIRouter:
    """The routes of /inbox/sign-in and /inbox/sign-out."""
    router = APIRouter(prefix="/inbox")
    doors = inbox.doors

    @router.get("/sign-in")
    def ask(request: Request, next: str = "/inbox/") -> HTMLResponse:
        return sign_in_page(inbox, request, next=next)

    @router.post("/sign-in")
    def enter(request: Request, form: Annotated[dict[str, str], Depends(doors.form)]) -> Response:
        name, password = form.get("name", "").strip(), form.get("password", "")
        address = request.client.host if request.client else ""
        goal, now = form.get("next", "/inbox/"), inbox.clock()
        if inbox.throttle.closed(name, address, now):
            return sign_in_page(inbox, request, next=goal, name=name, problem=TOO_OFTEN, status=429)
        with inbox.database.reading() as session:
            user = (
                users.sign_in(session, inbox.profile.id, name, password)
                if name and 0 < len(password) <= MAX_PASSWORD
                else None
            )
        if user is None:
            inbox.throttle.failed(name, address, now)
            return sign_in_page(inbox, request, next=goal, name=name, problem=WRONG, status=401)
        doors.let_in(request, user)
        return RedirectResponse(own_path(goal), status_code=303)

    @router.post("/sign-out")
    def leave(
        request: Request,
        visitor: Annotated[Visitor, Depends(doors.visitor)],
        form: Annotated[dict[str, str], Depends(doors.form)],
    ) -> Response:
        request.session.clear()
        return RedirectResponse("/inbox/sign-in", status_code=303)

    return router


def sign_in_page(
    inbox: Inbox,
    request: Request,
    *,
    next: str = "/inbox/",
    name: str = "",
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The sign-in page. `typed` is what somebody wrote before their session ended."""
    demo = inbox.settings.simulator and is_local(request)
    password = inbox.settings.demo_password.get_secret_value() if demo else ""
    return inbox.page(
        request,
        "signin.html",
        None,
        status,
        form_token=token_of(request),
        next=own_path(next),
        name=name or ("Ann" if password else ""),
        problem=problem,
        typed=typed,
        demo_password=password,
    )
