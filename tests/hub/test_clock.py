"""The time: one for all hosts where there is a server, and no harm where a clock is set."""

from datetime import UTC, datetime, timedelta

import pytest

from hub import conversations, messages
from hub.clock import ServerClock
from hub.conversations import Claim
from hub.database import Database
from hub.messages import Inbound
from hub.people import Channel, Reach
from tests.conftest import SUNDAY_NIGHT, SetClock

RITA = Reach(Channel.SMS, "+447700900001")


class Server:
    """A server's clock, and this host's stopwatch."""

    def __init__(self) -> None:
        self.at = SUNDAY_NIGHT
        self.stopwatch = 1000.0
        self.asked = 0
        self.away = False

    def ask(self) -> datetime:
        self.asked += 1
        if self.away:
            raise ConnectionError
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.stopwatch += seconds


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def told(server: Server) -> ServerClock:
    return ServerClock(server.ask, lambda: server.stopwatch)


def test_between_two_questions_the_stopwatch_counts_on(server: Server, told: ServerClock) -> None:
    for _ in range(10):
        assert told() == server.at
        server.pass_(1)
    assert server.asked == 1


def test_a_server_whose_clock_was_set_is_followed(server: Server, told: ServerClock) -> None:
    assert told() == server.at
    server.at += timedelta(hours=1)
    server.pass_(16)
    assert told() == server.at


def test_a_server_that_is_away_is_not_waited_for(server: Server, told: ServerClock) -> None:
    assert told() == server.at
    server.away = True
    for _ in range(100):
        server.pass_(1)
        assert told() == server.at
    assert server.asked < 10, "it is not asked again and again"
    server.away = False
    server.pass_(16)
    assert told() == server.at


def test_without_any_answer_there_is_no_time(server: Server, told: ServerClock) -> None:
    server.away = True
    with pytest.raises(ConnectionError):
        told()


def test_the_database_tells_the_time(database: Database) -> None:
    clock = database.clock()
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=30)
    assert isinstance(clock, ServerClock) is not database.is_sqlite


def claim(database: Database, now: datetime) -> Claim | None:
    with database.writing() as session:
        return next(iter(conversations.claim(session, "croxteth", now, 30)), None)


@pytest.fixture
def taken(database: Database, clock: SetClock) -> Claim:
    """Rita's text, claimed by a worker that dies."""
    with database.writing() as session:
        messages.receive(session, "croxteth", Inbound(RITA, "SM1", "hello"), clock())
    held = claim(database, clock())
    assert held is not None
    return held


def test_a_dead_workers_lease_ends_though_the_clock_was_set_back(
    database: Database, clock: SetClock, taken: Claim
) -> None:
    clock.move(seconds=20)
    assert claim(database, clock()) is None
    clock.move(hours=-1)
    again = claim(database, clock())
    assert again is not None, "Rita would wait an hour"
    assert again.token != taken.token
    assert claim(database, clock()) is None, "the new lease holds"


def test_a_turn_put_off_is_taken_up_though_the_clock_was_set_back(
    database: Database, clock: SetClock, taken: Claim
) -> None:
    with database.writing() as session:
        conversations.give_back(conversations.hold(session, taken), clock(), 300)
    assert claim(database, clock()) is None
    clock.move(hours=-1)
    assert claim(database, clock()) is not None, "Rita would wait an hour"
