"""A line of jobs: claimed in batches, run by a few threads, never more than are free."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from pathlib import Path

log = logging.getLogger(__name__)

Job = Callable[[], object]
TROUBLE_SECONDS = 1.0
# What becomes due by the clock alone (a retry, a lease that ended) waits this long at most.
IDLE_SECONDS = 0.5


class Line:
    """Claims jobs and runs them. `claim(most)` takes at most so many and makes them ours.

    It is asked when there is `news`, and again when a thread is free after it gave as many as
    it was asked for. A job deals with its own errors; one that does not is written down, and
    the line goes on.
    """

    def __init__(self, name: str, threads: int, claim: Callable[[int], Sequence[Job]]) -> None:
        self._claim = claim
        self._threads = threads
        self._free = threading.Semaphore(threads)
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._running: set[Future[None]] = set()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._thread = threading.Thread(target=self._run, name=f"{name}-line", daemon=True)

    def start(self) -> None:
        """Begin to claim."""
        self._thread.start()

    def news(self) -> None:
        """There may be something to claim."""
        self._news.set()

    def stop(self) -> None:
        """Claim nothing more. What runs, runs on: see `ended`."""
        self._stopping.set()
        self._news.set()

    def ended(self, seconds: float) -> bool:
        """Whether every job has ended within `seconds` of a stop."""
        until = time.monotonic() + seconds
        self._thread.join(max(0.0, seconds))
        self._pool.shutdown(wait=False)
        running = wait_for(self._running, max(0.0, until - time.monotonic())).not_done
        return not running and not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._news.wait()
            self._free.acquire()
            self._free.release()
            self._news.clear()
            try:
                self._start_jobs()
            except Exception as error:
                # A line that ended here would leave residents in silence: wait, go on.
                log.error("line trouble error=%s at=%s", type(error).__name__, where(error))
                self._stopping.wait(TROUBLE_SECONDS)
                self._news.set()

    def _start_jobs(self) -> None:
        if self._stopping.is_set():
            return
        free = self._threads - len(self._running)
        jobs = self._claim(free)
        if len(jobs) == free:
            # There may be more.
            self._news.set()
        for job in jobs:
            self._free.acquire()
            future = self._pool.submit(self._do, job)
            self._running.add(future)
            future.add_done_callback(self._done)

    def _done(self, future: Future[None]) -> None:
        self._running.discard(future)
        self._free.release()

    @staticmethod
    def _do(job: Job) -> None:
        try:
            job()
        except Exception as error:
            log.error("job broke error=%s at=%s", type(error).__name__, where(error))


def where(error: BaseException) -> str:
    """File and line of an error, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
