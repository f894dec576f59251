"""A running stack whose processes are killed while residents write, and what must hold then."""

import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import func, select

from app.demo import prepare
from app.house import House
from app.stack import Child, Stack, free_port
from hub.crypto import new_key
from hub.database import Database
from hub.messages import Message, Status
from hub.settings import Settings
from standin import telegram_says, twilio
from tests.faults.check import check

ACCOUNT, TOKEN, NUMBER = "AC" + "1" * 32, "a token for faults", "+447700900000"
SECRET = "a-secret-for-faults"
TEXTS, CHATS = "/webhooks/twilio/message", "/webhooks/telegram"
# A dead worker's send is looked up later; then there is a queue to be worked off.
SETTLE_SECONDS = 300.0
# A machine that does other things takes long to start Rasa.
PATIENCE = 300.0
SAYINGS = (
    "hiya, struggling with the bills",
    "a bit of peace and quiet",
    "yes",
    "L11",
    "1",
    "menu",
    "need a job",
    "what did you say",
    "something else",
    "thanks",
)
ON_ITS_WAY = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)
ON_ONE_DATABASE = ("actions", "worker", "web")


@dataclass(frozen=True)
class Call:
    """One webhook call, to be made as often as it takes."""

    path: str
    provider_id: str
    headers: dict[str, str]
    body: bytes


