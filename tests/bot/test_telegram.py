"""Telegram both ways over HTTP: keyboards and taps, edits, groups, refusals, the pace."""

from collections.abc import Iterator

import httpx
import pytest

from bot.channels.telegram_pace import CHAT_BURST, Pace
from hub.database import Database
from hub.messages import Author
from hub.people import Address
from hub.profile import Profile
from hub.tickets import Ticket
from nlu.hearer import Hearer
from standin import telegram_says as telegram
from tests.bot.telegram_loop import CHAT, Loop, running
from tests.conftest import SetClock


@pytest.fixture
def loop(
    database: Database, clock: SetClock, profile: Profile, word_hearer: Hearer
) -> Iterator[Loop]:
    with running(database, clock, profile, word_hearer) as made:
        yield made


@pytest.fixture
def one(sqlite: Database, clock: SetClock, profile: Profile, word_hearer: Hearer) -> Iterator[Loop]:
    """The same on SQLite only, where the database plays no part."""
    with running(sqlite, clock, profile, word_hearer) as made:
        yield made


def test_a_tap_is_the_options_words_and_the_phone_is_told_at_once(loop: Loop) -> None:
    asked = loop.ask("Shall I look further?", "YES", "NO")
    assert loop.sent()[0]["options"] == ["YES", "NO"]
    loop.tap(1)
    (row,) = loop.inbound()
    assert (row.text, row.kind, row.reply_to_id) == ("NO", "tap", asked)
    loop.until(lambda: loop.bot()["answered"])
    loop.until(lambda: not loop.sent()[0]["options"])
    assert loop.sent()[0]["text"] == "Shall I look further?\n\nYou chose: NO"


def test_an_impatient_thumb_counts_once(loop: Loop) -> None:
    loop.ask("Shall I look further?", "YES", "NO")
    for _ in range(3):
        loop.tap(0, loop.sent()[0]["id"])
    assert [row.text for row in loop.inbound()] == ["YES"]
    loop.until(lambda: len(loop.bot()["answered"]) == 3)


def test_a_key_of_an_earlier_question_never_answers_the_one_now(loop: Loop) -> None:
    loop.ask("Shall I look further?", "YES", "NO")
    loop.ask("Is it OK to share those words?", "YES", "NO")
    loop.until(lambda: not loop.sent()[0]["options"])
    loop.tap(0, loop.sent()[0]["id"], late=True)
    loop.work()
    said = [one["text"] for one in loop.sent()[2:]]
    assert said == ["That button was for an earlier question.", "Is it OK to share those words?"]
    assert loop.sent()[-1]["options"] == ["YES", "NO"]
    loop.tap(0)
    assert loop.inbound()[-1].reply_to_id == loop.rows()[-2].id


def test_an_old_key_is_no_answer_to_are_you_safe(loop: Loop) -> None:
    loop.ask("Shall I look further?", "YES", "NO")
    old = loop.sent()[0]["id"]
    loop.say("i want to kill myself")
    loop.work()
    assert "Are you safe right now?" in loop.sent()[1]["text"]
    loop.tap(0, old, late=True)
    loop.work()
    assert loop.sent()[-2]["text"] == "That button was for an earlier question."
    assert "Are you safe right now?" in loop.sent()[-1]["text"]


def test_a_key_that_is_not_ours_is_asked_again(one: Loop) -> None:
    one.ask("Shall I look further?", "YES", "NO")
    query = {
        "id": "1",
        "from": {"id": CHAT, "is_bot": False, "first_name": "Rita"},
        "chat_instance": "1",
        "data": "o:999999:0",
        "message": {"message_id": 1, "date": 0, "chat": {"id": CHAT, "type": "private"}},
    }
    one.tell({"callback_query": query})
    one.tell({"callback_query": {**query, "id": "2", "data": "from another bot"}})
    one.work()
    assert [row.kind for row in one.inbound()] == ["tap", "tap"]
    assert one.sent()[-1]["text"] == "Shall I look further?"


def test_nobody_taps_for_somebody_else(one: Loop) -> None:
    asked = one.ask("Shall I look further?", "YES", "NO")
    query = {
        "id": "1",
        "from": {"id": 7, "is_bot": False, "first_name": "Sam"},
        "chat_instance": "1",
        "data": f"o:{asked}:0",
        "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}},
    }
    one.tell({"callback_query": query})
    (row,) = one.inbound()
    assert (row.text, row.reply_to_id) == ("", None)


def test_an_edit_is_shown_and_not_answered(loop: Loop) -> None:
    first = telegram.update(5, CHAT, "need a food bnak")
    loop.tell(first)
    loop.work()
    before = len(loop.sent())
    edit = telegram.edited(6, first, "need a food bank")
    loop.tell(edit)
    loop.tell(edit)
    loop.work()
    original, kept = loop.inbound()
    assert (original.text, original.edited_text) == ("need a food bnak", "need a food bank")
    assert (kept.kind, kept.reply_to_id, kept.status) == ("edit", original.id, "handled")
    assert len(loop.sent()) == before


def test_a_danger_that_an_edit_adds_is_answered_and_only_once(loop: Loop) -> None:
    first = telegram.update(5, CHAT, "hi")
    loop.tell(first)
    loop.work()
    loop.tell(telegram.edited(6, first, "hi i want to kill myself"))
    loop.work()
    assert any("Are you safe right now?" in one["text"] for one in loop.sent())
    before = len(loop.sent())
    loop.tell(telegram.edited(7, first, "hi, i want to kill myself"))
    loop.work()
    assert len(loop.sent()) <= before + 1
    with loop.database.reading() as session:
        assert session.query(Ticket).one().urgent


def test_an_edit_of_what_was_never_seen_is_left(one: Loop) -> None:
    one.tell(telegram.edited(6, telegram.update(5, CHAT, "x"), "y"))
    assert one.rows() == []


