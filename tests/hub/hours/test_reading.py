"""Texts about hours become times, or an honest doubt."""

import io
import json
from datetime import date
from pathlib import Path

import pytest

from hub.hours import as_standard, read_hours
from hub.hours.lines import hours_lines
from hub.settings import ROOT
from tests.hub.hours.weeks import weeks

REAL = ROOT.parent / "shared/data/directories/warm_spaces/opening_hours_examples.json"
LINES = Path(__file__).with_name("cases.txt").read_text(encoding="utf-8").splitlines()
CASES = [tuple(line.rsplit("|", 2)) for line in LINES if not line.startswith("#")]


@pytest.mark.parametrize(("text", "wanted", "sure"), CASES)
def test_what_is_written_is_read(text: str, wanted: str, sure: str) -> None:
    reading = read_hours(text.replace("\\n", "\n"))
    assert reading.certain == (sure == "sure"), reading.doubts
    if wanted:
        assert weeks(as_standard(reading)) == weeks(wanted), as_standard(reading)


def test_real_texts_are_read_as_a_person_read_them() -> None:
    if not REAL.is_file():
        pytest.skip("the shared opening hours are not here")
    tests = json.loads(REAL.read_text(encoding="utf-8"))["tests"]
    right = wrong_and_sure = 0
    for test in tests:
        reading = read_hours(test["text"])
        same = weeks(as_standard(reading)) == weeks(test["good"])
        right += same
        wrong_and_sure += reading.certain and not same
    assert right >= 0.97 * len(tests)
    assert wrong_and_sure <= 0.01 * len(tests)


def test_what_is_said_beside_the_hours() -> None:
    said = read_hours("Mondays 1-3pm (term time only)")
    assert said.term_time and said.certain
    said = read_hours("Mon-Fri 9-5 by appointment only")
    assert said.by_appointment and said.certain
    assert read_hours("Mon-Fri 9-5, closed bank holidays").bank_holidays == "closed"
    assert read_hours("Every day 10-4, including bank holidays").bank_holidays == "open"
    assert read_hours("Mon-Fri 9-5, Sat and Sun closed").closed_days == (5, 6)


def test_dates_with_a_year_are_kept() -> None:
    (opening,) = read_hours("Wednesday 1pm-3pm from 4 January 2027 until 31 March 2027").openings
    assert (opening.valid_from, opening.valid_to) == (date(2027, 1, 4), date(2027, 3, 31))
    (once,) = read_hours("Saturday 5th December 2026 10am-2pm").openings
    assert once.days == ()
    assert once.rows() == [
        {
            "opens_at": "10:00",
            "closes_at": "14:00",
            "valid_from": date(2026, 12, 5),
            "valid_to": date(2026, 12, 5),
            "dtstart": date(2026, 12, 5),
        }
    ]


def test_a_date_without_a_year_is_doubtful() -> None:
    assert not read_hours("Mondays 10-12 until 23rd March").certain
    assert not read_hours("Fridays 10-12 (except 25th December)").certain


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "???", "<<<>>>", "9" * 5000, "mon " * 2000, "(" * 3000, "1-2 " * 1000]
)
def test_anything_can_be_read(text: str) -> None:
    assert not read_hours(text).certain


def test_rules_for_weeks_and_months_are_kept_apart() -> None:
    (opening,) = read_hours("Mondays and the last Friday of the month 2-4pm").openings
    assert [(row["freq"], row["byday"]) for row in opening.rows()] == [
        ("WEEKLY", "MO"),
        ("MONTHLY", "-1FR"),
    ]


def test_lines_in_and_out() -> None:
    out = io.StringIO()
    hours_lines(['{"id": 7, "text": "Tue 10-12"}\n', "\n", "whenever we can\n"], out)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["id"], first["opening_hours"], first["certain"]) == (7, "Tu 10:00-12:00", True)
    assert first["schedules"][0]["byday"] == "TU"
    assert (second["opening_hours"], second["confidence"]) == ("", 0.0)
