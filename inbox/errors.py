"""Error pages in plain words: what happened, that nothing was lost, where to go on.

No page shows a stack, an id of ours or anything a resident wrote. Providers and the phones'
JSON routes keep FastAPI's own answers.
"""

import ipaddress
import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError, TimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from hub.errors import NotAllowed
from inbox.doors import FormRefused, FormTooLong, SignInNeeded, Visitor, read_form
from inbox.pages import Inbox

PAGES = ("/inbox", "/insights", "/simulator")
NOT_PAGES = ("/simulator/api",)
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

# status: (title, what it means, what to do)
PLAIN = {
    400: ("That did not work", "Something in the form was not as we expected it.", ""),
    403: ("You cannot see this page", "Your role does not open it.", "Ask your coordinator."),
    404: (
        "There is nothing here",
        "There is no such page or ticket at your hub.",
        "It may have been deleted, or the address has a typing mistake.",
    ),
    405: ("That did not work", "This address is not a page.", ""),
    413: ("That was too long", "A form can have about 100,000 characters.", "Shorten it."),
    500: (
        "Something went wrong",
        "The mistake is ours. Messages from residents are safe.",
        "Go back and try again. If it happens twice, tell whoever looks after Good Help.",
    ),
    503: (
        "Please try again in a moment",
        "The record is busy. Messages from residents are safe.",
        "Go back and send your form again.",
    ),
}
STALE_FORM = (
    "This page was open for too long",
    "To keep your account safe, we could not accept the form.",
    "Go back, load the page again and send it once more.",
)

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]

log = logging.getLogger(__name__)


def is_local(request: Request) -> bool:
    """Whether somebody on this very machine asks, by this machine's own name."""
    try:
        here = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
    return here and request.url.hostname in LOCAL_NAMES


def add_error_pages(
    web: FastAPI, inbox: Inbox, sign_in: Callable[..., Response], headers: dict[str, str]
) -> None:
    """Answer every failure on our pages with a page. `sign_in` renders the sign-in page."""

    def page(request: Request, status: int, words: tuple[str, str, str] | None = None) -> Response:
        title, meaning, advice = words or PLAIN.get(status) or PLAIN[500 if status > 499 else 400]
        return inbox.page(
            request,
            "error.html",
            _visitor(inbox, request) if status < 500 else None,
            status,
            title=title,
            meaning=meaning,
            advice=advice,
            status=status,
        )

    async def signed_out(request: Request, failure: Exception) -> Response:
        path = request.url.path
        if path.startswith(("/inbox/live", "/inbox/events")) or path.endswith("/live"):
            return PlainTextResponse("signed out", status_code=401)
        if request.method == "GET":
            return RedirectResponse(f"/inbox/sign-in?next={path}", status_code=303)
        try:
            form = await read_form(request)
        except FormTooLong:
            form = {}
        typed = "\n\n".join(form[name] for name in ("text", "to", "service") if form.get(name))
        back = path.rpartition("/")[0] if "/tickets/" in path else "/inbox/"
        return await run_in_threadpool(sign_in, request=request, next=back, typed=typed, status=401)

    def refused(request: Request, failure: Exception) -> Response:
        return page(request, 403, STALE_FORM)

    def too_long(request: Request, failure: Exception) -> Response:
        return page(request, 413)

    def not_allowed(request: Request, failure: Exception) -> Response:
        return page(request, 403)

    async def http(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, HTTPException)
        if not _is_page(request):
            return await http_exception_handler(request, failure)
        return await run_in_threadpool(page, request, failure.status_code)

    async def invalid(request: Request, failure: Exception) -> Response:
        assert isinstance(failure, RequestValidationError)
        if not _is_page(request):
            return await request_validation_exception_handler(request, failure)
        return await run_in_threadpool(page, request, 404)

    def busy(request: Request, failure: Exception) -> Response:
        log.warning("the record did not answer path=%s", request.url.path)
        if not _is_page(request):
            return PlainTextResponse("try again later", status_code=503)
        return page(request, 503)

    def broken(request: Request, failure: Exception) -> Response:
        answer = (
            page(request, 500)
            if _is_page(request)
            else PlainTextResponse("Internal Server Error", status_code=500)
        )
        # This answer is made outside the middleware that adds them to all others.
        answer.headers.update(headers)
        return answer

    handlers: dict[type[Exception], Handler] = {
        SignInNeeded: signed_out,
        FormRefused: refused,
        FormTooLong: too_long,
        NotAllowed: not_allowed,
        HTTPException: http,
        RequestValidationError: invalid,
        OperationalError: busy,
        TimeoutError: busy,
        Exception: broken,
    }
    for kind, handler in handlers.items():
        web.add_exception_handler(kind, handler)


def _is_page(request: Request) -> bool:
    path = request.url.path
    return path == "/" or (path.startswith(PAGES) and not path.startswith(NOT_PAGES))


def _visitor(inbox: Inbox, request: Request) -> Visitor | None:
    try:
        return inbox.doors.visitor(request)
    except SignInNeeded:
        return None
