"""Long polling: stored before Telegram may forget, one poller, nobody's webhook taken away."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.channels import telegram_set_up
from bot.channels.base import Errand, Event
from bot.channels.telegram_polling import Poller
from bot.channels.telegram_updates import PATH
from bot.webhooks import take_in
from hub.database import Database
from hub.profile import Profile
from hub.settings import Settings
from hub.words import Words
from nlu.hearer import Hearer
from standin import telegram_says as telegram
from tests.bot.conftest import make_settings
from tests.bot.telegram_loop import CHAT, HUB, Loop, running
from tests.conftest import SetClock


@pytest.fixture
def loop(
    database: Database, clock: SetClock, profile: Profile, word_hearer: Hearer
) -> Iterator[Loop]:
    with running(database, clock, profile, word_hearer, telegram_polling=True) as made:
        yield made


@pytest.fixture
def one(sqlite: Database, clock: SetClock, profile: Profile, word_hearer: Hearer) -> Iterator[Loop]:
    with running(sqlite, clock, profile, word_hearer, telegram_polling=True) as made:
        yield made


class Polling:
    """A poller that runs within a `with`. `away` is set while the record does not answer."""

    def __init__(self, loop: Loop) -> None:
        self.away = threading.Event()
        self._loop = loop
        take = partial(take_in, loop.database, HUB, clock=loop.clock, ways=loop.registry.ways)

        def store(event: Event | Errand) -> None:
            if self.away.is_set():
                raise OperationalError("insert", {}, Exception("away"))
            take(event)

        self.poller = Poller(loop.settings, loop.database, loop.clock, store, hurry=50)

    def __enter__(self) -> "Polling":
        self.poller.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.poller.stop(5)


def wait_at_telegram(loop: Loop, *updates: dict[str, Any]) -> None:
    """Updates that came while nobody asked."""
    loop.state.telegram.polled = True
    for update in updates:
        loop.tell(update)


def texts(loop: Loop) -> list[str]:
    return [row.text for row in loop.inbound()]


def test_what_waited_and_what_comes_is_stored_and_answered(loop: Loop) -> None:
    wait_at_telegram(loop, telegram.update(5, CHAT, "no food"), telegram.update(6, CHAT, "in"))
    with Polling(loop):
        loop.until(lambda: len(texts(loop)) == 2)
        loop.until(lambda: loop.bot()["confirmed"] == 6)
        loop.tell(telegram.update(7, CHAT, "and no heat"))
        loop.until(lambda: len(texts(loop)) == 3)
    loop.work()
    assert texts(loop) == ["no food", "in", "and no heat"]
    assert loop.sent()


def test_nothing_is_confirmed_before_it_is_stored(loop: Loop) -> None:
    polling = Polling(loop)
    polling.away.set()
    wait_at_telegram(loop, telegram.update(5, CHAT, "one"), telegram.update(6, CHAT, "two"))
    with polling:
        time.sleep(0.6)
        assert (texts(loop), loop.bot()["confirmed"], loop.bot()["waiting"]) == ([], 0, 2)
        polling.away.clear()
        loop.until(lambda: texts(loop) == ["one", "two"])
        loop.until(lambda: loop.bot()["confirmed"] == 6)


def test_a_new_process_reads_again_and_stores_once(loop: Loop) -> None:
    wait_at_telegram(loop, telegram.update(5, CHAT, "one"))
    for _ in range(2):
        with Polling(loop):
            loop.until(lambda: texts(loop) == ["one"])
        loop.state.telegram.confirmed = 0
        loop.state.telegram.waiting = [telegram.update(5, CHAT, "one")]


def test_one_process_polls_at_a_time_and_the_next_takes_over(loop: Loop) -> None:
    with Polling(loop):
        loop.until(lambda: loop.state.telegram.poll)
        with Polling(loop):
            time.sleep(0.5)
            assert loop.state.telegram.poll == 1
            loop.tell(telegram.update(5, CHAT, "one"))
            loop.until(lambda: texts(loop) == ["one"])
    with Polling(loop):
        loop.tell(telegram.update(6, CHAT, "two"))
        loop.until(lambda: texts(loop) == ["one", "two"])


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_another_bot_with_our_token_is_waited_out(one: Loop) -> None:
    one.fault(kind="refuse", http=409, method="getUpdates", times=2, words="Conflict: terminated")
    one.fault(kind="refuse", http=502, method="getUpdates", times=1)
    one.fault(kind="refuse", http=429, method="getUpdates", retry_after=1)
    with Polling(one):
        one.state.telegram.polled = True
        one.tell(telegram.update(5, CHAT, "one"))
        one.until(lambda: texts(one) == ["one"])


def test_a_webhook_that_leads_elsewhere_is_left_alone(one: Loop) -> None:
    """The token of the real hub on a laptop must not cut the real hub off."""
    one.state.telegram.webhook = "https://the-real-hub.example/webhooks/telegram"
    with Polling(one):
        time.sleep(0.5)
        assert one.state.telegram.webhook
        assert one.state.telegram.poll == 0


def test_our_own_webhook_is_taken_away(one: Loop) -> None:
    one.state.telegram.webhook = one.settings.public_url + PATH
    with Polling(one):
        one.until(lambda: one.state.telegram.poll)
    assert one.state.telegram.webhook == ""


def test_one_bad_update_does_not_hold_back_the_others(one: Loop) -> None:
    poison = telegram.update(5, CHAT, "x" * 20_001)
    odd = {"update_id": 6, "callback_query": {"id": 1}}
    wait_at_telegram(one, poison, odd, telegram.update(7, CHAT, "one"))
    with Polling(one):
        one.until(lambda: texts(one) == ["one"])
        one.until(lambda: one.bot()["confirmed"] == 7)


def test_it_stops_within_a_second_while_telegram_holds_the_call(one: Loop) -> None:
    polling = Polling(one)
    with polling:
        one.until(lambda: one.state.telegram.poll)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    with one.database.reading() as session:
        until = session.execute(text("SELECT until FROM pollers")).scalar_one()
    assert str(until)[:16] == str(one.clock())[:16], "the next process need not wait for the lease"


@pytest.mark.parametrize("polling", [True, False])
def test_set_up_and_check(one: Loop, polling: bool) -> None:
    settings = one.settings.model_copy(update={"telegram_polling": polling})
    words = Words.load("en", hub="Good Help Croxteth")
    if polling:
        one.state.telegram.webhook = "https://old.example/"
    assert any("run the set-up" in line for line in telegram_set_up.check(settings))
    assert any("@standin_bot" in line for line in telegram_set_up.set_up(settings, words))
    assert telegram_set_up.check(settings) == []
    bot = httpx.get(f"{one.telegram}/telegram").json()
    assert bot["webhook"] == ("" if polling else settings.public_url + PATH)
    names = [command["command"] for command in bot["about"]["Commands"]["commands"]]
    assert names == ["start", "help", "human", "privacy", "delete", "link", "stop"]
    assert len(bot["about"]["ShortDescription"]["short_description"]) <= 120
    if not polling:
        one.say("hello")
        assert texts(one) == ["hello"]


def test_set_up_and_check_say_what_is_wrong(one: Loop) -> None:
    words = Words.load("en", hub="Good Help Croxteth")
    one.state.telegram.bad_tokens.add("1:token")
    assert "not valid" in telegram_set_up.check(one.settings)[0]
    assert "not valid" in telegram_set_up.set_up(one.settings, words)[0]
    away = one.settings.model_copy(update={"telegram_api_url": "http://127.0.0.1:9"})
    assert "NetworkError" in telegram_set_up.check(away)[0]
    unused: Settings = make_settings(telegram_token="")
    assert telegram_set_up.check(unused) == []
    one.state.telegram.bad_tokens.clear()
    one.state.telegram.me["can_join_groups"] = True
    one.state.telegram.webhook = one.settings.public_url + PATH
    one.state.telegram.last_error = "Wrong response from the webhook: 503"
    hook = one.settings.model_copy(update={"telegram_polling": False})
    found = " ".join(telegram_set_up.check(hook))
    assert "/setjoingroups" in found
    assert "503" in found
