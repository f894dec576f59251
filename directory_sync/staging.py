"""A reading before it is live: good records on disk, their hashes, and what was refused."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from directory_sync.kept import Kept
from directory_sync.records import Reject, ServiceRecord
from directory_sync.validate import read_service
from hub.crosswalk import Crosswalk

BATCH = 250
# What decides how a record is read. Where any of it changes, every record is read anew.
CODE = (Path(__file__).parent, Path(__file__).parents[1] / "hub" / "hours")


@dataclass
class Staged:
    """A reading before it is live: hashes of good records by id, and the rejects.

    The records themselves are in the kept file, in batches; those that are stored already, word
    for word, are not written there.
    """

    hashes: dict[str, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    read: int = 0


class Stager:
    """Reads and validates raw services one by one. Nothing of it is in the directory yet.

    `stored` are the content hashes of what the directory holds. A record that came in the same
    words before, and is stored as it was read then, is not read again.
    """

    def __init__(self, tables: Crosswalk, kept: Kept, stored: Mapping[str, str]) -> None:
        self._tables, self._kept, self._stored = tables, kept, stored
        self._batch: list[ServiceRecord] = []
        self._staged = Staged()
        kept.begin(salt(tables))

    def all(self, services: Iterable[Any]) -> Staged:
        """Read every raw service.

        A source says more with keys of its own: `_left_out` are (field, reason) of a record that
        stays, `_refused` and `_failed` are why one cannot, `_note` is about no record, `_label`
        names one.
        """
        for number, raw in enumerate(services):
            self._one(raw, number)
        self._write()
        self._kept.commit()
        return self._staged

    def _one(self, raw: Any, number: int) -> None:
        staged = self._staged
        if isinstance(raw, dict) and "_note" in raw:
            staged.rejects.append(_reject(raw["_note"], raw["_field"], raw["_reason"], kept=True))
            return
        staged.read += 1
        if not isinstance(raw, dict):
            self._good_or_not(*read_service(raw, number))
            return
        if "_failed" in raw or "_refused" in raw:
            staged.unreadable.add(str(raw["id"]))
            why = raw.get("_failed") or raw["_reason"]
            staged.rejects.append(_reject(raw["id"], raw.get("_refused", "record"), why))
            return
        key, words = str(raw.get("id"))[:200], _words(raw)
        before = self._kept.seen(key, words)
        if before and self._stored.get(before.id) == before.content_hash:
            if before.id in staged.hashes:
                staged.rejects.append(_twice(before.id))
            else:
                staged.hashes[before.id] = before.content_hash
                staged.rejects.extend(before.left_out)
            return
        label = raw.get("_label") or raw.get("id") or ""
        own = [_reject(label, name, why, kept=True) for name, why in raw.pop("_left_out", ())]
        record, rejects = read_service(raw, number)
        if record is None:
            # What we have of it stays.
            staged.unreadable.add(rejects[0].id)
        if label and "_label" in raw:
            # A row of a spreadsheet is found by its number.
            rejects = [reject.model_copy(update={"id": label}) for reject in rejects]
        good = self._good_or_not(record, [*own, *rejects])
        if good is not None:
            self._kept.see(key, words, good, staged.hashes[good], [*own, *rejects])

    def _good_or_not(self, record: ServiceRecord | None, rejects: list[Reject]) -> str | None:
        staged = self._staged
        if record is not None and record.id in staged.hashes:
            staged.rejects.append(_twice(record.id))
            return None
        staged.rejects.extend(rejects)
        if record is None:
            return None
        found = record.content_hash(self._tables.fingerprint)
        staged.hashes[record.id] = found
        if self._stored.get(record.id) != found:
            self._batch.append(record)
            if len(self._batch) >= BATCH:
                self._write()
        return record.id

    def _write(self) -> None:
        if self._batch:
            self._kept.keep(self._batch)
            self._batch = []


def batches(kept: Kept, wanted: frozenset[str]) -> Iterator[list[ServiceRecord]]:
    """The staged records that are wanted, a few hundred at a time."""
    for batch in kept.batches():
        some = [record for record in batch if record.id in wanted]
        if some:
            yield some


@cache
def _code() -> str:
    found = hashlib.sha256()
    for folder in CODE:
        for path in sorted((*folder.glob("*.py"), *folder.glob("*.yml"))):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def salt(tables: Crosswalk) -> str:
    """Changes with whatever decides how a record is read."""
    return f"{_code()}-{tables.fingerprint}"


def _words(raw: dict[str, Any]) -> bytes:
    """A fingerprint of a raw record, every key of it."""
    text = json.dumps(raw, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _twice(record: str) -> Reject:
    return Reject(id=record, field="id", reason="the same id stands on more than one record")


def _reject(record: object, name: str, reason: str, *, kept: bool = False) -> Reject:
    return Reject(id=str(record)[:200], field=name[:200], reason=reason[:300], record_kept=kept)
