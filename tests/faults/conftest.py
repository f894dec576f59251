"""One stack for all tests of faults: Rasa is started once, the others anew for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.stack import Stack
from standin.app import make_app
from standin.said import Target
from tests.conftest import fresh_postgresql
from tests.faults.world import ACCOUNT, SECRET, TOKEN, World, four_processes, on
from tests.serving import served

KILLS = int(os.environ.get("GOODHELP_FAULTS_KILLS", "3"))
LONG = KILLS >= 50
IN_THE_LONG_FORM = pytest.mark.skipif(not LONG, reason="only in the long form: `make faults`")


def on_one(kind: str) -> pytest.MarkDecorator:
    """On one kind of database, and in the long form on both."""
    kinds = ["sqlite", "postgresql"] if LONG else [kind]
    return pytest.mark.parametrize("world", kinds, indirect=True)


@pytest.fixture(scope="session")
def faulty_provider() -> Iterator[str]:
    """A stand-in for Twilio and Telegram that can be told to fail."""
    with served(
        make_app(Target(account_sid=ACCOUNT, auth_token=TOKEN, telegram_secret=SECRET))
    ) as url:
        yield url


@pytest.fixture(scope="session")
def ground(faulty_provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The four processes, not on any database yet."""
    with four_processes(faulty_provider, tmp_path_factory.mktemp("faults")) as stack:
        yield stack


@pytest.fixture(params=["sqlite", "postgresql"])
def world(
    ground: Stack,
    faulty_provider: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[World]:
    """The running stack on a database of its own, of each kind."""
    folder: Path = tmp_path_factory.mktemp("record")
    url = f"sqlite:///{folder / 'faults.sqlite3'}"
    if request.param == "postgresql":
        url = fresh_postgresql(request.getfixturevalue("postgresql"), folder.name)
    with on(ground, url, faulty_provider, folder) as world:
        yield world
