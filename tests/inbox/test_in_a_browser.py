"""The inbox in a real Chromium: live, keyboard, phone, and no policy broken."""

from typing import Any

import pytest

from hub.database import Database
from hub.profile import Profile
from tests.conftest import SetClock
from tests.inbox import cast

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Any, address: str) -> Any:
    """Ann's page, signed in; fails the test on any error in its console."""
    problems: list[str] = []
    opened = chromium.new_page(viewport={"width": 390, "height": 844})
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(f"{address}/inbox/sign-in")
    opened.get_by_label("Name").fill("Ann")
    opened.get_by_label("Password").fill(cast.PASSWORD)
    opened.keyboard.press("Enter")
    opened.get_by_text("No new tickets").wait_for()
    yield opened
    opened.close()
    assert problems == []


def test_a_new_ticket_appears_without_reloading(
    page: Any, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    page.evaluate("window.notReloaded = true")
    cast.add_resident(sqlite, profile.id, cast.DAWN, clock())
    page.get_by_text("Nobody has seen this yet").wait_for(timeout=10_000)
    assert page.evaluate("window.notReloaded")
    assert page.title().startswith("(1)")


def test_what_is_being_typed_stays_when_a_message_arrives(
    page: Any, address: str, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    ticket_id = cast.add_resident(sqlite, profile.id, cast.RITA, clock())
    page.goto(f"{address}/inbox/tickets/{ticket_id}")
    page.get_by_role("button", name="Pick up this ticket").press("Enter")
    box = page.get_by_label("Your reply to Rita")
    box.press_sequentially("Hello Rita — it’s Ann")
    # Plain signs go out, and that is what is shown.
    assert box.input_value() == "Hello Rita - it's Ann"
    assert page.get_by_text("21 characters, 1 text").is_visible()
    clock.move(minutes=1)
    with sqlite.writing() as session:
        cast.arrive(session, profile.id, cast.RITA, "are you open today?", clock())
    page.locator("#talk").get_by_text("are you open today?").wait_for(timeout=10_000)
    assert box.input_value() == "Hello Rita - it's Ann"
    assert box.evaluate("box => box === document.activeElement")
    box.press("Control+Enter")
    page.locator("#talk").get_by_text("Hello Rita - it's Ann").wait_for()
    assert page.get_by_label("Your reply to Rita").input_value() == ""


def test_an_emoji_makes_a_text_longer_and_the_page_says_so(
    page: Any, address: str, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    ticket_id = cast.add_resident(sqlite, profile.id, cast.RITA, clock())
    page.goto(f"{address}/inbox/tickets/{ticket_id}")
    page.get_by_role("button", name="Pick up this ticket").click()
    box = page.get_by_label("Your reply to Rita")
    box.fill("a" * 161)
    assert page.get_by_text("161 characters, 2 texts").is_visible()
    box.fill("a" * 69 + "👍")
    assert page.get_by_text("71 characters, 2 texts").is_visible()
    assert page.get_by_text("makes it longer").is_visible()


def test_the_cursor_stays_where_it_was_when_a_sign_is_made_plain(
    page: Any, address: str, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    ticket_id = cast.add_resident(sqlite, profile.id, cast.RITA, clock())
    page.goto(f"{address}/inbox/tickets/{ticket_id}")
    page.get_by_role("button", name="Pick up this ticket").click()
    box = page.get_by_label("Your reply to Rita")
    box.fill("see you")
    box.press("Home")
    page.keyboard.insert_text("Well\u2026 ")
    page.keyboard.insert_text("I will ")
    assert box.input_value() == "Well... I will see you"
    box.fill("[" * 80 + "a")
    assert page.get_by_text("161 characters, 2 texts").is_visible()


def test_nothing_hangs_over_the_edge_of_a_phone(
    page: Any, address: str, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    ids = [cast.add_resident(sqlite, profile.id, r, clock()) for r in cast.CROWD]
    cast.tell_ritas_story(sqlite, ids[1], clock())
    for path in ("/inbox/", "/inbox/all", *(f"/inbox/tickets/{n}" for n in ids[:3])):
        page.goto(address + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path
