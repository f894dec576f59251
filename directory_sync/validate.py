"""From a supplier's JSON to a `ServiceRecord`, keeping as much as can be trusted.

A field that cannot be read is left out and reported. A record is refused only where it has no
id, no name or a status we do not know. Nothing here stops a run.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError

from directory_sync.days import rule_days
from directory_sync.fields import clean_text
from directory_sync.hours import with_times
from directory_sync.legacy import is_legacy, modernised
from directory_sync.records import (
    AreaRecord,
    ContactRecord,
    CostRecord,
    LanguageRecord,
    LocationRecord,
    OrganizationRecord,
    PhoneRecord,
    Record,
    Reject,
    ScheduleRecord,
    ServiceRecord,
    TermRecord,
)

UK_BOX = (49.5, 61.0, -9.0, 2.5)
UK_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}$", re.IGNORECASE)
UK_NAMES = {"gb", "uk", "gbr", "england", "scotland", "wales", "northern ireland"}
PARTS_AT_MOST = 500
PLAIN = frozenset({str, int, float, bool, type(None)})
# Parts of an iCal rule that we do not follow, and say so.
NOT_READ = ("count", "byweekno", "byyearday")


# The same terms, halls and owners stand on record after record: each is read once.
SHARED = (TermRecord, LocationRecord, OrganizationRecord, LanguageRecord, AreaRecord, CostRecord)
SHARED_AT_MOST = 20_000
_shared: dict[Any, Record] = {}


class Refused(Exception):
    """A record cannot be kept: `field` and `reason`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class Reading:
    """The reading of one record, gathering what had to be left out."""

    def __init__(self, record_id: str) -> None:
        self.record_id = record_id
        self.rejects: list[Reject] = []

    def leave_out(self, field: str, reason: str) -> None:
        """Report a field that was left out while the record stays."""
        found = Reject(id=self.record_id, field=field, reason=reason, record_kept=True)
        if found not in self.rejects and len(self.rejects) < PARTS_AT_MOST:
            self.rejects.append(found)

    def read[R: Record](self, kind: type[R], raw: Mapping[str, Any], path: str = "") -> R:
        """A record from raw values; optional fields that are wrong are left out.

        Raises Refused where a field that has to be there is wrong.
        """
        key = _key(kind, raw) if kind in SHARED else None
        if key is not None and key in _shared:
            return cast(R, _shared[key])
        # Two rounds at most: the second has only fields that the first found good.
        values = dict(raw)
        for _ in range(2):
            try:
                found = kind.model_validate(values)
                if key is not None and len(values) == len(raw):
                    if len(_shared) >= SHARED_AT_MOST:
                        _shared.clear()
                    _shared[key] = found
                return found
            except ValidationError as error:
                for problem in error.errors(include_url=False, include_input=False):
                    name = str(problem["loc"][0])
                    reason = _reason(problem)
                    field = f"{path}{name}"
                    if kind.model_fields[name].is_required() or name == "status":
                        raise Refused(field, reason) from None
                    values.pop(name, None)
                    self.leave_out(field, reason)
        raise Refused(path or "record", "cannot be read")

    def read_all[R: Record](
        self, kind: type[R], parts: Sequence[Mapping[str, Any]], path: str
    ) -> tuple[R, ...]:
        """Each part as a record; those that cannot be read are left out."""
        found = []
        for number, part in enumerate(parts):
            try:
                found.append(self.read(kind, part, f"{path}[{number}]."))
            except Refused as refused:
                self.leave_out(refused.field, refused.reason)
        return tuple(found)

    def parts(self, raw: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
        """The objects of a collection; null and single objects where a list should be are read."""
        for name in names:
            value = raw.get(name)
            if value in (None, "", {}):
                continue
            items = value if isinstance(value, list) else [value]
            good = [item for item in items if isinstance(item, dict)]
            if len(good) < sum(item is not None for item in items):
                self.leave_out(name, "holds something that is no object")
            if len(good) > PARTS_AT_MOST:
                self.leave_out(name, f"has more than {PARTS_AT_MOST} entries")
            return good[:PARTS_AT_MOST]
        return []


def read_service(raw: Any, number: int = 0) -> tuple[ServiceRecord | None, list[Reject]]:
    """One service of Open Referral UK 3.0, or the rejects that say why it cannot be one.

    `number` names the record by its place in the feed where it has no id.
    """
    if not isinstance(raw, Mapping):
        return None, [Reject(id=f"record {number + 1}", field="record", reason="is no object")]
    reading = Reading(_id_of(raw) or f"record {number + 1}")
    try:
        if is_legacy(raw):
            raw = modernised(raw)
        return _service(reading, raw), reading.rejects
    except Refused as refused:
        refusal = Reject(id=reading.record_id, field=refused.field, reason=refused.reason)
        return None, [refusal, *reading.rejects]


def _service(reading: Reading, raw: Mapping[str, Any]) -> ServiceRecord:
    record = reading.read(
        ServiceRecord,
        {
            **{name: raw.get(name) for name in _OWN_FIELDS if raw.get(name) is not None},
            "id": raw.get("id"),
            "name": raw.get("name"),
            "fees_description": raw.get("fees_description") or raw.get("fees"),
        },
    )
    ages = _ages(reading, record)
    terms = reading.read_all(TermRecord, _terms(reading, raw), "attributes")
    secret = any(term.code == "confidential_address" for term in terms)
    locations, place_ids = ((), ()) if secret else _locations(reading, raw)
    return record.model_copy(
        update={
            **ages,
            "organization": _organization(reading, raw),
            "locations": locations,
            "place_ids": place_ids,
            "schedules": _schedules(reading, raw),
            "phones": reading.read_all(PhoneRecord, _phones(reading, raw), "phones"),
            "contacts": tuple(
                contact
                for contact in reading.read_all(
                    ContactRecord, reading.parts(raw, "contacts"), "contacts"
                )
                if contact.email
            ),
            "cost_options": reading.read_all(
                CostRecord, reading.parts(raw, "cost_options"), "cost_options"
            ),
            "service_areas": reading.read_all(
                AreaRecord, reading.parts(raw, "service_areas"), "service_areas"
            ),
            "languages": tuple(
                language
                for language in reading.read_all(
                    LanguageRecord, reading.parts(raw, "languages"), "languages"
                )
                if language.name or language.code
            ),
            "terms": terms,
        }
    )


_OWN_FIELDS = (
    "alternate_name",
    "description",
    "url",
    "email",
    "status",
    "alert",
    "minimum_age",
    "maximum_age",
    "eligibility_description",
    "application_process",
    "wait_time",
    "assured_date",
    "last_modified",
)


def _ages(reading: Reading, record: ServiceRecord) -> dict[str, None]:
    low, high = record.minimum_age, record.maximum_age
    if low is not None and high is not None and low > high:
        reading.leave_out("maximum_age", f"{high:g} is below the minimum age {low:g}")
        return {"minimum_age": None, "maximum_age": None}
    return {}


def _organization(reading: Reading, raw: Mapping[str, Any]) -> OrganizationRecord | None:
    value = raw.get("organization")
    if not isinstance(value, Mapping):
        return None
    website = value.get("website") or value.get("url")
    given = {**value, "website": website, "id": value.get("id") or _digest(value.get("name"))}
    try:
        return reading.read(OrganizationRecord, given, "organization.")
    except Refused as refused:
        reading.leave_out(refused.field, refused.reason)
        return None


def _locations(
    reading: Reading, raw: Mapping[str, Any]
) -> tuple[tuple[LocationRecord, ...], tuple[str | None, ...]]:
    found, ids = [], []
    for number, place in enumerate(reading.parts(raw, "service_at_locations")):
        path = f"service_at_locations[{number}].location."
        value = place.get("location")
        if not isinstance(value, Mapping):
            reading.leave_out(path.rstrip("."), "is missing")
            continue
        try:
            location = reading.read(LocationRecord, _flat(value), path)
        except Refused as refused:
            reading.leave_out(refused.field, refused.reason)
            continue
        found.append(_placed(reading, location, path))
        ids.append(str(place["id"])[:200] if place.get("id") else None)
    return tuple(found), tuple(ids)


def _flat(location: Mapping[str, Any]) -> dict[str, Any]:
    """A location with its first physical address in one line."""
    addresses = location.get("addresses") or location.get("physical_addresses") or []
    rows = [row for row in addresses if isinstance(row, Mapping)]
    rows.sort(key=lambda row: row.get("address_type") not in ("physical", None))
    address = rows[0] if rows else {}
    lines = [address.get(name) for name in ("address_1", "address_2", "address_3", "address_4")]
    notes = location.get("accessibility") or []
    notes = notes if isinstance(notes, list) else []
    return {
        **{name: value for name, value in location.items() if name in LocationRecord.model_fields},
        "id": location.get("id") or _digest(location.get("name"), address),
        "address": ", ".join(clean_text(line) for line in lines if isinstance(line, str) and line),
        "city": address.get("city"),
        "postal_code": address.get("postal_code"),
        "country": address.get("country"),
        "accessibility": " ".join(
            str(note.get("description") or note.get("accessibility") or "")
            for note in notes
            if isinstance(note, Mapping)
        ),
    }


def _placed(reading: Reading, location: LocationRecord, path: str) -> LocationRecord:
    """A location without a point that cannot be right."""
    lat, lon = location.latitude, location.longitude
    reason = None
    if (lat is None) != (lon is None):
        # A half that was out of range has been reported already.
        if not any(reject.field.startswith(path) for reject in reading.rejects):
            reading.leave_out(f"{path}latitude", "stands without its other half")
        return location.model_copy(update={"latitude": None, "longitude": None})
    if lat == 0 and lon == 0:
        reason = "0, 0 is in the sea"
    elif lat is not None and lon is not None and _in_uk(location):
        south, north, west, east = UK_BOX
        if south <= lon <= north and west <= lat <= east:
            reading.leave_out(f"{path}latitude", "latitude and longitude had changed places")
            return location.model_copy(update={"latitude": lon, "longitude": lat})
        if not (south <= lat <= north and west <= lon <= east):
            reason = f"{lat:g}, {lon:g} is not in the United Kingdom, where the address is"
    if reason is None:
        return location
    reading.leave_out(f"{path}latitude", reason)
    return location.model_copy(update={"latitude": None, "longitude": None})


def _in_uk(location: LocationRecord) -> bool:
    if UK_POSTCODE.match(location.postal_code or ""):
        return True
    return (location.country or "").lower() in UK_NAMES


def _schedules(reading: Reading, raw: Mapping[str, Any]) -> tuple[ScheduleRecord, ...]:
    parts = list(reading.parts(raw, "schedules"))
    for place in reading.parts(raw, "service_at_locations"):
        for part in reading.parts(place, "schedules"):
            parts.append({"service_at_location_id": place.get("id"), **part})
    for number, part in enumerate(parts):
        for name in NOT_READ:
            if part.get(name):
                reading.leave_out(f"schedules[{number}].{name}", "is not read")
        if part.get("byday"):
            days = rule_days(part["byday"])
            if days is None:
                said = str(part["byday"])[:40]
                reading.leave_out(f"schedules[{number}].byday", f"{said!r} are no days of the week")
                # Without its days a rule would hold every day.
                parts[number] = {**part, "opens_at": None, "closes_at": None, "byday": None}
            elif days != part["byday"]:
                parts[number] = {**part, "byday": days, "freq": part.get("freq") or "WEEKLY"}
        for name in ("opens_at", "closes_at"):
            if str(part.get(name) or "").strip().upper().endswith("Z"):
                reading.leave_out(
                    f"schedules[{number}].{name}", "ends in Z: read as local time, zone left out"
                )
    timed = with_times([_ended(part) for part in parts], reading.leave_out)
    return reading.read_all(ScheduleRecord, timed, "schedules")


def _ended(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schedule whose `until` stands where `valid_to` does; the earlier of the two ends it."""
    until, valid_to = part.get("until"), part.get("valid_to")
    if not until:
        return part
    return {**part, "valid_to": min(str(until)[:10], str(valid_to)[:10]) if valid_to else until}


def _phones(reading: Reading, raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = list(reading.parts(raw, "phones"))
    for contact in reading.parts(raw, "contacts"):
        parts.extend(reading.parts(contact, "phones"))
    organization = raw.get("organization")
    if not parts and isinstance(organization, Mapping):
        parts.extend(reading.parts(organization, "phones"))
    return [part for part in parts if part.get("number")]


def _terms(reading: Reading, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for attribute in reading.parts(raw, "attributes"):
        term = attribute.get("taxonomy_term")
        if isinstance(term, Mapping):
            name = term.get("name") or term.get("term") or attribute.get("label")
            code = term.get("code") or term.get("term") or term.get("id")
            taxonomy = term.get("taxonomy") or term.get("vocabulary") or ""
            if isinstance(taxonomy, Mapping):
                taxonomy = taxonomy.get("name") or ""
            found.append({"taxonomy": taxonomy, "code": code, "name": name})
    return found


def _key(kind: type[Record], raw: Mapping[str, Any]) -> Any:
    """What a part says, to find it again; None where it says it with lists or objects."""
    values = tuple(map(raw.get, kind.model_fields))
    types = tuple(map(type, values))
    # 1, 1.0 and true are one to Python and three to us.
    return (kind, values, types) if PLAIN.issuperset(types) else None


def _digest(*parts: Any) -> str:
    """An id of our own for what came without one, the same each time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _id_of(raw: Mapping[str, Any]) -> str:
    value = raw.get("id")
    return str(value)[:200] if isinstance(value, str | int) and value != "" else ""


def _reason(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    return "is missing" if problem["type"] == "missing" else message[:300]
