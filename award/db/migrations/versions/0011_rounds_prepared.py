"""Rounds that are prepared: by one organizer, to be opened by another"""

import sqlalchemy as sa
from alembic import op

from award.db.base import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("opens_at", UtcTime(length=32), nullable=True),
        sa.Column("deadline_at", UtcTime(length=32), nullable=True),
        sa.Column("approval", sa.String(length=8), server_default="none", nullable=False),
        sa.Column("typed", sa.Text(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="draft", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcTime(length=32), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(length=32), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcTime(length=32), nullable=True),
        sa.Column("cycle_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'opened', 'discarded')", name=op.f("ck_round_plan_state")),
        sa.CheckConstraint("approval IN ('none', 'chain')", name=op.f("ck_round_plan_approval")),
        sa.CheckConstraint(
            "(state = 'opened') = (opened_by_id IS NOT NULL AND cycle_id IS NOT NULL)",
            name=op.f("ck_round_plan_opened"),
        ),
        sa.CheckConstraint(
            "opened_by_id IS NULL OR opened_by_id != changed_by_id", name=op.f("ck_round_plan_second_person")
        ),
        sa.ForeignKeyConstraint(["begun_by_id"], ["user.id"], name=op.f("fk_round_plan_begun_by_id_user")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["user.id"], name=op.f("fk_round_plan_changed_by_id_user")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("fk_round_plan_opened_by_id_user")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_round_plan_cycle_id_cycle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_plan")),
        sa.UniqueConstraint("cycle_id", name=op.f("uq_round_plan_cycle_id")),
    )
    op.create_index(
        op.f("uq_round_plan_year"), "round_plan", ["year"], unique=True, sqlite_where=sa.text("state = 'draft'")
    )
    op.create_table(
        "planned_award",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("award_code", sa.String(length=60), nullable=False),
        sa.Column("rule_set", sa.String(length=120), nullable=False),
        sa.Column("rules_sha256", sa.String(length=64), nullable=False),
        sa.Column("rules_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["round_plan.id"], name=op.f("fk_planned_award_plan_id_round_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_award")),
        sa.UniqueConstraint("plan_id", "award_code", name=op.f("uq_planned_award_plan_id_award_code")),
    )
    op.create_index(op.f("ix_planned_award_plan_id"), "planned_award", ["plan_id"])
    op.create_table(
        "round_paper",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('approval', 'order', 'guideline', 'letters', 'report')", name=op.f("ck_round_paper_kind")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["round_plan.id"], name=op.f("fk_round_paper_plan_id_round_plan")),
        sa.PrimaryKeyConstraint("plan_id", "kind", name=op.f("pk_round_paper")),
    )


def downgrade() -> None:
    """An older program knows rounds only once they run: what was prepared goes, what was opened stays."""
    op.drop_table("round_paper")
    op.drop_table("planned_award")
    op.drop_table("round_plan")
