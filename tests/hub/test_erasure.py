"""DELETE leaves nothing of a person behind: read in the raw tables and the raw file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Session

from hub import (
    conversations,
    erasure,
    feedback,
    follow_ups,
    holds,
    messages,
    people,
    suppressions,
    tickets,
    topics,
    turns,
)
from hub.crypto import Sealed, SealedJson
from hub.database import Base, Database
from hub.kept import Erasure
from hub.messages import Author, Message, Reply, Status
from hub.people import Address, Person, User
from hub.tickets import Ticket, TicketStatus
from hub.topics import Unmet
from hub.turns import Answer
from hub.users import known
from tests.conftest import SetClock
from tests.inbox import cast

HUB = "croxteth"
# Every table that leads to a person has its place in `hub/erasure.py`.
COVERED = {
    "addresses", "consents", "contacts", "conversations", "feedback", "follow_ups", "holds",
    "link_codes", "link_tries", "linked_people",
    "made_up_people", "messages", "safe_contacts", "ticket_events", "tickets", "unmet_needs",
}  # fmt: skip


@pytest.fixture
def rita(database: Database, clock: SetClock) -> int:
    """Rita with something in every table that can hold anything of hers; her ticket."""
    cast.add_staff(database, HUB, clock())
    ticket_id = cast.add_resident(database, HUB, cast.RITA, clock())
    cast.tell_ritas_story(database, ticket_id, clock())
    with database.writing() as session:
        ticket = session.get_one(Ticket, ticket_id)
        ticket.conversation.state = {"first_words": cast.RITA.text, "stage": "done"}
        topics.record_unmet(session, HUB, ticket.person_id, "food", Unmet.FULL, clock())
        feedback.log(session, ticket.conversation, "the wait was long", clock(), ticket_id)
        follow_ups.plan(session, ticket, "Mo", clock(), clock())
    return ticket_id


@pytest.fixture
def sam(database: Database, clock: SetClock, rita: int) -> int:
    """Somebody else, who must not lose anything."""
    return cast.add_resident(database, HUB, cast.SAM, clock())


def ask_to_delete(database: Database, ticket_id: int, clock: SetClock) -> int:
    """They text YES to DELETE; the message's id."""
    with database.writing() as session:
        talk = session.get_one(Ticket, ticket_id).conversation
        received = messages.receive(
            session, HUB, messages.Inbound(reach_of(talk), "SM-delete", "yes delete it"), clock()
        )
    with database.writing() as session:
        (claim,) = conversations.claim(session, HUB, clock(), 30)

    def erase(session: Session, talk: conversations.Conversation, message: Message) -> None:
        erasure.erase(session, talk.person, clock(), answering=message)

    with database.writing() as session:
        answer = Answer(replies=(Reply("Deleted."),), state={"stage": "new"}, effects=(erase,))
        assert turns.finish(
            session, claim, received.message_id, answer, author=Author.BOT, now=clock()
        )
    return received.message_id


def reach_of(talk: conversations.Conversation) -> people.Reach:
    return people.Reach(people.Channel(talk.address.channel), talk.address.value)


def sent_and_completed(database: Database, clock: SetClock) -> None:
    with database.writing() as session:
        (row,) = erasure.unfinished(session, HUB)
        assert not erasure.complete(session, row, clock())
        for answer in session.scalars(select(Message).where(Message.status == Status.QUEUED)):
            answer.status = Status.SENT
        session.flush()
        assert not erasure.complete(session, row, clock()), "a practice phone still shows it"
        clock.move(minutes=2)
        assert erasure.complete(session, row, clock())


def remnants(database: Database, ticket_id: int) -> set[bytes]:
    """Every stored value that is Rita's alone: sealed columns, the hash, what she said."""
    found: set[bytes] = set()
    with database.reading() as session:
        person_id = session.get_one(Ticket, ticket_id).person_id
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            sealed = [c for c in table.c if isinstance(c.type, Sealed | SealedJson)]
            if table.name in ("users", "suppressions") or not sealed:
                continue
            raw = select(*(column.label(column.name).cast(LargeBinary) for column in sealed))
            for row in connection.execute(raw):
                found |= {bytes(value) for value in row if value and len(value) > 20}
    assert len(found) > 25
    with database.reading() as session:
        address = session.scalars(select(Address).where(Address.person_id == person_id)).one()
        found.add(address.lookup.encode())
    return found


def stored(database: Database) -> Iterator[bytes]:
    """Everything in every table, as it is stored."""
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"'):
                for value in row:
                    yield (
                        bytes(value)
                        if isinstance(value, bytes | memoryview)
                        else str(value).encode()
                    )


