"""The Croxteth demo hub: its directory feed, settings, helplines and places hold what they say."""

import csv
import json
import math
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import phonenumbers
import pytest
import yaml
from dateutil.rrule import rrulestr
from phonenumbers import shortnumberinfo

ROOT = Path(__file__).parents[2]
HUB = ROOT / "hubs" / "croxteth"
DATA = ROOT.parent / "shared" / "data"
SCHEMA = DATA / "schemas" / "oruk3" / "schema" / "compiled" / "service.json"
OUTCODES = DATA / "geo" / "outcodes.csv"

# The fixed ids, by hand: a taxonomy file that loses one must not take this test with it.
NEED_IDS = """
    housing homelessness debt benefits food energy essentials work learning volunteering
    loneliness activities mental_health physical_health disability addiction domestic_abuse
    crime_asb environment offending family caring bereavement digital transport migration legal
"""
FEATURE_CODES = """
    visits_home accompanies helps_with_forms free drop_in by_phone online no_referral
    referral_only confidential_address women_only men_only full
"""
RISK_IDS = """
    suicide self_harm overdose_medical violence_now domestic_abuse sexual_violence child_at_risk
    adult_at_risk harm_to_others no_shelter_tonight no_essentials
"""
NEEDS, FEATURES, RISKS = (set(ids.split()) for ids in (NEED_IDS, FEATURE_CODES, RISK_IDS))
LOCAL_MARK = "Demo data, from the pilot period of 2023; check before use."
NATIONAL_MARK = "Demo data; check the number before use."
DRAMA = re.compile(r"0151 496 0\d{3}")
POSTCODE = re.compile(r"L1[12] \d[ABD-HJLNP-UW-Z]{2}")
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]

FEED: dict[str, Any] = json.loads((HUB / "directory.json").read_text("utf-8"))
SERVICES: list[dict[str, Any]] = FEED["contents"]


def named(service: dict[str, Any]) -> str:
    return str(service["name"])


def codes(service: dict[str, Any], vocabulary: str) -> set[str]:
    terms = [attribute["taxonomy_term"] for attribute in service["attributes"]]
    return {term["code"] for term in terms if term["taxonomy"] == vocabulary}


def is_national(service: dict[str, Any]) -> bool:
    return [area["name"] for area in service["service_areas"]] == ["National"]


def is_callable(number: str) -> bool:
    parsed = phonenumbers.parse(number, "GB")
    return phonenumbers.is_valid_number(parsed) or (
        shortnumberinfo.is_valid_short_number_for_region(parsed, "GB")
    )


def entity_ids(service: dict[str, Any]) -> Iterator[str]:
    """The ids that belong to this service alone: places, organizations and terms are shared."""
    yield service["id"]
    for key in (
        "service_at_locations",
        "schedules",
        "service_areas",
        "languages",
        "cost_options",
        "phones",
        "contacts",
        "attributes",
    ):
        yield from (row["id"] for row in service.get(key, []))


def test_the_envelope_counts_its_services() -> None:
    assert FEED["total_items"] == FEED["size"] == len(SERVICES) >= 70
    assert (FEED["page_number"], FEED["total_pages"]) == (1, 1)
    assert (FEED["first_page"], FEED["last_page"], FEED["empty"]) == (True, True, False)


