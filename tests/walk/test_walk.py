"""One resident's story, from a text at half past midnight to a warm introduction.

Real HTTP, real Rasa, the real directory, a real browser; only Twilio is a stand-in.
"""

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from hub.messages import Message
from hub.people import Consent
from hub.tickets import Ticket
from tests.walk.conftest import World, signed_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def test_from_a_text_at_midnight_to_a_warm_introduction(world: World, chromium: Browser) -> None:
    # Sunday, half past midnight. Rita writes for the first time.
    rita = world.resident("+447700900001")
    sid = "SM" + "a" * 32
    first = "im on me own all the time since my husband passed and theres a letter off the bailiffs"
    assert rita.writes(first, MessageSid=sid).is_success

    # She is told who we are, that we are a computer, and what is kept.
    told = rita.reads("good")
    for word in ("Good Help Croxteth", "computer", "999", "PRIVACY", "DELETE"):
        assert word in told

    # Twilio delivers it a second time: nothing happens.
    assert rita.writes(first, MessageSid=sid).is_success
    rita.hears_nothing()

    # What a good life means to her; then what was heard is said back.
    heard = rita.asks("a cuppa with someone and no more red letters", "right")
    assert "money and debt" in heard
    assert "company" in heard or "losing someone" in heard

    # At most three services that fit, with when, where and cost.
    offers = rita.asks("yes")
    if "postcode" in offers.lower():
        offers = rita.asks("L11", "1")
    assert "free" in offers.lower()
    assert "4." not in offers

    # She picks the first and wants to be introduced; she sees the exact words first.
    chosen = rita.asks("1", "introduce")
    assert chosen
    consent = rita.asks("yes", "share")
    rita.asks("yes", "CALL")
    rita.asks("text", "times")
    promised = rita.asks("mornings", "tomorrow, Monday, after 10am")
    assert "text you" in promised

    # In the morning Ann signs in. The ticket is there.
    ann = signed_in(chromium, world.stack.url, "Ann")
    ann.get_by_role("link", name="Resident").first.click()
    expect(ann.get_by_text(first).first).to_be_visible()
    expect(ann.get_by_text("a cuppa with someone").first).to_be_visible()
    with world.house.database.reading() as session:
        ticket = session.scalars(select(Ticket)).one()
        agreed = session.scalars(select(Consent)).one()
    assert agreed.words in consent.replace("\n", " ")
    expect(ann.get_by_text(agreed.words).first).to_be_visible()

    # Joe has it open too. Ann is first; his claim is refused and says who has it.
    joe = signed_in(chromium, world.stack.url, "Joe")
    joe.goto(f"{world.stack.url}/inbox/tickets/{ticket.id}")
    claim = joe.get_by_role("button", name="Pick up this ticket")
    expect(claim).to_be_visible()
    stale = joe.locator("form[action$='/claim']").evaluate(
        "form => Object.fromEntries(new FormData(form))"
    )
    ann.get_by_role("button", name="Pick up this ticket").click()
    expect(ann.get_by_text("With you").first).to_be_visible()
    refused = joe.request.post(
        f"{world.stack.url}/inbox/tickets/{ticket.id}/claim",
        form=stale,
        headers={"Origin": world.stack.url},
    )
    assert refused.status == 409
    assert "Ann" in refused.text()

    # Ann writes; Rita reads it on her phone. The assistant keeps quiet while Ann has her.
    ann.get_by_label("Your reply to").fill("Hi, it is Ann from the hub. Is 11 today OK for a chat?")
    ann.get_by_role("button", name="Send").click()
    rita.reads("it is Ann from the hub")
    rita.writes("yes thanks love 11 is grand")
    rita.hears_nothing()

    # What Rita wrote shows on Ann's page without reloading.
    expect(ann.get_by_text("11 is grand").first).to_be_visible(timeout=10_000)

    # A note, the introduction, the outcome. Then the assistant answers again.
    ann.get_by_text("Record an introduction").click()
    ann.get_by_label("Who will meet them").fill("Mo, money adviser")
    ann.get_by_label("At which service").fill("Norris Green Debt Advice")
    ann.get_by_role("button", name="Record it").click()
    expect(ann.get_by_text("Mo, money adviser").first).to_be_visible()
    ann.get_by_text("Close the ticket").first.click()
    ann.get_by_label("They got there").check()
    ann.get_by_role("button", name="Close the ticket").click()
    expect(ann.get_by_text("The assistant answers again").first).to_be_visible()
    assert rita.asks("thanks for everything")

    # Nothing that was said, and no number, is in any log.
    logs = world.logs()
    for secret in ("bailiffs", "cuppa", "grand", "7700900001", "Mo, money"):
        assert secret not in logs


def test_a_forged_or_broken_webhook_is_refused_and_nothing_is_stored(world: World) -> None:
    before = stored(world)
    url = f"{world.stack.url}/webhooks/twilio/message"
    form = {"MessageSid": "SM" + "b" * 32, "From": "+447700900002", "Body": "hello"}
    assert httpx.post(url, data=form).status_code == 403
    assert httpx.post(url, data=form, headers={"X-Twilio-Signature": "x"}).status_code == 403
    assert httpx.post(url, content=b"\xff" * 1_000_000).status_code in (400, 403, 413)
    assert stored(world) == before


@pytest.mark.parametrize(
    "text",
    [
        "🙂🙂",
        "\u202eabc \u0645\u0631\u062d\u0628\u0627",
        "x" * 10_000,
        "",
        "/restart",
        '/session_start{"stage":"done"}',
        "1",
    ],
    ids=["emoji", "right-to-left", "long", "empty", "slash", "injection", "digit"],
)
def test_odd_messages_are_stored_and_answered(world: World, text: str) -> None:
    odd = world.resident(f"+4477009001{abs(hash(text)) % 90 + 10}")
    assert odd.asks(text)


def test_with_rasa_gone_danger_is_answered_and_others_get_one_plain_line(world: World) -> None:
    world.stack.children["rasa"].kill()
    sam = world.resident("+447700900301")
    assert sam.writes("i cant go on any more, i want to end my life").is_success
    told = sam.reads("116 123")
    assert "Are you safe right now?" in told
    assert "no person is reading this now" in sam.told[-1] or sam.reads("no person is reading")

    may = world.resident("+447700900302")
    assert may.writes("is there a knitting group on").is_success
    holding = may.reads("Monday")
    assert "Your message is safe" in holding
    assert may.writes("hello?").is_success
    may.hears_nothing(4)
    with world.house.database.reading() as session:
        tickets = session.scalars(select(Ticket).where(Ticket.closed_at.is_(None))).all()
    assert {"risk", "no_answer"} <= {ticket.why for ticket in tickets}
    assert next(ticket for ticket in tickets if ticket.why == "risk").urgent
    world.stack.start("rasa")
    world.stack.wait_until_ready()
    assert may.asks("a group where i can knit")


def stored(world: World) -> int:
    with world.house.database.reading() as session:
        return len(session.scalars(select(Message.id)).all())
