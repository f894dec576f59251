"""What staff enter, keep, hand over and delete on a ticket, and the log of feedback."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub import erasure, feedback, follow_ups, replies
from hub.database import Database
from hub.feedback import Feedback
from hub.follow_ups import FollowUp, Stage
from hub.holds import Hold
from hub.messages import Author, Message, Status
from hub.people import Consent, Person, SafeContact
from hub.tickets import Ticket
from tests.conftest import SetClock
from tests.inbox import cast
from tests.inbox.conftest import SignIn


def test_what_is_safe_is_entered_with_times_voicemail_and_code_word(
    sign_in: SignIn, sqlite: Database, dawn: int, clock: SetClock
) -> None:
    ann = sign_in("Ann")
    url = f"/inbox/tickets/{dawn}"
    page = ann.post(
        f"{url}/safe-contact", way="call", times="tuesdays after 2", code_word="library",
        voicemail="yes",
    )  # fmt: skip
    for words in ("A call is safe", "tuesdays after 2", "library", "A voicemail is safe"):
        assert words in page.text
    with sqlite.reading() as session:
        safe = session.scalars(select(SafeContact)).one()
        assert (safe.way, safe.times, safe.voicemail, safe.code_word) == (
            "call", "tuesdays after 2", True, "library",
        )  # fmt: skip
        ticket = session.get_one(Ticket, dawn)
        assert [(e.kind, e.text) for e in ticket.events][-1] == (
            "safe contact",
            "call: tuesdays after 2",
        )
    assert ann.post(f"{url}/safe-contact", way="pigeon").status_code == 400


def test_consent_is_recorded_with_the_exact_words_and_taken_back(
    sign_in: SignIn, sqlite: Database, dawn: int
) -> None:
    ann = sign_in("Ann")
    url = f"/inbox/tickets/{dawn}"
    words = "Dawn would like a room somewhere else. She has two children."
    refused = ann.post(f"{url}/consent", recipient="Mo, Cobalt Housing", words="", how="by_phone")
    assert refused.status_code == 400 and "Mo, Cobalt Housing" in refused.text
    page = ann.post(f"{url}/consent", recipient="Mo, Cobalt Housing", words=words, how="by_phone")
    assert words in page.text and "Only these words, only with" in page.text
    with sqlite.reading() as session:
        row = session.scalars(select(Consent)).one()
        assert (row.words, row.recipient, row.message_id) == (words, "Mo, Cobalt Housing", None)
        assert session.get_one(Ticket, dawn).share_words == words
    assert "took an agreement back" in ann.post(f"{url}/consent-withdrawal").text
    with sqlite.reading() as session:
        assert session.scalars(select(Consent)).one().withdrawn_at
        assert session.get_one(Ticket, dawn).share_words is None


def test_the_level_of_help_is_a_persons_decision(
    sign_in: SignIn, sqlite: Database, dawn: int
) -> None:
    ann = sign_in("Ann")
    assert (
        "Level of help: At risk" in ann.post(f"/inbox/tickets/{dawn}/level", level="at_risk").text
    )
    assert ann.post(f"/inbox/tickets/{dawn}/level", level="9").status_code == 400
    with sqlite.reading() as session:
        ticket = session.get_one(Ticket, dawn)
        assert (ticket.level, ticket.events[-1].kind) == ("at_risk", "level")
        assert ticket.events[-1].user and ticket.events[-1].user.name == "Ann"


def test_a_follow_up_is_planned_shown_and_not_sent_where_it_names_the_topic(
    sign_in: SignIn, sqlite: Database, rita: int
) -> None:
    ann = sign_in("Ann")
    url = f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    given = {"to": "Mo, money adviser", "service": "Debt Advice", "ask": "yes"}
    refused = ann.post(f"{url}/introduction", say="Mo, money adviser", **given)
    assert refused.status_code == 400 and "never says what it is about" in refused.text
    page = ann.post(f"{url}/introduction", say="Mo", **given)
    assert "Planned for Sunday 29 November" in page.text
    closed = ann.post(f"{url}/outcome", outcome="introduced", text="")
    assert "Introduced." in closed.text and "Planned for" in closed.text
    with sqlite.reading() as session:
        row = session.scalars(select(FollowUp)).one()
        assert (row.name, row.stage) == ("Mo", Stage.PLANNED)


def test_closing_another_way_takes_it_back(sign_in: SignIn, sqlite: Database, rita: int) -> None:
    ann = sign_in("Ann")
    url = f"/inbox/tickets/{rita}"
    ann.post(f"{url}/claim")
    assert ann.post(f"{url}/outcome", outcome="introduced", text="").status_code == 400
    ann.post(f"{url}/introduction", to="Mo", service="the hub", say="Mo", ask="yes")
    page = ann.post(f"{url}/outcome", outcome="declined", text="")
    assert "Not asked. The ticket ended another way." in page.text


def test_everything_we_hold_can_be_handed_over_and_that_is_written_down(
    sign_in: SignIn, sqlite: Database, rita: int
) -> None:
    page = sign_in("Ann").get(f"/inbox/tickets/{rita}/everything").text
    for words in (
        cast.RITA.text,
        "my grandkids round the table on a sunday",
        "+447700900001",
        "not before 9",
        "Read it through before you hand it over",
    ):
        assert words in page, words
    with sqlite.reading() as session:
        assert session.get_one(Ticket, rita).events[-1].kind == "exported"


def test_only_a_coordinator_deletes_and_a_hold_keeps_the_ticket(
    sign_in: SignIn, sqlite: Database, rita: int
) -> None:
    ann, bev = sign_in("Ann"), sign_in("Bev")
    url = f"/inbox/tickets/{rita}"
    assert ann.post(f"{url}/erasure", url, sure="DELETE").status_code == 403
    assert "Kept for safeguarding" in ann.post(f"{url}/hold", reason="An enquiry is open.").text
    assert bev.post(f"{url}/erasure", sure="yes").status_code == 400
    kept = bev.post(f"{url}/erasure", sure="delete").text
    assert "only this stays until you decide" in kept
    listed = bev.get("/insights/kept").text
    assert f"Ticket {rita}" in listed and "They asked to be deleted" in listed
    assert ann.get("/insights/kept").status_code == 403
    assert ann.post(f"{url}/hold-release", url).status_code == 403
    gone = bev.post(f"{url}/hold-release")
    assert gone.url.path == "/inbox/"
    assert bev.get(url).status_code == 404
    with sqlite.reading() as session:
        for kind in (Hold, Ticket, Message, Person):
            assert session.scalars(select(kind)).all() == [], kind


def test_what_we_keep_is_told_with_its_days(sign_in: SignIn, rita: int) -> None:
    page = sign_in("Bev").get("/insights/kept").text
    for words in ("Messages, and what the assistant remembers", "<td>90</td>", "2,190", "none"):
        assert words in page, words


@pytest.fixture
def said(sqlite: Database, clock: SetClock, rita: int) -> int:
    """Rita said something about the hub."""
    with sqlite.writing() as session:
        talk = session.get_one(Ticket, rita).conversation
        return feedback.log(session, talk, "the room upstairs was cold", clock()).id


def test_feedback_is_decided_and_told_at_a_safe_time(
    sign_in: SignIn, sqlite: Database, said: int, clock: SetClock
) -> None:
    clock.move(hours=9)  # Sunday, half past nine in the evening: quiet hours
    ann = sign_in("Ann")
    page = "/inbox/feedback"
    assert "the room upstairs was cold" in ann.get(page).text
    ann.post(f"{page}/{said}/decision", page, decision="A heater was bought.")
    told = ann.post(
        f"{page}/{said}/answer", page, said="the room was cold", did="There is a heater now."
    )
    assert "They were told" in told.text
    with sqlite.reading() as session:
        row = session.get_one(Feedback, said)
        message = session.get_one(Message, row.told_id)
        assert message.text == (
            'Good Help Croxteth here. You said: "the room was cold". '
            "This is what we did: There is a heater now."
        )
        assert (message.author, message.status) == (Author.STAFF, Status.QUEUED)
        assert message.not_before and message.not_before.isoformat() == "2026-11-23T09:00:00+00:00"
        assert row.decision == "A heater was bought."
    again = ann.post(f"{page}/{said}/answer", page, said="", did="Twice.")
    assert again.status_code == 409 and "told already" in again.text


def test_nobody_is_told_where_it_is_not_safe_and_nothing_is_quoted_after_a_risk(
    sign_in: SignIn, sqlite: Database, dawn: int, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        talk = session.get_one(Ticket, dawn).conversation
        row_id = feedback.log(session, talk, "you rang when he was in", clock()).id
    ann, page = sign_in("Ann"), "/inbox/feedback"
    assert "They may not be written to: We do not know what is safe" in ann.get(page).text
    refused = ann.post(f"{page}/{row_id}/answer", page, said="", did="We will ask first.")
    assert refused.status_code == 409
    ann.post(f"/inbox/tickets/{dawn}/safe-contact", way="text")
    ann.post(f"{page}/{row_id}/answer", page, said="he was in", did="We now ask first.")
    with sqlite.reading() as session:
        (message,) = session.scalars(select(Message).where(Message.author == Author.STAFF))
        assert "he was in" not in message.text and "We now ask first." in message.text


def test_after_neither_and_a_planned_follow_up_staff_see_why_it_will_not_go(
    sign_in: SignIn, sqlite: Database, rita: int, clock: SetClock
) -> None:
    with sqlite.writing() as session:
        ticket = session.get_one(Ticket, rita)
        follow_ups.plan(session, ticket, "Mo", clock() + timedelta(days=7), clock())
    ann = sign_in("Ann")
    page = ann.post(f"/inbox/tickets/{rita}/safe-contact", way="neither").text
    assert "As things stand it will not be sent: They said neither" in page
    with sqlite.reading() as session:
        ticket = session.get_one(Ticket, rita)
        assert replies.why_not_write(session, ticket, clock() + timedelta(days=2))
        assert not erasure.waiting_for_a_person(session, "croxteth")
