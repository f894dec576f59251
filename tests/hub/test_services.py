"""Answers about a service: plain, short, and None where the record does not say."""

from pathlib import Path

from directory_sync.run import sync
from hub.database import Database
from hub.matching import Matcher
from hub.profile import Profile
from hub.services import facts
from tests.conftest import SUNDAY_NIGHT
from tests.directory_sync.feeds import service, write


def test_what_the_demo_says_of_the_pantry(directory: Database, bare_matcher: Matcher) -> None:
    with directory.reading() as session:
        found = bare_matcher(session, ["food"], when=SUNDAY_NIGHT, words="pantry", limit=20)
        pantry = next(match for match in found.matches if match.name == "Community pantry")
        said = facts(session, pantry.service_id, now=SUNDAY_NIGHT)
    assert said is not None
    assert said.cost == "£4 a visit. The first visit is free"
    assert said.booking == "just turn up"
    assert said.when == "Thursdays 10am to 1pm; Saturdays 10am to midday"
    assert said.next == "Thursday 10am to 1pm"
    assert said.where == "Lantern Community Hall, 40 Lantern Way"
    assert said.eligibility is None


def test_nothing_is_guessed(sqlite: Database, profile: Profile, tmp_path: Path) -> None:
    sync(sqlite, profile, write(tmp_path / "f.json", service("a")), clock=lambda: SUNDAY_NIGHT)
    with sqlite.reading() as session:
        said = facts(session, "a", now=SUNDAY_NIGHT)
        assert said is not None
        unknown = (said.cost, said.booking, said.when, said.where, said.eligibility, said.phone)
        assert unknown == (None,) * 6
        assert facts(session, "no such id") is None
