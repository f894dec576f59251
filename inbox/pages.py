"""Rendering: one set of templates, and what every page knows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub import triage
from hub.calendar import Calendar
from hub.clock import Clock
from hub.database import Database
from hub.people import Role
from hub.profile import Profile
from hub.settings import Settings
from hub.triage import Shelf
from hub.words import Words
from inbox.doors import Doors, Visitor
from inbox.labels import label
from inbox.throttle import Throttle

HERE = Path(__file__).parent

# A channel and the reference of an attachment, in; its content type and bytes, out; None where
# the provider does not hand it over.
Fetch = Callable[[str, str], tuple[str, bytes] | None]


@dataclass(frozen=True)
class Inbox:
    """What every page may use."""

    database: Database
    settings: Settings
    profile: Profile
    calendar: Calendar
    clock: Clock
    doors: Doors
    throttle: Throttle
    templates: Environment
    fetch: Fetch
    words: Words

    def page(
        self,
        request: Request,
        name: str,
        visitor: Visitor | None = None,
        status: int = 200,
        /,
        **values: Any,
    ) -> HTMLResponse:
        """Render a template. `visitor` fills the bar at the top."""
        values |= {
            "hub": self.profile.name,
            "visitor": visitor.user if visitor else None,
            "token": visitor.token if visitor else "",
            "coordinator": bool(visitor and visitor.user.may(Role.COORDINATOR)),
            "here": request.url.path,
        }
        if visitor:
            with self.database.reading() as session:
                values["counts"] = triage.counts(session, visitor.user)
                values["alarms"] = triage.unseen_urgent(session, visitor.user)
        return HTMLResponse(self.templates.get_template(name).render(values), status_code=status)


def make_templates() -> Environment:
    """The templates; everything that is filled in is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["label"] = lambda name, kind: label(kind, name)
    environment.globals["Shelf"] = Shelf
    return environment
