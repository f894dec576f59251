"""Small feeds for tests: services in the shape of Open Referral UK 3.0."""

import json
from pathlib import Path
from typing import Any

NEEDS, FEATURES = "goodhelp-needs", "goodhelp-features"
HUB = (53.4531, -2.9012)


def term(taxonomy: str, code: str, name: str = "") -> dict[str, Any]:
    """One attribute with its term."""
    return {
        "id": f"{taxonomy}-{code}",
        "taxonomy_term": {"id": code, "code": code, "name": name or code, "taxonomy": taxonomy},
    }


def service(
    id: str,
    *,
    needs: str = "food",
    features: str = "",
    at: tuple[float, float] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A service; `needs` and `features` are codes with spaces between."""
    made: dict[str, Any] = {
        "id": id,
        "name": f"Service {id}",
        "status": "active",
        "organization": {"id": f"org-{id}", "name": f"Organisation {id}", "description": "x"},
        "attributes": [
            *(term(NEEDS, code) for code in needs.split()),
            *(term(FEATURES, code) for code in features.split()),
        ],
    }
    if at:
        made["service_at_locations"] = [
            {
                "id": f"at-{id}",
                "location": {
                    "id": f"place-{id}",
                    "location_type": "physical",
                    "name": f"Hall {id}",
                    "latitude": at[0],
                    "longitude": at[1],
                    "addresses": [{"address_1": "1 Test Street", "city": "Liverpool"}],
                },
            }
        ]
    return {**made, **more}


def page(*services: Any) -> dict[str, Any]:
    """One page that holds everything."""
    return {
        "total_items": len(services),
        "total_pages": 1,
        "page_number": 1,
        "size": len(services),
        "first_page": True,
        "last_page": True,
        "empty": not services,
        "contents": list(services),
    }


def write(path: Path, *services: Any) -> str:
    """A feed as a file; gives its path."""
    path.write_text(json.dumps(page(*services)))
    return str(path)
