"""Feeds on time: due by their hours, failed ones sooner, with keys from the settings."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.feeds import FeedsOnTime, key_of
from app.house import House
from hub.clock import Clock
from hub.crypto import new_key
from hub.errors import Misconfigured
from hub.feeds import RunStatus, SyncRun
from hub.profile import FeedSource
from hub.settings import ROOT, Settings
from tests.directory_sync.feeds import service, write


@pytest.fixture
def house(tmp_path: Path) -> House:
    shutil.copytree(ROOT / "hubs" / "croxteth", tmp_path / "hubs" / "croxteth")
    given = {
        "database_url": f"sqlite:///{tmp_path / 'record.sqlite3'}",
        "encryption_key": new_key(),
        "hubs_folder": tmp_path / "hubs",
        "sync_folder": tmp_path / "sync",
        "feed_keys": {"liverpool": "s3cret"},
    }
    house = House(Settings(_env_file=None, **given))  # type: ignore[arg-type]
    house.prepare()
    return house


def test_a_feed_is_read_when_its_hours_are_over(house: House) -> None:
    feeds = FeedsOnTime(house)
    due = feeds.due()
    assert due is not None and due.id == "croxteth-demo"
    result = feeds.read(due)
    assert result is not None and len(result.plan.added) == 142
    assert feeds.due() is None
    with house.database.writing() as session:
        (row,) = session.scalars(select(SyncRun)).all()
        began = row.started_at
        session.execute(update(SyncRun).values(status=RunStatus.FAILED))
    assert feeds.due() is None
    late: Clock = lambda: began.replace(year=began.year + 1)  # noqa: E731
    house.__dict__["clock"] = late
    assert feeds.due() == due


def test_a_key_comes_from_the_settings_and_is_asked_for_where_it_is_missing(house: House) -> None:
    at = "https://api.example.org/v3"
    key = key_of(
        house.settings,
        FeedSource(id="liverpool", source=at, key_header="Api-Key"),
    )
    assert key is not None and (key.origin, key.secret) == ("api.example.org:443", "s3cret")
    assert "s3cret" not in repr(house.settings) + repr(key)
    with pytest.raises(Misconfigured, match="GOODHELP_FEED_KEYS"):
        key_of(house.settings, FeedSource(id="other", source=at, key_parameter="key"))
    assert key_of(house.settings, FeedSource(id="open", source=at)) is None


def test_a_feed_that_was_read_by_hand_has_a_name(house: House, tmp_path: Path) -> None:
    source = write(tmp_path / "town.json", *(service(f"s{number}") for number in range(10)))
    name = house.sync(source).feed_id
    write(tmp_path / "town.json", service("s0"))
    assert house.sync(name).exit_status == 3
    assert len(house.sync(name, force=True).plan.withdrawn) == 9