@dataclass
class World:
    """The stack, its provider and the record. `acknowledged` holds providers' ids."""

    stack: Stack
    provider: str
    folder: Path
    secrets: dict[str, str]
    database: Database
    acknowledged: set[str] = field(default_factory=set)
    # How often a call was answered with a refusal, by its status.
    refused: Counter[int] = field(default_factory=Counter)
    # Set where a test has failed: nobody writes any more, so that the next test can begin.
    over: threading.Event = field(default_factory=threading.Event)
    _words_before: int = 0
    _people: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _updates: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def resident(self) -> str:
        """The number of somebody who never wrote before, kept for stories."""
        return f"+4477009{next(self._people):05d}"

    def chat(self) -> str:
        """The Telegram chat of somebody who never wrote before."""
        return str(40_000 + next(self._people))

    def text(self, who: str, words: str) -> None:
        """Somebody writes; it is told again until it is acknowledged, as by a patient provider."""
        call = self.call(who, words)
        until = time.monotonic() + SETTLE_SECONDS
        while not self.told(call) and not self.over.is_set():
            assert time.monotonic() < until, "a message was never acknowledged"
            time.sleep(0.3)

    def call(self, who: str, words: str) -> Call:
        """The webhook call for a text."""
        if who.startswith("+"):
            params = twilio.inbound(words, who, NUMBER, ACCOUNT)
            headers = {
                "X-Twilio-Signature": twilio.sign(TOKEN, self.stack.url + TEXTS, params),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            body = urlencode(params).encode()
            return Call(TEXTS, params["MessageSid"], headers, body)
        number = next(self._updates)
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": SECRET,
            "Content-Type": "application/json",
        }
        update = telegram_says.update(number, int(who), words)
        return Call(CHATS, f"update:{number}:m{number}", headers, json.dumps(update).encode())

    def told(self, call: Call) -> bool:
        """Make a webhook call; whether it was acknowledged."""
        try:
            answer = httpx.post(
                self.stack.url + call.path, headers=call.headers, content=call.body, timeout=15
            )
        except httpx.HTTPError:
            return False
        if answer.is_success:
            self.acknowledged.add(call.provider_id)
        else:
            self.refused[answer.status_code] += 1
        return answer.is_success

    def only_in_the_list(self, who: str, words: str) -> None:
        """Somebody writes, and no webhook ever comes."""
        lost = {"sender": who, "text": words, "to": NUMBER, "lost": True, "minutes_ago": 1}
        self.acknowledged.add(httpx.post(f"{self.provider}/said", json=lost).json()["sid"])

    def fault(self, **fault: Any) -> None:
        """Make the provider fail."""
        assert httpx.post(f"{self.provider}/faults", json=fault).status_code == 201

    def write(self, seed: int, enough: threading.Event, pause: float) -> None:
        """Residents write ten texts each, one after the other, every third one on Telegram."""
        chance = random.Random(seed)
        for number in itertools.count(seed):
            who = self.chat() if number % 3 == 2 else self.resident()
            for words in range(len(SAYINGS)):
                if enough.is_set():
                    return
                self.text(who, SAYINGS[(words + seed) % len(SAYINGS)])
                time.sleep(chance.uniform(0, 2 * pause))

    @contextmanager
    def residents_write(self, at_once: int, pause: float) -> Iterator[None]:
        """So many residents at a time write while this lasts."""
        enough = threading.Event()
        writers = [partial(self.write, seed, enough, pause) for seed in range(at_once)]
        with self.meanwhile(*writers):
            try:
                yield
            finally:
                enough.set()

    @contextmanager
    def meanwhile(self, *tasks: Callable[[], None]) -> Iterator[None]:
        """These run while this lasts, and are waited for. After a failure nobody writes on."""
        threads = [threading.Thread(target=task) for task in tasks]
        for thread in threads:
            thread.start()
        try:
            yield
        except BaseException:
            self.over.set()
            raise
        finally:
            for thread in threads:
                thread.join()

    def kill(self, name: str) -> None:
        """SIGKILL, and started anew."""
        self.stack.children[name].kill()
        self._words_before = self._words_of_worker()
        self.stack.start(name)

    def back(self, name: str, seconds: float = PATIENCE) -> None:
        """Return once a process that was started anew is at work again."""
        until = time.monotonic() + seconds
        if name == "rasa":
            self.stack.wait_until_ready(seconds)
        elif name == "worker":
            while self._words_of_worker() <= self._words_before:
                assert time.monotonic() < until, "the worker does not come back"
                time.sleep(0.1)
        else:
            self.answers(seconds)

    def _words_of_worker(self) -> int:
        return (self.stack.logs / "worker.log").read_text().count("worker ready")

    def armed(self, name: str, point: str) -> Child:
        """Start a process anew, to kill at a point."""
        return self.stack.start(name, GOODHELP_STOP_AT=point)

    def answers(self, seconds: float = PATIENCE) -> None:
        """Return once the action server and the web process can be called."""
        for url in (self.stack.environment["GOODHELP_ACTION_URL"], f"{self.stack.url}/"):
            until = time.monotonic() + seconds
            while True:
                try:
                    httpx.get(url.replace("/webhook", "/health"), timeout=5)
                    break
                except httpx.HTTPError:
                    assert time.monotonic() < until, "it does not come back"
                    time.sleep(0.2)

    def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Return once every text is answered and every answer is sent. Fails where it never is."""
        until = time.monotonic() + seconds
        left: Any = None
        while time.monotonic() < until:
            for child in self.stack.children.values():
                assert not child.ended, f"{child.name} has ended:\n{child.last_words()}"
            with self.database.reading() as session:
                left = dict(
                    session.execute(
                        select(Message.status, func.count())
                        .where(Message.status.in_([Status.RECEIVED, *ON_ITS_WAY]))
                        .where(Message.not_before.is_(None) | (Message.attempts > 0))
                        .group_by(Message.status)
                    ).all()
                )
            if not left:
                return
            time.sleep(0.5)
        raise AssertionError(f"still on its way: {left}")

    def check(self) -> str:
        """Nothing lost, nothing doubled, nothing out of order; the figures, in a line."""
        sent = httpx.get(f"{self.provider}/sent").json()
        with self.database.reading() as session:
            return check(session, sent, self.acknowledged)


def settings_of(environment: dict[str, str]) -> Settings:
    """The settings that a process has with this environment."""
    given: dict[str, Any] = {
        name.removeprefix("GOODHELP_").lower(): value for name, value in environment.items()
    }
    return Settings(_env_file=None, **given)


@contextmanager
def four_processes(provider: str, folder: Path) -> Iterator[Stack]:
    """The stack, not started, with leases short enough to watch."""
    port = free_port()
    environment = {
        "GOODHELP_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GOODHELP_SECRET_KEY": new_key(),
        "GOODHELP_ENCRYPTION_KEY": new_key(),
        "GOODHELP_TWILIO_ACCOUNT_SID": ACCOUNT,
        "GOODHELP_TWILIO_AUTH_TOKEN": TOKEN,
        "GOODHELP_TWILIO_API_URL": provider,
        "GOODHELP_SMS_NUMBER": NUMBER,
        "GOODHELP_WHATSAPP_NUMBER": NUMBER,
        "GOODHELP_TELEGRAM_TOKEN": "1:token",
        "GOODHELP_TELEGRAM_SECRET": SECRET,
        "GOODHELP_TELEGRAM_API_URL": provider,
        "GOODHELP_RASA_TIMEOUT": "8",
        "GOODHELP_LEASE_SECONDS": "17",
        "GOODHELP_SEND_LEASE_SECONDS": "8",
    }
    logs = folder / "logs"
    logs.mkdir()
    stack = Stack(port, environment, logs)
    try:
        yield stack
    finally:
        stack.stop()


@contextmanager
def on(stack: Stack, url: str, provider: str, folder: Path) -> Iterator[World]:
    """The stack on a database of its own. Rasa keeps nothing and stays; the others start anew.

    So each test has a world in good health, whatever became of the test before.
    """
    stack.environment["GOODHELP_DATABASE_URL"] = url
    house = House(settings_of(stack.environment))
    world = World(stack, provider, folder, stack.environment, house.database)
    try:
        prepare(house, "a password for tests")
        httpx.delete(f"{provider}/sent")
        if "rasa" not in stack.children or stack.children["rasa"].ended:
            stack.start("rasa")
        for name in ON_ONE_DATABASE:
            stack.start(name)
        stack.wait_until_ready(PATIENCE)
        yield world
    finally:
        world.over.set()
        for child in stack.children.values():
            if child.name in ON_ONE_DATABASE:
                child.kill()
        house.database.close()