def test_an_album_is_answered_once(one: Loop) -> None:
    sizes = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    for number in (1, 2, 3):
        one.tell(telegram.update(number, CHAT, "", photo=sizes, media_group_id="9"))
    one.work()
    assert len(one.inbound()) == 3
    assert sum("can't see pictures" in sent["text"] for sent in one.sent()) == 1


def test_a_group_is_declined_once_and_left(one: Loop) -> None:
    one.tell(telegram.standing(1, -5, "member", "group"))
    group = {"id": -5, "type": "group", "title": "G"}
    for number in (2, 3):
        one.tell(telegram.update(number, CHAT, "/start", chat=group))
    one.until(lambda: one.bot()["left"] == ["-5"])
    (sent,) = one.sent()
    assert "one person at a time" in sent["text"]
    assert one.rows() == []
    with one.database.reading() as session:
        assert session.query(Address).count() == 0


def test_contact_pin_sticker_and_start_are_all_answered(one: Loop) -> None:
    sticker = {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1}
    sticker |= {"is_animated": False, "is_video": False}
    contact = {"phone_number": "+447700900001", "first_name": "Rita", "user_id": CHAT}
    expected = (
        ({"sticker": sticker}, "can't see pictures"),
        ({"contact": contact}, "Staff can see the number"),
        ({"location": {"latitude": 0.0, "longitude": 0.0}}, "Thank you for the pin"),
    )
    for number, (more, words) in enumerate(expected, start=1):
        one.tell(telegram.update(number, CHAT, "", **more))
        one.work()
        assert words in one.sent()[-1]["text"], more


def test_stop_and_start_by_command(one: Loop) -> None:
    one.say("/stop")
    one.work()
    assert "We won't text you again" in one.sent()[-1]["text"]
    one.say("/start")
    one.work()
    assert "Welcome back" in one.sent()[-1]["text"]


def test_refused_keys_become_numbered_lines(one: Loop) -> None:
    one.fault(kind="refuse", http=400, words="Bad Request: BUTTON_DATA_INVALID")
    row = one.ask("Shall I look further?", "YES", "NO")
    assert one.sent()[0]["text"] == "Shall I look further?\n1 YES\n2 NO"
    assert [one.status for one in one.rows() if one.id == row] == ["sent"]


@pytest.mark.parametrize(
    ("http", "words", "reason"),
    [
        (403, "Forbidden: bot was blocked by the user", "They blocked us on Telegram."),
        (403, "Forbidden: user is deactivated", "Their Telegram account is closed."),
        (403, "Forbidden: bot can't initiate conversation with a user", "They must write to us"),
        (400, "Bad Request: chat not found", "This Telegram chat does not exist any more."),
        (400, "Bad Request: message is too long", "The message is too long."),
        (400, "Bad Request: something new", "Telegram refused the message."),
        (401, "Unauthorized", "Our account is not set up for this."),
        (409, "Conflict", "Telegram was busy with us."),
    ],
)
def test_each_refusal_has_words_for_staff(one: Loop, http: int, words: str, reason: str) -> None:
    one.fault(kind="refuse", http=http, words=words)
    one.ask("hello")
    assert (one.rows()[0].reason or "").startswith(reason)


def test_the_one_resend_waits_until_telegram_answers_again(one: Loop) -> None:
    """Gone in the middle of a send and away for minutes: sent once more when it is back."""
    one.fault(kind="accept_then_refuse", http=502)
    one.fault(kind="refuse", http=502, method="getMe", times=3)
    one.ask("hello")
    for _ in range(3):
        one.clock.move(seconds=40)
        one.deliver()
        assert len(one.sent()) == 1
    one.clock.move(seconds=40)
    one.deliver()
    one.deliver()
    assert len(one.sent()) == 2
    assert one.rows()[0].status == "sent"


def test_a_burst_to_one_chat_then_one_a_second_and_thirty_overall() -> None:
    at = 0.0
    pace = Pace(lambda: at)
    waits = [pace.wait_for("1") for _ in range(CHAT_BURST + 2)]
    assert waits == [0, 0, 0, 1, 2]
    at = 100.0
    others = [pace.wait_for(str(number)) for number in range(100)]
    assert others[:20] == [0.0] * 20
    assert 2.5 < others[-1] < 3.5
    at = 200.0
    assert pace.wait_for("1") == 0


def test_no_text_and_no_chat_in_the_log(one: Loop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="bot")
    one.fault(kind="refuse", http=400, method="answerCallbackQuery")
    one.ask("about the bailiffs", "YES")
    one.tap(0)
    one.until(lambda: not one.sent()[0]["options"])
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert any("tap not answered" in line for line in lines)
    assert not [line for line in lines if "bailiffs" in line or f"={CHAT}" in line]
    assert httpx.get(f"{one.telegram}/sent").status_code == 200


def test_staff_words_do_not_make_a_key_answer_them(one: Loop) -> None:
    one.ask("Shall I look further?", "YES", "NO")
    one.ask("Hello, this is Ann from the hub.", author=Author.STAFF)
    one.until(lambda: not one.sent()[0]["options"])
    one.tap(0, one.sent()[0]["id"])
    one.work()
    assert "earlier question" in one.sent()[-2]["text"]


def test_a_picture_is_fetched_when_staff_open_it(one: Loop) -> None:
    found = one.registry.fetch("telegram", "telegram:f1")
    assert found is not None
    kind, content = found
    assert (kind, content[:4]) == ("image/png", b"\x89PNG")
    one.state.telegram.unknown.add("gone")
    for reference in ("telegram:gone", "telegram:", "https://evil.example/x"):
        assert one.registry.fetch("telegram", reference) is None
