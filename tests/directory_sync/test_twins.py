"""The same service from two feeds is offered once; what is not certain waits for a person."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory_sync.run import sync
from hub.database import Database
from hub.matching import Matcher
from hub.places import places_of
from hub.profile import FeedSource, Profile
from hub.twins import Twin, TwinStatus, decide, find_twins, to_look_at, waiting
from tests.conftest import SetClock
from tests.directory_sync.feeds import HUB, service, write


def named(id: str, name: str, phone: str = "", **more: Any) -> dict[str, Any]:
    made = {**service(id, at=HUB, needs="food"), "name": name, **more}
    return {**made, "phones": [{"number": phone}]} if phone else made


@pytest.fixture
def two(profile: Profile, tmp_path: Path) -> Profile:
    """A hub with two feeds; the council's is trusted first."""
    feeds = [
        FeedSource(id="council", source=str(tmp_path / "council.json")),
        FeedSource(id="charity", source=str(tmp_path / "charity.json")),
    ]
    return profile.model_copy(update={"feeds": tuple(feeds)})


def offered(database: Database, profile: Profile, clock: SetClock) -> list[str]:
    matcher = Matcher(profile, places_of(profile.folder))
    with database.reading() as session:
        found = matcher(session, ["food"], when=clock(), limit=20).matches
    return sorted(match.service_id for match in found)


def test_one_of_two(database: Database, two: Profile, tmp_path: Path, clock: SetClock) -> None:
    write(
        tmp_path / "council.json",
        named("c1", "Lantern Pantry", "0151 496 0003"),
        named("c2", "Warm Lunch"),
    )
    write(
        tmp_path / "charity.json",
        named("x1", "Lantern pantry", "+44 151 496 0003"),
        named("x2", "Warm Lunches"),
        named("x3", "Choir and soup"),
    )
    # The less trusted comes first in time, and still gives way.
    sync(database, two, "charity", clock=clock)
    assert offered(database, two, clock) == ["x1", "x2", "x3"]
    sync(database, two, "council", clock=clock)
    assert offered(database, two, clock) == ["c1", "c2", "x2", "x3"]
    with database.writing() as session:
        ((twin, first, second),) = waiting(session, two.id)
        assert (first.id, second.id) == ("c2", "x2")
        assert "the same place" in twin.reasons
        decide(session, twin, True, "Ann", clock())
        assert to_look_at(session, two.id) == 0
    assert offered(database, two, clock) == ["c1", "c2", "x3"]
    # A person's word outlasts the next reading; a withdrawn service gives its place back.
    write(tmp_path / "council.json", named("c2", "Warm Lunch"))
    sync(database, two, "council", clock=clock, force=True)
    assert offered(database, two, clock) == ["c2", "x1", "x3"]
    with database.writing() as session:
        twin = session.scalars(select(Twin).where(Twin.status == TwinStatus.MERGED)).one()
        decide(session, twin, False, "Ann", clock() + timedelta(days=1))
        assert find_twins(session, two.id, clock()) == 0
    assert offered(database, two, clock) == ["c2", "x1", "x2", "x3"]
