"""The migrations and the models tell of the same schema."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub import (  # noqa: F401
    conversations,
    feedback,
    follow_ups,
    holds,
    kept,
    links,
    messages,
    migrations,
    pauses,
    people,
    pollers,
    services,
    suppressions,
    tickets,
    topics,
)
from hub.database import Base, Database


def test_there_is_one_newest_migration() -> None:
    """Two would mean that two changes were built on the same one."""
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_an_upgraded_database_is_what_the_models_say(database: Database) -> None:
    """Whoever changes a table without a migration is stopped here, on both kinds of database."""
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert found == [], f"the models have what no migration makes: {found}"
