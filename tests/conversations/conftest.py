"""One running stack for all transcripts; each resident has a number of their own."""

from collections.abc import Iterator

import pytest

from hub import migrations, users
from hub.crypto import Cipher, new_key
from hub.database import Database
from hub.profile import Profile
from hub.settings import ROOT
from tests.conftest import SetClock
from tests.conversations.stack import Stack, running


@pytest.fixture(scope="session")
def stack(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Real record, ears, actions and Rasa, on Sunday 22 November, half past midnight."""
    folder = tmp_path_factory.mktemp("conversations")
    database = Database(f"sqlite:///{folder / 'record.sqlite3'}", Cipher(new_key()))
    migrations.upgrade(database)
    with database.writing() as session:
        users.add_hub(session, profile.id, profile.name)
    log = folder / "rasa.log"
    with running(database, profile, SetClock(), log, ROOT / "models" / "hearer") as stack:
        yield stack
    database.close()
