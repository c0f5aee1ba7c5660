"""The name that a file came with, and the hash of a picture before it was painted anew"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence") as table:
        table.add_column(sa.Column("name", sa.String(), server_default="", nullable=False))
        table.add_column(sa.Column("received_sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("evidence") as table:
        table.drop_column("received_sha256")
        table.drop_column("name")
