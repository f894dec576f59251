"""Two sessions at once, in a fixed order: no message is forgotten, no lease is used twice.

Each test holds one transaction open at its most delicate moment and lets the other one come.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

import pytest

from hub import conversations, messages, turns
from hub.conversations import Claim, Conversation
from hub.database import Database
from hub.errors import StaleLease
from hub.messages import Author, Inbound, Message, Reply
from hub.people import Channel, Reach
from hub.turns import Answer
from tests.conftest import SetClock

RITA = Reach(Channel.SMS, "+447700900001")
# Long enough to see that somebody waits; what must not happen would happen at once.
A_MOMENT = 0.3
PATIENCE = 60.0


def arrive(database: Database, number: int, now: datetime) -> int:
    with database.writing() as session:
        inbound = Inbound(RITA, f"SM{number}", f"text {number}")
        return messages.receive(session, "croxteth", inbound, now).message_id


def claim(database: Database, now: datetime) -> Claim | None:
    with database.writing() as session:
        return next(iter(conversations.claim(session, "croxteth", now, 30)), None)


def finish(database: Database, held: Claim, message_id: int, text: str, now: datetime) -> bool:
    with database.writing() as session:
        answer = Answer(replies=(Reply(text),))
        return turns.finish(session, held, message_id, answer, author=Author.BOT, now=now)


def meanwhile[T](work: Callable[[], T]) -> Future[T]:
    """Do it in another thread, and so in another session."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done


def waits(done: Future[object]) -> bool:
    try:
        done.exception(A_MOMENT)
    except TimeoutError:
        return True
    return False


def replies(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.text for row in session.query(Message).filter(Message.direction == "out")]


@pytest.fixture
def begun(database: Database, clock: SetClock) -> tuple[int, Claim]:
    """Rita's first text, claimed by a worker."""
    first = arrive(database, 1, clock())
    held = claim(database, clock())
    assert held is not None
    return first, held


def test_arrival_while_a_release_is_about_to_commit(
    database: Database, clock: SetClock, begun: tuple[int, Claim]
) -> None:
    first, held = begun
    with database.writing() as session:
        answer = Answer(replies=(Reply("one"),))
        assert turns.finish(session, held, first, answer, author=Author.BOT, now=clock())
        session.flush()
        arrival = meanwhile(lambda: arrive(database, 2, clock()))
        assert waits(arrival), "it came in past the row that the release holds"
    second = arrival.result(PATIENCE)
    again = claim(database, clock())
    assert again is not None, "the wake-up was lost"
    assert finish(database, again, second, "two", clock())
    assert claim(database, clock()) is None
    assert replies(database) == ["one", "two"]


def test_release_while_an_arrival_is_about_to_commit(
    database: Database, clock: SetClock, begun: tuple[int, Claim]
) -> None:
    first, held = begun
    with database.writing() as session:
        second = messages.receive(session, "croxteth", Inbound(RITA, "SM2", "two"), clock())
        session.flush()
        release = meanwhile(lambda: finish(database, held, first, "one", clock()))
        assert waits(release), "it was released past the row that the arrival holds"
    assert release.result(PATIENCE)
    again = claim(database, clock())
    assert again is not None, "released as if nothing had come in"
    assert finish(database, again, second.message_id, "two", clock())
    assert replies(database) == ["one", "two"]


def test_an_expired_lease_is_not_taken_over_while_its_turn_commits(
    database: Database, clock: SetClock, begun: tuple[int, Claim]
) -> None:
    first, slow = begun
    clock.move(seconds=31)
    with database.writing() as session:
        answer = Answer(replies=(Reply("from the slow one"),))
        assert turns.finish(session, slow, first, answer, author=Author.BOT, now=clock())
        session.flush()
        # PostgreSQL passes the locked row over, SQLite waits for the commit: neither takes it.
        quick = meanwhile(lambda: claim(database, clock()))
        waits(quick)
    assert quick.result(PATIENCE) is None
    assert claim(database, clock()) is None
    assert replies(database) == ["from the slow one"]


def test_a_turn_is_refused_whose_expired_lease_is_being_taken_over(
    database: Database, clock: SetClock, begun: tuple[int, Claim]
) -> None:
    first, slow = begun
    clock.move(seconds=31)
    with database.writing() as session:
        (quick,) = conversations.claim(session, "croxteth", clock(), 30)
        session.flush()
        late = meanwhile(lambda: finish(database, slow, first, "from the slow one", clock()))
        assert waits(late), "it was committed past the row that the new lease holds"
    with pytest.raises(StaleLease):
        late.result(PATIENCE)
    assert finish(database, quick, first, "from the quick one", clock())
    assert replies(database) == ["from the quick one"]


def test_what_is_let_go_is_taken_at_once_and_the_old_lease_is_worth_nothing(
    database: Database, clock: SetClock, begun: tuple[int, Claim]
) -> None:
    first, stopping = begun
    with database.writing() as session:
        conversations.let_go(conversations.hold(session, stopping))
    following = claim(database, clock())
    assert following is not None
    assert following.attempts == 1, "a clean stop is no failed try"
    with pytest.raises(StaleLease):
        finish(database, stopping, first, "too late", clock())
    assert finish(database, following, first, "here", clock())
    with database.reading() as session:
        assert session.query(Conversation).one().lease_token is None
