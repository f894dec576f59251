"""A follow-up is asked once, only where it is safe and wanted, and never names the topic."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.chores import Chores
from bot.converse import Desk
from bot.follow_up import ask_due
from bot.rasa import Rasa
from hub import erasure, follow_ups, messages, outbox, pauses, people, tickets
from hub.calendar import Calendar
from hub.conversations import Conversation, HeldBy
from hub.database import Database
from hub.errors import BadInput
from hub.follow_ups import FollowUp, Met, Stage
from hub.messages import Author, Direction, Message, Status
from hub.people import Address, Channel, ContactWay, User
from hub.profile import Profile
from hub.tickets import Ticket, TicketEvent, TicketStatus, Why
from hub.users import known
from hub.words import Words
from nlu.heard import Heard
from tests.conftest import SetClock
from tests.inbox import cast

HUB = "croxteth"


class Ears:
    """Hears nothing: no test here is about hearing."""

    def hear(self, text: str) -> Heard:
        """Nothing."""
        return Heard()


@pytest.fixture
def desk(database: Database, profile: Profile, clock: SetClock) -> Desk:
    """The worker's desk; Rasa is not needed to ask."""
    words = Words.load(hub=profile.name)
    rasa = Rasa("http://127.0.0.1:9", 1.0)
    return Desk(HUB, database, Ears(), rasa, words, Calendar(profile), clock)


@pytest.fixture
def rita(database: Database, clock: SetClock) -> int:
    """Rita was introduced to Mo on a Monday at eleven, and her ticket is closed."""
    clock.move(hours=34.5)
    cast.add_staff(database, HUB, clock())
    ticket_id = cast.add_resident(database, HUB, cast.RITA, clock())
    cast.tell_ritas_story(database, ticket_id, clock())
    with database.writing() as session:
        ticket, ann = session.get_one(Ticket, ticket_id), user(session)
        tickets.claim(session, ticket, ann, clock())
        tickets.introduce(session, ticket, ann, "Mo, money adviser", "Debt Advice", clock())
        follow_ups.plan(session, ticket, "Mo", clock() + timedelta(days=7), clock())
        tickets.close(session, ticket, ann, TicketStatus.INTRODUCED, "", clock())
        follow_ups.on_close(session, ticket, clock(), timedelta(days=7))
    return ticket_id


def user(session: Session) -> User:
    found = known(session, HUB, "Ann")
    assert found is not None
    return found


def state_of(database: Database, ticket_id: int) -> dict[str, Any]:
    with database.reading() as session:
        return dict(session.get_one(Ticket, ticket_id).conversation.state)


def row_of(database: Database, ticket_id: int) -> FollowUp:
    with database.reading() as session:
        found = follow_ups.newest(session, session.get_one(Ticket, ticket_id))
        assert found is not None
        return found


def asked(database: Database) -> list[Message]:
    with database.reading() as session:
        rows = session.scalars(select(Message).where(Message.direction == Direction.OUT))
        return [row for row in rows if "Did you meet" in row.text]


def test_it_is_asked_after_the_hubs_time_and_once(
    desk: Desk, profile: Profile, clock: SetClock, rita: int
) -> None:
    clock.move(days=6)
    assert ask_due(desk, profile) == 0
    clock.move(days=1)
    # Other workers look at the same moment, and one starts anew afterwards.
    assert [ask_due(desk, profile) for _ in range(3)] == [1, 0, 0]
    clock.move(days=30)
    assert not Chores(desk, profile).ask_follow_ups()
    (message,) = asked(desk.database)
    assert message.text.startswith("Good Help Croxteth here, a computer. Did you meet Mo?")
    assert message.options == ["YES", "NOT YET", "NO"]
    for topic in ("debt", "money", "food", "bailiff", "advice"):
        assert topic not in message.text.lower()
    state = state_of(desk.database, rita)
    assert state["stage"] == "follow_up" and state["follow_up"]["name"] == "Mo"
    assert state["last"][0]["options"] == message.options
    row = row_of(desk.database, rita)
    assert (row.stage, row.message_id) == (Stage.ASKED, message.id)


