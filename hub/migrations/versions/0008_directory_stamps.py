"""whether the directory changed is seen at once

Revision: 0008_directory_stamps
Before: 0007_pauses
Date: 2026-11-22 00:50:33.304328
"""

from alembic import op

revision = "0008_directory_stamps"
down_revision = "0007_pauses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.create_index("ix_services_hub_id_updated_at", ["hub_id", "updated_at"])
        batch_op.create_index("ix_services_hub_id_withdrawn_at", ["hub_id", "withdrawn_at"])


def downgrade() -> None:
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.drop_index("ix_services_hub_id_withdrawn_at")
        batch_op.drop_index("ix_services_hub_id_updated_at")
