"""Erasing a person's data: proposed by one, confirmed by another"""

import sqlalchemy as sa
from alembic import op

import award.db.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UTC = award.db.base.UtcTime(length=32)


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", UTC, nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", UTC, nullable=True),
        sa.Column("withdrawn_at", UTC, nullable=True),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR (confirmed_by_id != proposed_by_id AND confirmed_by_id != user_id)",
            name=op.f("ck_erasure_second_person"),
        ),
        sa.CheckConstraint("done_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_erasure_one_end")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_erasure_user_id_user")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_erasure_proposed_by_id_user")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["user.id"], name=op.f("fk_erasure_confirmed_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "uq_erasure_waiting", "erasure", ["user_id"], unique=True,
        sqlite_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
    )  # fmt: skip
    if "later_erasure" in sa.inspect(op.get_bind()).get_table_names():  # put aside by the way down
        op.execute("INSERT INTO erasure SELECT * FROM later_erasure")
        op.drop_table("later_erasure")


def downgrade() -> None:
    """Who was erased is put aside, and taken back by the next upgrade: such an account stays closed."""
    op.execute("CREATE TABLE later_erasure AS SELECT * FROM erasure")
    op.drop_table("erasure")
