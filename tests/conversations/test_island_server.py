"""The island when the actions are gone: an error and not silence, and no words in its log."""

from pathlib import Path

import httpx
import pytest

from tests.conversations.stack import free_port, rasa_server

pytestmark = pytest.mark.stack

SAID = "my own words about the bailiffs"


def test_a_turn_that_cannot_be_taken_is_a_500_and_is_not_written_down(tmp_path: Path) -> None:
    log = tmp_path / "rasa.log"
    body = {
        "sender": "7-0",
        "message": SAID,
        "metadata": {"message_id": 7, "stage": "good_life", "token": "t", "heard": {}},
    }
    with rasa_server(f"http://127.0.0.1:{free_port()}/webhook", log) as url:
        answer = httpx.post(f"{url}/webhooks/rest/webhook", json=body, timeout=30)
        assert answer.status_code == 500
        assert SAID not in answer.text

        # Nothing of the conversation stays on the island.
        kept = httpx.get(f"{url}/conversations/7-0/tracker", timeout=30).text
        assert SAID not in kept

        for broken in ({}, {"sender": "7-0"}, {"sender": "7-0", "message": 3}, []):
            refused = httpx.post(f"{url}/webhooks/rest/webhook", json=broken, timeout=30)
            assert refused.status_code == 400, broken
    written = log.read_text(errors="replace")
    assert "turn empty message=7" in written
    assert SAID not in written and "bailiffs" not in written
