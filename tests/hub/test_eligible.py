"""Hard filters and exact reasons, one small directory at a time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from directory_sync.run import sync
from hub.database import Database
from hub.matching import Found, Matcher
from hub.places import places_of
from hub.profile import Profile
from hub.topics import Unmet
from tests.conftest import SUNDAY_NIGHT
from tests.directory_sync.feeds import service, write

HUB = (53.4531, -2.9012)
LONDON = (51.5072, -0.1276)
LOCAL = [{"id": "a", "name": "Croxteth and Norris Green"}]
CITY = [{"id": "a", "name": "The city of Liverpool"}]
NATIONAL = [{"id": "a", "name": "National"}]
TUESDAYS = [{"id": "s", "freq": "WEEKLY", "byday": "TU", "opens_at": "10:00", "closes_at": "12:00"}]
PRICE = [{"id": "c", "amount": 40, "option": "a session"}]


def ask(
    database: Database, profile: Profile, tmp_path: Path, services: list[Any], **more: Any
) -> Found:
    source = write(tmp_path / "feed.json", *services)
    sync(database, profile, source, clock=lambda: SUNDAY_NIGHT, force=True)
    matcher = Matcher(profile, places_of(profile.folder))
    with database.reading() as session:
        return matcher(session, ["food"], **{"when": SUNDAY_NIGHT, "outcode": "L11", **more})


REASONS = [
    (service("a", needs="debt"), {}, Unmet.NO_SERVICE),
    (service("a", status="inactive"), {}, Unmet.NO_SERVICE),
    (service("a", status="temporarily closed"), {}, Unmet.CLOSED_THEN),
    (service("a", features="full"), {}, Unmet.FULL),
    (service("a", minimum_age=60), {"age": 40}, Unmet.INELIGIBLE),
    (service("a", maximum_age=16), {"age": 17}, Unmet.INELIGIBLE),
    (service("a", features="women_only"), {"sex": "male"}, Unmet.INELIGIBLE),
    (service("a", features="men_only"), {"sex": "woman"}, Unmet.INELIGIBLE),
    (service("a", service_areas=LOCAL), {"outcode": "L25"}, Unmet.TOO_FAR),
    (service("a", service_areas=CITY), {"outcode": "L32"}, Unmet.TOO_FAR),
    (service("a", service_areas=CITY), {"outcode": "M1"}, Unmet.TOO_FAR),
    (service("a", at=LONDON), {}, Unmet.TOO_FAR),
    (service("a", schedules=TUESDAYS), {"today": True}, Unmet.CLOSED_THEN),
    (service("a", cost_options=PRICE), {"barriers": ["financial"]}, Unmet.COST),
    (service("a"), {"exclude": ["a"]}, Unmet.DECLINED),
]


@pytest.mark.parametrize(("record", "asked", "reason"), REASONS)
def test_the_reason_is_exact(
    sqlite: Database,
    profile: Profile,
    tmp_path: Path,
    record: dict[str, Any],
    asked: dict[str, Any],
    reason: Unmet,
) -> None:
    found = ask(sqlite, profile, tmp_path, [record], **asked)
    assert (found.matches, found.unmet) == ((), (("food", reason),))


FITS = [
    (service("a"), {}),
    (service("a", minimum_age=60), {}),  # an age that is not known refuses nothing
    (service("a", minimum_age=16, maximum_age=16), {"age": 16}),
    (service("a", service_areas=LOCAL), {}),
    (service("a", service_areas=LOCAL), {"outcode": None}),
    (service("a", service_areas=CITY), {"outcode": "L25"}),
    (service("a", service_areas=NATIONAL), {"outcode": "M1"}),
    (service("a", at=HUB), {}),
    (service("a", at=LONDON, features="by_phone"), {}),
    (service("a", features="women_only"), {}),
    (service("a"), {"today": True}),  # times that are not known are not closed
    (
        service("a", schedules=TUESDAYS),
        {"today": True, "when": datetime(2026, 11, 24, 9, tzinfo=UTC)},
    ),
]


@pytest.mark.parametrize(("record", "asked"), FITS)
def test_what_is_not_known_refuses_nothing(
    sqlite: Database, profile: Profile, tmp_path: Path, record: Any, asked: dict[str, Any]
) -> None:
    assert ask(sqlite, profile, tmp_path, [record], **asked).matches


def test_the_reason_is_that_of_the_service_that_came_furthest(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    services = [
        service("a", service_areas=LOCAL, features="full"),
        service("b", status="inactive"),
        service("c", minimum_age=60),
    ]
    found = ask(sqlite, profile, tmp_path, services, age=30)
    assert found.unmet == (("food", Unmet.FULL),)


def test_a_confidential_address_that_a_feed_sends_is_not_even_stored(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    secret = service("a", at=HUB, features="confidential_address")
    (match,) = ask(sqlite, profile, tmp_path, [secret]).matches
    assert "Hall" not in repr(match) and "Test Street" not in repr(match)
    assert b"1 Test Street" not in (tmp_path / "record.sqlite3").read_bytes()


def test_twins_from_two_feeds_are_shown_once(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    one = service("a", name="Food bank", organization={"id": "o", "name": "Trussell"})
    two = {**one, "id": "b"}
    found = ask(sqlite, profile, tmp_path, [one, two])
    assert len(found.matches) == 1


def test_a_service_for_volunteers_changes_with_the_record(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    """A matcher that stays up sees what a sync changed."""
    matcher = Matcher(profile, places_of(profile.folder))
    for name in ("Old name", "New name"):
        source = write(tmp_path / "feed.json", service("a", name=name))
        sync(sqlite, profile, source, clock=lambda: SUNDAY_NIGHT)
        with sqlite.reading() as session:
            (match,) = matcher(session, ["food"], when=SUNDAY_NIGHT).matches
        assert match.name == name
