"""The switch that stops the bot on one channel.

Revision: 0007_pauses
Before: 0006_twins
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_pauses"
down_revision = "0006_twins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("hub_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("fk_pauses_hub_id_hubs")),
        sa.PrimaryKeyConstraint("hub_id", "channel", name=op.f("pk_pauses")),
    )


def downgrade() -> None:
    op.drop_table("pauses")
