"""The action server's door: what it refuses, and how."""

import pytest
from fastapi.testclient import TestClient

from actions.server import make_app


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "{}", '{"tracker": 1}'])
def test_what_is_no_call_is_refused_with_what_to_do(body: str) -> None:
    answer = TestClient(make_app([])).post("/webhook", content=body)
    assert answer.status_code == 400
    assert "next_action and tracker" in answer.json()["error"]


def test_an_action_that_does_not_exist_is_named() -> None:
    call = {"next_action": "action_dance", "tracker": {"sender_id": "1"}}
    answer = TestClient(make_app([])).post("/webhook", json=call)
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_dance"
