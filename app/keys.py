"""Keys for a hub on one machine: made at first use and kept beside its database."""

import os
from pathlib import Path

from sqlalchemy.engine import make_url

from hub.crypto import new_key
from hub.errors import Misconfigured
from hub.settings import Settings

NAME = "GOODHELP_ENCRYPTION_KEY"


def local_key(settings: Settings) -> str:
    """The encryption key in `keys.env` beside a SQLite database; made where there is none.

    Raises Misconfigured for any other database: a key that several machines need is set by hand.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Misconfigured(f"{NAME} is not set: run `goodhelp keys` and keep what it prints")
    path = Path(url.database).with_name("keys.env")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Made in one step that fails if the file is there: two processes never make two keys.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w") as file:
        key = new_key()
        file.write(f"{NAME}={key}\n")
    return key


def _read(path: Path) -> str:
    for line in path.read_text().splitlines():
        name, _, value = line.partition("=")
        if name == NAME and value:
            return value
    raise Misconfigured(f"{path.name} beside the database holds no {NAME}")
