"""Alembic's environment: the URL and the cipher come from whoever runs it."""

from typing import Literal

from alembic import context

from hub import (  # noqa: F401
    conversations,
    corrections,
    feedback,
    follow_ups,
    holds,
    kept,
    link_checks,
    links,
    messages,
    pauses,
    people,
    pollers,
    services,
    suppressions,
    sweeps,
    tickets,
    topics,
    twins,
)
from hub.crypto import Sealed, SealedJson
from hub.database import Base, UtcDateTime


def as_stored(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Our own column types are written into a migration as what they are in the database."""
    if kind == "type" and isinstance(item, Sealed | SealedJson):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a table in place: Alembic copies it over instead.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=as_stored,
)
with context.begin_transaction():
    context.run_migrations()
