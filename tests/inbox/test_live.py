"""Open pages are told at once, and only about their own hub."""

import threading

import httpx

from hub.database import Database
from hub.profile import Profile
from hub.users import add_hub
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import Browser, SignIn


def next_mark(lines: "object") -> str:
    for line in lines:  # type: ignore[attr-defined]
        if line.startswith("data: "):
            return str(line)
    raise AssertionError("the stream ended")


def test_a_new_ticket_is_told_within_seconds(
    sign_in: SignIn, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    browser: Browser = sign_in("Ann")
    with browser.client.stream("GET", "/inbox/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        first = next_mark(lines)
        arriving = threading.Thread(
            target=cast.add_resident, args=(sqlite, profile.id, cast.RITA, clock())
        )
        arriving.start()
        assert next_mark(lines) != first
        arriving.join(10)


def test_the_mark_says_nothing_about_anybody(
    sign_in: SignIn, sqlite: Database, clock: SetClock, rita: int
) -> None:
    browser = sign_in("Ann")
    before = browser.get("/inbox/live/mark").text
    with sqlite.writing() as session:
        add_hub(session, "jan-cunningham", "Jan Cunningham Wellbeing Hub")
    cast.add_resident(sqlite, "jan-cunningham", cast.SAM, clock())
    threading.Event().wait(1.1)
    assert browser.get("/inbox/live/mark").text == before
    assert "Rita" not in before
    assert "bailiffs" not in before


def test_nobody_listens_without_signing_in(address: str) -> None:
    for path in ("/inbox/events", "/inbox/live/mark", "/inbox/tickets/1/live"):
        answer = httpx.get(address + path)
        assert answer.status_code == 401
        assert answer.text == "signed out"
