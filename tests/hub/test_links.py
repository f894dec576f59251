"""Linked by a code, undone at any time, and nothing of one side is told on the other."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub import erasure, links, people, reports, tickets, topics, writing_first
from hub.conversations import conversation_for
from hub.database import Database
from hub.links import Entered, LinkCode, LinkedPerson, LinkTry
from hub.people import Channel, ContactWay, Person, Reach
from hub.profile import Profile
from hub.replies import why_not_write
from hub.tickets import Ticket, Why
from tests.conftest import SetClock

HUB = "croxteth"
People = Callable[[str], int]


@pytest.fixture
def person(database: Database, clock: SetClock) -> People:
    """Makes somebody who wrote from a number; their id."""

    def make(number: str) -> int:
        with database.writing() as session:
            reach = Reach(Channel.SMS, number)
            address = people.find_or_create(session, HUB, reach, clock())
            conversation_for(session, address, clock())
            return address.person_id

    return make


def code_of(database: Database, person_id: int, clock: SetClock) -> str:
    with database.writing() as session:
        code = links.make_code(session, session.get_one(Person, person_id), clock())
    assert code is not None
    return code


def enter(database: Database, person_id: int, code: str, clock: SetClock) -> Entered:
    with database.writing() as session:
        return links.enter(session, session.get_one(Person, person_id), code, clock())


def linked(database: Database, clock: SetClock, one: int, other: int) -> None:
    code = code_of(database, one, clock)
    assert enter(database, other, code, clock) is Entered.LINKED


def others(database: Database, person_id: int) -> list[int]:
    with database.reading() as session:
        return links.others(session, person_id)


def test_a_code_links_two_once_and_both_ways(
    database: Database, person: People, clock: SetClock
) -> None:
    rita, also, stranger = person("1"), person("2"), person("3")
    code = code_of(database, rita, clock)
    assert len(code) == 6
    assert code.isdigit()
    assert enter(database, also, code, clock) is Entered.LINKED
    assert others(database, rita) == [also]
    assert others(database, also) == [rita]
    assert enter(database, stranger, code, clock) is Entered.WRONG
    assert others(database, stranger) == []


def test_a_code_is_kept_as_a_keyed_hash(
    database: Database, person: People, clock: SetClock
) -> None:
    code = code_of(database, person("1"), clock)
    with database.reading() as session:
        (row,) = session.scalars(select(LinkCode))
    assert code not in row.lookup
    assert len(row.lookup) == 64


def test_a_code_ends_after_a_while_and_with_the_next_one(
    database: Database, person: People, clock: SetClock
) -> None:
    rita, also = person("1"), person("2")
    first = code_of(database, rita, clock)
    second = code_of(database, rita, clock)
    assert first == second or enter(database, also, first, clock) is Entered.WRONG
    clock.move(minutes=15)
    assert enter(database, also, second, clock) is Entered.WRONG
    assert enter(database, rita, code_of(database, rita, clock), clock) is Entered.OWN


def test_few_tries_and_few_codes(database: Database, person: People, clock: SetClock) -> None:
    rita, also = person("1"), person("2")
    code = code_of(database, rita, clock)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(links.MOST_WRONG):
        assert enter(database, also, wrong, clock) is Entered.WRONG
    assert enter(database, also, code, clock) is Entered.TOO_MANY
    assert others(database, rita) == []
    for _ in range(links.MOST_CODES - 1):
        code_of(database, rita, clock)
    with database.writing() as session:
        assert links.make_code(session, session.get_one(Person, rita), clock()) is None
    clock.move(minutes=61)
    assert enter(database, also, code_of(database, rita, clock), clock) is Entered.LINKED


def test_many_phones_that_guess_together_are_stopped(
    database: Database, person: People, clock: SetClock
) -> None:
    code = code_of(database, person("1"), clock)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for number in range(links.MOST_WRONG_AT_A_HUB // links.MOST_WRONG):
        guesser = person(f"9{number}")
        for _ in range(links.MOST_WRONG):
            assert enter(database, guesser, wrong, clock) is Entered.WRONG
    assert enter(database, person("2"), code, clock) is Entered.TOO_MANY


def test_three_channels_and_one_leaves(database: Database, person: People, clock: SetClock) -> None:
    one, two, three = person("1"), person("2"), person("3")
    linked(database, clock, one, two)
    linked(database, clock, three, two)
    assert others(database, one) == [two, three]
    with database.writing() as session:
        assert links.unlink(session, session.get_one(Person, two), clock())
    assert others(database, one) == [three]
    assert others(database, two) == []
    with database.writing() as session:
        assert links.unlink(session, session.get_one(Person, one), clock())
        assert not links.unlink(session, session.get_one(Person, three), clock())
        assert session.scalars(select(LinkedPerson)).all() == []


def test_two_sets_become_one(database: Database, person: People, clock: SetClock) -> None:
    a, b, c, d = (person(number) for number in "1234")
    linked(database, clock, a, b)
    linked(database, clock, c, d)
    linked(database, clock, b, c)
    assert others(database, a) == [b, c, d]


def test_staff_are_told_on_every_open_ticket(
    database: Database, person: People, clock: SetClock
) -> None:
    rita, also = person("1"), person("2")
    with database.writing() as session:
        talk = conversation_for(
            session, people.find_or_create(session, HUB, Reach(Channel.SMS, "1"), clock()), clock()
        )
        ticket_id = tickets.open_for(session, talk, why=Why.HUMAN, now=clock()).id
    linked(database, clock, rita, also)
    with database.writing() as session:
        links.unlink(session, session.get_one(Person, also), clock())
    with database.reading() as session:
        trail = [event.kind for event in session.get_one(Ticket, ticket_id).events]
    assert trail == ["opened", "linked", "unlinked"]


def test_the_newest_careful_word_counts_everywhere(
    database: Database, person: People, clock: SetClock, profile: Profile
) -> None:
    """NEITHER on the phone that is watched also holds back what we would begin on the other."""
    rita, also = person("1"), person("2")
    linked(database, clock, rita, also)

    def say(who: int, way: ContactWay) -> None:
        clock.move(minutes=1)
        with database.writing() as session:
            people.set_safe_contact(session, who, way=way, now=clock())

    def hushed(who: int) -> bool:
        with database.reading() as session:
            return links.hushed_elsewhere(session, who)

    say(rita, ContactWay.TEXT)
    assert not hushed(also)
    say(also, ContactWay.NEITHER)
    assert hushed(rita)
    assert not hushed(also)
    with database.writing() as session:
        address = people.find_or_create(session, HUB, Reach(Channel.SMS, "1"), clock())
        talk = conversation_for(session, address, clock())
        ticket = tickets.open_for(session, talk, why=Why.HUMAN, now=clock())
        assert "On another phone" in (why_not_write(session, ticket, clock()) or "")
        follow_up = writing_first.verdict(session, talk, profile, clock())
        assert follow_up.at is None
        assert "another phone" in follow_up.reason
    say(rita, ContactWay.TEXT)
    assert not hushed(rita)


def test_counted_as_one_person(database: Database, person: People, clock: SetClock) -> None:
    rita, also, sam = person("1"), person("2"), person("3")
    day = clock().date()
    with database.writing() as session:
        for who in (rita, also, sam):
            topics.record_contact(session, HUB, who, day, need="food", ward=None)
    linked(database, clock, rita, also)
    with database.reading() as session:
        found = reports.visits(session, HUB, day, day + timedelta(days=1))
    assert sorted((visit.person_id, visit.need) for visit in found) == [
        (rita, "food"),
        (sam, "food"),
    ]


def test_deleting_one_leaves_the_other_and_no_link(
    database: Database, person: People, clock: SetClock
) -> None:
    rita, also = person("1"), person("2")
    linked(database, clock, rita, also)
    code_of(database, rita, clock)
    with database.writing() as session:
        erasure.erase(session, session.get_one(Person, rita), clock())
    with database.reading() as session:
        assert session.get(Person, rita) is None
        assert session.get(Person, also) is not None
        assert links.others(session, also) == []
        assert session.scalars(select(LinkCode)).all() == []
        assert session.scalars(select(LinkTry)).all() == []
