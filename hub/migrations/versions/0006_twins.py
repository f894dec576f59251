"""services that are the same

Revision: 0006_twins
Before: 0005_links
Date: 2026-11-22 00:32:04.485292
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_twins"
down_revision = "0005_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_twins",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.String(length=64), nullable=False),
        sa.Column("first_key", sa.Integer(), nullable=False),
        sa.Column("second_key", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.String(length=500), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_key"],
            ["services.key"],
            name=op.f("fk_service_twins_first_key_services"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_service_twins_hub_id_hubs")),
        sa.ForeignKeyConstraint(
            ["second_key"],
            ["services.key"],
            name=op.f("fk_service_twins_second_key_services"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_service_twins")),
        sa.UniqueConstraint(
            "first_key", "second_key", name=op.f("uq_service_twins_first_key_second_key")
        ),
    )
    with op.batch_alter_table("service_twins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_twins_hub_id"), ["hub_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_service_twins_second_key"), ["second_key"], unique=False
        )

    # No foreign key: SQLite would write the table anew, and take along what hangs on it.
    op.add_column("services", sa.Column("twin_of", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("services", "twin_of")
    op.drop_table("service_twins")
