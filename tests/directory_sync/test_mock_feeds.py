"""The validator's own mock feeds, good and bad, over real HTTP."""

import json
from typing import Any

import pytest

from directory_sync.run import SyncResult, sync
from hub.database import Database
from hub.profile import Profile
from hub.services import facts
from hub.settings import ROOT
from tests.conftest import SetClock
from tests.directory_sync.supplier import MISSING, Supplier

MOCKS = ROOT.parent / "shared" / "data" / "schemas" / "oruk_mocks"
COUNSELLING = "ac148810-d857-441c-9679-408f346de14b"

pytestmark = pytest.mark.skipif(not MOCKS.is_dir(), reason="the shared mock feeds are not here")


def run(kind: str, database: Database, profile: Profile, clock: SetClock) -> SyncResult:
    folder = MOCKS / f"V3.0-UK-{kind}"

    def load(name: str) -> Any:
        return json.loads((folder / name).read_text())

    def answer(path: str, params: dict[str, str]) -> Any:
        if path == "/services":
            return load("service_list.json")
        if path.startswith("/services/"):
            detail = load("service_full.json")
            return detail if path.endswith(detail["id"]) else MISSING
        return load("api_details.json") if path == "/" else MISSING

    with Supplier(answer).running() as supplier:
        return sync(database, profile, supplier.url, clock=clock, allow=[supplier.origin])


@pytest.mark.parametrize("kind", ["Default", "Warn"])
def test_the_good_feeds_go_in(
    kind: str, sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    result = run(kind, sqlite, profile, clock)
    assert result.to_json()["added"] == 1
    assert not result.rejected
    # Its latitude of 100 is the one thing in it that cannot be.
    assert [(r.id, r.field) for r in result.left_out] == [
        (COUNSELLING, "service_at_locations[0].location.latitude")
    ]
    with sqlite.reading() as session:
        said = facts(session, COUNSELLING, now=clock())
    assert said is not None
    assert said.name == "Community Counselling"
    assert said.eligibility == "for people aged 12 to 100"
    # Its schedule ended in 2005: not known, not closed.
    assert said.when is None


def test_the_bad_feed_names_each_record_and_field(
    sqlite: Database, profile: Profile, clock: SetClock
) -> None:
    result = run("Fail", sqlite, profile, clock)
    assert result.exit_status == 0
    named = {(reject.id, reject.field) for reject in (*result.rejected, *result.left_out)}
    assert {(COUNSELLING, "url"), (COUNSELLING, "email"), (COUNSELLING, "id")} <= named
    assert result.read == result.to_json()["added"] + len(result.rejected)
