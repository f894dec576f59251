"""How fast a directory goes in, and how fast one that has not changed: `make bench-sync`."""

import argparse
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.made_directory import DEMO, write
from directory_sync.run import SyncResult, sync
from hub import migrations
from hub.crypto import Cipher, new_key
from hub.database import Database
from hub.profile import load_profile
from hub.settings import ROOT

PAGE = ROOT / "docs" / "speed-directory.md"
CHANGED = 0.01


@dataclass(frozen=True)
class Timed:
    """One run. Seconds on the clock, and seconds of one core; megabytes at the most so far."""

    what: str
    result: SyncResult
    wall: float
    cpu: float
    megabytes: float

    def row(self) -> str:
        """One row of the table."""
        plan, read = self.result.plan, self.result.read
        return (
            f"| {self.what} | {len(plan.added)} | {len(plan.changed)} | {len(plan.unchanged)} | "
            f"{self.wall:.1f} | {self.cpu:.1f} | {read / self.wall:.0f} | {read / self.cpu:.0f} | "
            f"{self.megabytes:.0f} |"
        )


def main() -> None:
    """Measure; print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50_000, help="services")
    parser.add_argument("--from", dest="source", default=str(DEMO), help="made from these")
    parser.add_argument("--write", action="store_true", help="write docs/speed-directory.md")
    options = parser.parse_args()
    rows = []
    for timed in measure(options.count, options.source):
        rows.append(timed.row())
        print(rows[-1], flush=True)
    if options.write:
        PAGE.write_text(page(rows, options.count))


def measure(count: int, source: str = str(DEMO)) -> list[Timed]:
    """A first sync, one with nothing new, and one where one service in a hundred changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'bench.sqlite3'}", Cipher(new_key()))
        migrations.upgrade(database)
        file = folder / "directory.json"

        def run(what: str, changed: int = 0) -> Timed:
            write(file, count, source, changed)
            wall, cpu = time.perf_counter(), time.process_time()
            result = sync(
                database,
                load_profile(ROOT / "hubs" / "croxteth"),
                str(file),
                clock=lambda: datetime.now(UTC),
                folder=folder / "sync",
            )
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            return Timed(what, result, wall, cpu, peak())

        timed = [
            run("first"),
            run("nothing changed"),
            run("1 in 100 changed", int(count * CHANGED)),
        ]
        database.close()
    return timed


def peak() -> float:
    """The most memory this process has had, in megabytes."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def page(rows: list[str], count: int) -> str:
    """The page `docs/speed-directory.md`."""
    load = os.getloadavg()[0]
    return (
        "# Speed of the directory\n\n"
        f"Written by `make bench-sync`: {count:,} services made from the demo directory, one JSON "
        "file, SQLite with every safety on, one process. The machine has "
        f"{os.cpu_count()} cores and had {load:.0f} busy processes at the time, so the seconds of "
        "one core say more than those on the clock.\n\n"
        "| run | added | changed | unchanged | seconds | of one core | services a second | of one "
        "core | memory (MB) |\n|---|---|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        "Records are staged on disk a few hundred at a time, so memory does not grow with the "
        "directory. New services are written unseen in short transactions and shown by the last "
        "one, so a resident who writes meanwhile is answered. A record that comes in the same "
        "words as before is neither read nor written again.\n"
    )


if __name__ == "__main__":
    main()
