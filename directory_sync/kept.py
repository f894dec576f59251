"""What a run keeps on disk beside the directory: one small SQLite file for each source.

Staged records, so that no directory is too large for memory; how each record was read, so that
one in the same words is not read again. Losing the file costs time, nothing else. Its records are
pickled: the file is our own, made in a folder that only we may enter, and the records of a run
never outlive it.
"""

import fcntl
import hashlib
import json
import pickle
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from directory_sync.fetch import SourceFailed
from directory_sync.records import Reject, ServiceRecord

TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS seen (
    key TEXT PRIMARY KEY, words BLOB, id TEXT, hash TEXT, left_out TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    url TEXT PRIMARY KEY, crawl TEXT, etag TEXT, modified TEXT, body BLOB
);
"""


# Pages of a crawl that was cut off are used by the next within this time.
RESUMED_WITHIN = timedelta(hours=1)
# Writes are made safe from a kill so often.
SAVED_EVERY = 200


@dataclass(frozen=True)
class Seen:
    """How a record was read before: its id, its hash, and what had to be left out."""

    id: str
    content_hash: str
    left_out: tuple[Reject, ...]


@dataclass(frozen=True)
class PageKept:
    """An answer of a supplier: `fresh` where this very crawl asked for it before it was cut off."""

    etag: str
    modified: str
    body: bytes
    fresh: bool


class Kept:
    """The file of one source, for one run at a time."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=WAL")
        # A power cut may cost this file; the directory is never in it.
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.executescript(TABLES)
        self._writes = 0

    def begin(self, salt: str) -> None:
        """Forget the records of the run before, and all readings that were made otherwise."""
        self._file.execute("BEGIN")
        self._file.execute("DELETE FROM batches")
        if self.fact("salt") != salt:
            self._file.execute("DELETE FROM seen")
            self.set_fact("salt", salt)

    def commit(self) -> None:
        """Write down what was kept since `begin`."""
        if self._file.in_transaction:
            self._file.execute("COMMIT")

    def keep(self, batch: Sequence[ServiceRecord]) -> None:
        """Put some records by."""
        body = pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL)
        self._file.execute("INSERT INTO batches (body) VALUES (?)", (body,))
        self._save_now_and_then()

    def batches(self) -> Iterator[list[ServiceRecord]]:
        """The records that were put by, in order."""
        for (number,) in self._file.execute(
            "SELECT number FROM batches ORDER BY number"
        ).fetchall():
            row = self._file.execute("SELECT body FROM batches WHERE number=?", (number,))
            yield pickle.loads(row.fetchone()[0])

    def clear(self) -> None:
        """Let go of the records that were put by."""
        self._file.execute("DELETE FROM batches")

    def seen(self, key: str, words: bytes) -> Seen | None:
        """How a record was read when it last came in these words; None where it never did."""
        row = self._file.execute(
            "SELECT id, hash, left_out FROM seen WHERE key=? AND words=?", (key, words)
        ).fetchone()
        if row is None:
            return None
        rejects = [
            Reject(id=id, field=field, reason=reason, record_kept=True)
            for id, field, reason in (json.loads(row[2]) if row[2] else ())
        ]
        return Seen(row[0], row[1], tuple(rejects))

    def see(
        self, key: str, words: bytes, id: str, content_hash: str, left_out: Sequence[Reject]
    ) -> None:
        """Remember how a record was read."""
        said = json.dumps([(r.id, r.field, r.reason) for r in left_out]) if left_out else ""
        self._file.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
            (key, words, id, content_hash, said),
        )

    def begin_crawl(self, now: datetime) -> None:
        """Begin to ask a supplier, or go on where a crawl was cut off less than an hour ago."""
        began = self.fact("crawl")
        if not began or now - datetime.fromisoformat(began) > RESUMED_WITHIN:
            self.set_fact("crawl", now.isoformat())

    def end_crawl(self) -> None:
        """All pages were read: none is used again without asking whether it changed."""
        self.set_fact("crawl", "")
        self._file.execute("DELETE FROM pages WHERE etag='' AND modified=''")
        self._file.execute("UPDATE pages SET crawl='old ' || crawl WHERE crawl NOT LIKE 'old %'")

    def page(self, url: str) -> PageKept | None:
        """What an address answered last."""
        row = self._file.execute(
            "SELECT etag, modified, body, crawl FROM pages WHERE url=?", (url,)
        ).fetchone()
        if row is None:
            return None
        return PageKept(row[0], row[1], zlib.decompress(row[2]), row[3] == self.fact("crawl"))

    def keep_page(self, url: str, etag: str, modified: str, body: bytes) -> None:
        """Keep an answer. It stays when the process is killed."""
        self._file.execute(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?)",
            (url, self.fact("crawl"), etag, modified, zlib.compress(body, 1)),
        )
        self._save_now_and_then(SAVED_EVERY)

    def fact(self, name: str) -> str:
        """One remembered value; empty where there is none."""
        row = self._file.execute("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Remember one value."""
        self._file.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _save_now_and_then(self, weight: int = 1) -> None:
        self._writes += weight
        if self._writes >= SAVED_EVERY and self._file.in_transaction:
            self._file.execute("COMMIT")
            self._file.execute("BEGIN")
            self._writes = 0

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


@contextmanager
def kept_for(folder: Path | None, hub_id: str, source: str) -> Iterator[Kept]:
    """The file of a source, locked for one run; in a passing folder where there is none.

    Raises SourceFailed where another run of the same source is going on.
    """
    if folder is None:
        with (
            tempfile.TemporaryDirectory(prefix="goodhelp-") as passing,
            _opened(Path(passing) / "kept.sqlite3") as kept,
        ):
            yield kept
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = hashlib.sha256(f"{hub_id}|{source}".encode()).hexdigest()[:24]
    with (folder / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SourceFailed("another run of this source is going on") from None
        with _opened(folder / f"{name}.sqlite3") as kept:
            yield kept


@contextmanager
def _opened(path: Path) -> Iterator[Kept]:
    try:
        kept = Kept(path)
    except sqlite3.DatabaseError:
        # Broken by a power cut, say: it is only a memory.
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        kept = Kept(path)
    path.chmod(0o600)
    try:
        yield kept
    finally:
        kept.close()
