"""The whole product as it runs: four processes, a stand-in Twilio, a real browser."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page

from app.demo import prepare
from app.house import House
from app.stack import Stack, free_port
from hub.crypto import new_key
from hub.settings import Settings
from standin import twilio
from standin.app import make_app
from tests.serving import served

ACCOUNT = "AC" + "1" * 32
TOKEN = "a token for the walk"
HUB_NUMBER = "+447700900000"
PASSWORD = "a password for tests"
PATIENCE = 90.0
SETTLED = 0.8
SUNDAY_NIGHT = "2026-11-22T00:30:00+00:00"


@dataclass
class Resident:
    """Somebody with a phone: writes by signed webhook, reads what the stand-in took."""

    number: str
    stack: Stack
    provider: str
    read: int = 0
    told: list[str] = field(default_factory=list)

    def writes(self, text: str, **more: str) -> httpx.Response:
        """A text, as Twilio would post it."""
        path = "/webhooks/twilio/message"
        params = twilio.inbound(text, self.number, HUB_NUMBER, ACCOUNT, **more)
        signature = twilio.sign(TOKEN, self.stack.url + path, params)
        return httpx.post(
            self.stack.url + path,
            content=urlencode(params),
            headers={
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )

    def reads(self, wanted: str = "") -> str:
        """The new texts, once there are some and one of them holds `wanted`."""

        def arrived() -> str | None:
            sent = self.sent()
            new = "\n".join(sent[self.read :])
            if not new or wanted.lower() not in new.lower():
                return None
            # An answer may be several texts; they come one after another.
            time.sleep(SETTLED)
            if len(self.sent()) != len(sent):
                return None
            self.read = len(sent)
            self.told.append(new)
            return new

        try:
            return eventually(arrived, f"{self.number} never read {wanted!r}")
        except AssertionError as error:
            raise AssertionError(f"{error} but {self.sent()[self.read :]}") from None

    def asks(self, text: str, wanted: str = "") -> str:
        """Write, then read the answer."""
        assert self.writes(text).is_success
        return self.reads(wanted)

    def hears_nothing(self, seconds: float = 2.5) -> None:
        """Nothing comes, for as long as an answer usually takes."""
        time.sleep(seconds)
        assert not self.sent()[self.read :]

    def sent(self) -> list[str]:
        """Every text the stand-in took for this number, oldest first."""
        sent = httpx.get(f"{self.provider}/sent", params={"to": self.number}).json()
        return [one["text"] for one in sent]


@dataclass
class World:
    """Everything the story needs."""

    stack: Stack
    provider: str
    house: House

    def resident(self, number: str) -> Resident:
        """Somebody who has not written yet."""
        return Resident(number, self.stack, self.provider)

    def logs(self) -> str:
        """All that the four processes have written down."""
        return "\n".join(path.read_text(errors="replace") for path in self.stack.logs.glob("*.log"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The running product on a Sunday night, with the Croxteth demo hub."""
    folder = tmp_path_factory.mktemp("walk")
    port = free_port()
    with served(make_app()) as provider:
        environment = {
            "GOODHELP_DATABASE_URL": f"sqlite:///{folder / 'walk.sqlite3'}",
            "GOODHELP_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "GOODHELP_SECRET_KEY": new_key(),
            "GOODHELP_ENCRYPTION_KEY": new_key(),
            "GOODHELP_TWILIO_ACCOUNT_SID": ACCOUNT,
            "GOODHELP_TWILIO_AUTH_TOKEN": TOKEN,
            "GOODHELP_TWILIO_API_URL": provider,
            "GOODHELP_SMS_NUMBER": HUB_NUMBER,
            "GOODHELP_SIMULATOR": "true",
            "GOODHELP_CLOCK": SUNDAY_NIGHT,
        }
        house = House(settings_of(environment))
        prepare(house, PASSWORD)
        with Stack(port, environment, folder / "logs") as stack:
            yield World(stack, provider, house)
        house.database.close()


def settings_of(environment: dict[str, str]) -> Settings:
    """Settings from an environment that is not our own."""
    given: dict[str, Any] = {
        name.removeprefix("GOODHELP_").lower(): value for name, value in environment.items()
    }
    return Settings(_env_file=None, **given)


def signed_in(browser: Browser, url: str, name: str) -> Page:
    """A page of the inbox, signed in, in a browser window of its own."""
    page = browser.new_context().new_page()
    page.goto(f"{url}/inbox/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/inbox/")
    return page


def eventually[T](look: Callable[[], T | None], otherwise: str) -> T:
    """What `look` finds, once it finds something."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(otherwise)


def picture(page: Page, folder: Path, name: str) -> None:
    """Keep a screenshot for whoever looks at a failed run."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