def test_it_waits_for_quiet_hours_and_for_their_own_times(
    desk: Desk, profile: Profile, clock: SetClock, rita: int
) -> None:
    with desk.database.writing() as session:
        safe = session.get_one(Ticket, rita).person.safe_contact
        assert safe is not None
        safe.times = "weekdays after 2"
    clock.move(days=11, hours=11)  # Friday, 10pm
    assert ask_due(desk, profile) == 0
    row = row_of(desk.database, rita)
    assert row.stage == Stage.PLANNED and "safe for them" in (row.reason or "")
    assert row.due_at.isoformat() == "2026-12-07T14:00:00+00:00"
    clock.at = row.due_at
    assert ask_due(desk, profile) == 1


def contact(way: ContactWay, times: str | None = None) -> Any:
    def change(session: Session, ticket: Ticket, now: Any) -> None:
        people.set_safe_contact(session, ticket.person_id, way=way, now=now, times=times)

    return change


def opted_out(session: Session, ticket: Ticket, now: Any) -> None:
    outbox.set_opted_out(session, ticket.conversation.address_id, now)


def unknown(session: Session, ticket: Ticket, now: Any) -> None:
    session.delete(ticket.person.safe_contact)


def risk_later(session: Session, ticket: Ticket, now: Any) -> None:
    later = {"asked": None, "at": now.isoformat(), "risks": ["domestic_abuse"], "told": []}
    ticket.conversation.state = {"safety": later, "stage": "returned"}


def ended_otherwise(session: Session, ticket: Ticket, now: Any) -> None:
    ticket.status = TicketStatus.DECLINED


def on_whatsapp(session: Session, ticket: Ticket, now: Any) -> None:
    ticket.conversation.address.channel = Channel.WHATSAPP


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (contact(ContactWay.NEITHER), "neither"),
        (contact(ContactWay.CALL), "ring them yourself"),
        (contact(ContactWay.UNKNOWN), "do not know"),
        (unknown, "do not know"),
        (contact(ContactWay.TEXT, "when he is at work"), "only a person can read"),
        (opted_out, "no more messages"),
        (risk_later, "A risk was heard"),
        (ended_otherwise, "another way"),
        (on_whatsapp, "WhatsApp"),
    ],
)
def test_where_it_is_not_safe_or_not_wanted_nothing_is_sent_and_staff_see_why(
    desk: Desk, profile: Profile, clock: SetClock, rita: int, change: Any, reason: str
) -> None:
    clock.move(days=7)
    with desk.database.writing() as session:
        change(session, session.get_one(Ticket, rita), clock())
    assert ask_due(desk, profile) == 0
    assert asked(desk.database) == []
    row = row_of(desk.database, rita)
    assert row.stage == Stage.WITHDRAWN and reason in (row.reason or "")
    with desk.database.reading() as session:
        trail = session.scalars(
            select(TicketEvent.text).where(TicketEvent.kind == "follow-up withdrawn")
        ).all()
    assert trail == [row.reason]


def held(session: Session, ticket: Ticket, now: Any) -> None:
    ticket.conversation.held_by = HeldBy.PERSON


def safety_open(session: Session, ticket: Ticket, now: Any) -> None:
    safety = {"asked": "safe", "at": "2026-11-23T12:00:00+00:00", "told": []}
    ticket.conversation.state = {"safety": safety}


def another_ticket(session: Session, ticket: Ticket, now: Any) -> None:
    tickets.open_for(session, ticket.conversation, why=Why.HUMAN, now=now)


def paused(session: Session, ticket: Ticket, now: Any) -> None:
    pauses.pause(session, HUB, Channel.SMS, now)


def just_wrote(session: Session, ticket: Ticket, now: Any) -> None:
    session.execute(update(Address).values(last_inbound_at=now))


@pytest.mark.parametrize("change", [held, safety_open, another_ticket, paused, just_wrote])
def test_while_somebody_talks_with_them_it_waits_and_at_last_gives_up(
    desk: Desk, profile: Profile, clock: SetClock, rita: int, change: Any
) -> None:
    clock.move(days=7)
    with desk.database.writing() as session:
        change(session, session.get_one(Ticket, rita), clock())
    assert ask_due(desk, profile) == 0
    assert row_of(desk.database, rita).stage == Stage.PLANNED
    if change is just_wrote:
        clock.move(hours=22)
        assert ask_due(desk, profile) == 1
        return
    clock.move(days=22)
    assert ask_due(desk, profile) == 0
    assert row_of(desk.database, rita).stage == Stage.WITHDRAWN


