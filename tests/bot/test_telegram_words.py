"""Every kind of Telegram message as an inbound message."""

import json
from typing import Any

import pytest

from bot.channels import telegram_keys
from bot.channels.base import Call, Changed, Errand, Event, Ignored
from bot.channels.telegram_updates import TelegramUpdates
from bot.channels.telegram_words import words
from hub.messages import Inbound, Kind
from hub.taps import Tap
from standin import telegram_says as telegram
from tests.bot.conftest import make_settings

FILE = {"file_id": "f1", "file_unique_id": "u1"}
SIZES = [{**FILE, "file_id": f"f{n}", "width": n, "height": n} for n in (1, 2)]
STICKER = {**FILE, "width": 1, "height": 1, "is_animated": False, "is_video": False}
STICKER |= {"type": "regular", "emoji": "x"}
PLACE = {"latitude": 53.45, "longitude": -2.9}


CHANNEL = {"id": -100, "type": "channel", "title": "C"}
POST = {"update_id": 1, "channel_post": {"message_id": 1, "date": 1, "chat": CHANNEL, "text": "x"}}


@pytest.fixture
def door() -> TelegramUpdates:
    return TelegramUpdates(make_settings())


def read(door: TelegramUpdates, update: dict[str, Any]) -> Event | Errand:
    body = json.dumps(update).encode()
    return door.parse(Call("https://hub.example/webhooks/telegram", {}, body))


def inbound(door: TelegramUpdates, text: str = "", **more: Any) -> Inbound:
    found = read(door, telegram.update(5, 42, text, **more))
    assert isinstance(found, Inbound), found
    return found


@pytest.mark.parametrize(
    ("said", "plain", "came_by"),
    [
        ("no food in", "no food in", ""),
        ("/start", "START", ""),
        ("/start library-poster", "START", "library-poster"),
        ("/start@standin_bot", "START", ""),
        ("/start link-482913", "LINK 482913", ""),
        ("/start i need help", "i need help", ""),
        ("/help", "MENU", ""),
        ("/HELP", "MENU", ""),
        ("/help he hit me", "help he hit me", ""),
        ("/privacy", "PRIVACY", ""),
        ("/delete", "DELETE", ""),
        ("/stop", "STOP", ""),
        ("/stop texting me now", "stop texting me now", ""),
        ("/restart", "restart", ""),
        ("/session_start{}", "/session_start{}", ""),
        ("1/2 a loaf", "1/2 a loaf", ""),
        ("*bold* <b>x</b> & _y_ [z](http://a)", "*bold* <b>x</b> & _y_ [z](http://a)", ""),
    ],
)
def test_commands_are_their_words(said: str, plain: str, came_by: str) -> None:
    assert words(said) == (plain, came_by)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"photo": SIZES}, "image/jpeg"),
        ({"voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"}}, "audio/ogg"),
        ({"video_note": {**FILE, "length": 1, "duration": 1}}, "video/mp4"),
        ({"video": {**FILE, "width": 1, "height": 1, "duration": 1}}, "video"),
        ({"document": {**FILE, "mime_type": "application/pdf"}}, "application/pdf"),
        ({"sticker": STICKER}, "sticker"),
        ({"dice": {"emoji": "x", "value": 3}}, "dice"),
        ({"venue_of_the_future": {"x": 1}, "photo": SIZES}, "image/jpeg"),
    ],
)
def test_what_is_no_text_is_named_and_never_fetched(
    door: TelegramUpdates, more: dict[str, Any], kind: str
) -> None:
    found = inbound(door, **more)
    assert found.text == ""
    (item,) = found.media
    assert item["content_type"] == kind
    assert item["url"].startswith("telegram:")


def test_a_caption_an_album_a_contact_and_places(door: TelegramUpdates) -> None:
    photo = inbound(door, photo=SIZES, caption="my meter", media_group_id="77")
    assert (photo.text, photo.media[0]["album"]) == ("my meter", "77")
    assert photo.media[0]["url"] == "telegram:f2"
    own = {"phone_number": "+447700900001", "first_name": "Rita", "user_id": 42}
    shared = inbound(door, contact=own).media
    assert shared == ({"contact": "+447700900001", "name": "Rita", "theirs": True},)
    other = inbound(door, contact={**own, "user_id": 7, "last_name": "M"}).media[0]
    assert (other["name"], other["theirs"]) == ("Rita M", False)
    pin = inbound(door, location=PLACE)
    assert (pin.location, pin.media) == ((53.45, -2.9), ())
    venue = {"location": PLACE, "title": "The Lantern", "address": "1 Lantern Way, L11 1AA"}
    named = inbound(door, venue=venue, location=PLACE)
    assert named.place == "The Lantern, 1 Lantern Way, L11 1AA"


