"""The scoring day: its agenda, what the chair sets in motion, who is there, declarations, paper sheets, executives"""

import sqlalchemy as sa
from alembic import op

from award.db.base import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Directors and chiefs came with 0010; a database that went back from there may hold some already.
ROLES = (
    "role IN ('officer', 'director', 'chief', 'member', 'chair', 'organizer', 'auditor', 'administrator', 'executive')"
)


def upgrade() -> None:
    with op.batch_alter_table("duty") as table:
        table.drop_constraint(op.f("ck_duty_role"), type_="check")
        table.create_check_constraint(op.f("ck_duty_role"), ROLES)
    op.create_table(
        "declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("proposed", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('none', 'former_post', 'relative', 'other')", name=op.f("ck_declaration_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_declaration_by_id_user")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_declaration_seat_id_seat")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["scoring_session.id"], name=op.f("fk_declaration_session_id_scoring_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index(op.f("ix_declaration_session_id_seat_id"), "declaration", ["session_id", "seat_id"])
    op.create_table(
        "sighting",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcTime(length=32), nullable=False),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_sighting_seat_id_seat")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["scoring_session.id"], name=op.f("fk_sighting_session_id_scoring_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "seat_id", name=op.f("pk_sighting")),
    )
    op.create_table(
        "attendance",
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("arrived_at", UtcTime(length=32), nullable=True),
        sa.Column("allowed_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'late') = (arrived_at IS NOT NULL)", name=op.f("ck_attendance_arrived")),
        sa.CheckConstraint("state IN ('present', 'late', 'absent')", name=op.f("ck_attendance_state")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_attendance_by_id_user")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_attendance_seat_id_seat")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_attendance_slot_id_slot")),
        sa.PrimaryKeyConstraint("slot_id", "seat_id", name=op.f("pk_attendance")),
    )
    op.create_table(
        "minutes_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_minutes_note_by_id_user")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_minutes_note_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_note")),
    )
    op.create_index(op.f("ix_minutes_note_slot_id"), "minutes_note", ["slot_id"])
    op.create_table(
        "phase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "phase IN ('presenting', 'questions', 'scoring', 'discussion', 'done')", name=op.f("ck_phase_phase")
        ),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_phase_seconds")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_phase_by_id_user")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_phase_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase")),
    )
    op.create_index(op.f("ix_phase_slot_id"), "phase", ["slot_id"])
    op.create_table(
        "practice_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_practice_card_seat_id_seat")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_practice_card_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_card")),
        sa.UniqueConstraint("slot_id", "seat_id", name=op.f("uq_practice_card_slot_id_seat_id")),
    )
    op.create_index(op.f("ix_practice_card_seat_id"), "practice_card", ["seat_id"])
    op.create_table(
        "ready",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_ready_by_id_user")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_ready_seat_id_seat")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_ready_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ready")),
        sa.UniqueConstraint("slot_id", "seat_id", name=op.f("uq_ready_slot_id_seat_id")),
    )
    op.create_index(
        op.f("uq_ready_slot_id_province"),
        "ready",
        ["slot_id"],
        unique=True,
        sqlite_where=sa.text("seat_id IS NULL"),
        postgresql_where=sa.text("seat_id IS NULL"),
    )
    op.create_table(
        "slot_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("was_at", UtcTime(length=32), nullable=False),
        sa.Column("starts_at", UtcTime(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_slot_move_by_id_user")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_move_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_move")),
    )
    op.create_index(op.f("ix_slot_move_slot_id"), "slot_move", ["slot_id"])
    op.create_table(
        "paper_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UtcTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_paper_sheet_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_paper_sheet_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_sheet")),
    )
    op.create_index(op.f("ix_paper_sheet_assignment_id"), "paper_sheet", ["assignment_id"])
    op.create_table(
        "reopening_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcTime(length=32), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_reopening_request_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_reopening_request_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening_request")),
    )
    op.create_index(op.f("ix_reopening_request_assignment_id"), "reopening_request", ["assignment_id"])
    op.create_table(
        "dropped_slot",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("adoption_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcTime(length=32), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["adoption_id"], ["adoption.id"], name=op.f("fk_dropped_slot_adoption_id_adoption")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_dropped_slot_by_id_user")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_dropped_slot_panel_id_panel")),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("fk_dropped_slot_province_code_province")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dropped_slot")),
    )
    op.create_index(op.f("ix_dropped_slot_panel_id"), "dropped_slot", ["panel_id"])
    with op.batch_alter_table("assignment") as table:
        table.add_column(sa.Column("paper", sa.String(length=12), server_default="", nullable=False))
        table.create_check_constraint(op.f("ck_assignment_paper"), "paper IN ('', 'unconfirmed', 'confirmed')")
    with op.batch_alter_table("scoring_session") as table:
        table.add_column(sa.Column("version", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("rehearsed_from", UtcTime(length=32), nullable=True))
    with op.batch_alter_table("slot") as table:
        table.add_column(sa.Column("presenting_minutes", sa.Integer(), nullable=True))
        table.add_column(sa.Column("questions_minutes", sa.Integer(), nullable=True))
        table.add_column(sa.Column("scoring_minutes", sa.Integer(), nullable=True))
        table.add_column(sa.Column("presenters", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("exhibition_url", sa.String(), server_default="", nullable=False))
        table.add_column(sa.Column("chaired_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_slot_chaired_by_id_seat"), "seat", ["chaired_by_id"], ["id"])


def downgrade() -> None:
    """The check of roles stays wide, so that executives are not lost: to an older program the word says nothing."""

    with op.batch_alter_table("slot") as table:
        table.drop_constraint(op.f("fk_slot_chaired_by_id_seat"), type_="foreignkey")
        table.drop_column("chaired_by_id")
        table.drop_column("exhibition_url")
        table.drop_column("presenters")
        table.drop_column("scoring_minutes")
        table.drop_column("questions_minutes")
        table.drop_column("presenting_minutes")
    with op.batch_alter_table("scoring_session") as table:
        table.drop_column("rehearsed_from")
        table.drop_column("version")
    with op.batch_alter_table("assignment") as table:
        table.drop_constraint(op.f("ck_assignment_paper"), type_="check")
        table.drop_column("paper")
    op.drop_table("dropped_slot")
    op.drop_table("reopening_request")
    op.drop_table("paper_sheet")
    op.drop_table("slot_move")
    with op.batch_alter_table("ready") as table:
        table.drop_index(
            "uq_ready_slot_id_province",
            sqlite_where=sa.text("seat_id IS NULL"),
            postgresql_where=sa.text("seat_id IS NULL"),
        )
    op.drop_table("ready")
    op.drop_table("practice_card")
    op.drop_table("phase")
    op.drop_table("minutes_note")
    op.drop_table("attendance")
    op.drop_table("sighting")
    op.drop_table("declaration")
