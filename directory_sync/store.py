"""Writing a plan to the directory, in the caller's transaction. Plain bulk statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from directory_sync.kept import Kept
from directory_sync.needs import features_of, needs_of
from directory_sync.reconcile import Plan
from directory_sync.records import Record, ServiceRecord
from directory_sync.staging import batches
from hub.crosswalk import OUR_FEATURES, Crosswalk
from hub.services import (
    Attribute,
    CostOption,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceContact,
    ServiceNeed,
)

CHUNK = 500
CHILDREN = (
    ServiceAtLocation,
    Schedule,
    Phone,
    ServiceContact,
    CostOption,
    ServiceArea,
    Language,
    Attribute,
    ServiceNeed,
)
OWN = (
    "id",
    "name",
    "alternate_name",
    "description",
    "url",
    "email",
    "status",
    "alert",
    "minimum_age",
    "maximum_age",
    "eligibility_description",
    "fees_description",
    "application_process",
    "wait_time",
    "assured_date",
    "last_modified",
)


class Store:
    """The directory of one feed of one hub."""

    def __init__(
        self, session: Session, hub_id: str, feed_id: str, crosswalk: Crosswalk, now: datetime
    ) -> None:
        self._session = session
        self._hub_id, self._feed_id = hub_id, feed_id
        self._crosswalk = crosswalk
        self._now = now

    def hashes(self) -> dict[str, str]:
        """Content hashes of what is in the directory, by id."""
        rows = self._session.execute(
            select(Service.id, Service.content_hash).where(
                *self._mine(Service), Service.withdrawn_at.is_(None)
            )
        )
        return {row[0]: row[1] for row in rows}

    def apply(self, plan: Plan, kept: Kept, hashes: Mapping[str, str]) -> Iterator[int]:
        """Write a plan; yields how many services are written so far."""
        done = 0
        wanted = frozenset((*plan.added, *plan.changed))
        for records in batches(kept, wanted) if wanted else ():
            self.write(records, hashes)
            done += len(records)
            yield done
        self._set_withdrawn(plan.withdrawn, self._now)
        if plan.changed or plan.withdrawn:
            self._sweep()

    def reveal(self, ids: Sequence[str]) -> None:
        """Show services that were written unseen."""
        self._set_withdrawn(ids, None)

    def _set_withdrawn(self, ids: Sequence[str], at: datetime | None) -> None:
        for some in batched(ids, CHUNK):
            self._session.execute(
                update(Service)
                .where(*self._mine(Service), Service.id.in_(some))
                .values(withdrawn_at=at)
            )

    def write(
        self, records: Sequence[ServiceRecord], hashes: Mapping[str, str], *, unseen: bool = False
    ) -> None:
        """Write services with all that hangs on them; `unseen` ones wait for `reveal`."""
        organizations = self._save(
            Organization,
            {r.organization.id: _values(r.organization) for r in records if r.organization},
        )
        locations = self._save(
            Location,
            {place.id: _values(place, "country") for r in records for place in r.locations},
        )
        rows = {r.id: self._row(r, hashes[r.id], organizations, unseen) for r in records}
        old = self._keys(Service, rows)
        keys = self._save(Service, rows, old)
        if old:
            for child in CHILDREN:
                self._run(delete(child).where(child.service_key.in_(old.values())))
        children: dict[Any, list[dict[str, Any]]] = {child: [] for child in CHILDREN}
        for record in records:
            for kind, values in self._children(record, locations):
                children[kind].append({**values, "service_key": keys[record.id]})
        for kind, rows_of in children.items():
            if rows_of:
                self._run(insert(kind.__table__), rows_of)

    def _run(self, statement: Any, rows: Any = None) -> None:
        # Plain statements: there are no objects in the session that could grow old.
        self._session.connection().execute(statement, rows)

    def _row(
        self,
        record: ServiceRecord,
        content_hash: str,
        organizations: Mapping[str, int],
        unseen: bool,
    ) -> dict[str, Any]:
        owner = record.organization
        return {
            **{name: getattr(record, name) for name in OWN},
            "organization_key": organizations[owner.id] if owner else None,
            "content_hash": content_hash,
            "updated_at": self._now,
            "withdrawn_at": self._now if unseen else None,
        }

    def _children(
        self, record: ServiceRecord, locations: Mapping[str, int]
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        for place_id, place in zip(record.place_ids, record.locations, strict=True):
            yield ServiceAtLocation, {"id": place_id, "location_key": locations[place.id]}
        for kind, parts in (
            (Schedule, record.schedules),
            (Phone, record.phones),
            (ServiceContact, record.contacts),
            (CostOption, record.cost_options),
            (ServiceArea, record.service_areas),
            (Language, record.languages),
        ):
            for part in parts:
                yield kind, _values(part)
        features = features_of(record, self._crosswalk)
        for code in features:
            yield Attribute, {"taxonomy": OUR_FEATURES, "code": code, "name": None}
        for term in record.terms:
            if term.taxonomy != OUR_FEATURES and (term.code or term.name):
                yield (
                    Attribute,
                    {
                        "taxonomy": term.taxonomy or "",
                        "code": term.code or term.name,
                        "name": term.name,
                    },
                )
        for position, (need, source) in enumerate(needs_of(record, self._crosswalk)):
            yield (
                ServiceNeed,
                {"hub_id": self._hub_id, "need": need, "source": source, "position": position},
            )

    def _save(
        self, kind: Any, rows: Mapping[str, dict[str, Any]], known: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Insert or update rows by the feed's id; their keys by that id."""
        if not rows:
            return {}
        known = dict(self._keys(kind, rows) if known is None else known)
        fresh = [
            {**row, "hub_id": self._hub_id, "feed_id": self._feed_id}
            for i, row in rows.items()
            if i not in known
        ]
        if known:
            table = kind.__table__
            self._run(
                update(table).where(table.c.key == bindparam("its_key")),
                [{**rows[i], "its_key": key} for i, key in known.items()],
            )
        if fresh:
            self._run(insert(kind.__table__), fresh)
            known.update(self._keys(kind, [row["id"] for row in fresh]))
        return known

    def _keys(self, kind: Any, ids: Iterable[str]) -> dict[str, int]:
        rows = self._session.execute(
            select(kind.id, kind.key).where(*self._mine(kind), kind.id.in_(list(ids)))
        )
        return {row[0]: row[1] for row in rows}

    def _sweep(self) -> None:
        """Take out places and organisations that no service names any more."""
        used = select(ServiceAtLocation.location_key)
        self._session.execute(
            delete(Location).where(*self._mine(Location), Location.key.not_in(used))
        )
        owners = select(Service.organization_key).where(Service.organization_key.is_not(None))
        self._session.execute(
            delete(Organization).where(*self._mine(Organization), Organization.key.not_in(owners))
        )

    def _mine(self, kind: Any) -> tuple[Any, ...]:
        return kind.hub_id == self._hub_id, kind.feed_id == self._feed_id


def _values(part: Record, *without: str) -> dict[str, Any]:
    values = dict(part.__dict__)
    for name in without:
        del values[name]
    return values
