"""Nothing is kept longer than the hub says, and what must stay stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import feedback, holds, retention, tickets, topics
from hub.conversations import Conversation
from hub.database import Database
from hub.feedback import Feedback
from hub.kept import PastTotal, RetentionRun
from hub.messages import Message
from hub.people import Address, Channel, Consent, Person, Reach, User, find_or_create
from hub.profile import Profile
from hub.suppressions import Suppression
from hub.tickets import Ticket, TicketEvent, TicketStatus
from hub.topics import Contact, Unmet, UnmetNeed
from hub.users import known
from tests.conftest import SetClock
from tests.inbox import cast

HUB = "croxteth"


@pytest.fixture
def rita(database: Database, clock: SetClock) -> int:
    """Rita's ticket, closed today."""
    cast.add_staff(database, HUB, clock())
    ticket_id = cast.add_resident(database, HUB, cast.RITA, clock())
    cast.tell_ritas_story(database, ticket_id, clock())
    with database.writing() as session:
        ticket, ann = session.get_one(Ticket, ticket_id), user(session)
        ticket.conversation.state = {"first_words": cast.RITA.text, "opted_out": True}
        feedback.log(session, ticket.conversation, "the room was cold", clock(), ticket_id)
        tickets.claim(session, ticket, ann, clock())
        tickets.close(session, ticket, ann, TicketStatus.ATTENDED, "", clock())
        ticket.conversation.state = {**ticket.conversation.state, "opted_out": True}
    return ticket_id


def user(session: Session) -> User:
    found = known(session, HUB, "Ann")
    assert found is not None
    return found


def left(database: Database, *kinds: type) -> list[int]:
    with database.reading() as session:
        return [len(session.scalars(select(kind)).all()) for kind in kinds]


def test_each_kind_goes_when_its_days_are_over(
    database: Database, profile: Profile, clock: SetClock, rita: int
) -> None:
    run = retention.run_due
    assert run(database, profile, clock()) == {}
    assert run(database, profile, clock()) is None, "once a day"
    clock.move(days=89)
    assert run(database, profile, clock()) == {}
    clock.move(days=2)
    assert (run(database, profile, clock()) or {})["messages"] >= 6
    assert left(database, Message, Ticket, Consent) == [0, 1, 1]
    with database.reading() as session:
        # What the dialogue remembers is what they said, too.
        assert session.scalars(select(Conversation)).one().state == {"opted_out": True}
        assert session.get_one(Ticket, rita).own_words
    clock.move(days=272)
    counts = run(database, profile, clock()) or {}
    assert counts.keys() == {"contacts"}, "a month goes as a whole, and none is kept too long"
    clock.move(days=4)
    counts = run(database, profile, clock()) or {}
    assert counts == {"tickets_after_closing": 1, "feedback": 1}
    assert left(database, Ticket, TicketEvent, Feedback) == [0, 0, 0]
    # Proof of what was agreed is kept for six years, and the person with it.
    assert left(database, Consent, Person, Address) == [1, 1, 1]
    clock.move(days=1900)
    with database.writing() as session:
        session.scalars(select(Address)).one().opted_out_at = clock()
    counts = run(database, profile, clock()) or {}
    assert counts == {"consents": 1, "people_after_last_message": 1, "audit": 1}
    assert left(database, Consent, Person, Address, Conversation) == [0, 0, 0, 0]
    with database.reading() as session:
        # Whoever had opted out is still not written to.
        assert session.scalars(select(Suppression)).one().reason == "opted_out"
        assert len(session.scalars(select(RetentionRun)).all()) == 5


def test_a_held_ticket_and_its_talk_stay(
    database: Database, profile: Profile, clock: SetClock, rita: int
) -> None:
    with database.writing() as session:
        holds.place(session, session.get_one(Ticket, rita), user(session), "An enquiry.", clock())
    clock.move(days=500)
    retention.run_due(database, profile, clock())
    with database.reading() as session:
        ticket = session.get_one(Ticket, rita)
        assert ticket.own_words and ticket.conversation.state["first_words"]
        assert len(session.scalars(select(Message)).all()) >= 6


def test_a_talk_that_goes_on_loses_only_old_words(
    database: Database, profile: Profile, clock: SetClock, rita: int
) -> None:
    clock.move(days=100)
    needs = [
        {"id": "food", "status": "met", "words": "no food in"},
        {"id": "debt", "status": "open", "words": "a red letter"},
    ]
    with database.writing() as session:
        talk = session.get_one(Ticket, rita).conversation
        talk.state = {"stage": "listening", "first_words": "no food in", "needs": needs}
        talk.updated_at = clock()
    retention.run_due(database, profile, clock())
    with database.reading() as session:
        state = session.get_one(Ticket, rita).conversation.state
        assert state["first_words"] == "" and state["stage"] == "listening"
        assert [need["words"] for need in state["needs"]] == ["", "a red letter"]


def test_of_old_contacts_only_totals_remain_and_no_small_one(
    database: Database, profile: Profile, clock: SetClock
) -> None:
    day = clock().date().replace(day=3)
    with database.writing() as session:
        for n in range(17):
            reach = Reach(Channel.SMS, f"+447700901{n:03d}")
            person = find_or_create(session, HUB, reach, clock()).person
            need = "food" if n < 12 else "debt"
            topics.record_contact(session, HUB, person.id, day, need=need)
            topics.record_unmet(session, HUB, person.id, need, Unmet.FULL, clock())
    clock.move(days=400)
    counts = retention.run_due(database, profile, clock()) or {}
    assert counts["contacts"] == counts["unmet_needs"] == 17
    assert left(database, Contact, UnmetNeed) == [0, 0]
    with database.reading() as session:
        totals = session.scalars(select(PastTotal).order_by(PastTotal.kind)).all()
        assert [(row.kind, row.need, row.people) for row in totals] == [
            ("contact", "food", 12),
            ("full", "food", 12),
        ]


def test_what_should_have_gone_is_told(
    database: Database, profile: Profile, clock: SetClock, rita: int
) -> None:
    clock.move(days=91)
    with database.reading() as session:
        assert not any(rule.overdue for rule in retention.report(session, profile, clock()))
    clock.move(days=2)
    with database.reading() as session:
        rules = {rule.name: rule for rule in retention.report(session, profile, clock())}
    assert rules["messages"].overdue == rules["messages"].rows >= 6
    assert rules.keys() == retention.DAYS.keys() == retention.STEPS.keys() == retention.LATE.keys()
    assert timedelta(days=rules["messages"].days) == timedelta(days=90)
