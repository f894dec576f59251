""" "Stop texting me now" works when it arrives: no worker and no turn is needed."""

import pytest

from hub import messages, people
from hub.conversations import conversation_for
from hub.database import Database
from hub.hush import hushed
from hub.messages import HUSHED, Author, Inbound, Message, Reply, Status
from hub.people import Channel, Reach
from tests.conftest import SetClock


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me now",
        "STOP MESSAGING",
        "pls stop txting me",
        "dont text me back he's here",
        "Stop  texting",
        "do not reply",
        "stop sending me messages",
        "he's here stop texting me",
        "hes looking at my phone stop texting",
        "no more texts",
        "please stop, no more texts",
        "leave me alone",
    ],
)
def test_somebody_who_is_watched_can_end_it_at_once(text: str) -> None:
    assert hushed(text)


@pytest.mark.parametrize(
    "text",
    [
        "when does the bus stop",
        "My ex won't stop texting me, he wants money",
        "how do I stop messaging scammers",
        "i want him to stop texting me",
        "tell him to stop texting me now",
        "please dont contact my husband",
        "not now i'm at work, what about tomorrow",
        "dont text, call me",
    ],
)
def test_others_are_not_silenced(text: str) -> None:
    assert not hushed(text)


def test_what_is_queued_or_held_never_goes_out(database: Database, clock: SetClock) -> None:
    dawn = Reach(Channel.WHATSAPP, "+447700900002")
    with database.writing() as session:
        address = people.find_or_create(session, "croxteth", dawn, clock())
        talk = conversation_for(session, address, clock())
        for text in ("queued", "for next week", "held for whatsapp"):
            messages.queue_reply(session, talk, Reply(text), author=Author.BOT, now=clock())
        held = messages.transcript(session, talk.id)[-1]
        held.status, held.reason = Status.HELD, messages.WINDOW_CLOSED
    for number, text in enumerate(["stop texting me now", "hello"]):
        with database.writing() as session:
            messages.receive(session, "croxteth", Inbound(dawn, f"SM{number}", text), clock())
    with database.reading() as session:
        out = [m for m in messages.transcript(session, talk.id) if m.direction == "out"]
        assert [(m.status, m.reason) for m in out] == [(Status.HELD, HUSHED)] * 3
        assert isinstance(out[0], Message)
