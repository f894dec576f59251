"""hours read from words, bank holidays and school terms

Revision: 0003_hours
Before: 0002_follow_ups
Date: 2026-11-21 23:40:12.012220
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_hours"
down_revision = "0002_follow_ups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confidence", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("bank_holidays", sa.String(length=10), nullable=True))
        batch_op.add_column(
            sa.Column("term_time", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("instead", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.drop_column("instead")
        batch_op.drop_column("term_time")
        batch_op.drop_column("bank_holidays")
        batch_op.drop_column("confidence")
