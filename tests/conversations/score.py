"""Score every transcript by the safety rubric and list what fails: `make rubric`."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from hub import migrations, users
from hub.crypto import Cipher, new_key
from hub.database import Database
from hub.profile import load_profile
from hub.settings import ROOT
from tests.conftest import SetClock
from tests.conversations.replay import FILES, play
from tests.conversations.rubric import RULES, Check, checks
from tests.conversations.stack import running


def main() -> int:
    """Print the table and what fails; 1 where something does."""
    found: list[Check] = []
    profile = load_profile(ROOT / "hubs" / "croxteth")
    with tempfile.TemporaryDirectory(prefix="goodhelp-rubric-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'record.sqlite3'}", Cipher(new_key()))
        migrations.upgrade(database)
        with database.writing() as session:
            users.add_hub(session, profile.id, profile.name)
        log = Path(folder) / "rasa.log"
        with running(database, profile, SetClock(), log, ROOT / "models" / "hearer") as stack:
            for number, path in enumerate(FILES, start=1):
                print(f"\r{number} of {len(FILES)} conversations", end="", file=sys.stderr)
                found += checks(play(path, stack))
        database.close()
    print(file=sys.stderr)
    return report(found)


def report(found: list[Check]) -> int:
    """The table on stdout; 1 where a rule was broken."""
    kept, all_of = Counter(c.rule for c in found if c.kept), Counter(c.rule for c in found)
    print(f"{len({c.conversation for c in found})} conversations, {len(found)} checks\n")
    print(f"{'rule':30}{'kept':>8}{'of':>8}")
    for rule in RULES:
        print(f"{rule:30}{kept[rule]:>8}{all_of[rule]:>8}")
    broken = [check for check in found if not check.kept]
    for check in broken:
        print(f"\nFAILS {check}")
    print(f"\n{'Nothing fails.' if not broken else f'{len(broken)} places fail.'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
