"""One writer for SQLite: what arrives together is committed together.

SQLite has one writer at a time, and each commit waits for the disk. Many small transactions in
many threads wait for each other; one thread that takes what has piled up and commits it once
does not. On PostgreSQL the server does this itself, so it is not used there.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from hub.database import Database
from hub.errors import DatabaseBusy

Work = Callable[[Session], object]
MOST_TOGETHER = 64
# Beyond this the provider is told to come again: better than an answer after it has hung up.
MOST_WAITING = 2_000


class Writer:
    """Runs pieces of work, each all or nothing, in shared transactions.

    The thread starts with the first piece of work and ends with the process. A piece that
    fails is undone alone; the others with it are kept. Where the database itself is in trouble
    none of them is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.Queue[tuple[Work, Future[None]]] = queue.Queue(MOST_WAITING)
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, work: Work) -> Future[None]:
        """Have a piece of work done. The future is done once it is committed, or has failed.

        Raises DatabaseBusy where too much is waiting already.
        """
        done: Future[None] = Future()
        try:
            self._waiting.put_nowait((work, done))
        except queue.Full:
            raise DatabaseBusy("too many messages are waiting to be stored") from None
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
        return done

    def _run(self) -> None:
        while True:
            together = [self._waiting.get()]
            while len(together) < MOST_TOGETHER:
                try:
                    together.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            self._commit(together)

    def _commit(self, together: list[tuple[Work, Future[None]]]) -> None:
        failed: dict[int, Exception] = {}
        try:
            with self._database.writing("arrival") as session:
                for number, (work, _) in enumerate(together):
                    try:
                        with session.begin_nested():
                            work(session)
                    except IntegrityError as error:
                        failed[number] = error
                    except SQLAlchemyError:
                        # A full disk or a lost file: SQLite may have undone the whole
                        # transaction by itself, and a commit would then keep only its end.
                        raise
                    except Exception as error:
                        failed[number] = error
        except Exception as error:
            # Nothing of all this is safe: whoever waits is told so.
            failed = dict.fromkeys(range(len(together)), error)
        for number, (_, done) in enumerate(together):
            if number in failed:
                done.set_exception(failed[number])
            else:
                done.set_result(None)
