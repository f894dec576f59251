"""Commissioned rehabilitative services, as the Ministry of Justice publishes its contracts.

Who may come is a matter of the contract: sex and age are hard limits. All are for people on
probation, who are referred by it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from directory_sync.fields import clean_text

# What the need areas of a contract are called elsewhere. By how the name begins.
AREAS = (
    ("accommodation", "Accommodation and housing advice"),
    ("ete", "Employment, training and education"),
    ("education", "Employment, training and education"),
    ("dependency", "Drug and alcohol recovery"),
    ("finance", "Debt and benefits advice"),
    ("financial", "Debt and money advice"),
    ("money", "Debt and money advice"),
    ("benefits", "Benefits advice"),
    ("access to benefits", "Benefits advice"),
    ("emotional", "Emotional wellbeing"),
    ("personal wellbeing", "Emotional wellbeing"),
    ("family", "Family support"),
    ("social", "Social contact"),
    ("lifestyle", "Resettlement from prison"),
)
FEATURES = "goodhelp-features"


def is_contract(value: Any) -> bool:
    """Whether parsed JSON is one such contract."""
    return isinstance(value, Mapping) and {"contract_reference", "intervention_title"} <= set(value)


def contract(raw: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
    """A contract as a service. One whose time is over is inactive."""
    limits = _part(raw, "eligibility")
    activities = raw.get("activities")
    activities = activities if isinstance(activities, list) else []
    activities = [one for one in activities if isinstance(one, Mapping)]
    providers = _part(raw, "providers")
    left_out: list[tuple[str, str]] = []
    women, men = limits.get("allows_female"), limits.get("allows_male")
    if women is False and men is False:
        left_out.append(("eligibility", "is for neither women nor men"))
    only = [
        code
        for code, applies in (
            ("women_only", women is not False and men is False),
            ("men_only", men is not False and women is False),
            ("referral_only", True),
        )
        if applies
    ]
    terms = [_term("offending", "Probation and resettlement")]
    terms += [_term(name, name) for name in _areas(activities)]
    places = dict.fromkeys(str(one.get("delivery_location") or "").strip() for one in activities)
    provider = str(providers.get("prime_provider_code") or "")
    return {
        "id": raw.get("contract_reference"),
        "name": raw.get("intervention_title"),
        "description": raw.get("short_description"),
        "email": raw.get("incoming_distribution_email"),
        "status": _status(_part(raw, "scheduling"), now or datetime.now(UTC), left_out),
        "minimum_age": limits.get("minimum_age"),
        "maximum_age": limits.get("maximum_age"),
        "eligibility_description": _whom(women, men, limits),
        "application_process": "Ask your probation practitioner to refer you",
        "organization": {"id": provider, "name": provider.replace("_", " ").title()}
        if provider
        else None,
        "service_areas": [{"name": place} for place in places if place],
        "attributes": [*terms, *(_term(code, code, FEATURES) for code in only)],
        "schedules": [],
        "_left_out": left_out,
    }


def _whom(women: Any, men: Any, limits: Mapping[str, Any]) -> str:
    people = "Women" if men is False else "Men" if women is False else "People"
    low, high = limits.get("minimum_age"), limits.get("maximum_age")
    ages = ""
    if low is not None and high is not None:
        ages = f" aged {low} to {high}"
    elif low is not None:
        ages = f" aged {low} and over"
    elif high is not None:
        ages = f" aged {high} and under"
    return f"{people}{ages} on probation"


def _areas(activities: list[Mapping[str, Any]]) -> list[str]:
    found = []
    for one in activities:
        said = clean_text(one["need_area"]) if one.get("need_area") else ""
        known = [name for start, name in AREAS if said.lower().startswith(start)]
        found.append(known[0] if known else said)
    return [name for name in dict.fromkeys(found) if name]


def _status(scheduling: Mapping[str, Any], now: datetime, left_out: list[tuple[str, str]]) -> str:
    for name, over in (("hide_after", True), ("hide_before", False)):
        value = scheduling.get(name)
        if not value:
            continue
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            left_out.append((f"scheduling.{name}", "is no date"))
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if (moment < now) == over:
            return "inactive"
    return "active"


def _term(code: str, name: str, taxonomy: str = "need area") -> dict[str, Any]:
    return {"taxonomy_term": {"taxonomy": taxonomy, "code": code, "name": name}}


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name)
    return value if isinstance(value, Mapping) else {}
