"""The inbox: pages for hub staff and coordinators, and the practice phones."""

from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from hub.calendar import Calendar
from hub.clock import Clock
from hub.database import Database
from hub.errors import Misconfigured
from hub.profile import Profile
from hub.settings import Settings
from hub.words import Words
from inbox.directory import make_directory
from inbox.doors import SESSION_HOURS, Doors
from inbox.errors import add_error_pages
from inbox.feedback import make_feedback
from inbox.headers import SecurityHeaders, security_headers
from inbox.insights import make_insights
from inbox.keeping import make_keeping
from inbox.live import make_live
from inbox.media import make_media
from inbox.pages import Fetch, Inbox, make_templates
from inbox.services import make_services
from inbox.signin import make_signin, sign_in_page
from inbox.simulator import make_simulator_page
from inbox.throttle import Throttle
from inbox.tickets import make_tickets
from inbox.twins import make_twins

STATIC = Path(__file__).parent / "static"
MIN_SECRET = 32


def add_inbox(
    web: FastAPI,
    database: Database,
    settings: Settings,
    profile: Profile,
    calendar: Calendar,
    words: Words,
    clock: Clock,
    fetch: Fetch = lambda channel, reference: None,
) -> None:
    """Add every page, the session, the headers and the error pages to the web process.

    Raises Misconfigured where the secret key is missing or too short to sign sessions.
    """
    secret = settings.secret_key.get_secret_value()
    if len(secret) < MIN_SECRET:
        raise Misconfigured(
            f"GOODHELP_SECRET_KEY needs at least {MIN_SECRET} characters; `goodhelp keys` makes one"
        )
    inbox = Inbox(
        database=database,
        settings=settings,
        profile=profile,
        calendar=calendar,
        clock=clock,
        doors=Doors(database, clock),
        throttle=Throttle(),
        templates=make_templates(),
        fetch=fetch,
        words=words,
    )
    https = settings.public_url.startswith("https://")
    headers = security_headers(framed=settings.simulator, https=https)
    web.include_router(make_router(inbox))
    web.mount("/static", StaticFiles(directory=STATIC), name="static")
    web.add_middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie="goodhelp",
        max_age=SESSION_HOURS * 3600,
        same_site="lax",
        https_only=https,
    )
    web.add_middleware(SecurityHeaders, headers=headers)

    add_error_pages(web, inbox, partial(sign_in_page, inbox), headers)


def make_router(inbox: Inbox) -> APIRouter:
    """Every route of ours: /inbox/, /insights/ and, where it is turned on, /simulator."""
    router = APIRouter()
    parts = [make_signin, make_tickets, make_media, make_live]
    parts += [make_feedback, make_keeping, make_insights, make_directory, make_services, make_twins]
    if inbox.settings.simulator:
        parts.append(make_simulator_page)
    for make in parts:
        router.include_router(make(inbox))
    return router
