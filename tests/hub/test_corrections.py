"""Staff know better: an overlay that outlasts readings and falls away when the feed agrees."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from directory_sync.run import sync
from hub import corrections, users
from hub.corrections import Correction, End, Field
from hub.database import Database
from hub.errors import BadInput, NotAllowed, StaleEdit
from hub.hunt import Match
from hub.matching import Matcher
from hub.people import Role, User
from hub.places import places_of
from hub.profile import Profile
from hub.services import Service
from tests.conftest import SetClock
from tests.directory_sync.feeds import service, write

FEED = {
    "phones": [{"number": "0151 496 0000"}],
    "url": "http://old.example.org",
    "schedules": [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "11:00"}],
}
Read = Callable[..., None]


@pytest.fixture
def ann(database: Database, profile: Profile, clock: SetClock) -> User:
    with database.writing() as session:
        return users.add_user(session, profile.id, "Ann", Role.STAFF, "tea-and-toast-11", clock())


@pytest.fixture
def read(database: Database, profile: Profile, tmp_path: Path, clock: SetClock) -> Read:
    def run(**more: object) -> None:
        clock.move(hours=1)
        source = write(tmp_path / "feed.json", service("a", **{**FEED, **more}), service("b"))
        assert sync(database, profile, source, clock=clock, feed_id="town").exit_status == 0

    run()
    return run


def correct(database: Database, user: User, clock: SetClock, field: str, value: str = "") -> int:
    clock.move(minutes=1)
    with database.writing() as session:
        one = session.scalars(select(Service).where(Service.id == "a")).one()
        return corrections.correct(session, one, user, field, value, clock()).id


def offered(database: Database, matcher: Matcher, clock: SetClock) -> dict[str, Match]:
    with database.reading() as session:
        found = matcher(session, ["food"], when=clock(), limit=5)
    return {match.service_id: match for match in found.matches}


def test_it_is_used_at_once_and_outlasts_readings(
    database: Database, profile: Profile, clock: SetClock, ann: User, read: Read
) -> None:
    matcher = Matcher(profile, places_of(profile.folder))
    assert offered(database, matcher, clock)["a"].phone == "0151 496 0000"
    correct(database, ann, clock, "phone", "0151 496 0999")
    correct(database, ann, clock, "url", "new.example.org")
    correct(database, ann, clock, "times", "Thursdays 10am to noon")
    for again in ({}, {"description": "The feed has other words now."}):
        read(**again)
        mine = offered(database, matcher, clock)["a"]
        assert (mine.phone, mine.url) == ("0151 496 0999", "https://new.example.org")
        assert "Thursday" in mine.when and "10am" in mine.when
    correct(database, ann, clock, "times", "most Thursdays, ring first")
    assert "Monday" not in offered(database, matcher, clock)["a"].when
    closed = correct(database, ann, clock, "closed", "the shutters are down")
    assert set(offered(database, matcher, clock)) == {"b"}
    with database.writing() as session:
        corrections.take_back(session, closed, ann, clock())
    assert set(offered(database, matcher, clock)) == {"a", "b"}
    with database.writing() as session, pytest.raises(StaleEdit):
        corrections.take_back(session, closed, ann, clock())


@pytest.mark.parametrize(
    ("field", "value", "feed"),
    [
        ("phone", "0151 496 0999", {"phones": [{"number": "+44 151 4960999"}]}),
        ("email", "hall@example.org", {"email": "Hall@example.org"}),
        ("url", "https://new.example.org", {"url": "http://www.new.example.org/"}),
        ("times", "Thursdays 10-12", {"schedules": [{"description": "thursdays 10-12"}]}),
        ("closed", "", {"status": "inactive"}),
    ],
)
def test_it_falls_away_when_the_feed_says_the_same(
    database: Database, clock: SetClock, ann: User, read: Read,
    field: str, value: str, feed: dict[str, object],
) -> None:  # fmt: skip
    mine = correct(database, ann, clock, field, value)
    note = correct(database, ann, clock, "note", "The side door is the way in.")
    read(description="Something else has changed.")
    with database.reading() as session:
        assert session.get_one(Correction, mine).ended_at is None
    read(**feed)
    with database.reading() as session:
        row = session.get_one(Correction, mine)
        assert (row.ending, row.ended_at) == (End.FEED_AGREES, clock())
        assert session.get_one(Correction, note).ended_at is None, "a note stays"
        told = corrections.of_hub(session, row.hub_id, clock())
        assert {one.id for one in told} == {mine, note}


def test_a_newer_one_replaces_the_older_and_nonsense_is_refused(
    database: Database, clock: SetClock, ann: User, read: Read, profile: Profile
) -> None:
    first = correct(database, ann, clock, "phone", "0151 496 0001")
    second = correct(database, ann, clock, "phone", "0151 496 0002")
    with database.reading() as session:
        assert session.get_one(Correction, first).ending == End.REPLACED
        (row,) = corrections.live(session, [session.get_one(Correction, second).service_key])
        assert (row.id, row.before) == (second, "0151 496 0000")
        assert corrections.fed(row.service, Field.TIMES) == "MO 09:00-11:00"
    for field, value in (
        ("phone", "ring Jo"), ("email", "hall at example"), ("url", "javascript:alert(1)"),
        ("times", "  "), ("colour", "green"), ("phone", "0151 4960000"), ("note", "x" * 1001),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            correct(database, ann, clock, field, value)
    other = User(hub_id="elsewhere", name="Zed", role=Role.STAFF, id=99)
    with pytest.raises(NotAllowed):
        correct(database, other, clock, "phone", "0151 496 0003")
