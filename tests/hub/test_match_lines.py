"""`goodhelp match`: JSON lines in, JSON lines out."""

import io
import json

from hub.database import Database
from hub.match_lines import match_lines
from hub.matching import Matcher
from nlu.heard import Heard, Scored
from tests.conftest import SUNDAY_NIGHT


def hear(_text: str) -> Heard:
    return Heard(needs=(Scored("food", 0.9),), postcode="L11")


def test_each_line_gets_its_answer_in_order(directory: Database, bare_matcher: Matcher) -> None:
    lines = [
        {"id": 1, "needs": ["debt"], "postcode": "L11 0ZA", "when": "2026-11-22T00:30:00+00:00"},
        {"id": "two", "text": "no food in"},
        {"id": 3, "needs": ["transport"], "postcode": "M1 1AE"},
        {"id": 4, "needs": ["food"], "age": "old"},
        {"id": 5, "needs": ["food"], "when": "2026-11-24T10:00:00"},
    ]
    out = io.StringIO()
    given = [*(json.dumps(line) for line in lines), "", "not json"]
    with directory.reading() as session:
        match_lines(given, out, bare_matcher, session, clock=lambda: SUNDAY_NIGHT, hear=hear, top=4)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [answer["id"] for answer in said] == [1, "two", 3, 4, 5, None]
    assert len(said[0]["services"]) == 4
    assert set(said[0]["services"][0]) >= {"id", "name", "score", "why"}
    assert said[1]["services"][0]["need"] == "food"
    assert said[2]["unmet"] == [{"need": "transport", "reason": "too_far"}]
    assert said[3]["error"].startswith("age")
    assert said[4]["services"]
    assert said[5]["error"]
