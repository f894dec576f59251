"""`goodhelp channels` against the stand-in: set up once, checked, and how messages fare."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import channels
from app.checks import every_check
from app.house import House
from bot.channels.errors import SENDER
from hub import conversations, messages, outbox, people
from hub.crypto import new_key
from hub.messages import Author, Inbound, Reply, Status
from hub.people import Channel, Reach
from hub.settings import Settings
from standin.app import make_app
from standin.numbers import add_whatsapp
from standin.state import State
from tests.app.test_cli import goodhelp
from tests.serving import served

NUMBER = "+447700900000"
PUBLIC = "https://hub.example"
WEBHOOK = f"{PUBLIC}/webhooks/twilio/message"


@pytest.fixture
def standin() -> Iterator[tuple[str, State]]:
    app = make_app()
    with served(app) as url:
        yield url, app.state.standin


def settings(url: str, folder: Path, **more: Any) -> dict[str, Any]:
    return {
        "database_url": f"sqlite:///{folder / 'record.sqlite3'}",
        "encryption_key": new_key(),
        "secret_key": "s" * 40,
        "public_url": PUBLIC,
        "twilio_account_sid": "AC" + "1" * 32,
        "twilio_auth_token": "token",
        "twilio_api_url": url,
        "sms_number": NUMBER,
        "whatsapp_number": NUMBER,
        **more,
    }


def made(url: str, folder: Path, **more: Any) -> House:
    return House(Settings(_env_file=None, **settings(url, folder, **more)))


def test_set_up_then_nothing_is_wrong(standin: tuple[str, State], tmp_path: Path) -> None:
    url, state = standin
    add_whatsapp(state, NUMBER)
    house = made(url, tmp_path)
    before = "\n".join(channels.problems(house))
    assert "texts do not come to GOODHELP_PUBLIC_URL" in before
    assert "WhatsApp does not come to GOODHELP_PUBLIC_URL" in before
    assert "GOODHELP_WHATSAPP_TEMPLATE is empty" in before

    done = channels.set_up(house)
    assert f"twilio: texts come to {WEBHOOK}." in done
    assert state.numbers[NUMBER]["sms_url"] == WEBHOOK
    assert state.numbers[NUMBER]["sms_fallback_url"] == WEBHOOK
    assert state.numbers[f"whatsapp:{NUMBER}"]["webhook"]["callback_url"] == WEBHOOK
    assert len(state.contents) == 11

    told = dict(line.split("=", 1) for line in done if line.startswith("GOODHELP_"))
    given = {name.removeprefix("GOODHELP_").lower(): value for name, value in told.items()}
    assert channels.problems(made(url, tmp_path, **given)) == []
    # A second time nothing is made anew, and the same lines come out.
    again = channels.set_up(made(url, tmp_path, **given))
    assert len(state.contents) == 11
    assert [line for line in again if line.startswith("GOODHELP_")] == [
        line for line in done if line.startswith("GOODHELP_")
    ]


def test_what_is_wrong_at_twilio_is_said(standin: tuple[str, State], tmp_path: Path) -> None:
    url, _ = standin
    found = channels.problems(made(url, tmp_path, whatsapp_template="HX" + "0" * 32))
    text = "\n".join(found)
    assert "is not a WhatsApp sender of this account" in text
    # The template that the setting names is not there: Twilio's answer, in words.
    assert "content.twilio.com answered 20404" in text


def test_without_anybody_there_it_says_so(tmp_path: Path) -> None:
    house = made("http://127.0.0.1:9", tmp_path)
    assert channels.problems(house) == ["twilio: nobody answers (ConnectError)."]
    assert "twilio: nobody answers (ConnectError)." in channels.set_up(house)


def test_an_address_that_twilio_cannot_reach_is_not_handed_to_it(tmp_path: Path) -> None:
    house = made("https://api.twilio.com", tmp_path, public_url="http://127.0.0.1:8000")
    assert "GOODHELP_PUBLIC_URL" in channels.set_up(house)[0]


def test_telegram_is_set_up_and_checked_too(standin: tuple[str, State], tmp_path: Path) -> None:
    more = {"sms_number": "", "whatsapp_number": "", "telegram_token": "1:token"}
    house = made(standin[0], tmp_path, **more, telegram_secret="s", telegram_api_url=standin[0])
    assert any("the webhook does not lead to" in line for line in channels.problems(house))
    done = channels.set_up(house)
    assert f"telegram: updates come to {PUBLIC}/webhooks/telegram." in done
    assert not [line for line in channels.problems(house) if "webhook" in line]


def test_how_messages_fare(standin: tuple[str, State], tmp_path: Path) -> None:
    house = made(standin[0], tmp_path)
    house.prepare()
    now = house.clock()
    with house.database.writing() as session:
        inbound = Inbound(Reach(Channel.SMS, "+447700900001"), "SM1", "hello")
        messages.receive(session, "croxteth", inbound, now)
        address = people.find_or_create(session, "croxteth", inbound.reach, now)
        talk = conversations.conversation_for(session, address, now)
        rows = [
            messages.queue_reply(session, talk, Reply(text), author=Author.BOT, now=now)
            for text in ("one", "two", "three")
        ]
        messages.record_status(session, rows[0], Status.FAILED, now, "Not on WhatsApp.")
        outbox.queue_again(rows[1], now, 60, SENDER)
    lines = list(channels.health(house))
    assert lines[0] == "sms: last message in 0 minutes ago, 2 waiting, 0 held, 1 failed in a day"
    assert lines[1] == "    1 x Not on WhatsApp."
    assert lines[2].startswith("whatsapp: last message in never")
    assert any(SENDER in line for line in every_check(house))


def test_the_command(standin: tuple[str, State], tmp_path: Path) -> None:
    url, state = standin
    add_whatsapp(state, NUMBER)
    given = settings(url, tmp_path)
    assert goodhelp(tmp_path, "migrate", **given).returncode == 0
    ran = goodhelp(tmp_path, "channels", "--set-up", **given)
    assert ran.returncode == 1
    assert f"texts come to {WEBHOOK}" in ran.stdout
    assert "sms: last message in never" in ran.stdout
    assert "- twilio: GOODHELP_WHATSAPP_TEMPLATE is empty" in ran.stdout
    assert "Traceback" not in ran.stderr
    nothing = goodhelp(tmp_path, "channels", simulator="true")
    assert (nothing.returncode, nothing.stdout.splitlines()[-1]) == (
        0,
        "every channel is in order",
    )
