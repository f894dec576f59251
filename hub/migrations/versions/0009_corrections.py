"""corrections and link checks

Revision: 0009_corrections
Before: 0008_directory_stamps
Date: 2026-11-22 02:51:45.872768
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_corrections"
down_revision = "0008_directory_stamps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_link_checks_hub_id_hubs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_checks")),
        sa.UniqueConstraint("hub_id", "url", name=op.f("uq_link_checks_hub_id_url")),
    )
    op.create_table(
        "service_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.String(length=64), nullable=False),
        sa.Column("service_key", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_service_corrections_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["users.id"], name=op.f("fk_service_corrections_ended_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["hub_id"], ["hubs.id"], name=op.f("fk_service_corrections_hub_id_hubs")
        ),
        sa.ForeignKeyConstraint(
            ["service_key"],
            ["services.key"],
            name=op.f("fk_service_corrections_service_key_services"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_corrections")),
    )
    with op.batch_alter_table("service_corrections", schema=None) as batch_op:
        batch_op.create_index("ix_service_corrections_hub_id_at", ["hub_id", "at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_service_corrections_service_key"), ["service_key"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("service_corrections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_corrections_service_key"))
        batch_op.drop_index("ix_service_corrections_hub_id_at")

    op.drop_table("service_corrections")
    op.drop_table("link_checks")
