"""Runs against a real database: applied whole, or not at all, and each one a row."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

from directory_sync.run import AT_ONCE, SyncResult, sync
from hub.database import Database
from hub.feeds import Feed, SyncReject, SyncRun
from hub.matching import Matcher
from hub.meaning import Floats
from hub.places import places_of
from hub.profile import Profile
from hub.services import Location, Organization, Schedule, Service, ServiceNeed
from hub.settings import ROOT
from tests.conftest import SUNDAY_NIGHT, SetClock
from tests.directory_sync.feeds import HUB, page, service, write
from tests.directory_sync.supplier import Supplier

Run = Callable[..., SyncResult]
TEN = [service(f"s{number}", at=HUB) for number in range(10)]


@pytest.fixture
def run(database: Database, profile: Profile, tmp_path: Path, clock: SetClock) -> Run:
    """Syncs the given services as one file."""

    def running(*services: Any, **more: Any) -> SyncResult:
        source = write(tmp_path / "feed.json", *services)
        return sync(database, profile, source, clock=clock, **more)

    return running


def live(database: Database) -> dict[str, str]:
    """Names of the services in the directory, by id."""
    with database.reading() as session:
        rows = session.execute(
            select(Service.id, Service.name).where(Service.withdrawn_at.is_(None))
        )
        return {row[0]: row[1] for row in rows}


def counted(result: SyncResult) -> tuple[int, int, int, int]:
    said = result.to_json()
    return said["added"], said["changed"], said["withdrawn"], said["unchanged"]


def test_added_changed_withdrawn_and_back_again(database: Database, run: Run) -> None:
    assert counted(run(*TEN)) == (10, 0, 0, 0)
    assert counted(run(*TEN)) == (0, 0, 0, 10)
    renamed = {**TEN[1], "name": "Renamed"}
    assert counted(run(renamed, *TEN[2:])) == (0, 1, 1, 8)
    assert live(database)["s1"] == "Renamed"
    assert "s0" not in live(database)
    assert counted(run(*TEN)) == (1, 1, 0, 8)
    assert live(database)["s0"] == "Service s0"


def test_what_hangs_on_a_service_is_written_anew(database: Database, run: Run) -> None:
    hours = {"freq": "WEEKLY", "byday": "TU", "opens_at": "10:00", "closes_at": "12:00"}
    run(service("a", at=HUB, schedules=[hours, hours], needs="food debt"))
    run(service("a", schedules=[hours], needs="debt"))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Schedule)) == 1
        assert session.scalars(select(ServiceNeed.need)).all() == ["debt"]
        # The hall that nobody uses any more is gone; so is nothing else.
        assert session.scalar(select(func.count()).select_from(Location)) == 0
        assert session.scalar(select(func.count()).select_from(Organization)) == 1


def test_a_feed_that_shrinks_is_held_back_for_a_person(database: Database, run: Run) -> None:
    run(*TEN)
    held = run(*TEN[:7])
    assert held.exit_status == 3
    assert held.detail == "3 of 10 services would be withdrawn"
    assert len(live(database)) == 10
    assert counted(run(*TEN[:7], force=True)) == (0, 0, 3, 7)
    assert len(live(database)) == 7


def test_an_empty_feed_is_held_back(database: Database, run: Run) -> None:
    run(*TEN)
    assert run().exit_status == 3
    assert len(live(database)) == 10


def test_a_dry_run_says_what_would_change_and_changes_nothing(database: Database, run: Run) -> None:
    run(*TEN)
    said = run(*TEN[1:], service("new"), dry_run=True)
    assert counted(said) == (1, 0, 1, 9)
    assert said.exit_status == 0
    assert set(live(database)) == {f"s{number}" for number in range(10)}


def test_bad_records_are_reported_and_the_last_good_version_stays(
    database: Database, run: Run
) -> None:
    run(*TEN)
    broken = [{**TEN[0], "name": None}, {**TEN[1], "minimum_age": -1}, "nonsense"]
    result = run(*broken, *TEN[2:], TEN[2])
    assert result.exit_status == 0
    assert result.to_json()["rejected"] == [
        {"id": "s0", "field": "name", "reason": "is missing"},
        {"id": "record 3", "field": "record", "reason": "is no object"},
        {"id": "s2", "field": "id", "reason": "the same id stands on more than one record"},
    ]
    assert result.to_json()["left_out"] == [
        {"id": "s1", "field": "minimum_age", "reason": "-1 is no age"}
    ]
    assert live(database)["s0"] == "Service s0"
    # Nothing is silently lost: what came in is stored or rejected.
    assert result.read == len(result.rejected) + 9
    with database.reading() as session:
        kept = session.execute(select(SyncReject.record_id, SyncReject.record_kept)).all()
    assert ("s0", False) in kept and ("s1", True) in kept


def test_a_broken_file_leaves_the_last_good_directory(
    database: Database, profile: Profile, tmp_path: Path, run: Run, clock: SetClock
) -> None:
    run(*TEN)
    (tmp_path / "feed.json").write_text('{"contents": [{"id": "s0", ')
    result = sync(database, profile, str(tmp_path / "feed.json"), clock=clock)
    assert result.exit_status == 1
    assert "feed.json is not JSON: line 1" in result.detail
    assert len(live(database)) == 10


def test_every_run_is_a_row(database: Database, run: Run, clock: SetClock) -> None:
    run(*TEN)
    clock.move(minutes=5)
    run(*TEN[:5])
    with database.reading() as session:
        rows = session.scalars(select(SyncRun).order_by(SyncRun.id)).all()
    assert [row.status for row in rows] == ["applied", "held_back"]
    assert (rows[0].read, rows[0].added) == (10, 10)
    assert (rows[1].read, rows[1].withdrawn) == (5, 5)
    assert rows[1].started_at == clock.at


def test_a_supplier_that_fails_half_way_changes_nothing(
    database: Database, profile: Profile, clock: SetClock
) -> None:
    broken = False

    def answer(path: str, params: dict[str, str]) -> Any:
        number = int(params.get("page", "1"))
        if broken and number == 2:
            return 500, {}, b"oops"
        some = TEN[(number - 1) * 5 : number * 5]
        return {**page(*some), "total_pages": 2, "last_page": number >= 2}

    with Supplier(answer).running() as supplier:
        first = sync(database, profile, supplier.url, clock=clock, allow=[supplier.origin])
        broken = True
        second = sync(database, profile, supplier.url, clock=clock, allow=[supplier.origin])
    assert counted(first) == (10, 0, 0, 0)
    assert second.exit_status == 1
    assert len(live(database)) == 10


def test_the_same_feed_at_a_new_address_is_the_same_feed(
    database: Database, profile: Profile, tmp_path: Path, run: Run, clock: SetClock
) -> None:
    run(*TEN)
    moved = write(tmp_path / "moved.json", *TEN[1:])
    assert counted(sync(database, profile, moved, clock=clock)) == (0, 0, 1, 9)
    other = write(tmp_path / "other.json", service("x"))
    assert counted(sync(database, profile, other, clock=clock)) == (1, 0, 0, 0)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Feed)) == 2


def test_the_demo_directory_goes_in_whole(
    database: Database, profile: Profile, clock: SetClock
) -> None:
    told: list[tuple[str, int, int | None]] = []
    result = sync(
        database,
        profile,
        "croxteth-demo",
        clock=clock,
        progress=lambda *step: told.append(step),
    )
    assert counted(result) == (142, 0, 0, 0)
    assert not result.rejected and not result.left_out
    assert told[-1] == ("writing services", 142, 142)
    matcher = Matcher(profile, places_of(profile.folder))
    with database.reading() as session:
        assert matcher.prepare(session) == 142
        found = matcher(session, ["food", "debt"], when=clock(), outcode="L11")
    assert [match.need for match in found.matches] == ["food", "debt", "food"]


def test_meanings_are_kept_batch_by_batch_and_go_on_where_they_were_cut_off(
    database: Database, profile: Profile, run: Run, clock: SetClock
) -> None:
    asked: list[str] = []
    broken: list[int] = []

    def embed(texts: list[str]) -> Floats:
        if len(asked) in broken:
            raise KeyboardInterrupt
        asked.extend(texts)
        # Nobody waits for the record while texts are embedded, and questions are answered.
        with database.writing() as session, database.reading() as other:
            session.execute(update(Service).values(alert=None))
            assert waiting(other, ["food"], when=clock(), limit=1).matches
        return np.eye(len(texts), 4, dtype=np.float32)

    run(*TEN[:3])
    waiting = Matcher(profile, places_of(profile.folder))
    first, second = (Matcher(profile, places_of(profile.folder), embed) for _ in range(2))
    with database.reading() as session:
        assert not first.prepare_words(session) and not asked
        assert first(session, ["food"], when=clock(), words="no food", limit=1).matches
    broken.append(256)
    asked.clear()
    with pytest.raises(KeyboardInterrupt):
        first.make_meanings(database)
    assert len(asked) == 256
    broken.clear()
    assert second.make_meanings(database) > 0
    assert len(asked) == len(set(asked)) > 1000, "no text is read twice"
    assert second.make_meanings(database) == 0
    with database.reading() as session:
        assert second.prepare_words(session)


def test_a_run_that_is_killed_ten_times_leaves_the_old_directory_or_the_new(
    sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock
) -> None:
    old = [service(f"s{number}", name="old") for number in range(300)]
    # Enough new ones to be written unseen first.
    new = [service(f"s{number}", name="new") for number in range(300 + AT_ONCE + 100)]
    source = write(tmp_path / "feed.json", *old)
    sync(sqlite, profile, source, clock=clock)
    write(tmp_path / "feed.json", *new)
    script = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from directory_sync.run import sync\n"
        "from hub.crypto import Cipher, new_key\n"
        "from hub.database import Database\n"
        "from hub.profile import load_profile\n"
        "database = Database(sys.argv[1], Cipher(new_key()))\n"
        "def tell(what, done, total):\n"
        "    if what == 'writing services':\n"
        "        print(done, flush=True)\n"
        "print('ready', flush=True)\n"
        "sync(database, load_profile(Path(sys.argv[2])), sys.argv[3], folder=Path(sys.argv[4]),\n"
        "     clock=lambda: datetime.now(UTC), progress=tell)\n"
    )
    url = f"sqlite:///{tmp_path / 'record.sqlite3'}"
    kept = str(tmp_path / "kept")
    arguments = [sys.executable, "-c", script, url, str(profile.folder), source, kept]
    # While it reads, after each of its steps in writing, and at its very end.
    for lines in range(1, 11):
        with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            time.sleep(0.01 * lines)
            process.kill()
        found = live(sqlite)
        assert (len(found), set(found.values())) in ((300, {"old"}), (len(new), {"new"})), lines
    assert sync(sqlite, profile, source, clock=lambda: SUNDAY_NIGHT).exit_status == 0
    assert set(live(sqlite).values()) == {"new"}