def test_nothing_is_left_in_any_table_or_file(
    database: Database, clock: SetClock, rita: int
) -> None:
    hers = remnants(database, rita)
    assert hers & set(stored(database))
    ask_to_delete(database, rita, clock)
    with database.reading() as session:
        # Her number stays until she was answered, and only then goes too.
        assert session.scalars(select(Address)).one().value == "+447700900001"
        assert [m.text for m in session.scalars(select(Message).order_by(Message.id))] == [
            "",
            "Deleted.",
        ]
    sent_and_completed(database, clock)
    assert database.scrub()
    left = hers & set(stored(database))
    with database.reading() as session:
        entry = session.scalars(select(suppressions.Suppression)).one()
        assert left <= {entry.lookup.encode()}, left
        assert (entry.reason, entry.channel) == ("erased", "sms")
        for kind in (Person, Address, Message, Ticket, conversations.Conversation):
            assert session.scalars(select(kind)).all() == [], kind
        row = session.scalars(select(Erasure)).one()
        assert row.person_id is None and row.done_at == clock()
        assert row.counts["tickets"] == 1 and row.counts["messages"] >= 6
    if database.is_sqlite:
        # Read while it is open: the log beside the file would be removed on closing.
        path = Path(str(database.engine.url.database))
        for file in path.parent.glob(f"{path.name}*"):
            raw = file.read_bytes()
            for value in hers - {entry.lookup.encode()}:
                assert value not in raw, file.name
            assert b"L11" not in raw and b"Norris Green" not in raw


def test_others_lose_nothing(database: Database, clock: SetClock, rita: int, sam: int) -> None:
    with database.reading() as session:
        talk = session.get_one(Ticket, sam).conversation_id
        before = [m.text for m in messages.transcript(session, talk)]
    ask_to_delete(database, rita, clock)
    sent_and_completed(database, clock)
    with database.reading() as session:
        assert session.get(Ticket, sam) and not session.get(Ticket, rita)
        assert [m.text for m in messages.transcript(session, talk)] == before
        assert len(session.scalars(select(Person)).all()) == 1


def test_whoever_writes_again_meanwhile_is_not_deleted_twice(
    database: Database, clock: SetClock, rita: int
) -> None:
    ask_to_delete(database, rita, clock)
    with database.writing() as session:
        inbound = messages.Inbound(cast.RITA.reach, "SM-again", "hello its me again")
        messages.receive(session, HUB, inbound, clock())
    sent_and_completed(database, clock)
    with database.reading() as session:
        assert [m.text for m in session.scalars(select(Message))] == ["hello its me again"]
        person = session.scalars(select(Person)).one()
        assert (person.name, person.outcode, person.strengths) == (None, None, [])


def test_an_open_risk_is_held_until_a_person_decides(
    database: Database, clock: SetClock, rita: int
) -> None:
    dawn = cast.add_resident(database, HUB, cast.DAWN, clock())
    with database.writing() as session:
        told = session.get_one(Ticket, dawn).opened_by_message_id
        session.get_one(Message, told).heard = {"risks": [{"id": "domestic_abuse", "score": 0.9}]}
        assert erasure.stays(session, session.get_one(Ticket, dawn).person_id)
    ask_to_delete(database, dawn, clock)
    sent_and_completed(database, clock)
    with database.writing() as session:
        ticket, ann = session.get_one(Ticket, dawn), user(session, "Ann")
        hold = holds.of(session, ticket)
        assert hold is not None and hold.user_id is None
        assert [m.text for m in messages.transcript(session, ticket.conversation_id)] == [
            cast.DAWN.text
        ]
        assert [row.held for row in erasure.waiting_for_a_person(session, HUB)] == [True]
        # A person decides. Then what she asked for is done.
        holds.release(session, ticket, ann, clock())
        ticket.closed_at, ticket.status = clock(), TicketStatus.DECLINED
        assert erasure.let_go(session, ticket.person, clock())
    with database.reading() as session:
        assert session.get(Ticket, dawn) is None
        assert erasure.waiting_for_a_person(session, HUB) == []
        assert len(session.scalars(select(Person)).all()) == 1


def test_a_hold_with_a_reason_stays_after_closing(
    database: Database, clock: SetClock, rita: int
) -> None:
    with database.writing() as session:
        ticket, bev = session.get_one(Ticket, rita), user(session, "Bev")
        holds.place(session, ticket, bev, "A section 42 enquiry is open.", clock())
        tickets.claim(session, ticket, bev, clock())
        tickets.close(session, ticket, bev, TicketStatus.DECLINED, "", clock())
    with database.writing() as session:
        person = session.get_one(Ticket, rita).person
        assert erasure.erase(session, person, clock()).held
    with database.reading() as session:
        assert session.get_one(Ticket, rita).share_words
        assert session.scalars(select(Address)).one()


def test_every_table_that_leads_to_a_person_is_covered() -> None:
    roots, found = {"people"}, set[str]()
    while roots:
        leading = {
            table.name
            for table in Base.metadata.sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in roots
        }
        roots = leading - found - {"people"}
        found |= roots
    assert found == COVERED, "delete its rows in hub/erasure.py, then name it here"


def user(session: Session, name: str) -> User:
    found = known(session, HUB, name)
    assert found is not None
    return found
