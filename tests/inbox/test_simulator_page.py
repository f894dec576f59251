"""The practice phones: only in the demo, only on this machine, with the inbox beside them."""

from collections.abc import Iterator

import httpx
import pytest

from bot.simulator import make_simulator_router
from hub.database import Database
from hub.profile import Profile
from hub.settings import Settings
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import web_app
from tests.serving import served


@pytest.fixture
def demo(sqlite: Database, profile: Profile, clock: SetClock) -> Iterator[str]:
    """The address of the demo's web process."""
    settings = Settings(
        _env_file=None, secret_key="s" * 40, simulator=True, demo_password=cast.PASSWORD
    )
    cast.add_staff(sqlite, profile.id, clock())
    web = web_app(sqlite, settings, profile, clock)
    web.include_router(make_simulator_router(sqlite, settings, clock))
    with served(web) as url:
        yield url


def test_three_phones_and_the_inbox(demo: str) -> None:
    answer = httpx.get(f"{demo}/simulator")
    assert answer.status_code == 200
    for words in (
        'data-skin="sms"',
        'data-skin="whatsapp"',
        'data-skin="telegram"',
        "no food in and a letter from the bailiffs",
        '<iframe src="/inbox/"',
    ):
        assert words in answer.text, words
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_the_sign_in_page_of_the_demo_tells_the_password(demo: str) -> None:
    page = httpx.get(f"{demo}/inbox/sign-in").text
    assert "This is the demo" in page
    assert f"<code>{cast.PASSWORD}</code>" in page


def test_a_name_that_somebody_pointed_at_this_machine_opens_nothing(demo: str) -> None:
    other = {"Host": "evil.example"}
    assert httpx.get(f"{demo}/simulator", headers=other).status_code == 404
    assert cast.PASSWORD not in httpx.get(f"{demo}/inbox/sign-in", headers=other).text


@pytest.mark.browser
def test_a_resident_texts_and_a_worker_answers_in_one_window(
    demo: str, chromium: "object", sqlite: Database, clock: SetClock
) -> None:
    """The phone's text reaches the record; what the record says reaches the phone."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{demo}/simulator")
    phone = page.locator(".whatsapp")
    phone.get_by_text("no food in and a letter").click()
    phone.locator(".thread .in").wait_for()
    with sqlite.writing() as session:
        told = session.query(cast.Message).one()
        assert told.text == "no food in and a letter from the bailiffs"
        cast.answer(
            session, told.conversation, "Which first?", clock(), options=("Food", "The letter")
        )
    phone.locator(".choices").get_by_text("The letter").click()
    phone.locator(".thread .in").nth(1).wait_for()
    inbox = page.frame_locator("iframe")
    inbox.get_by_role("button", name="Sign in").click()
    inbox.get_by_text("No new tickets").wait_for()
    assert problems == []
    page.close()


@pytest.mark.browser
def test_the_telegram_phone_shows_keys_and_taps_them(
    demo: str, chromium: "object", sqlite: Database, clock: SetClock
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    page.goto(f"{demo}/simulator")
    phone = page.locator(".telegram")
    phone.get_by_text("no food in and a letter").click()
    phone.locator(".thread .in").wait_for()
    with sqlite.writing() as session:
        talk = session.query(cast.Message).one().conversation
        asked = cast.answer(session, talk, "Which first?", clock(), options=("Food", "The letter"))
        asked_id = asked.id
    phone.locator(".choices").get_by_text("The letter").click()
    phone.get_by_text("You chose: The letter").wait_for()
    assert phone.locator(".choices").count() == 0
    assert phone.locator(".thread .in").count() == 1, "a tap makes no bubble"
    with sqlite.reading() as session:
        told = session.query(cast.Message).order_by(cast.Message.id.desc()).first()
        assert told is not None
        assert (told.text, told.kind, told.reply_to_id) == ("The letter", "tap", asked_id)
    page.close()
