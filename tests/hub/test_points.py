"""A process dies exactly where it was told to, and nowhere else."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hub import points
from hub.errors import Misconfigured
from hub.settings import ROOT

# Two messages arrive; the process says so after each.
ARRIVE = """
import sys
from datetime import UTC, datetime
from hub import messages, points
from hub.crypto import Cipher
from hub.database import Database
from hub.messages import Inbound
from hub.people import Channel, Reach

url, key, point = sys.argv[1:]
points.arm(point)
database = Database(url, Cipher(key))
for number in (1, 2):
    with database.writing("arrival") as session:
        inbound = Inbound(Reach(Channel.SMS, "+447700900001"), f"SM{number}", "hello")
        messages.receive(session, "croxteth", inbound, datetime.now(UTC))
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("point", "stored", "said"),
    [
        ("arrival.before", 0, ""),
        ("arrival.after", 1, ""),
        ("arrival.before:2", 1, "1"),
        ("arrival.after:2", 2, "1"),
        ("claim.after", 2, "1 2"),
    ],
)
def test_a_commit_is_whole_or_not_there(
    sqlite_file: Path, tmp_path: Path, point: str, stored: int, said: str
) -> None:
    from hub.crypto import Cipher, new_key
    from hub.database import Database
    from hub.messages import Message

    path, key = tmp_path / "record.sqlite3", new_key()
    path.write_bytes(sqlite_file.read_bytes())
    command = [sys.executable, "-c", ARRIVE, f"sqlite:///{path}", key, point]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ended.returncode == (0 if said == "1 2" else -signal.SIGKILL), ended.stderr
    assert ended.stdout.split() == said.split()
    database = Database(f"sqlite:///{path}", Cipher(key))
    with database.reading() as session:
        assert session.query(Message).count() == stored
    database.close()


@pytest.mark.parametrize("odd", ["arrival", "nowhere.before", "turn.after:x", "turn.after:1:2:3"])
def test_what_is_no_point_is_refused(odd: str) -> None:
    with pytest.raises(Misconfigured, match=r"docs/faults\.md"):
        points.arm(odd)


@pytest.mark.parametrize(
    "real",
    [
        {"GOODHELP_PUBLIC_URL": "https://hub.example"},
        {"GOODHELP_TWILIO_ACCOUNT_SID": "AC" + "1" * 32},
        {"GOODHELP_TELEGRAM_TOKEN": "1:token"},
    ],
)
def test_it_is_refused_where_somebody_real_could_write(real: dict[str, str]) -> None:
    from app.processes import arm

    given = {name.removeprefix("GOODHELP_").lower(): value for name, value in real.items()}
    from hub.settings import Settings

    with pytest.raises(Misconfigured, match="take it out"):
        arm(Settings(_env_file=None, stop_at="turn.before", **given))  # type: ignore[arg-type]


def test_every_named_commit_is_in_the_table_and_every_point_in_the_docs() -> None:
    used = set()
    for folder in ("hub", "bot", "actions", "app", "inbox"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r"(?:writing|around)\(\s*\"([^\"]+)\"\)", path.read_text()))
    assert used == set(points.NAMES)
    page = (ROOT / "docs" / "faults.md").read_text()
    missing = [name for name in points.NAMES if f"`{name}`" not in page]
    assert not missing
