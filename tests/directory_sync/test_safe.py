"""What only a running socket shows: the checked address is the called one; progress; hold-back."""

import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from directory_sync.fetch import Fetcher, GuardedTransport, SourceFailed
from directory_sync.run import sync
from hub.database import Database
from hub.feeds import RunStatus, SyncRun
from hub.profile import Profile
from tests.conftest import SetClock
from tests.directory_sync.feeds import page, service, write
from tests.directory_sync.supplier import Supplier

NAME = "rebinder.test"
seen: list[tuple[str, Any]] = []
_listening: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    # An audit hook cannot be taken away again: it listens only while a test asks it to.
    if _listening and event in ("socket.getaddrinfo", "socket.connect"):
        seen.append((event, arguments[0 if event == "socket.getaddrinfo" else 1]))


sys.addaudithook(_hook)


class Resolver:
    """A name server that changes its mind: each question about NAME has the next answer."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0
        self._real = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != NAME:
            return self._real(host, port, *more, **named)
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return self._real(answer, port, *more, **named)


def test_the_address_that_was_checked_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Supplier(lambda *_: page(service("a"))).running() as supplier:
        port = supplier.origin.rpartition(":")[2]
        # The second answer is a machine inside, where somebody listens too.
        resolver = Resolver("127.0.0.1", "127.0.0.2")
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        seen.clear()
        _listening.append(True)
        try:
            with Fetcher(allow=[f"{NAME}:{port}"]) as fetcher:
                fetcher.json(f"http://{NAME}:{port}/services")
        finally:
            _listening.clear()
    assert resolver.asked == 1, "a name is asked for once; a second answer could be another"
    assert [what for event, what in seen if event == "socket.connect"] == [("127.0.0.1", int(port))]
    assert supplier.headers[0]["host"] == f"{NAME}:{port}"


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_turns_to_a_private_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(inside))
    seen.clear()
    _listening.append(True)
    try:
        with (
            GuardedTransport() as transport,
            pytest.raises(SourceFailed, match="not a public address"),
        ):
            transport.handle_request(httpx.Request("GET", f"https://{NAME}/services"))
    finally:
        _listening.clear()
    assert not [event for event, _ in seen if event == "socket.connect"]


def test_how_far_a_reading_is_stands_in_its_row(
    sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    told: list[tuple[str, int, int | None]] = []

    def answer(_: str, params: dict[str, str]) -> Any:
        number = int(params.get("page", "1"))
        if number == 2:
            with sqlite.reading() as session:
                (row,) = session.query(SyncRun).all()
                told.append((row.doing, row.done, row.total))
        found = page(*(service(f"s{number}-{n}") for n in range(3)))
        return {**found, "total_items": 6, "total_pages": 2, "page_number": number,
                "last_page": number == 2} if number < 3 else page()  # fmt: skip

    with Supplier(answer).running() as supplier:
        allow = [supplier.origin]
        source = f"{supplier.url}/services"
        done = sync(sqlite, profile, source, clock=clock, feed_id="town", allow=allow)
    assert done.read == 6
    assert told == [("reading services", 1, 6)]
    with sqlite.reading() as session:
        (row,) = session.query(SyncRun).all()
        assert (row.status, row.doing, row.done) == (RunStatus.APPLIED, "", 0)


@pytest.mark.parametrize(("share", "held"), [(0.2, True), (0.6, False)])
def test_how_much_may_go_at_once_is_a_setting(
    sqlite: Database, profile: Profile, clock: SetClock, tmp_path: Path, share: float, held: bool
) -> None:
    rows = [service(f"s{n}") for n in range(10)]
    source = write(tmp_path / "feed.json", *rows)
    sync(sqlite, profile, source, clock=clock, feed_id="town")
    write(tmp_path / "feed.json", *rows[:5])
    found = sync(sqlite, profile, source, clock=clock, feed_id="town", hold_back=share)
    assert (found.status == RunStatus.HELD_BACK) is held
