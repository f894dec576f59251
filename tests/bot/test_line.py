"""A line of jobs: never more than are free, none forgotten, a clean stop."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bot.line import Job, Line


class Pile:
    """Jobs to be claimed."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.asked: list[int] = []
        self.broken = 0

    def claim(self, most: int) -> list[Job]:
        self.asked.append(most)
        if self.broken:
            self.broken -= 1
            raise OSError("the database is away")
        given, self.jobs = self.jobs[:most], self.jobs[most:]
        return given


@pytest.fixture
def make() -> Iterator[Callable[[int, list[Job]], tuple[Line, Pile]]]:
    lines: list[Line] = []

    def start(threads: int, jobs: list[Job]) -> tuple[Line, Pile]:
        pile = Pile(jobs)
        line = Line("test", threads, pile.claim)
        lines.append(line)
        line.start()
        return line, pile

    yield start
    for line in lines:
        line.stop()
        line.ended(5)


def until(true: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


def test_all_jobs_are_done_with_one_piece_of_news(
    make: Callable[[int, list[Job]], tuple[Line, Pile]],
) -> None:
    done: list[int] = []
    line, _ = make(2, [lambda n=n: done.append(n) for n in range(25)])  # type: ignore[misc]
    line.news()
    until(lambda: len(done) == 25)
    assert sorted(done) == list(range(25))


def test_never_more_than_are_free(make: Callable[[int, list[Job]], tuple[Line, Pile]]) -> None:
    gate, running = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        running.release()
        gate.wait(10)

    line, pile = make(3, [hang] * 7)
    line.news()
    for _ in range(3):
        assert running.acquire(timeout=5)
    line.news()
    time.sleep(0.1)
    assert len(pile.jobs) == 4, "nothing is claimed that no thread can take"
    gate.set()
    until(lambda: not pile.jobs)


def test_a_job_that_breaks_stops_nothing(
    make: Callable[[int, list[Job]], tuple[Line, Pile]], caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []

    def broken() -> None:
        raise ValueError("bailiffs at the door")

    line, _ = make(1, [broken, lambda: done.append(1)])
    line.news()
    until(lambda: bool(done))
    assert "ValueError" in caplog.text
    assert "bailiffs" not in caplog.text, "an error's words may be a resident's"


def test_a_database_that_is_away_is_waited_for(
    make: Callable[[int, list[Job]], tuple[Line, Pile]],
) -> None:
    done: list[int] = []
    line, pile = make(1, [lambda: done.append(1)])
    pile.broken = 1
    line.news()
    until(lambda: bool(done))
    assert len(pile.asked) >= 2


def test_a_stop_lets_what_runs_end_and_claims_nothing_more(
    make: Callable[[int, list[Job]], tuple[Line, Pile]],
) -> None:
    gate, began, done = threading.Event(), threading.Event(), []

    def slow() -> None:
        began.set()
        gate.wait(10)
        done.append(1)

    line, pile = make(1, [slow, slow])
    line.news()
    assert began.wait(5)
    line.stop()
    assert not line.ended(0.05), "it says so where a job has not ended"
    gate.set()
    assert line.ended(5)
    assert done == [1]
    assert len(pile.jobs) == 1
