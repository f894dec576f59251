"""Who comes in, for how long, and what a form needs."""

import base64
import json

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from hub.calendar import Calendar
from hub.database import Database
from hub.errors import Misconfigured
from hub.people import User
from hub.profile import Profile
from hub.settings import Settings
from hub.users import known
from hub.words import Words
from inbox.app import add_inbox
from inbox.doors import own_path
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import Browser, SignIn

PAGE = "/inbox/sign-in"


def user(database: Database, name: str) -> User:
    with database.reading() as session:
        found = known(session, "croxteth", name)
    assert found is not None
    return found


def test_a_page_asks_who_you_are_and_goes_on_there(sign_in: SignIn, rita: int) -> None:
    browser = sign_in()
    asked = browser.get(f"/inbox/tickets/{rita}")
    assert asked.url.path == PAGE
    assert "Rita" not in asked.text
    fields = browser.hidden(f"{PAGE}?next=/inbox/tickets/{rita}")
    entered = browser.client.post(PAGE, data={**fields, "name": "Ann", "password": cast.PASSWORD})
    assert entered.url.path == f"/inbox/tickets/{rita}"


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("/inbox/tickets/7", "/inbox/tickets/7"),
        ("/insights/", "/insights/"),
        ("https://evil.example/inbox/", "/inbox/"),
        ("//evil.example/inbox/", "/inbox/"),
        ("/inbox//evil.example", "/inbox/"),
        ("/inbox/\\evil.example", "/inbox/"),
        ("/inbox/\r\nSet-Cookie: a=b", "/inbox/"),
        ("/simulator", "/inbox/"),
        ("", "/inbox/"),
    ],
)
def test_signing_in_leads_only_to_our_own_pages(path: str, goal: str) -> None:
    assert own_path(path) == goal


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Ann", "wrong-password"),
        ("Ann", ""),
        ("", cast.PASSWORD),
        ("Nobody", cast.PASSWORD),
        ("Ann", cast.PASSWORD + " "),
        ("Ann", "x" * 10_000),
        ("' OR 1=1 --", cast.PASSWORD),
    ],
)
def test_a_wrong_name_or_password_is_refused_in_the_same_words(
    sign_in: SignIn, name: str, password: str
) -> None:
    browser = sign_in()
    answer = browser.post(PAGE, PAGE, name=name, password=password)
    assert answer.status_code == 401
    assert "do not go together" in answer.text
    assert browser.get("/inbox/").url.path == PAGE


def test_guessing_ends_after_five_tries_and_not_for_others(
    sign_in: SignIn, clock: SetClock
) -> None:
    browser = sign_in()
    for _ in range(5):
        answer = browser.post(PAGE, PAGE, name="Ann", password="wrong-password")
        assert answer.status_code == 401
    closed = browser.post(PAGE, PAGE, name="ann", password=cast.PASSWORD)
    assert closed.status_code == 429
    assert "fifteen minutes" in closed.text
    sign_in("Joe")
    clock.move(minutes=16)
    sign_in("Ann")


def test_a_session_ends_after_twelve_hours_however_busy(sign_in: SignIn, clock: SetClock) -> None:
    browser = sign_in("Ann")
    for _ in range(11):
        clock.move(hours=1)
        assert browser.get("/inbox/").url.path == "/inbox/"
    clock.move(hours=1, seconds=1)
    assert browser.get("/inbox/").url.path == PAGE


def test_no_access_and_a_new_password_end_a_session_at_once(
    sign_in: SignIn, sqlite: Database
) -> None:
    ann, joe = sign_in("Ann"), sign_in("Joe")
    with sqlite.writing() as session:
        session.get_one(User, user(sqlite, "Ann").id).active = False
        session.get_one(User, user(sqlite, "Joe").id).password_hash = PasswordHasher().hash("new")
    assert ann.get("/inbox/").url.path == PAGE
    assert joe.get("/inbox/").url.path == PAGE


def test_a_forged_session_is_nobodys(sign_in: SignIn, sqlite: Database) -> None:
    browser = sign_in("Ann")
    cookie = browser.client.cookies["goodhelp"]
    body, _, signature = cookie.partition(".")
    claims = json.loads(base64.b64decode(body))
    claims["user"] = user(sqlite, "Bev").id
    forged = base64.b64encode(json.dumps(claims).encode()).decode()
    browser.client.cookies.clear()
    browser.client.cookies.set("goodhelp", f"{forged}.{signature}")
    assert browser.get("/insights/").url.path == PAGE


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(sign_in: SignIn) -> None:
    browser = sign_in()
    cookie = browser.get(PAGE).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_signing_out_ends_it(sign_in: SignIn) -> None:
    browser = sign_in("Ann")
    assert browser.post("/inbox/sign-out", "/inbox/").url.path == PAGE
    assert browser.get("/inbox/").url.path == PAGE


@pytest.mark.parametrize(
    "action",
    ["claim", "release", "reply", "notes", "introduction", "outcome", "seen"],
)
def test_a_form_without_this_sessions_token_is_refused(
    sign_in: SignIn, rita: int, action: str
) -> None:
    ann, joe = sign_in("Ann"), sign_in("Joe")
    others = joe.hidden(f"/inbox/tickets/{rita}")["csrf"]
    for token in ("", "x", others):
        fields = {"csrf": token, "text": "hello", "version": ""}
        answer = ann.client.post(f"/inbox/tickets/{rita}/{action}", data=fields)
        assert answer.status_code == 403
        assert "open for too long" in answer.text
    assert ann.client.post("/inbox/sign-out").status_code in (403, 413)
    assert ann.get("/inbox/").url.path == "/inbox/"


def test_what_was_typed_is_shown_again_when_the_session_has_ended(
    sign_in: SignIn, rita: int, clock: SetClock
) -> None:
    browser = sign_in("Ann")
    fields = browser.hidden(f"/inbox/tickets/{rita}")
    clock.move(hours=13)
    words = {"text": "Rang at 2. <b>No answer.</b>"}
    answer = browser.client.post(f"/inbox/tickets/{rita}/notes", data={**fields, **words})
    assert answer.status_code == 401
    assert "You were signed out" in answer.text
    assert "Rang at 2. &lt;b&gt;No answer.&lt;/b&gt;" in answer.text


def test_a_short_secret_is_refused(sqlite: Database, profile: Profile, clock: SetClock) -> None:
    settings = Settings(_env_file=None, secret_key="short")
    with pytest.raises(Misconfigured, match="SECRET_KEY"):
        add_inbox(FastAPI(), sqlite, settings, profile, Calendar(profile), Words({}), clock)


def test_the_demo_password_is_never_shown_outside_the_demo(sign_in: SignIn) -> None:
    browser: Browser = sign_in()
    assert "This is the demo" not in browser.get(PAGE).text
    assert browser.get("/simulator").status_code == 404
