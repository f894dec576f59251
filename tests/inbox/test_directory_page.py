"""The page of the directory: readings, what to mend first, and a report that is safe to open."""

import csv
from pathlib import Path
from typing import Any

import pytest

from directory_sync.run import sync
from hub import quality
from hub.database import Database
from hub.profile import Profile
from inbox.directory import table
from tests.conftest import SetClock
from tests.directory_sync.feeds import HUB, service, write
from tests.inbox.conftest import SignIn

HOURS = {"freq": "WEEKLY", "byday": "TU", "opens_at": "10:00", "closes_at": "12:00"}
WORDS = {"description": "most mornings, ring first"}
LONG = "Free hot meals and good company for anybody, no questions asked."
VAGUE = "We are here on most Tuesdays of the year, so do come along."
GOOD: dict[str, Any] = {
    "schedules": [HOURS],
    "description": LONG,
    "email": "hall@example.org",
    "assured_date": "2026-10-01",
}


@pytest.fixture
def feed(sqlite: Database, profile: Profile, tmp_path: Path, clock: SetClock) -> str:
    source = write(
        tmp_path / "feed.json",
        service("good", at=HUB, **GOOD),
        service("mute", at=HUB, **{**GOOD, "email": None}, name="=SUM(A1)"),
        service("vague", at=HUB, **{**GOOD, "schedules": [WORDS]}),
        service("old", **{**GOOD, "assured_date": "2005-01-01"}),
        service("thin", **{**GOOD, "description": "Food."}),
        service("all", needs="food debt work legal digital energy family", **GOOD),
        service("aimless", needs="", **{**GOOD, "description": VAGUE}),
        service("closed", status="inactive"),
        {**service("odd", **GOOD), "minimum_age": -1},
        {"id": "nameless"},
    )
    return sync(sqlite, profile, source, clock=clock, feed_id="town").feed_id


def test_each_fault_is_found_and_only_there(
    sqlite: Database, profile: Profile, clock: SetClock, feed: str
) -> None:
    with sqlite.reading() as session:
        found = quality.overview(session, profile.id, clock().date())
        mine = quality.of_feed(session, profile.id, feed, clock().date())
    assert {group.kind: [fault.service_id for fault in group.first] for group in found} == {
        "no_contact": ["mute"],
        "no_need": ["aimless"],
        "unsure_times": ["vague"],
        "stale": ["old"],
        "too_many_needs": ["all"],
        "thin": ["thin"],
    }
    assert not {"good", "closed"} & {fault.service_id for fault in mine}


def test_the_page_says_what_to_mend_first(sign_in: SignIn, feed: str) -> None:
    page = sign_in("Bev").get("/insights/directory").text
    assert page.index("No way to get in touch") < page.index("Not checked for a year")
    assert "Done" in page and "/insights/directory/town.csv" in page
    assert sign_in("Ann").get("/insights/directory").status_code == 403


def test_the_report_for_the_owner_is_safe_in_a_spreadsheet(sign_in: SignIn, feed: str) -> None:
    answer = sign_in("Bev").get("/insights/directory/town.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(answer.text.lstrip("\ufeff").splitlines()))
    assert ["mute", "'=SUM(A1)", "No way to get in touch", "", ""] in rows
    assert ["nameless", "", "The record was refused", "name", "is missing"] in rows
    assert ["odd", "", "A field was left out", "minimum_age", "'-1 is no age"] in rows
    assert sign_in("Bev").get("/insights/directory/other.csv").status_code == 404


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    (_, row) = csv.reader(table([(f"{start}cmd|'/c calc'!A0",)]).splitlines(keepends=True))
    assert row[0].startswith("'")
