"""An HSDS data package, versions 1.x to 3.x: tables in, whole services out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from directory_sync.fetch import SourceFailed
from directory_sync.tables import Row, Tables, folder_of, open_tables

# Tables whose rows point at a service. In HSDS 2 and 3 some point at a place of it in its stead.
CHILDREN = (
    "service_at_locations",
    "phones",
    "schedules",
    "regular_schedules",
    "holiday_schedules",
    "eligibilitys",
    "contacts",
    "cost_options",
    "service_areas",
    "languages",
    "service_taxonomys",
)
OTHER_OWNERS = ("service_at_location_id", "location_id", "organization_id", "contact_id")
# So many broken rows of one table are named one by one.
NAMED_AT_MOST = 20_000


def is_package(path: Path) -> bool:
    """Whether a path is a folder with a services table."""
    return path.is_dir() and folder_of(path) is not None


def read_package(path: Path, progress: Callable[[str, int, int | None], None]) -> Iterator[Row]:
    """Every service of a package with the rows that point at it, in the shape of an API's.

    Rows that cannot be followed come once each as `{"_note": row, "_field": …, "_reason": …}`, so
    that nothing is lost without a word. Raises SourceFailed.
    """
    tables = open_tables(path)
    if not tables.has("services"):
        raise SourceFailed("the data package has no services.csv")
    package = _Package(tables)
    for number, row in enumerate(package.services):
        progress("reading services", number + 1, len(package.services))
        yield package.service(row)
    yield from package.notes()


class _Package:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.services = tables.rows("services")
        self._ids = {row["id"] for row in self.services if "id" in row}
        self._organizations = _by_id(tables.rows("organizations"))
        self._locations = _by_id(tables.rows("locations"))
        self._taxonomies = _by_id(tables.rows("taxonomies"))
        self._terms = _by_id(tables.rows("taxonomy"))
        self._addresses = _by(tables.rows("addresses"), "location_id")
        self._accessibility = _by(tables.rows("accessibility"), "location_id")
        self._notes: list[Row] = []
        self._named: dict[str, int] = defaultdict(int)
        places = tables.rows("service_at_locations")
        self._of_place = {row["id"]: row.get("service_id") for row in places if "id" in row}
        self._at = _by(places, "location_id")
        self._children = {name: self._owned(name, tables.rows(name)) for name in CHILDREN}
        self._attributes = self._linked(tables.rows("attributes"))
        self._phones_of = _by(
            [row for row in tables.rows("phones") if not row.get("service_id")], "organization_id"
        )

    def service(self, row: Row) -> Row:
        """One service with its children, as an API would send it."""
        key = row.get("id")
        found: Row = {**row, **{name: rows.get(key, []) for name, rows in self._children.items()}}
        for name in ("schedules", "eligibilitys", "regular_schedules", "holiday_schedules"):
            if not found[name]:
                del found[name]
        owner = row.get("organization_id")
        if owner in self._organizations:
            phones = self._phones_of.get(owner, [])
            found["organization"] = {**self._organizations[owner], "phones": phones}
        elif owner:
            self._note(row, "services.organization_id", f"{owner[:60]!r} is no organization")
        found["service_at_locations"] = [
            place for one in found["service_at_locations"] if (place := self._place(one))
        ]
        found["service_taxonomys"] = [
            {**link, "taxonomy": term}
            for link in found["service_taxonomys"]
            if (term := self._term(link, "taxonomy_id", "service_taxonomys"))
        ]
        found["attributes"] = [
            {**link, "taxonomy_term": term}
            for link in self._attributes.get(key, [])
            if (term := self._term(link, "taxonomy_term_id", "attributes"))
        ]
        return found

    def notes(self) -> Iterator[Row]:
        """What could not be followed, row by row."""
        for record, field, reason in self._tables.odd:
            yield {"_note": record, "_field": field, "_reason": reason}
        for name in self._tables.unknown:
            reason = "is no table of the standard that we know: it was not read"
            yield {"_note": f"{name}.csv", "_field": name, "_reason": reason}
        yield from self._notes
        for field, count in self._named.items():
            if count > NAMED_AT_MOST:
                reason = f"{count - NAMED_AT_MOST} more rows are like this"
                yield {"_note": "", "_field": field, "_reason": reason}

    def _owned(self, table: str, rows: Iterable[Row]) -> dict[Any, list[Row]]:
        """Rows by the service they belong to, directly or by a place of it."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            owners = self._owners(table, row)
            if owners is None:
                continue
            for owner in owners:
                found[owner].append(row)
        return found

    def _owners(self, table: str, row: Row) -> list[str] | None:
        own, field = row.get("service_id"), f"{table}.service_id"
        if own is not None:
            if own in self._ids:
                return [own]
            self._note(row, field, f"{own[:60]!r} is no service")
            return None
        place, location = row.get("service_at_location_id"), row.get("location_id")
        if place is not None:
            if self._of_place.get(place) in self._ids:
                return [str(self._of_place[place])]
            self._note(row, f"{table}.service_at_location_id", f"{place[:60]!r} is no such place")
            return None
        if location is not None and table in ("schedules", "regular_schedules", "phones"):
            at = [str(r["service_id"]) for r in self._at.get(location, []) if r.get("service_id")]
            return list(dict.fromkeys(at))
        # A phone of an organisation, or a language of a place, rightly names no service.
        if any(row.get(name) for name in OTHER_OWNERS):
            return None
        self._note(row, field, "is empty: the row points at no service")
        return None

    def _linked(self, rows: Iterable[Row]) -> dict[Any, list[Row]]:
        """Attributes by the service they are of; those of other things are not needed."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            link = row.get("link_id") or row.get("service_id")
            if str(row.get("link_entity", "service")).lower() not in ("service", "services"):
                continue
            if link in self._ids:
                found[link].append(row)
            elif row.get("link_entity") or link is None:
                said = f"{link[:60]!r} is no service" if link else "is empty"
                self._note(row, "attributes.link_id", said)
        return found

    def _term(self, link: Row, name: str, table: str) -> Row | None:
        key = link.get(name) or link.get("taxonomy_id") or link.get("taxonomy_term_id")
        term = self._terms.get(key)
        if term is None:
            said = f"{key[:60]!r} is no taxonomy term" if key else "is empty"
            self._note(link, f"{table}.{name}", said)
            return None
        vocabulary = self._taxonomies.get(term.get("taxonomy_id"), {}).get("name")
        return {**term, "taxonomy": term.get("taxonomy") or term.get("vocabulary") or vocabulary}

    def _place(self, row: Row) -> Row | None:
        key = row.get("location_id")
        location = self._locations.get(key)
        if location is None:
            said = f"{key[:60]!r} is no location" if key else "is empty"
            self._note(row, "service_at_locations.location_id", said)
            return None
        return {
            **row,
            "location": {
                **location,
                "addresses": self._addresses.get(key, []),
                "accessibility": self._accessibility.get(key, []),
            },
        }

    def _note(self, row: Row, field: str, reason: str) -> None:
        self._named[field] += 1
        if self._named[field] <= NAMED_AT_MOST:
            record = row.get("id") or row["_line"]
            self._notes.append({"_note": record, "_field": field, "_reason": reason})


def _by_id(rows: Iterable[Row]) -> dict[Any, Row]:
    return {row["id"]: row for row in rows if "id" in row}


def _by(rows: Iterable[Row], name: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row.get(name) is not None:
            found[row[name]].append(row)
    return found
