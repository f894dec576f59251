"""GeoJSON places, such as warm spaces: a name, an address, a point and hours in words."""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from directory_sync.fields import clean_text
from directory_sync.words import POSTCODE, contact_of, postcode_in

# What others call the same property, the first that is there is taken.
NAMES = {
    "name": (
        "title",
        "name",
        "venue",
        "venue_name",
        "place_name",
        "site_name",
        "service_name",
        "centre_name",
        "facility_name",
        "place",
        "site",
        "organisation",
        "label",
    ),
    "description": ("description", "about", "details", "info", "notes", "summary"),
    "address": (
        "address",
        "full_address",
        "location",
        "street",
        "addr:full",
        "addr",
        "address1",
        "address_1",
        "address_line_1",
    ),
    "postcode": ("postcode", "post_code", "postal_code", "zip", "addr:postcode"),
    "hours": ("hours", "opening_hours", "opening_times", "openinghours", "times", "open", "when"),
    "contact": ("contact", "contacts", "contact_details"),
    "phone": ("phone", "telephone", "tel", "contact:phone", "phone_number"),
    "email": ("email", "e-mail", "contact:email"),
    "url": ("url", "website", "web", "link", "contact:website", "web_site", "web_address"),
    "organisation": ("organisation", "organization", "operator", "provider", "run_by"),
    "cost": ("cost", "price", "fee", "charge"),
    "eligibility": ("eligibility", "who", "audience", "for"),
    "accessibility": ("accessibility", "access", "wheelchair"),
}
# A feature with more points than this is a map, not a service.
PLACES_AT_MOST = 20


def is_geojson(value: Any) -> bool:
    """Whether parsed JSON is a GeoJSON collection or feature."""
    return isinstance(value, Mapping) and value.get("type") in ("FeatureCollection", "Feature")


def read_geojson(value: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Every feature as a service held at one place. `name` says what the places are."""
    features = value.get("features") if value["type"] == "FeatureCollection" else [value]
    title = str(value.get("name") or value.get("title") or name).replace("_", " ").replace("-", " ")
    seen: dict[str, str] = {}
    for number, feature in enumerate(features if isinstance(features, list) else []):
        if not isinstance(feature, Mapping):
            yield {
                "id": f"feature {number + 1}",
                "_refused": "feature",
                "_reason": "is no object",
            }
            continue
        yield _service(feature, title, number, seen)


def _service(
    feature: Mapping[str, Any], title: str, number: int, seen: dict[str, str]
) -> dict[str, Any]:
    raw = feature.get("properties")
    mine: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    lower = {str(key).strip().lower().replace(" ", "_"): value for key, value in mine.items()}
    text = {key: _first(lower, names) for key, names in NAMES.items()}
    left_out: list[tuple[str, str]] = []
    postcode = text["postcode"] or postcode_in(text["address"] or "")
    name = text["name"]
    if not name and text["address"]:
        name = clean_text(text["address"]).partition(",")[0].strip()
        left_out.append(("properties.title", "is missing: the start of the address stands in"))
    email, phones = contact_of(" ; ".join(filter(None, (text["contact"], text["phone"]))))
    made: dict[str, Any] = {
        "id": _id(feature, mine, text, seen),
        "name": name,
        "description": text["description"],
        "url": text["url"],
        "email": text["email"] or email,
        "eligibility_description": text["eligibility"],
        "fees_description": text["cost"],
        "phones": [{"number": phone} for phone in phones],
        "schedules": [{"description": text["hours"]}] if text["hours"] else [],
        "attributes": [{"taxonomy_term": {"taxonomy": "collection", "code": title, "name": title}}],
        "service_at_locations": [],
        "_left_out": left_out,
    }
    if text["organisation"] and text["organisation"] != name:
        made["organization"] = {"name": text["organisation"]}
    points, why_not = _points(feature.get("geometry"))
    if why_not:
        left_out.append(("geometry", why_not))
    somewhere: list[tuple[float, float] | None] = [*points]
    if not somewhere and (text["address"] or postcode):
        somewhere = [None]
    for number, point in enumerate(somewhere):
        place = {
            "name": name,
            "latitude": point[1] if point else None,
            "longitude": point[0] if point else None,
            "addresses": [
                {
                    # One address of several places is that of the first.
                    "address_1": _street(text["address"] or "", postcode) if not number else "",
                    "postal_code": postcode if not number else None,
                    "country": "GB" if postcode else None,
                }
            ],
            "accessibility": [{"description": text["accessibility"]}],
        }
        place["id"] = _digest(text["address"], postcode, point)
        made["service_at_locations"].append({"location": place})
    return made


def _first(lower: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = lower.get(name)
        if isinstance(value, Mapping):
            value = value.get("_text") or value.get("text") or value.get("opening")
        if isinstance(value, list):
            value = "; ".join(str(item) for item in value if isinstance(item, str | int | float))
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value).strip()
    return None


def _id(
    feature: Mapping[str, Any],
    mine: Mapping[str, Any],
    text: Mapping[str, str | None],
    seen: dict[str, str],
) -> str:
    """The feature's own id, else one made of what it is, the same each time.

    The same place twice with other words is two services; twice the same is a duplicate, and
    keeps the same id so that it is reported.
    """
    own = feature.get("id", mine.get("id"))
    if isinstance(own, str | int) and str(own).strip():
        return str(own)
    content = _digest(dict(mine), feature.get("geometry"))
    place = _digest(text["name"], text["address"], text["postcode"], mine.get("_source"))
    if seen.setdefault(place, content) == content:
        return place
    return f"{place}-{content[:8]}"


def _points(geometry: Any) -> tuple[list[tuple[float, float]], str]:
    """Longitudes and latitudes; for a line or an area the middle of its corners."""
    if geometry is None:
        return [], ""
    if not isinstance(geometry, Mapping):
        return [], "is no geometry"
    if geometry.get("type") == "GeometryCollection":
        inner = geometry.get("geometries")
        parts = [_points(one)[0] for one in inner] if isinstance(inner, list) else []
        found = [point for part in parts for point in part][:PLACES_AT_MOST]
        return found, "" if found else "has no coordinates"
    corners = _corners(geometry.get("coordinates"), 0)
    if not corners:
        return [], "has no coordinates"
    if geometry.get("type") == "MultiPoint":
        why = f"has more than {PLACES_AT_MOST} points" if len(corners) > PLACES_AT_MOST else ""
        return list(dict.fromkeys(corners))[:PLACES_AT_MOST], why
    count = len(corners)
    return [(sum(c[0] for c in corners) / count, sum(c[1] for c in corners) / count)], ""


def _corners(value: Any, depth: int) -> list[tuple[float, float]]:
    if not isinstance(value, list) or depth > 4:
        return []
    pair = [_figure(n) for n in value[:2]]
    if len(pair) == 2 and pair[0] is not None and pair[1] is not None:
        return [(pair[0], pair[1])]
    return [corner for item in value for corner in _corners(item, depth + 1)]


def _figure(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _street(address: str, postcode: str | None) -> str:
    """An address without the postcode, which has a place of its own."""
    plain = clean_text(address) if address else ""
    if postcode:
        plain = POSTCODE.sub(" ", plain)
    return re.sub(r"[\s,]*,[\s,]*", ", ", " ".join(plain.split())).strip(" ,")


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
