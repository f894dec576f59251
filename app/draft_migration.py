"""Drafts a migration from the models: `python -m app.draft_migration "what changed"`."""

import sys
import tempfile
from pathlib import Path

from hub import migrations
from hub.crypto import Cipher, new_key
from hub.database import Database


def main(message: str) -> None:
    """Compare the models with a fresh database of the newest schema; write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'draft.sqlite3'}", Cipher(new_key()))
        migrations.upgrade(database)
        migrations.draft(database, message)
        database.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "change")
