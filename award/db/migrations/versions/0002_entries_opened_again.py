"""Entries that the organizer opened again: until when, since when, why"""

import sqlalchemy as sa
from alembic import op

import award.db.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("entry") as table:
        table.add_column(sa.Column("due_at", award.db.base.UtcTime(length=32), nullable=True))
        table.add_column(sa.Column("reopened_at", award.db.base.UtcTime(length=32), nullable=True))
        table.add_column(sa.Column("reopened_reason", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("entry") as table:
        table.drop_column("reopened_reason")
        table.drop_column("reopened_at")
        table.drop_column("due_at")
