"""A reading before it is live: good records with their hashes, and what was refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from directory_sync.records import Reject, ServiceRecord
from directory_sync.validate import read_service
from hub.crosswalk import Crosswalk


@dataclass
class Staged:
    """A reading before it is live: good records by id with their hashes, and the rejects."""

    records: dict[str, ServiceRecord] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    read: int = 0


def stage(services: Iterable[Any], tables: Crosswalk) -> Staged:
    """Read and validate every raw service. Nothing is written.

    A source says more with keys of its own: `_left_out` are (field, reason) of a record that stays,
    `_refused` and `_failed` are why one cannot, `_note` is about no record, `_label` names one.
    """
    staged = Staged()
    for number, raw in enumerate(services):
        if isinstance(raw, dict) and "_note" in raw:
            staged.rejects.append(_reject(raw["_note"], raw["_field"], raw["_reason"], kept=True))
            continue
        staged.read += 1
        own = raw.pop("_left_out", ()) if isinstance(raw, dict) else ()
        label = raw.get("_label") or raw.get("id") or "" if isinstance(raw, dict) else ""
        staged.rejects.extend(_reject(label, field, why, kept=True) for field, why in own)
        if isinstance(raw, dict) and ("_failed" in raw or "_refused" in raw):
            staged.unreadable.add(str(raw["id"]))
            why = raw.get("_failed") or raw["_reason"]
            staged.rejects.append(_reject(raw["id"], raw.get("_refused", "record"), why))
            continue
        record, rejects = read_service(raw, number)
        if label and isinstance(raw, dict) and "_label" in raw:
            # A row of a spreadsheet is found by its number.
            rejects = [reject.model_copy(update={"id": label}) for reject in rejects]
        staged.rejects.extend(rejects)
        if record is None:
            staged.unreadable.add(rejects[0].id)
        elif record.id in staged.records:
            reason = "the same id stands on more than one record"
            staged.rejects.append(Reject(id=record.id, field="id", reason=reason))
        else:
            staged.records[record.id] = record
            staged.hashes[record.id] = record.content_hash(tables.fingerprint)
    return staged


def _reject(record: object, field: str, reason: str, *, kept: bool = False) -> Reject:
    return Reject(id=str(record)[:200], field=field[:200], reason=reason[:300], record_kept=kept)
