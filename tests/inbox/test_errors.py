"""A failure is a page in plain words, with the headers of every other page."""

import httpx
import pytest

from inbox.labels import label
from tests.inbox.conftest import SignIn


@pytest.mark.parametrize("path", ["/inbox/nothing", "/inbox/tickets/abc", "/simulator"])
def test_what_is_not_there(sign_in: SignIn, path: str) -> None:
    answer = sign_in("Ann").get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert "Go to the tickets" in answer.text


def test_a_wrong_method_is_a_page_too(sign_in: SignIn, rita: int) -> None:
    answer = sign_in("Ann").get(f"/inbox/tickets/{rita}/claim")
    assert answer.status_code == 405
    assert "That did not work" in answer.text


def test_our_own_mistake_shows_neither_stack_nor_words(sign_in: SignIn) -> None:
    answer = sign_in("Ann").get("/inbox/break")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "bailiffs" not in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_page_forbids_what_is_not_ours(sign_in: SignIn, rita: int) -> None:
    ann = sign_in("Ann")
    for path in ("/inbox/", f"/inbox/tickets/{rita}", "/inbox/sign-in", "/inbox/nothing"):
        answer = ann.get(path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
    assert ann.get("/static/style.css").headers["cache-control"] == "no-cache"


def test_other_routes_keep_their_own_answers(address: str) -> None:
    answer = httpx.get(f"{address}/webhooks/nothing")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


def test_an_unknown_id_is_still_readable() -> None:
    assert label("needs", "food") == "Food"
    assert label("needs", "window_cleaning") == "Window cleaning"
    assert label("needs", None) == ""
