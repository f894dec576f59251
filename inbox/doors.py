"""Who may come in: the signed session, roles, and the token that every form carries."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from hub.clock import Clock
from hub.database import Database
from hub.errors import NotAllowed
from hub.people import Role, User

SESSION_HOURS = 12
MAX_FORM_BYTES = 128_000
TOKEN = "csrf"


class SignInNeeded(Exception):
    """Nobody is signed in, or not any longer."""


class FormRefused(Exception):
    """A form came without this session's token."""


class FormTooLong(Exception):
    """A form is longer than any of ours."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in member of staff and the token for their forms."""

    user: User
    token: str


class Doors:
    """The dependencies that routes stand behind. The session is a signed cookie."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def let_in(self, request: Request, user: User) -> None:
        """Begin a fresh session: twelve hours, ended early by a new password or no access."""
        request.session.clear()
        request.session.update(
            user=user.id,
            since=self._clock().isoformat(),
            mark=_mark(user),
            token=secrets.token_urlsafe(24),
        )

    def visitor(self, request: Request) -> Visitor:
        """The signed-in user. Raises SignInNeeded."""
        session = request.session
        if "user" not in session or not self._fresh(session.get("since", "")):
            raise SignInNeeded()
        with self._database.reading() as record:
            user = record.get(User, session["user"])
        if user is None or not user.active or session.get("mark") != _mark(user):
            raise SignInNeeded()
        return Visitor(user, session["token"])

    def coordinator(self, request: Request) -> Visitor:
        """The signed-in coordinator. Raises NotAllowed for staff."""
        visitor = self.visitor(request)
        if not visitor.user.may(Role.COORDINATOR):
            raise NotAllowed("Only coordinators can see these pages.")
        return visitor

    async def form(self, request: Request) -> dict[str, str]:
        """The fields of a form with this session's token. Raises FormRefused, FormTooLong."""
        fields = await read_form(request)
        token = request.session.get("token", "")
        if not token or not hmac.compare_digest(token.encode(), fields.get(TOKEN, "").encode()):
            raise FormRefused()
        return fields

    def _fresh(self, since: str) -> bool:
        try:
            age = self._clock() - datetime.fromisoformat(since)
        except (ValueError, TypeError):
            return False
        return timedelta(0) <= age < timedelta(hours=SESSION_HOURS)


async def read_form(request: Request) -> dict[str, str]:
    """The text fields of a posted form; files are left out."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_FORM_BYTES:
        raise FormTooLong()
    async with request.form(max_files=0, max_fields=30) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def token_of(request: Request) -> str:
    """The token for forms of this session; made for somebody who is not signed in yet."""
    if "token" not in request.session:
        request.session["token"] = secrets.token_urlsafe(24)
    return str(request.session["token"])


def own_path(path: str) -> str:
    """Where to go after signing in: only a page of ours, never another site."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and "//" not in path
    return path if plain and path.startswith(("/inbox/", "/insights/")) else "/inbox/"


def _mark(user: User) -> str:
    """Changes with the password, and tells nothing about it: old sessions end then."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
