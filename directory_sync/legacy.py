"""Open Referral UK 1.0 (and HSDS 1.x and 2.x) services, turned into the shape of 3.0."""

from collections.abc import Mapping
from typing import Any

from directory_sync.days import days_of

OLD_COLLECTIONS = (
    "eligibilitys",
    "eligibilities",
    "regular_schedules",
    "holiday_schedules",
    "service_taxonomys",
    "service_taxonomies",
)
TIMES = ("opens_at", "closes_at", "weekday", "freq")


def is_legacy(raw: Mapping[str, Any]) -> bool:
    """Whether a service has collections that 3.0 no longer knows."""
    if any(name in raw for name in OLD_COLLECTIONS):
        return True
    return any(
        "regular_schedules" in place or "holiday_schedules" in place
        for place in _objects(raw, "service_at_locations")
    )


def modernised(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The same service with the names of 3.0."""
    new = {name: value for name, value in raw.items() if name not in OLD_COLLECTIONS}
    places = _objects(raw, "service_at_locations")
    schedules = [*_objects(raw, "schedules"), *_objects(raw, "regular_schedules")]
    shut = _objects(raw, "holiday_schedules")
    for place in places:
        own = {"service_at_location_id": place.get("id")}
        schedules.extend({**own, **row} for row in _objects(place, "regular_schedules"))
        shut.extend({**own, **row} for row in _objects(place, "holiday_schedules"))
    # A holiday without dates would close the service for ever.
    dated = [row for row in shut if row.get("start_date")]
    new["schedules"] = [_weekly(row) for row in schedules] + [_holiday(row) for row in dated]
    new["service_at_locations"] = [
        {"id": place.get("id"), "location": _place(place.get("location"))} for place in places
    ]
    new["attributes"] = [*_objects(raw, "attributes"), *_terms(raw)]
    new["languages"] = [
        {"name": row.get("name") or row.get("language"), "code": row.get("code")}
        for row in _objects(raw, "languages")
    ]
    new.update(_eligibility(raw))
    return new


def _weekly(row: Mapping[str, Any]) -> dict[str, Any]:
    weekday = str(row.get("weekday") or "").strip()
    byday = row.get("byday") or days_of(weekday)
    if weekday and not byday:
        # A day that nobody can read is no reason to say "every day": its words are kept.
        span = "-".join(str(row[name]) for name in ("opens_at", "closes_at") if row.get(name))
        words = " ".join(filter(None, (weekday, span, row.get("description"))))
        kept = {name: value for name, value in row.items() if name not in TIMES}
        return {**kept, "description": words}
    freq = row.get("freq") or ("WEEKLY" if byday else None)
    return {**row, "byday": byday, "freq": freq}


def _holiday(row: Mapping[str, Any]) -> dict[str, Any]:
    closed = str(row.get("closed", "true")).strip().lower() in ("true", "1", "t", "yes")
    return {
        **row,
        "closed": closed,
        # Special hours on a holiday stand in place of the ordinary ones.
        "instead": not closed,
        "valid_from": row.get("start_date"),
        "valid_to": row.get("end_date") or row.get("start_date"),
        "freq": "DAILY",
    }


def _place(location: Any) -> Any:
    if not isinstance(location, Mapping):
        return location
    access = _objects(location, "accessibility_for_disabilities")
    return {**location, "accessibility": location.get("accessibility") or access}


def _terms(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = [*_objects(raw, "service_taxonomys"), *_objects(raw, "service_taxonomies")]
    found = []
    for row in rows:
        term = row.get("taxonomy")
        if isinstance(term, Mapping):
            code = term.get("id")
            found.append(
                {
                    "taxonomy_term": {
                        "id": code,
                        "code": code,
                        "name": term.get("name") or term.get("term"),
                        "taxonomy": term.get("vocabulary") or term.get("taxonomy"),
                    }
                }
            )
    return found


def _eligibility(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Ages and words of all eligibility rows; an age holds only where every row gives one."""
    rows = [*_objects(raw, "eligibilitys"), *_objects(raw, "eligibilities")]
    if not rows:
        return {}
    found: dict[str, Any] = {}
    for name, pick in (("minimum_age", min), ("maximum_age", max)):
        ages = [row.get(name) for row in rows]
        if all(isinstance(age, int | float) and not isinstance(age, bool) for age in ages):
            found[name] = pick(ages)  # type: ignore[type-var]
        elif len(ages) == 1 and ages[0] is not None:
            found[name] = ages[0]
    words = [str(row["eligibility"]) for row in rows if row.get("eligibility")]
    if words and not raw.get("eligibility_description"):
        found["eligibility_description"] = " ".join(words)
    return found


def _objects(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = raw.get(name)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]
