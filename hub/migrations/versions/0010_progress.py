"""progress of a reading

Revision: 0010_progress
Before: 0009_corrections
Date: 2026-11-22 03:07:55.937424
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_progress"
down_revision = "0009_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One by one: SQLite would write the table anew, and take along what hangs on it.
    for column in (
        sa.Column("doing", sa.String(length=40), server_default="", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
    ):
        op.add_column("sync_runs", column)


def downgrade() -> None:
    for name in ("total", "done", "doing"):
        op.drop_column("sync_runs", name)
