"""A source read and validated, without a directory."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from directory_sync.kept import kept_for
from directory_sync.records import Reject, ServiceRecord
from directory_sync.staging import Stager
from hub.crosswalk import crosswalk


@dataclass(frozen=True)
class Staged:
    """What was read: good records by id, and the rejects."""

    records: dict[str, ServiceRecord]
    rejects: list[Reject]
    read: int


def stage(services: Iterable[Any]) -> Staged:
    """Read every raw service."""
    with kept_for(None, "croxteth", "a test") as kept:
        staged = Stager(crosswalk(), kept, {}).all(services)
        records = {record.id: record for batch in kept.batches() for record in batch}
    return Staged(records, staged.rejects, staged.read)
