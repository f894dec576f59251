"""The worker makes the meanings of new services after each reading, once."""

from pathlib import Path

from app.house import House
from app.meanings import MeaningsOnTime
from hub.crypto import new_key
from hub.settings import Settings
from tests.directory_sync.feeds import service, write


def test_meanings_are_made_once_after_a_reading(tmp_path: Path) -> None:
    house = House(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url=f"sqlite:///{tmp_path / 'record.sqlite3'}",
            encryption_key=new_key(),
            sync_folder=tmp_path / "sync",
        )
    )
    house.prepare()
    chore = MeaningsOnTime(house)
    source = write(tmp_path / "feed.json", *(service(f"s{n}") for n in range(3)))
    house.sync(source)
    with house.database.reading() as session:
        assert not house.matcher.prepare_words(session)
    assert chore()
    assert chore._thread is not None
    chore._thread.join(120)
    assert not chore(), "nothing was read since"
    with house.database.reading() as session:
        assert house.matcher.prepare_words(session)
    write(tmp_path / "feed.json", *(service(f"s{n}", name=f"Hall {n}") for n in range(3)))
    house.sync(source)
    assert chore()
    chore._thread.join(120)
