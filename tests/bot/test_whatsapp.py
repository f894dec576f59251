"""Buttons and lists on WhatsApp come from the same options as numbered lines on SMS."""

import json
from collections.abc import Iterator

import pytest

from bot.channels.registry import make_registry
from bot.channels.whatsapp import contents, tapped
from bot.deliver import Deliverer
from hub.people import Channel
from standin.state import State
from tests.bot.conftest import Post, make_settings

SIDS = {number: f"HX{number:032x}" for number in range(1, 11)}
CHOICES = ",".join(f"{number}={sid}" for number, sid in SIDS.items())


@pytest.fixture
def whatsapp(post: Post, provider: tuple[str, State]) -> Iterator[Post]:
    """A deliverer with the content that `goodhelp channels --set-up` makes."""
    _, state = provider
    made = contents("Hello")
    for number, sid in SIDS.items():
        state.contents[sid] = made[f"goodhelp_choices_{number}"] | {"approval": "unsubmitted"}
    registry = make_registry(make_settings(twilio_api_url=post.url, whatsapp_choices=CHOICES))
    deliverer = Deliverer(post.database, registry, post.clock, "croxteth")
    yield Post(post.url, post.database, registry, deliverer, post.clock)
    registry.close()


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Have I got that right?", ("YES", "NO")),
        ("Is it safe?", ("CALL", "TEXT", "NEITHER")),
        ("Which would you like?", ("1", "2", "3", "SOMETHING ELSE")),
        ("Which?", tuple(f"Choice {number}" for number in range(1, 11))),
    ],
)
def test_options_are_buttons_or_a_list(whatsapp: Post, text: str, options: tuple[str, ...]) -> None:
    whatsapp.queue(text, channel=Channel.WHATSAPP, options=options)
    whatsapp.work()
    (sent,) = whatsapp.sent()
    assert (sent["text"], sent["options"]) == (text, list(options))
    assert sent["content"] == SIDS[len(options)]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("These may help:\n- Food pantry", ("YES", "NO")),
        ("x" * 1025, ("YES", "NO")),
        ("Which?", ("a choice that is longer than a button", "NO")),
        ("Which?", ("NO", "NO")),
        ("Which?", tuple(str(number) for number in range(1, 12))),
        ("Which one    of these?", ("YES", "NO")),
    ],
    ids=["lines", "long", "long option", "twins", "eleven", "spaces"],
)
def test_what_whatsapp_would_refuse_is_numbered_lines(
    whatsapp: Post, text: str, options: tuple[str, ...]
) -> None:
    whatsapp.queue(text, channel=Channel.WHATSAPP, options=options)
    whatsapp.work()
    (sent,) = whatsapp.sent()
    assert sent["content"] is None
    assert sent["text"].startswith(text)


def test_content_that_is_gone_at_twilio_is_numbered_lines_at_once(
    whatsapp: Post, provider: tuple[str, State]
) -> None:
    provider[1].contents.clear()
    reply = whatsapp.queue("Right?", channel=Channel.WHATSAPP, options=("YES", "NO"))
    whatsapp.work()
    assert whatsapp.texts() == ["Right?\n1 YES\n2 NO"]
    assert whatsapp.row(reply).attempts == 1


def test_buttons_that_are_refused_are_numbered_lines_the_second_time(whatsapp: Post) -> None:
    whatsapp.queue("Right?", channel=Channel.WHATSAPP, options=("YES", "NO"))
    whatsapp.fault(kind="refuse", http=400, code=63013)
    whatsapp.work()
    assert whatsapp.texts() == ["Right?\n1 YES\n2 NO"]


def test_buttons_are_found_again_after_an_unsure_send(whatsapp: Post) -> None:
    reply = whatsapp.queue("Right?", channel=Channel.WHATSAPP, options=("YES", "NO"))
    whatsapp.fault(kind="accept_then_refuse", http=502)
    whatsapp.work()
    whatsapp.clock.move(seconds=6)
    whatsapp.work()
    (sent,) = whatsapp.sent()
    assert whatsapp.row(reply).provider_id == sent["id"]


def test_each_variable_is_given() -> None:
    """A placeholder without a value is refused by Twilio (21656)."""
    for number, sid in SIDS.items():
        options = tuple(f"Choice {one}" for one in range(number))
        given = tapped(SIDS, "Which?", options)
        assert given is not None
        assert given["content_sid"] == sid
        wanted = json.dumps(contents("Hello")[f"goodhelp_choices_{number}"]["types"])
        for name in json.loads(given["content_variables"]):
            assert f"{{{{{name}}}}}" in wanted


@pytest.mark.parametrize("told", ["HX12", "2=HX12", "11=HX" + "0" * 32, "2:HX" + "0" * 32, "yes"])
def test_a_setting_that_cannot_be_read_is_named(told: str) -> None:
    settings = make_settings(whatsapp_number="")
    registry = make_registry(settings.model_copy(update={"whatsapp_choices": told}))
    assert "GOODHELP_WHATSAPP_CHOICES" in registry.problems()["whatsapp"]
