"""Engine, session and base. SQLite in WAL mode by default, PostgreSQL at scale."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from hub import points
from hub.clock import Clock, ServerClock
from hub.crypto import Cipher

BUSY_MILLISECONDS = 15_000


class Base(DeclarativeBase):
    """The base of every table; constraint names are fixed so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Refuses times without a zone; always gives UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Database:
    """One engine and the two ways to use it: `reading()` and `writing()`."""

    def __init__(self, url: str, cipher: Cipher) -> None:
        self.cipher = cipher
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self.engine.dialect.goodhelp_cipher = cipher  # type: ignore[attr-defined]
        self._writer = self.engine.execution_options(goodhelp_write=True)

    @property
    def is_sqlite(self) -> bool:
        """True where the one-writer rules of SQLite hold."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, name: str = "") -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        On SQLite it takes the write lock at once, so it never fails half-way for want of it.
        `name` stands for the commit in `hub/points.py`.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session
            session.flush()
            points.reached(f"{name}.before")
        points.reached(f"{name}.after")

    def scrub(self) -> bool:
        """Clear what deleted rows leave behind in the files; False where it must wait.

        SQLite overwrites deleted rows, but older pages stay in its log until that is emptied.
        PostgreSQL keeps a deleted row until it is vacuumed.
        """
        if not self.is_sqlite:
            with self.engine.connect() as connection:
                bare = connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in Base.metadata.sorted_tables:
                    bare.exec_driver_sql(f'VACUUM "{table.name}"')
            return True
        raw = self.engine.raw_connection()
        try:
            busy, _, _ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        finally:
            raw.close()

    def clock(self) -> Clock:
        """The server's own time where there is a server, this host's for a file."""
        return (lambda: datetime.now(UTC)) if self.is_sqlite else ServerClock(self._server_time)

    def _server_time(self) -> datetime:
        with self.engine.connect() as connection:
            at: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return at.astimezone(UTC)

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def trouble(error: Exception) -> str:
    """What is wrong with the database in a few words that can be logged: no text, no value."""
    at: BaseException | None = error
    while at is not None:
        # What could not be undone any more hides what went wrong first.
        told = str(getattr(at, "orig", "")).lower()
        if "disk is full" in told or "no space left" in told:
            return "the disk is full"
        if "disk i/o error" in told:
            return "the disk cannot be written"
        at = at.__context__
    return type(error).__name__


def _sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": 15},
        pool_size=10,
        max_overflow=30,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late; we begin them ourselves below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        write = connection.get_execution_options().get("goodhelp_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    bare = make_url(url)
    if bare.drivername in ("postgresql", "postgres"):
        bare = bare.set(drivername="postgresql+psycopg")
    return create_engine(
        bare,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=30,
        # A provider hangs up after 15 seconds: by then it has its 503.
        connect_args={"connect_timeout": 5},
        pool_timeout=5,
    )
