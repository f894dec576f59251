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
    """Read and validate every raw service. Nothing is written."""
    staged = Staged()
    for number, raw in enumerate(services):
        if isinstance(raw, dict) and "_broken" in raw:
            reason = f"{raw['_count']} rows point at no service"
            staged.rejects.append(
                Reject(
                    id=raw["id"],
                    field=f"{raw['_broken']}.service_id",
                    reason=reason,
                    record_kept=True,
                )
            )
            continue
        staged.read += 1
        if isinstance(raw, dict) and "_failed" in raw:
            staged.unreadable.add(str(raw["id"]))
            staged.rejects.append(
                Reject(id=str(raw["id"])[:200], field="record", reason=raw["_failed"][:300])
            )
            continue
        record, rejects = read_service(raw, number)
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
