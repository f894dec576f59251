"""Large directories: staged on disk, streamed, written unseen and shown at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bench import made_directory
from directory_sync import run as runs
from directory_sync.fetch import SourceFailed
from directory_sync.run import sync
from directory_sync.sources import read_source
from directory_sync.stream import services_streamed
from hub.database import Database
from hub.profile import Profile
from hub.services import Service
from tests.conftest import SetClock
from tests.directory_sync.feeds import page, service, write

COUNT = runs.AT_ONCE + 400


def shown(database: Database) -> int:
    with database.reading() as session:
        found = session.scalar(
            select(func.count()).select_from(Service).where(Service.withdrawn_at.is_(None))
        )
        return found or 0


def test_many_new_services_are_shown_at_once(
    database: Database, profile: Profile, tmp_path: Path, clock: SetClock
) -> None:
    source = made_directory.write(tmp_path / "many.json", COUNT)
    seen: set[int] = set()

    def watch(what: str, done: int, total: int | None) -> None:
        if what == "writing services":
            seen.add(shown(database))

    first = sync(database, profile, source, clock=clock, progress=watch, folder=tmp_path / "kept")
    assert len(first.plan.added) == COUNT == shown(database)
    assert seen == {0}
    again = sync(database, profile, source, clock=clock, folder=tmp_path / "kept")
    assert len(again.plan.unchanged) == COUNT and not again.plan.changed


def test_a_record_in_the_same_words_is_reported_again(
    sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock
) -> None:
    broken = {**service("b"), "minimum_age": -1}
    source = write(tmp_path / "feed.json", service("a"), broken, {"id": "c"}, broken)
    said = [
        sync(sqlite, profile, source, clock=clock, folder=tmp_path / "kept").to_json()
        for _ in range(2)
    ]
    assert said[0]["added"] == said[1]["unchanged"] == 2
    for name in ("rejected", "left_out"):
        assert said[0][name] == said[1][name] != []


def test_what_is_kept_of_other_words_or_another_directory_is_not_trusted(
    sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock
) -> None:
    kept = tmp_path / "kept"
    source = write(tmp_path / "feed.json", service("a"), service("b"))
    sync(sqlite, profile, source, clock=clock, folder=kept)
    with sqlite.writing() as session:
        for row in session.scalars(select(Service).where(Service.id == "a")):
            row.content_hash = "of an older version"
    assert sync(sqlite, profile, source, clock=clock, folder=kept).plan.changed == ("a",)
    for file in kept.glob("*.sqlite3"):
        file.write_bytes(b"broken by a power cut" * 400)
    assert len(sync(sqlite, profile, source, clock=clock, folder=kept).plan.unchanged) == 2


@pytest.mark.parametrize(
    "value",
    [
        [{"id": "a"}, {"id": "b"}],
        page({"id": "a"}, {"id": "b"}),
        {"meta": {"n": [1, 2]}, "data": {"services": [{"id": "a"}, {"id": "b"}]}, "more": 1},
    ],
)
def test_a_streamed_file_gives_the_same_services(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "feed.json"
    path.write_text("\ufeff" + json.dumps(value, indent=1), encoding="utf-8")
    assert [item["id"] for item in services_streamed(path)] == ["a", "b"]


def test_a_large_file_is_streamed(tmp_path: Path) -> None:
    services = [service(f"s{n}", description="é" * 9000) for n in range(1000)]
    path = tmp_path / "large.json"
    path.write_text(json.dumps(page(*services), ensure_ascii=False), encoding="utf-8")
    assert list(read_source(str(path))) == services


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"contents": [{"id": "a"}, {"id": ', "not JSON near character"),
        (b'[{"id": "a"} {"id": "b"}]', "not JSON near character"),
        (b'{"services": 3}', "holds no list"),
        (b'[{"id": "\xff"}]', "not UTF-8"),
        (b"[" + b'{"a":' * 200_000, "nested too deeply"),
    ],
)
def test_a_broken_large_file_says_where(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(body)
    with pytest.raises(SourceFailed, match=said):
        list(services_streamed(path))


def test_two_runs_of_a_source_do_not_mix(
    sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock
) -> None:
    source = write(tmp_path / "feed.json", *[service(f"s{n}") for n in range(3)])
    inner: list[str] = []

    def meanwhile(*_: object) -> None:
        if not inner:
            found = sync(sqlite, profile, source, clock=clock, folder=tmp_path / "kept")
            inner.append(found.detail)

    outer = sync(sqlite, profile, source, clock=clock, folder=tmp_path / "kept", progress=meanwhile)
    assert inner == ["another run of this source is going on"]
    assert len(outer.plan.added) == 3
