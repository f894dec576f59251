"""A real web server on a free port, a real record, and people who sign in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from hub.calendar import Calendar
from hub.clock import Clock
from hub.database import Database
from hub.profile import Profile
from hub.settings import Settings
from hub.words import Words
from inbox.app import add_inbox
from tests.conftest import SetClock
from tests.inbox import cast
from tests.serving import served

SignIn = Callable[..., "Browser"]


@dataclass
class Browser:
    """An HTTP client that fills in the hidden fields of forms, as a browser does."""

    client: httpx.Client

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, page: str | None = None, **fields: str) -> httpx.Response:
        """Send a form of `page` (by default the page of the ticket it belongs to)."""
        hidden = self.hidden(page or path.rpartition("/")[0])
        return self.client.post(path, data={**hidden, **fields})

    def hidden(self, page: str) -> dict[str, str]:
        """The token, version and trail of a page's forms."""
        text = self.get(page).text
        pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
        return dict(pairs)


def web_app(database: Database, settings: Settings, profile: Profile, clock: Clock) -> FastAPI:
    """A web process with the inbox alone."""
    web = FastAPI(openapi_url=None)
    add_inbox(
        web, database, settings, profile, Calendar(profile), Words.load(hub=profile.name), clock
    )

    @web.get("/inbox/break")
    def breaks() -> None:
        raise RuntimeError("no food in and a letter from the bailiffs")

    return web


@pytest.fixture
def settings() -> Settings:
    """As on a hub's own machine: no simulator."""
    return Settings(_env_file=None, secret_key="s" * 40, simulator=False)


@pytest.fixture
def address(
    sqlite: Database, settings: Settings, profile: Profile, clock: SetClock
) -> Iterator[str]:
    """The address of a running inbox with Ann, Joe and Bev."""
    clock.move(hours=11)  # Sunday midday: the hub is closed
    cast.add_staff(sqlite, profile.id, clock())
    with served(web_app(sqlite, settings, profile, clock)) as url:
        yield url


@pytest.fixture
def sign_in(address: str) -> Iterator[SignIn]:
    """Sign somebody in: `sign_in("Ann")`. With no name: a browser that is not signed in."""
    opened: list[httpx.Client] = []

    def enter(name: str = "", password: str = cast.PASSWORD) -> Browser:
        client = httpx.Client(base_url=address, follow_redirects=True, timeout=20)
        opened.append(client)
        browser = Browser(client)
        if name:
            page = "/inbox/sign-in"
            answer = browser.post(page, page, name=name, password=password)
            assert answer.url.path == "/inbox/", answer.text
        return browser

    yield enter
    for client in opened:
        client.close()


@pytest.fixture
def rita(sqlite: Database, profile: Profile, clock: SetClock, address: str) -> int:
    """Rita's ticket: her whole conversation, her consent, and the way that is safe."""
    ticket_id = cast.add_resident(sqlite, profile.id, cast.RITA, clock())
    cast.tell_ritas_story(sqlite, ticket_id, clock())
    return ticket_id


@pytest.fixture
def dawn(sqlite: Database, profile: Profile, clock: SetClock, address: str) -> int:
    """Dawn's urgent ticket: a risk was heard, nothing is known about what is safe."""
    return cast.add_resident(sqlite, profile.id, cast.DAWN, clock())
