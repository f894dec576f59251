"""One writer: pieces of work share a commit, and each is all or nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from hub import messages
from hub.database import Database, trouble
from hub.errors import DatabaseBusy
from hub.messages import Inbound, Message
from hub.people import Channel, Reach
from hub.writer import MOST_WAITING, Work, Writer
from tests.conftest import SetClock


def arriving(number: int, clock: SetClock, resident: int = 0) -> Work:
    reach = Reach(Channel.SMS, f"+4477009{resident:05}")
    inbound = Inbound(reach, f"SM{number}", f"text {number}")
    return lambda session: messages.receive(session, "croxteth", inbound, clock())


def stored(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Message.id))) or 0


def test_what_piles_up_is_stored_once_each(sqlite: Database, clock: SetClock) -> None:
    writer = Writer(sqlite)
    futures = [writer.write(arriving(n % 90, clock, n % 7)) for n in range(100)]
    wait(futures, 30)
    assert [future.exception() for future in futures] == [None] * 100
    assert stored(sqlite) == 90


def test_the_row_is_there_when_the_future_is_done(sqlite: Database, clock: SetClock) -> None:
    Writer(sqlite).write(arriving(1, clock)).result(10)
    assert stored(sqlite) == 1


def test_one_that_fails_is_undone_alone(sqlite: Database, clock: SetClock) -> None:
    held, go = threading.Event(), threading.Event()

    def slow(_: Session) -> None:
        held.set()
        go.wait(10)

    def broken(session: Session) -> None:
        arriving(2, clock)(session)
        session.execute(text("INSERT INTO hubs (id, name) VALUES ('croxteth', 'again')"))

    def odd(session: Session) -> None:
        arriving(3, clock)(session)
        raise KeyError

    writer = Writer(sqlite)
    first = writer.write(slow)
    assert held.wait(5)
    # These wait behind the slow one, so that they share a commit.
    futures = [writer.write(work) for work in (arriving(1, clock), broken, odd, arriving(4, clock))]
    go.set()
    wait([first, *futures], 10)
    kinds = [type(future.exception()) for future in futures]
    assert kinds == [type(None), IntegrityError, KeyError, type(None)]
    assert stored(sqlite) == 2


def test_a_database_that_does_not_answer_is_told_to_all(sqlite: Database, clock: SetClock) -> None:
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE messages RENAME TO moved")
        connection.commit()
    futures = [Writer(sqlite).write(arriving(n, clock)) for n in range(3)]
    wait(futures, 10)
    assert all(isinstance(future.exception(), OperationalError) for future in futures)


def test_too_much_at_once_is_refused_with_a_reason(sqlite: Database, clock: SetClock) -> None:
    held, go = threading.Event(), threading.Event()

    def slow(_: Session) -> None:
        held.set()
        go.wait(20)

    writer = Writer(sqlite)
    futures = [writer.write(slow)]
    assert held.wait(5)
    futures += [writer.write(lambda _: None) for _ in range(MOST_WAITING)]
    with pytest.raises(DatabaseBusy):
        writer.write(arriving(1, clock))
    go.set()
    assert not wait(futures, 30).not_done, "what was taken on is done all the same"


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """The file cannot grow: SQLite says "database or disk is full", as on a real full disk."""

    def no_growth(connection: Any, *_: object) -> None:
        # Less than there is already means: no page more.
        connection.execute("PRAGMA max_page_count=1")

    def growth(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=4294967294")

    event.listen(database.engine, "checkout", no_growth)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", no_growth)
        event.listen(database.engine, "checkout", growth)


def long_text(number: int, clock: SetClock) -> Work:
    inbound = Inbound(Reach(Channel.SMS, "+447700900077"), f"SM{number}", "x" * 19_000)
    return lambda session: messages.receive(session, "croxteth", inbound, clock())


def test_a_full_disk_acknowledges_none_of_what_arrived_together(
    sqlite: Database, clock: SetClock
) -> None:
    """SQLite undoes the whole transaction by itself: what stood before must not count as kept."""
    held, go = threading.Event(), threading.Event()

    def slow(_: Session) -> None:
        held.set()
        go.wait(20)

    writer = Writer(sqlite)
    Writer(sqlite).write(arriving(90, clock)).result(20)
    with full_disk(sqlite):
        first = writer.write(slow)
        assert held.wait(5)
        works = [arriving(1, clock), long_text(2, clock), arriving(3, clock, 5)]
        futures = [writer.write(work) for work in works]
        go.set()
        wait([first, *futures], 20)
        told = [future.exception() for future in futures]
        assert all(isinstance(one, OperationalError) for one in told)
        assert {trouble(one) for one in told if isinstance(one, Exception)} == {"the disk is full"}
    assert stored(sqlite) == 1
    # There is room again, and the provider tells all of it again.
    for work in works:
        writer.write(work).result(20)
    assert stored(sqlite) == 4
