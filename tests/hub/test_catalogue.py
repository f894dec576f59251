"""The arrays keep step with the record, and nothing that is gone is offered."""

from pathlib import Path

import numpy as np
import pytest

from directory_sync.run import sync
from hub.catalogue import Catalogue
from hub.database import Database
from hub.matching import Matcher
from hub.meaning import Floats, Meaning
from hub.places import places_of
from hub.profile import Profile
from hub.services import Service
from tests.conftest import SUNDAY_NIGHT
from tests.directory_sync.feeds import service, write


def embed(texts: list[str]) -> Floats:
    """Rows that differ with the text and are the same each time."""
    rows = np.array([[len(text), *text.encode()[:6].ljust(6)] for text in texts], dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


EVERYTHING = 10_000


def feed(database: Database, profile: Profile, tmp_path: Path, *ids: str) -> None:
    source = write(tmp_path / "feed.json", *(service(i, name=f"Kitchen {i}") for i in ids))
    sync(database, profile, source, clock=lambda: SUNDAY_NIGHT, force=True)


def test_only_what_changed_is_read_again(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    asked: list[str] = []

    def counted(texts: list[str]) -> Floats:
        asked.extend(texts)
        return embed(texts)

    feed(sqlite, profile, tmp_path, "a", "b")
    catalogue = Catalogue(profile, None, Meaning(counted))
    with sqlite.reading() as session:
        none_yet, meanings = catalogue.read(session)
        assert len(none_yet) == 2 and meanings is None, "no question waits for all situations"
        first, meanings = catalogue.read(session, most=EVERYTHING, complete=True)
        assert meanings is not None and meanings.known.all()
        again, _ = catalogue.read(session)
    assert again is first
    before = len(asked)
    feed(sqlite, profile, tmp_path, "a", "b", "c")
    with sqlite.reading() as session:
        second, meanings = catalogue.read(session)
    assert meanings is not None and meanings.texts.shape[0] == len(second) == 3
    assert len(asked) - before == 1
    assert second.entries[0] is first.entries[0]


def test_what_has_no_vector_yet_is_still_there_and_is_read_later(
    sqlite: Database, profile: Profile, tmp_path: Path
) -> None:
    feed(sqlite, profile, tmp_path, "a")
    catalogue = Catalogue(profile, None, Meaning(embed))
    with sqlite.reading() as session:
        catalogue.read(session, most=EVERYTHING)
    feed(sqlite, profile, tmp_path, "a", "b", "c")
    with sqlite.reading() as session:
        shelf, meanings = catalogue.read(session, most=1)
        assert len(shelf) == 3
        assert meanings is not None and meanings.known.sum() == 2
        _, meanings = catalogue.read(session, complete=True)
        assert meanings is not None and meanings.known.all()


@pytest.mark.parametrize("column", ["withdrawn_at", "twin_of"])
def test_what_went_behind_our_back_is_not_offered(
    sqlite: Database, profile: Profile, tmp_path: Path, column: str
) -> None:
    feed(sqlite, profile, tmp_path, "a", "b")
    matcher = Matcher(profile, places_of(profile.folder))
    with sqlite.reading() as session:
        assert len(matcher(session, ["food"], when=SUNDAY_NIGHT).matches) == 2
    with sqlite.writing() as session:
        gone = session.query(Service).filter(Service.id == "a").one()
        setattr(gone, column, SUNDAY_NIGHT if column == "withdrawn_at" else 1)
    with sqlite.reading() as session:
        (left,) = matcher(session, ["food"], when=SUNDAY_NIGHT).matches
    assert left.service_id == "b"
