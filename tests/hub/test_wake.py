"""A worker hears of a commit soon, whichever connection made it."""

import threading
import time

from hub import messages, wake
from hub.database import Database
from hub.messages import Inbound
from hub.people import Channel, Reach
from tests.conftest import SetClock

RITA = Reach(Channel.SMS, "+447700900123")


def test_a_commit_wakes(database: Database, clock: SetClock) -> None:
    watch = wake.Watch(database)
    assert not watch.wait(0.05), "nothing has happened yet"

    def arrive() -> None:
        with database.writing() as session:
            messages.receive(session, "croxteth", Inbound(RITA, "SM1", "no food in"), clock())

    thread = threading.Thread(target=arrive)
    began = time.monotonic()
    thread.start()
    assert watch.wait(5)
    assert time.monotonic() - began < 2
    thread.join()
    assert not watch.wait(0.05), "one commit wakes once"
    watch.close()


def test_what_is_rolled_back_does_not_wake(database: Database, clock: SetClock) -> None:
    watch = wake.Watch(database)
    try:
        with database.writing() as session:
            messages.receive(session, "croxteth", Inbound(RITA, "SM1", "no food in"), clock())
            raise KeyError
    except KeyError:
        pass
    assert not watch.wait(0.1)
    watch.close()


def test_watching_ends_when_told(database: Database) -> None:
    stopping, looks = threading.Event(), []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            stopping.set()

    wake.watch(database, look, stopping, 0.01)
    assert len(looks) == 3, "it looks at once, and again without a commit"
