"""Coordinators see counts, and nothing that leads back to somebody."""

import re

import pytest

from hub.database import Database
from hub.profile import Profile
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import SignIn

CHARTS = ("unmet", "wards", "new-people", "contacts", "weeks")


@pytest.fixture
def weeks(sqlite: Database, profile: Profile, clock: SetClock, address: str) -> None:
    """Twelve weeks of invented contacts."""
    cast.add_weeks(sqlite, profile.id, clock().date(), clock())


def test_staff_are_told_plainly_that_it_is_not_for_them(sign_in: SignIn) -> None:
    ann = sign_in("Ann")
    for path in ("/insights/", "/insights/charts/wards.svg"):
        answer = ann.get(path)
        assert answer.status_code == 403
        assert "Ask your coordinator" in answer.text
    assert "/insights/" not in ann.get("/inbox/").text


def test_every_report_is_a_chart_and_a_table(sign_in: SignIn, weeks: None) -> None:
    bev = sign_in("Bev")
    page = bev.get("/insights/").text
    for words in (
        "Needs that were not met",
        "Where people live",
        "Why new people came",
        "Why people were in touch",
        "Contacts each week",
        "A contact is one person on one day",
        "Norris Green",
        "Ward not known",
        "Closed at that time",
        "fewer than 10",
    ):
        assert words in page, words
    assert page.count("<table>") == len(CHARTS)
    for name in CHARTS:
        assert f"/insights/charts/{name}.svg" in page
        chart = bev.get(f"/insights/charts/{name}.svg")
        assert chart.headers["content-type"] == "image/svg+xml"
        assert "<script" not in chart.text
        assert "script-src" not in chart.headers["content-security-policy"]
        assert chart.text.lstrip().startswith("<?xml")
    assert bev.get("/insights/charts/ages.svg").status_code == 404


def test_every_number_is_rounded_and_none_is_small(sign_in: SignIn, weeks: None) -> None:
    page = sign_in("Bev").get("/insights/").text
    cells = re.findall(r"<td class=\"[^\"]*\">([^<]*)</td>", page)
    assert len(cells) > 50
    for cell in cells:
        if cell in ("fewer than 10", "not shown"):
            continue
        number = int(cell.replace(",", ""))
        assert number == 0 or number >= 10
        assert number % 5 == 0


def test_an_empty_hub_has_an_empty_report(sign_in: SignIn) -> None:
    page = sign_in("Bev").get("/insights/").text
    assert "Nothing was recorded in these weeks" in page
    assert "Every number here is too small for a chart" in page


def test_a_few_people_are_not_shown_at_all(sign_in: SignIn, rita: int) -> None:
    page = sign_in("Bev").get("/insights/").text
    assert "Food" in page
    numbers = re.findall(r"<td class=\"[^\"]*\">([^<]*)</td>", page)
    assert set(numbers) <= {"0", "fewer than 10", "not shown"}