def test_one_that_is_queued_is_taken_back_when_they_opt_out(
    desk: Desk, profile: Profile, clock: SetClock, rita: int
) -> None:
    clock.move(days=7)
    assert ask_due(desk, profile) == 1
    with desk.database.writing() as session:
        outbox.set_opted_out(
            session, session.get_one(Ticket, rita).conversation.address_id, clock()
        )
    (message,) = asked(desk.database)
    assert message.status == Status.HELD
    assert row_of(desk.database, rita).stage == Stage.WITHDRAWN


def test_delete_takes_it_too(desk: Desk, profile: Profile, clock: SetClock, rita: int) -> None:
    with desk.database.writing() as session:
        erasure.erase(session, session.get_one(Ticket, rita).person, clock())
    clock.move(days=7)
    assert ask_due(desk, profile) == 0
    with desk.database.reading() as session:
        assert session.scalars(select(FollowUp)).all() == []


def test_not_yet_reopens_the_ticket_and_the_next_closing_asks_again(
    desk: Desk, profile: Profile, clock: SetClock, rita: int
) -> None:
    clock.move(days=7)
    ask_due(desk, profile)
    with desk.database.writing() as session:
        row = session.scalars(select(FollowUp)).one()
        promise = desk.calendar.next_reply(clock())
        follow_ups.answered(session, row, Met.NOT_YET, clock(), promise)
    with desk.database.writing() as session:
        ticket, ann = session.get_one(Ticket, rita), user(session)
        assert (ticket.status, ticket.closed_at) == (TicketStatus.NEW, None)
        assert ticket.reply_promised == promise.text
        kinds = [event.kind for event in ticket.events]
        assert "reopened" in kinds and "promised" in kinds
        tickets.claim(session, ticket, ann, clock())
        tickets.introduce(session, ticket, ann, "Mo, money adviser", "Debt Advice", clock())
        tickets.close(session, ticket, ann, TicketStatus.INTRODUCED, "", clock())
        follow_ups.on_close(session, ticket, clock(), timedelta(days=7))
    again = row_of(desk.database, rita)
    assert (again.stage, again.name) == (Stage.PLANNED, "Mo")


@pytest.mark.parametrize(("met", "status"), [(Met.MET, "attended"), (Met.NOT_MET, "not_attended")])
def test_what_they_say_is_what_counts(
    desk: Desk, profile: Profile, clock: SetClock, rita: int, met: Met, status: str
) -> None:
    clock.move(days=7)
    ask_due(desk, profile)
    with desk.database.writing() as session:
        row = session.scalars(select(FollowUp)).one()
        follow_ups.answered(session, row, met, clock())
        follow_ups.rated(session, row, 9, clock())
        follow_ups.told(session, row, "belonging", True, clock())
    with desk.database.reading() as session:
        ticket = session.get_one(Ticket, rita)
        assert ticket.status == status and ticket.closed_at is not None
        said = [event.text for event in ticket.events if event.kind == "follow-up answered"]
        assert said == [met, "9 of 10", "belonging: yes"]


@pytest.mark.parametrize("name", ["Mo", "Mary Ann", "O'Neil", " "])
def test_a_first_name_may_be_said(name: str) -> None:
    assert follow_ups.sayable(name, "Norris Green Debt Advice") == (name.strip() or None)


@pytest.mark.parametrize(
    "name", ["Mo, money adviser", "Debt adviser", "the nurse", "Norris", "Mo from Shelter now", "7"]
)
def test_a_role_or_a_place_may_not(name: str) -> None:
    with pytest.raises(BadInput, match="never says what it is about"):
        follow_ups.sayable(name, "Norris Green Debt Advice")


def test_the_talk_they_left_is_kept_beside_it(
    desk: Desk, profile: Profile, clock: SetClock, rita: int
) -> None:
    with desk.database.writing() as session:
        talk = session.get_one(Ticket, rita).conversation
        talk.state = {"stage": "done", "good_life": "sundays", "needs": []}
    clock.move(days=7)
    ask_due(desk, profile)
    state = state_of(desk.database, rita)
    assert (state["before"], state["good_life"]) == ("done", "sundays")
    with desk.database.reading() as session:
        talk_id = session.get_one(Ticket, rita).conversation_id
        last = messages.transcript(session, talk_id)[-1]
        assert last.author == Author.BOT
        assert session.get_one(Conversation, talk_id).held_by == HeldBy.BOT
