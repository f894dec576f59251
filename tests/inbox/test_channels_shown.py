"""What a channel does to a message is shown to staff: names, pins, pictures, edits, the window."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.registry import make_registry
from hub import changes, messages, people
from hub.calendar import Calendar
from hub.database import Database
from hub.messages import Inbound, Kind, Message, Status
from hub.people import Channel, ContactWay
from hub.profile import Profile
from hub.settings import Settings
from hub.words import Words
from inbox.app import add_inbox
from standin.app import make_app
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import Browser, SignIn
from tests.serving import served

ACCOUNT = "AC" + "1" * 32
RITA = replace(cast.RITA, channel=Channel.WHATSAPP)


@pytest.fixture
def standin() -> Iterator[str]:
    with served(make_app()) as url:
        yield url


@pytest.fixture
def settings(standin: str) -> Settings:
    """A hub with SMS and WhatsApp."""
    return Settings(
        _env_file=None,
        secret_key="s" * 40,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token="t",
        twilio_api_url=standin,
        sms_number="+447700900000",
        whatsapp_number="+447700900000",
    )


@pytest.fixture
def address(
    sqlite: Database, settings: Settings, profile: Profile, clock: SetClock
) -> Iterator[str]:
    clock.move(hours=11)
    cast.add_staff(sqlite, profile.id, clock())
    registry = make_registry(settings)
    web = FastAPI(openapi_url=None)
    calendar = Calendar(profile)
    add_inbox(web, sqlite, settings, profile, calendar, Words({}), clock, registry.fetch)
    with served(web) as url:
        yield url
    registry.close()


@pytest.fixture
def ticket(sqlite: Database, profile: Profile, clock: SetClock, address: str) -> int:
    return cast.add_resident(sqlite, profile.id, RITA, clock())


def page(sign_in: SignIn, ticket: int) -> tuple[Browser, str]:
    ann = sign_in("Ann")
    ann.post(f"/inbox/tickets/{ticket}/claim")
    return ann, ann.get(f"/inbox/tickets/{ticket}").text


def say(sqlite: Database, profile: Profile, clock: SetClock, text: str = "", **more: object) -> int:
    with sqlite.writing() as session:
        inbound = Inbound(RITA.reach, f"SMx{clock().timestamp()}{text}"[:40], text, **more)  # type: ignore[arg-type]
        return messages.receive(session, profile.id, inbound, clock()).message_id


def test_the_name_they_use_and_the_pin_they_sent(
    sign_in: SignIn, ticket: int, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    say(sqlite, profile, clock, name="Rita <b>", location=(53.45, -2.9), place="Croxteth Park")
    text = page(sign_in, ticket)[1]
    assert "WhatsApp as “Rita &lt;b&gt;”" in text
    assert "a pin on the map: 53.4500, -2.9000 (Croxteth Park)" in text


def test_an_edit_a_deletion_and_what_could_not_be_passed_on(
    sign_in: SignIn, ticket: int, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    say(sqlite, profile, clock, kind=Kind.UNSUPPORTED)
    first = say(sqlite, profile, clock, "no food")
    with sqlite.writing() as session:
        sid = session.get_one(Message, first).provider_id
        assert sid
        changes.edit(session, Channel.WHATSAPP, sid, "no food in", clock())
        changes.take_back(session, Channel.WHATSAPP, sid, clock())
    text = page(sign_in, ticket)[1]
    assert "no food</p>" in text
    assert "no food in</p>" in text
    assert "They deleted this on their phone" in text
    assert "They sent something that WhatsApp does not pass on" in text


def sent_picture(standin: str, kind: str) -> str:
    said = {"sender": "+447700900001", "media": [kind], "lost": True, "sid": "SM" + "5" * 32}
    httpx.post(f"{standin}/said", json=said).raise_for_status()
    return f"{standin}/2010-04-01/Accounts/{ACCOUNT}/Messages/SM{'5' * 32}/Media/ME{0:032x}"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("image/jpeg", True), ("audio/ogg", True), ("text/html", False), ("image/svg+xml", False)],
)
def test_a_picture_is_opened_and_a_strange_file_is_a_download(
    kind: str,
    shown: bool,
    sign_in: SignIn,
    ticket: int,
    sqlite: Database,
    profile: Profile,
    clock: SetClock,
    standin: str,
) -> None:
    url = sent_picture(standin, kind)
    message = say(sqlite, profile, clock, media=({"url": url, "content_type": kind},))
    ann, text = page(sign_in, ticket)
    link = f"/inbox/tickets/{ticket}/media/{message}/0"
    assert link in text
    answer = ann.get(link)
    assert answer.status_code == 200
    assert answer.content.startswith(b"GIF89a")
    assert answer.headers["content-type"] == (kind if shown else "application/octet-stream")
    assert ("content-disposition" in answer.headers) is not shown
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/2010-04-01/Accounts/x/Messages/1/Media/1",
        "https://api.twilio.com/2010-04-01/Accounts/ACother/Messages/1/Media/1",
        f"https://api.twilio.com.evil.example/2010-04-01/Accounts/{ACCOUNT}/Messages/1",
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/../../x",
        "file:///etc/passwd",
    ],
)
def test_a_forged_reference_leads_nowhere(
    url: str, sign_in: SignIn, ticket: int, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    message = say(sqlite, profile, clock, media=({"url": url, "content_type": "image/png"},))
    ann, _ = page(sign_in, ticket)
    assert ann.get(f"/inbox/tickets/{ticket}/media/{message}/0").status_code == 502


def test_only_attachments_of_the_ticket_are_opened_and_only_signed_in(
    sign_in: SignIn, ticket: int, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    message = say(sqlite, profile, clock, "no picture")
    ann, _ = page(sign_in, ticket)
    for path in (f"{message}/0", f"{message}/-1", "99999/0", f"{2**40}/0"):
        assert ann.get(f"/inbox/tickets/{ticket}/media/{path}").status_code == 404
    stranger = sign_in("")
    answer = stranger.get(f"/inbox/tickets/{ticket}/media/{message}/0")
    assert answer.url.path == "/inbox/sign-in"


def test_the_window_is_shown_while_it_is_open(
    sign_in: SignIn, ticket: int, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    say(sqlite, profile, clock, "hello")
    assert "WhatsApp lets you write freely until tomorrow" in page(sign_in, ticket)[1]


@pytest.mark.parametrize(
    ("way", "template", "said"),
    [
        (ContactWay.UNKNOWN, "", "Your reply waits until they write to us."),
        (ContactWay.TEXT, "", "Your reply goes out as a text message to the same number."),
        (ContactWay.TEXT, "HX" + "a" * 32, "We ask them to write back."),
    ],
)
def test_what_happens_after_the_window_is_said_before_it_is_written(
    way: ContactWay,
    template: str,
    said: str,
    ticket: int,
    sqlite: Database,
    profile: Profile,
    clock: SetClock,
    settings: Settings,
) -> None:
    with sqlite.writing() as session:
        person = session.query(Message).first().conversation.person_id  # type: ignore[union-attr]
        people.set_safe_contact(session, person, way=way, now=clock())
    clock.move(days=2)
    web = FastAPI(openapi_url=None)
    changed = settings.model_copy(update={"whatsapp_template": template})
    add_inbox(web, sqlite, changed, profile, Calendar(profile), Words({}), clock)
    with served(web) as url, httpx.Client(base_url=url, follow_redirects=True) as client:
        ann = Browser(client)
        ann.post("/inbox/sign-in", "/inbox/sign-in", name="Ann", password=cast.PASSWORD)
        ann.post(f"/inbox/tickets/{ticket}/claim")
        text = ann.get(f"/inbox/tickets/{ticket}").text
    assert f"WhatsApp&#39;s 24 hours are over. {said}" in text


def test_a_reply_that_went_as_a_text_says_so(
    sign_in: SignIn, ticket: int, sqlite: Database, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        row = session.query(Message).where(Message.direction == "out").first()
        assert row
        row.channel, row.status = Channel.SMS, Status.SENT
    assert "Sent as a text message: WhatsApp could not take it." in page(sign_in, ticket)[1]


def test_what_staff_type_goes_out_in_plain_signs_on_sms_only(
    sign_in: SignIn, sqlite: Database, profile: Profile, clock: SetClock, address: str
) -> None:
    typed = "It\u2019s on Monday \u2013 see you\u2026"
    for resident, expected in ((cast.RITA, "It's on Monday - see you..."), (RITA, typed)):
        ticket = cast.add_resident(sqlite, profile.id, resident, clock() + timedelta(minutes=1))
        ann = sign_in("Ann")
        ann.post(f"/inbox/tickets/{ticket}/claim")
        ann.post(f"/inbox/tickets/{ticket}/reply", text=typed)
        with sqlite.reading() as session:
            last = session.query(Message).order_by(Message.id.desc()).first()
            assert last and last.text == expected