@pytest.mark.skipif(not SCHEMA.exists(), reason="../shared/data/schemas is not here")
@pytest.mark.parametrize("service", SERVICES, ids=named)
def test_each_service_is_valid_open_referral_uk(service: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert [f"{e.json_path}: {e.message}" for e in checker.iter_errors(service)] == []


def test_every_id_is_a_uuid_and_used_once() -> None:
    ids = [one for service in SERVICES for one in entity_ids(service)]
    assert [one for one in ids if str(uuid.UUID(one)) != one] == []
    assert [one for one, times in Counter(ids).items() if times > 1] == []


@pytest.mark.parametrize("service", SERVICES, ids=named)
def test_each_service_is_marked_and_classified(service: dict[str, Any]) -> None:
    mark = NATIONAL_MARK if is_national(service) else LOCAL_MARK
    assert service["description"].endswith(mark)
    assert codes(service, "goodhelp-needs")
    assert codes(service, "goodhelp-needs") <= NEEDS
    assert codes(service, "goodhelp-features") <= FEATURES
    assert codes(service, "openeligibility")
    assert len({"no_referral", "referral_only"} & codes(service, "goodhelp-features")) == 1
    terms = [attribute["taxonomy_term"] for attribute in service["attributes"]]
    assert all(term["term"] == term["code"] for term in terms)


@pytest.mark.parametrize("need", sorted(NEEDS))
def test_each_need_has_two_services_that_take_people(need: str) -> None:
    takers = [
        service["name"]
        for service in SERVICES
        if need in codes(service, "goodhelp-needs")
        and service["status"] == "active"
        and not {"full", "referral_only"} & codes(service, "goodhelp-features")
        and not is_national(service)
    ]
    assert len(takers) >= 2, takers


@pytest.mark.parametrize("service", SERVICES, ids=named)
def test_contact_details_reach_nobody_by_accident(service: dict[str, Any]) -> None:
    assert service["phones"]
    for phone in service["phones"]:
        if phone["type"] == "text":
            assert re.fullmatch(r"\d{5}", phone["number"])
        else:
            assert is_callable(phone["number"]), phone["number"]
        if not is_national(service):
            assert DRAMA.fullmatch(phone["number"])
    if not is_national(service):
        assert service["email"].endswith("@example.org")
        assert service["url"].startswith("https://example.org/")
    assert not any("name" in contact for contact in service.get("contacts", []))


@pytest.mark.parametrize("service", SERVICES, ids=named)
def test_places_are_near_and_confidential_ones_are_absent(service: dict[str, Any]) -> None:
    places = [row["location"] for row in service.get("service_at_locations", [])]
    if "confidential_address" in codes(service, "goodhelp-features") or is_national(service):
        assert places == []
    for place in places:
        assert abs(place["latitude"] - 53.45) < 0.03
        assert abs(place["longitude"] + 2.90) < 0.03
        assert all(POSTCODE.fullmatch(a["postal_code"]) for a in place["addresses"])


@pytest.mark.parametrize("service", SERVICES, ids=named)
def test_schedules_can_be_read_as_rules(service: dict[str, Any]) -> None:
    places = {row["id"] for row in service.get("service_at_locations", [])}
    for row in service.get("schedules", []):
        assert time.fromisoformat(row["opens_at"]) < time.fromisoformat(row["closes_at"])
        start = date.fromisoformat(row["dtstart"])
        rule = f"FREQ={row['freq']};INTERVAL={row.get('interval', 1)};BYDAY={row['byday']}"
        assert rrulestr(f"DTSTART:{start:%Y%m%d}\nRRULE:{rule};COUNT=3")[2]
        assert row.get("service_at_location_id") in (places or {None})


def test_there_are_services_that_matching_must_refuse_or_handle() -> None:
    features = Counter(code for s in SERVICES for code in codes(s, "goodhelp-features"))
    schedules = [row for s in SERVICES for row in s.get("schedules", [])]
    assert {s["status"] for s in SERVICES} == {"active", "inactive", "temporarily closed"}
    assert all(features[code] for code in FEATURES)
    assert any(row.get("valid_to", "9999") < "2026-11-01" for row in schedules)
    assert any(row["byday"] == "2MO" and row["freq"] == "MONTHLY" for row in schedules)
    assert any((r["opens_at"], r["closes_at"]) == ("00:00", "23:59") for r in schedules)
    assert any(s["assured_date"] < "2020" for s in SERVICES)
    assert any(s.get("minimum_age") == 10 and s.get("maximum_age") == 18 for s in SERVICES)
    assert any(option["amount"] > 0 for s in SERVICES for option in s.get("cost_options", []))


def test_hub_settings_name_a_real_zone_and_the_pilot_timetable() -> None:
    hub = yaml.safe_load((HUB / "hub.yml").read_text("utf-8"))
    assert (hub["id"], hub["name"]) == ("croxteth", "Good Help Croxteth")
    assert ZoneInfo(hub["timezone"]).key == "Europe/London"
    assert list(hub["opening_hours"]) == DAYS
    assert [len(hub["timetable"][day]["partners"]) for day in DAYS] == [6, 5, 7, 2, 8]
    assert hub["suppression"] == {"threshold": 10, "rounding": 5}
    assert all((HUB / feed["source"]).exists() for feed in hub["feeds"])
    assert DRAMA.fullmatch(hub["numbers"]["desk"])


def test_each_risk_has_a_helpline_and_none_is_verified_yet() -> None:
    lines = yaml.safe_load((HUB / "helplines.yml").read_text("utf-8"))
    assert len({line["id"] for line in lines}) == len(lines)
    assert {risk for line in lines for risk in line["for"]} == RISKS
    for line in lines:
        assert {"name", "hours", "audience", "source", "note"} <= set(line)
        assert line["verified_on"] is None
        if "text_to" in line:
            assert line["keyword"]
        else:
            assert is_callable(line["number"]), line["id"]


def test_helplines_and_directory_agree_on_numbers() -> None:
    lines = yaml.safe_load((HUB / "helplines.yml").read_text("utf-8"))
    known = {phone["number"] for s in SERVICES for phone in s["phones"]} | {"999"}
    assert {line.get("number") or line["text_to"] for line in lines} <= known


def test_places_cover_the_outcodes_and_are_about_right() -> None:
    with (HUB / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    outcodes = {row["outcode"]: row for row in rows if row["kind"] == "outcode"}
    assert list(outcodes) == [f"L{n}" for n in range(1, 39)]
    assert {row["outcode"] for row in rows if row["kind"] == "place"} <= set(outcodes)
    if not OUTCODES.exists():
        pytest.skip("../shared/data/geo is not here")
    with OUTCODES.open(encoding="utf-8", newline="") as file:
        known = {row["postcode"]: row for row in csv.DictReader(file)}
    for row in rows:
        other = known[row["outcode"]]
        north = (float(row["latitude"]) - float(other["latitude"])) * 111.2
        east = (float(row["longitude"]) - float(other["longitude"])) * 66.3
        assert math.hypot(north, east) < 3, row["name"]
