"""What Twilio's message webhook says, form by form."""

from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels.base import Call, Changed
from bot.channels.twilio import TwilioMessages
from hub.messages import Inbound, Kind
from standin import twilio
from tests.bot.conftest import ACCOUNT, HUB_NUMBER, RITA, Gateway, make_settings


def parsed(text: str = "", sender: str = f"whatsapp:{RITA}", **more: str) -> Any:
    form = twilio.inbound(text, sender, HUB_NUMBER, ACCOUNT, **more)
    return TwilioMessages(make_settings()).parse(Call("", {}, urlencode(form).encode()))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"text": "hello"}, "hello"),
        ({"text": "YES", "ButtonText": "YES", "ButtonPayload": "YES"}, "YES"),
        ({"ButtonText": "Show me"}, "Show me"),
        ({"text": "A long cho", "ListId": "A long choice", "ListTitle": "A long cho"},
         "A long choice"),
        ({"ListTitle": "2"}, "2"),
        ({"text": "  "}, "  "),
    ],
)  # fmt: skip
def test_what_they_wrote_or_tapped(form: dict[str, str], text: str) -> None:
    assert parsed(**form).text == text


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"text": "STOP", "OptOutType": "STOP"}, Kind.STOP),
        ({"text": "join", "OptOutType": "start"}, Kind.START),
        ({"text": "aide", "OptOutType": "HELP"}, Kind.HELP),
        ({"text": "hi", "OptOutType": "OTHER"}, None),
        ({"text": "STOP"}, None),
        ({"MessageType": "unsupported"}, Kind.UNSUPPORTED),
        ({"MessageType": "sticker"}, Kind.UNSUPPORTED),
        ({"MessageType": "text"}, None),
        ({"text": "", "MessageType": "location", "Latitude": "1", "Longitude": "2"}, None),
    ],
)
def test_what_is_out_of_the_ordinary(form: dict[str, str], kind: Kind | None) -> None:
    assert parsed(**form).kind == kind


def test_a_pin_with_its_name() -> None:
    found = parsed(
        Latitude="53.45", Longitude="-2.91", Label="Croxteth Park", Address="Muirhead Ave, L11 1AA"
    )
    assert found.location == (53.45, -2.91)
    assert found.place == "Croxteth Park, Muirhead Ave, L11 1AA"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [("91", "0"), ("x", "1"), ("nan", "1"), ("", "")]
)
def test_a_pin_that_is_nowhere_is_no_pin(latitude: str, longitude: str) -> None:
    assert parsed(Latitude=latitude, Longitude=longitude).location is None


def test_an_edit_and_a_message_taken_back() -> None:
    edited = parsed("new words", MessageType="edited", OriginalMessageSid="SM1")
    assert isinstance(edited, Changed)
    assert (edited.provider_id, edited.text) == ("SM1", "new words")
    assert isinstance(edited.inbound, Inbound)
    gone = parsed(MessageType="revoke", OriginalMessageSid="SM1")
    assert (gone.provider_id, gone.text) == ("SM1", None)


def test_a_name_an_edit_and_a_deletion_are_kept(gateway: Gateway) -> None:
    sender = f"whatsapp:{RITA}"
    gateway.text("no food", sender, MessageSid="SM1", ProfileName="Rita \U0001f490")
    gateway.text("no food in", sender, MessageType="edited", OriginalMessageSid="SM1")
    (row,) = gateway.stored()
    assert (row.text, row.edited_text, row.edited_at) == ("no food", "no food in", gateway.clock())
    gateway.text("", sender, MessageType="deleted", OriginalMessageSid="SM1")
    (row,) = gateway.stored()
    assert row.deleted_at == gateway.clock()
    with gateway.database.reading() as session:
        session.add(row)
        assert row.conversation.address.profile_name == "Rita \U0001f490"


def test_an_edit_of_something_never_seen_is_a_message(gateway: Gateway) -> None:
    gateway.text("new words", f"whatsapp:{RITA}", MessageType="edited", OriginalMessageSid="SM0")
    assert [row.text for row in gateway.stored()] == ["new words"]
