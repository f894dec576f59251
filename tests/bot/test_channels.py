"""Signatures, error tables and settings, channel by channel."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels.base import Call, Outgoing
from bot.channels.errors import twilio_problem
from bot.channels.registry import make_registry
from bot.channels.twilio import signed, with_numbers
from bot.outcomes import backoff
from hub.settings import ROOT
from tests.bot.conftest import make_settings
from tests.conftest import SUNDAY_NIGHT

VECTORS = ROOT.parent / "shared" / "data" / "webhooks" / "twilio_signature_vectors.json"


def vectors() -> list[Any]:
    if not VECTORS.exists():
        skipped = pytest.mark.skip(reason=f"no test vectors at {VECTORS}")
        return [pytest.param({}, marks=skipped)]
    return [pytest.param(one, id=one["name"]) for one in json.loads(VECTORS.read_text())]


def call(vector: dict[str, Any], body: str | None = None) -> Call:
    text = vector.get("body") if body is None else body
    kind = "application/x-www-form-urlencoded" if text is None else "application/json"
    params = vector["params"]
    pairs = list(params.items()) if isinstance(params, dict) else [tuple(p) for p in params]
    return Call(
        vector["url"],
        {"x-twilio-signature": vector["signature"], "content-type": kind},
        (urlencode(pairs) if text is None else text).encode(),
    )


@pytest.mark.parametrize("vector", vectors())
def test_twilios_own_signatures(vector: dict[str, Any]) -> None:
    assert signed(vector["token"], call(vector)) is vector["valid"]
    assert not signed("another token", call(vector))


@pytest.mark.parametrize("vector", vectors())
def test_a_tampered_json_body_is_refused(vector: dict[str, Any]) -> None:
    if "body" not in vector:
        changed = call({**vector, "params": {"Body": "changed"}})
        assert not signed(vector["token"], changed)
        return
    assert not signed(vector["token"], call(vector, '{"property": "changed"}'))
    assert not signed(vector["token"], call(vector, "not json"))


def test_a_json_body_without_its_hash_is_refused() -> None:
    """The signature covers the address only: any body would pass."""
    from standin.twilio import sign

    url = "https://hub.example/webhooks/twilio/message"
    headers = {"x-twilio-signature": sign("t", url, {}), "content-type": "application/json"}
    assert not signed("t", Call(url, headers, b'{"Body": "anything"}'))


def test_waits_grow_with_jitter_and_end() -> None:
    problem = twilio_problem(20429)
    waits = [backoff(problem, attempt, lambda: 0.5) for attempt in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 300
    assert backoff(problem, 1, lambda: 0.0) == 1.5
    assert backoff(problem, 1, lambda: 1.0) == 2.5


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, set()),
        ({"twilio_auth_token": ""}, {"sms", "whatsapp"}),
        ({"sms_number": "07700 900000"}, {"sms"}),
        ({"telegram_secret": ""}, {"telegram"}),
        ({"public_url": "http://127.0.0.1:8000"}, {"sms", "whatsapp"}),
        ({"sms_number": "", "whatsapp_number": "", "telegram_token": ""}, set()),
    ],
)
def test_problems_are_named_by_channel(given: dict[str, str], named: set[str]) -> None:
    registry = make_registry(make_settings(**given))
    assert set(registry.problems()) == named
    registry.close()


def test_a_hub_without_any_channel_is_told() -> None:
    nothing = {"sms_number": "", "whatsapp_number": "", "telegram_token": "", "simulator": False}
    registry = make_registry(make_settings(**nothing))
    assert set(registry.problems()) == {"all"}
    assert registry.sender("sms") is None


def test_options_are_numbered() -> None:
    assert with_numbers("Which?", ("Food", "Rent")) == "Which?\n1 Food\n2 Rent"
    assert with_numbers("Hello", ()) == "Hello"


def test_whatsapp_keeps_its_signs_and_sms_makes_them_plain() -> None:
    registry = make_registry(make_settings())
    text = Outgoing(1, "+447700900001", "It\u2019s here\u2026 \u00a35", (), SUNDAY_NIGHT)
    render = {name: getattr(registry.sender(name), "render") for name in ("sms", "whatsapp")}  # noqa: B009
    assert render["sms"](text) == "It's here... \u00a35"
    assert render["whatsapp"](text) == text.text
    registry.close()
