"""How a supplier is asked: on condition, with its key, with patience, and only for changes."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory_sync.fetch import Fetcher, Key, NotAnswered
from directory_sync.kept import kept_for
from directory_sync.run import SyncResult, sync
from hub.database import Database
from hub.feeds import SyncRun
from hub.profile import Profile
from tests.conftest import SetClock
from tests.directory_sync.feeds import page, service
from tests.directory_sync.supplier import Raw, Supplier, json_answer

TEN = [service(f"s{number}") for number in range(10)]


class Paged:
    """Five services a page; knows `modified_after`, and can be told to break."""

    def __init__(self) -> None:
        self.services: list[dict[str, Any]] = list(TEN)
        self.broken_from = 99

    def __call__(self, path: str, params: dict[str, str]) -> Any:
        number = int(params.get("page", "1"))
        if number >= self.broken_from:
            return 500, {}, b"oops"
        after = params.get("modified_after")
        found = [s for s in self.services if not after or s.get("last_modified", "") > after]
        some = found[(number - 1) * 5 : number * 5]
        return {**page(*some), "last_page": number * 5 >= len(found), "total_pages": 2}


@pytest.fixture
def paged() -> Paged:
    return Paged()


def read(
    database: Database,
    profile: Profile,
    clock: SetClock,
    supplier: Supplier,
    folder: Path,
    **more: Any,
) -> SyncResult:
    return sync(
        database,
        profile,
        supplier.url,
        clock=clock,
        allow=[supplier.origin],
        folder=folder,
        **more,
    )


def test_a_reading_that_was_cut_off_goes_on_where_it_was(
    sqlite: Database, profile: Profile, clock: SetClock, tmp_path: Path, paged: Paged
) -> None:
    with Supplier(paged).running() as supplier:
        paged.broken_from = 2
        assert read(sqlite, profile, clock, supplier, tmp_path).exit_status == 1
        paged.broken_from, asked = 99, len(supplier.asked)
        clock.move(minutes=30)
        assert len(read(sqlite, profile, clock, supplier, tmp_path).plan.added) == 10
        assert not any("&page=1" in path for path in supplier.asked[asked:])
        # What was applied is over: the next reading asks for everything again.
        asked = len(supplier.asked)
        read(sqlite, profile, clock, supplier, tmp_path)
        assert any("&page=1" in path for path in supplier.asked[asked:])


def test_an_old_reading_is_not_gone_on_with(
    sqlite: Database, profile: Profile, clock: SetClock, tmp_path: Path, paged: Paged
) -> None:
    with Supplier(paged).running() as supplier:
        paged.broken_from = 2
        read(sqlite, profile, clock, supplier, tmp_path)
        paged.broken_from, asked = 99, len(supplier.asked)
        clock.move(hours=2)
        read(sqlite, profile, clock, supplier, tmp_path)
        assert any("&page=1" in path for path in supplier.asked[asked:])


def test_changes_alone_withdraw_nothing_and_a_week_later_all_is_read(
    sqlite: Database, profile: Profile, clock: SetClock, tmp_path: Path, paged: Paged
) -> None:
    with Supplier(paged).running() as supplier:
        first = read(sqlite, profile, clock, supplier, tmp_path, changes_only=True)
        assert len(first.plan.added) == 10
        clock.move(days=2)
        today = clock().isoformat()
        paged.services = [{**TEN[0], "name": "New name", "last_modified": today}, *TEN[2:]]
        some = read(sqlite, profile, clock, supplier, tmp_path, changes_only=True)
        assert (some.read, some.plan.changed, some.plan.withdrawn) == (1, ("s0",), ())
        none = read(sqlite, profile, clock, supplier, tmp_path, changes_only=True)
        assert none.exit_status == 0
        clock.move(days=6)
        whole = read(sqlite, profile, clock, supplier, tmp_path, changes_only=True)
        assert whole.plan.withdrawn == ("s1",)
    with sqlite.reading() as session:
        assert len(session.scalars(select(SyncRun)).all()) == 4


def test_a_page_that_did_not_change_is_not_sent_again(tmp_path: Path) -> None:
    sent: list[int] = []

    def answer(path: str, params: dict[str, str]) -> Raw:
        sent.append(1)
        status, headers, body = json_answer(page(*TEN))
        return status, {**headers, "ETag": '"one"'}, body

    with Supplier(answer, etag='"one"').running() as supplier:
        for _ in range(2):
            with (
                kept_for(tmp_path, "croxteth", supplier.url) as kept,
                Fetcher(allow=[supplier.origin], kept=kept) as fetcher,
            ):
                kept.begin_crawl(datetime.now(UTC))
                assert len(fetcher.json(f"{supplier.url}/services")["contents"]) == 10
                kept.end_crawl()
        assert len(supplier.asked) == 2 and len(sent) == 1


@pytest.mark.parametrize("how", ["seconds", "date"])
def test_a_busy_supplier_is_waited_for(how: str) -> None:
    times: list[float] = []

    def answer(path: str, params: dict[str, str]) -> Any:
        times.append(time.monotonic())
        if len(times) > 1:
            return [1]
        moment = datetime.now(UTC) + timedelta(seconds=2)
        said = "1" if how == "seconds" else format_datetime(moment, usegmt=True)
        return 429, {"Retry-After": said}, b""

    with Supplier(answer).running() as supplier, Fetcher(allow=[supplier.origin]) as fetcher:
        assert fetcher.json(supplier.url) == [1]
    assert times[1] - times[0] >= 0.9


def test_a_supplier_that_stays_busy_is_left_alone() -> None:
    def answer(path: str, params: dict[str, str]) -> Raw:
        return 503, {"Retry-After": "0"}, b""

    with Supplier(answer).running() as supplier, Fetcher(allow=[supplier.origin]) as fetcher:
        with pytest.raises(NotAnswered, match="503"):
            fetcher.json(supplier.url)
        assert len(supplier.asked) == 3


def test_a_key_goes_to_its_own_supplier_and_into_no_report() -> None:
    def elsewhere(path: str, params: dict[str, str]) -> Any:
        return 500, {}, b""

    with Supplier(elsewhere).running() as other:

        def answer(path: str, params: dict[str, str]) -> Any:
            return 302, {"Location": f"{other.url}/stolen"}, b""

        with Supplier(answer).running() as supplier:
            key = Key(supplier.origin, "s3cret", header="X-Api-Key", parameter="code")
            allow = [supplier.origin, other.origin]
            with (
                Fetcher(allow=allow, key=key) as fetcher,
                pytest.raises(NotAnswered) as raised,
            ):
                fetcher.json(supplier.url)
            assert "code=s3cret" in supplier.asked[0]
            assert supplier.headers[0]["x-api-key"] == "s3cret"
            assert "s3cret" not in str(raised.value) + repr(key)
        assert "s3cret" not in other.asked[0] + str(other.headers[0])
