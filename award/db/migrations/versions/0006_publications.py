"""Runs certified and published; where a run stands in its award's log"""

import sqlalchemy as sa
from alembic import op

import award.db.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UTC = award.db.base.UtcTime(length=32)


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("certified_at", UTC, nullable=False),
        sa.Column("certified_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", UTC, nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UTC, nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL)", name=op.f("ck_publication_published")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_publication_withdrawn")
        ),
        sa.CheckConstraint(
            "published_by_id IS NULL OR published_by_id <> certified_by_id", name=op.f("ck_publication_two_people")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["ranking_run.id"], name=op.f("fk_publication_run_id_ranking_run")),
        sa.ForeignKeyConstraint(["certified_by_id"], ["user.id"], name=op.f("fk_publication_certified_by_id_user")),
        sa.ForeignKeyConstraint(["published_by_id"], ["user.id"], name=op.f("fk_publication_published_by_id_user")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["user.id"], name=op.f("fk_publication_withdrawn_by_id_user")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_publication")),
    )
    with op.batch_alter_table("ranking_run") as table:
        table.add_column(sa.Column("seq", sa.Integer(), nullable=True))
    if "later_publication" in sa.inspect(op.get_bind()).get_table_names():  # put aside by the way down
        op.execute("INSERT INTO publication SELECT * FROM later_publication")
        op.execute("UPDATE ranking_run SET seq = (SELECT l.seq FROM later_ranking_run l WHERE l.id = ranking_run.id)")
        op.drop_table("later_publication")
        op.drop_table("later_ranking_run")


def downgrade() -> None:
    """Nothing is lost: what the older version cannot hold is put aside, and taken back by the next upgrade."""
    op.execute("CREATE TABLE later_publication AS SELECT * FROM publication")
    op.execute("CREATE TABLE later_ranking_run AS SELECT id, seq FROM ranking_run")
    with op.batch_alter_table("ranking_run") as table:
        table.drop_column("seq")
    op.drop_table("publication")