def test_a_kind_of_tomorrow_is_stored_so_that_it_is_answered(door: TelegramUpdates) -> None:
    assert inbound(door, hologram={"x": 1}).media == ()
    broken = inbound(door, "no food", sticker={"of": "the future"})
    assert (broken.text, broken.provider_id) == ("no food", "update:5:m5")
    assert inbound(door, sticker={"of": "the future"}).media == ({"content_type": "unknown"},)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize(
    "more",
    [
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"pinned_message": telegram.update(1, 42, "x")["message"]},
        {"write_access_allowed": {}},
    ],
)
def test_news_about_the_chat_is_not_answered(door: TelegramUpdates, more: dict[str, Any]) -> None:
    assert isinstance(read(door, telegram.update(5, 42, "", **more)), Ignored)


def test_an_edit_names_the_message_and_is_heard_itself(door: TelegramUpdates) -> None:
    found = read(door, telegram.edited(6, telegram.update(5, 42, "hi"), "i took my pills"))
    assert isinstance(found, Changed)
    assert (found.provider_id, found.text) == (":m5", "i took my pills")
    assert found.again is not None
    assert (found.again.kind, found.again.provider_id) == (Kind.EDIT, "update:6:e5")
    moved = telegram.edited(7, telegram.update(5, 42, "", location=PLACE), "")
    del moved["edited_message"]["text"]
    assert isinstance(read(door, moved), Ignored), "a live location moves on every few seconds"


@pytest.mark.parametrize(
    "update",
    [
        telegram.update(1, -5, "hello", chat={"id": -5, "type": "group", "title": "G"}),
        telegram.update(1, -5, "/start", chat={"id": -5, "type": "supergroup", "title": "G"}),
        telegram.standing(1, -5, "member", "group"),
        telegram.standing(1, -100, "administrator", "channel"),
        POST,
    ],
    ids=["group", "supergroup", "added", "channel", "post"],
)
def test_groups_and_channels_are_left_and_nothing_of_them_is_stored(
    door: TelegramUpdates, update: dict[str, Any]
) -> None:
    first, second = read(door, update), read(door, update)
    assert isinstance(first, Errand)
    assert isinstance(first.event, Ignored)
    assert isinstance(second, Ignored), "it is told once"


def test_a_tap(door: TelegramUpdates) -> None:
    keys = {"inline_keyboard": [[{"text": "YES", "callback_data": "o:17:0"}]]}
    message = telegram.update(3, 42, "Is that OK?", reply_markup=keys)["message"]
    query = {"id": "q", "from": message["from"], "chat_instance": "1", "data": "o:17:0"}
    found = read(door, {"update_id": 9, "callback_query": {**query, "message": message}})
    assert isinstance(found, Errand)
    assert isinstance(found.event, Tap)
    assert (found.event.our_id, found.event.place, found.event.shown) == (17, 0, "YES")
    gone = {"message_id": 3, "chat": message["chat"], "date": 0}
    late = read(door, {"update_id": 9, "callback_query": {**query, "message": gone}})
    assert isinstance(late, Errand)
    assert isinstance(late.event, Tap)
    assert (late.event.our_id, late.event.shown) == (17, "")


@pytest.mark.parametrize(
    ("data", "known"),
    [
        ("o:17:0", (17, 0)),
        ("o:1:12", (1, 12)),
        ("o:-1:0", None),
        ("o:1", None),
        ("", None),
        (None, None),
        ("o:1:0:0", None),
        ("o:\u0661:0", None),
    ],
)
def test_what_a_key_carries(data: str | None, known: tuple[int, int] | None) -> None:
    assert telegram_keys.read(data) == known


def test_keys_stand_side_by_side_while_they_fit() -> None:
    def rows(*options: str) -> list[list[str]]:
        made = telegram_keys.keyboard(2**60, options)
        assert made is not None
        keys = [key for row in made.inline_keyboard for key in row]
        assert all(len(str(key.callback_data).encode()) <= telegram_keys.MOST_DATA for key in keys)
        return [[key.text for key in row] for row in made.inline_keyboard]

    assert rows("YES", "NO") == [["YES", "NO"]]
    assert rows("1", "2", "3", "SOMETHING ELSE") == [["1", "2", "3"], ["SOMETHING ELSE"]]
    assert rows("CALL", "TEXT", "NEITHER") == [["CALL", "TEXT", "NEITHER"]]
    assert rows("x" * 200)[0][0].endswith("…")
    assert telegram_keys.keyboard(1, ()) is None
