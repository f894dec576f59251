"""Contracts of the Ministry of Justice: who may come is a hard limit."""

import json
from pathlib import Path

import pytest

from directory_sync.contracts import contract
from directory_sync.run import sync
from directory_sync.validate import read_service
from hub.database import Database
from hub.matching import Matcher
from hub.places import places_of
from hub.profile import Profile
from hub.settings import ROOT
from tests.conftest import SetClock

REAL = ROOT.parent / "shared/data/directories/hmpps_crs"


def raw(**limits: object) -> dict[str, object]:
    return {
        "contract_reference": "X_1",
        "intervention_title": "Housing for leavers",
        "short_description": "Help with a home.",
        "eligibility": {"allows_female": True, "allows_male": True, "minimum_age": 18, **limits},
        "scheduling": {"hide_before": "2021-01-01", "hide_after": None},
        "providers": {"prime_provider_code": "LANTERN_TRUST"},
        "activities": [{"need_area": "ETE", "delivery_location": "Leeds"}],
    }


@pytest.mark.parametrize(
    ("limits", "feature", "words"),
    [
        ({"allows_male": False}, "women_only", "Women aged 18 and over on probation"),
        ({"allows_female": False, "maximum_age": 25}, "men_only", "Men aged 18 to 25 on probation"),
        ({}, None, "People aged 18 and over on probation"),
    ],
)
def test_limits(limits: dict[str, object], feature: str | None, words: str) -> None:
    record, rejects = read_service(contract(raw(**limits)))
    assert record is not None and not rejects
    codes = {term.code for term in record.terms} & {"women_only", "men_only"}
    assert codes == ({feature} if feature else set())
    assert record.eligibility_description == words
    assert record.organization is not None and record.organization.name == "Lantern Trust"


def test_a_contract_that_is_over_is_inactive() -> None:
    over = {**raw(), "scheduling": {"hide_after": "2022-12-01T12:00:00+00"}}
    assert contract(over)["status"] == "inactive"
    assert contract(raw())["status"] == "active"


def test_sex_and_age_hold_in_all_real_contracts(
    sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    if not REAL.is_dir():
        pytest.skip("the shared contracts are not here")
    result = sync(sqlite, profile, str(REAL), clock=clock)
    assert (result.read, result.to_json()["added"], result.rejected) == (196, 196, ())
    limits = {
        row["contract_reference"]: row["eligibility"]
        for path in Path(REAL).glob("*.json")
        for row in [json.loads(path.read_text(encoding="utf-8"))]
    }
    matcher = Matcher(profile, places_of(profile.folder))
    seen = 0
    with sqlite.reading() as session:
        for sex, key in (("female", "allows_female"), ("male", "allows_male")):
            for age in (16, 17, 18, 25, 26, 70):
                found = matcher(
                    session, ["offending"], when=clock(), sex=sex, age=age, limit=500
                ).matches
                seen += len(found)
                for match in found:
                    mine = limits[match.service_id]
                    assert mine[key]
                    assert age >= mine["minimum_age"]
                    assert mine["maximum_age"] is None or age <= mine["maximum_age"]
    assert seen > 100
