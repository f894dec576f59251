"""profile names, edits, templates, how far a provider's list was read

Revision: 0004_channels
Before: 0003_hours
Date: 2026-11-21 23:14:30.469456
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_channels"
down_revision = "0003_hours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("hub_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("read_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub_id", "channel", name=op.f("pk_sweeps")),
    )
    op.add_column("addresses", sa.Column("profile_name", sa.LargeBinary(), nullable=True))
    op.add_column("messages", sa.Column("kind", sa.String(length=20), nullable=True))
    op.add_column("messages", sa.Column("edited_text", sa.LargeBinary(), nullable=True))
    op.add_column("messages", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("deleted_at", "edited_at", "edited_text", "kind"):
        op.drop_column("messages", column)
    op.drop_column("addresses", "profile_name")
    op.drop_table("sweeps")
