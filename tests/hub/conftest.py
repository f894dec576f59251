"""A synced demo directory, read once for all tests that only ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory_sync.run import sync
from hub.database import Database
from hub.matching import Matcher
from hub.places import places_of
from hub.profile import Profile
from nlu.embedding import Embedding
from tests.conftest import SUNDAY_NIGHT, made


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Iterator[Database]:
    """The Croxteth demo directory in a database of its own."""
    path: Path = tmp_path_factory.mktemp("directory") / "record.sqlite3"
    for database in made(f"sqlite:///{path}", profile):
        result = sync(database, profile, "croxteth-demo", clock=lambda: SUNDAY_NIGHT)
        assert result.exit_status == 0
        yield database


@pytest.fixture(scope="session")
def matcher(directory: Database, profile: Profile) -> Matcher:
    """Matching with the real embedding, everything read."""
    found = Matcher(profile, places_of(profile.folder), Embedding.open().encode)
    with directory.reading() as session:
        found.prepare(session)
    return found


@pytest.fixture(scope="session")
def bare_matcher(profile: Profile) -> Matcher:
    """Matching without an embedding."""
    return Matcher(profile, places_of(profile.folder))
