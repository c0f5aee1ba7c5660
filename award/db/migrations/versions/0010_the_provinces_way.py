"""The province's way: its chain, questions returned, late requests, follow-ups, uploads in pieces, reminders"""

import sqlalchemy as sa
from alembic import op

from award.db.base import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROLES = (
    "role IN ('officer', 'director', 'chief', 'member', 'chair', 'organizer', 'auditor', 'administrator', 'executive')"
)


def upgrade() -> None:
    with op.batch_alter_table("duty") as table:
        table.drop_constraint(op.f("ck_duty_role"), type_="check")
        table.create_check_constraint(op.f("ck_duty_role"), ROLES)
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("made_at", UtcTime(length=32), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcTime(length=32), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("dropped_at", UtcTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_reminder_cycle_id_cycle")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_reminder_made_by_id_user")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["user.id"], name=op.f("fk_reminder_sent_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_cycle_id"), "reminder", ["cycle_id"])
    op.create_table(
        "chaser",
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcTime(length=32), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_chaser_by_id_user")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_chaser_cycle_id_cycle")),
        sa.ForeignKeyConstraint(["province_code"], ["province.code"], name=op.f("fk_chaser_province_code_province")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_chaser_user_id_user")),
        sa.PrimaryKeyConstraint("cycle_id", "province_code", name=op.f("pk_chaser")),
    )
    op.create_table(
        "reminder_to",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("left_out_at", UtcTime(length=32), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["mail_out.id"], name=op.f("fk_reminder_to_mail_id_mail_out")),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("fk_reminder_to_province_code_province")
        ),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminder.id"], name=op.f("fk_reminder_to_reminder_id_reminder")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminder_to_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_to")),
    )
    op.create_index(op.f("ix_reminder_to_reminder_id"), "reminder_to", ["reminder_id"])
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("act IN ('send', 'approve', 'return', 'take_back')", name=op.f("ck_approval_act")),
        sa.CheckConstraint("step IN ('director', 'chief')", name=op.f("ck_approval_step")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_approval_by_id_user")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_approval_duty_id_duty")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_approval_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_entry_id"), "approval", ["entry_id"])
    op.create_table(
        "colleague_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", UtcTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_colleague_note_by_id_user")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_colleague_note_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_note")),
    )
    op.create_index(op.f("ix_colleague_note_entry_id"), "colleague_note", ["entry_id"])
    op.create_table(
        "entry_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('accepted', 'returned')", name=op.f("ck_entry_check_outcome")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_entry_check_by_id_user")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_check_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_check")),
    )
    op.create_index(op.f("ix_entry_check_entry_id"), "entry_check", ["entry_id"])
    op.create_table(
        "late_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("adoption_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcTime(length=32), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=True),
        sa.Column("until", UtcTime(length=32), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", UtcTime(length=32), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (allowed IS NULL)", name=op.f("ck_late_request_decided")),
        sa.CheckConstraint("allowed IS NULL OR (allowed = (until IS NOT NULL))", name=op.f("ck_late_request_until")),
        sa.ForeignKeyConstraint(["adoption_id"], ["adoption.id"], name=op.f("fk_late_request_adoption_id_adoption")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_late_request_asked_by_id_user")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_late_request_decided_by_id_user")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_late_request_entry_id_entry")),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("fk_late_request_province_code_province")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_request")),
    )
    op.create_index(op.f("ix_late_request_adoption_id_province_code"), "late_request", ["adoption_id", "province_code"])
    op.create_table(
        "presence",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=60), server_default="", nullable=False),
        sa.Column("seen_at", UtcTime(length=32), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_presence_entry_id_entry")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_presence_user_id_user")),
        sa.PrimaryKeyConstraint("entry_id", "user_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "returned_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcTime(length=32), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_returned_question_by_id_user")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_returned_question_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_question")),
    )
    op.create_index(op.f("ix_returned_question_entry_id"), "returned_question", ["entry_id"])
    op.create_table(
        "section_owner",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("work_group", sa.String(length=16), server_default="", nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "work_group IN ('', 'strategy', 'information', 'promotion', 'coordination')",
            name=op.f("ck_section_owner_work_group"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_section_owner_by_id_user")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_section_owner_entry_id_entry")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_section_owner_user_id_user")),
        sa.PrimaryKeyConstraint("entry_id", "section", name=op.f("pk_section_owner")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=50), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        sa.Column("given_by", sa.String(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UtcTime(length=32), nullable=False),
        sa.Column("last_at", UtcTime(length=32), nullable=False),
        sa.Column("done_at", UtcTime(length=32), nullable=True),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_upload_size")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_upload_entry_id_entry")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_upload_evidence_id_evidence")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_upload_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("token", name=op.f("uq_upload_token")),
    )
    op.create_index(op.f("ix_upload_entry_id"), "upload", ["entry_id"])
    op.create_index(op.f("ix_upload_last_at"), "upload", ["last_at"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("criterion", sa.String(length=120), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("work_group", sa.String(length=16), server_default="", nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered', 'done', 'dropped')", name=op.f("ck_follow_up_state")),
        sa.CheckConstraint(
            "work_group IN ('', 'strategy', 'information', 'promotion', 'coordination')",
            name=op.f("ck_follow_up_work_group"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_follow_up_entry_id_entry")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_follow_up_owner_id_user")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_follow_up_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index(op.f("ix_follow_up_entry_id"), "follow_up", ["entry_id"])
    op.create_table(
        "follow_up_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(length=32), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "act IN ('begin', 'own', 'answer', 'accept', 'ask_again', 'drop')", name=op.f("ck_follow_up_act_act")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_follow_up_act_by_id_user")),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_act_follow_up_id_follow_up")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_act")),
    )
    op.create_index(op.f("ix_follow_up_act_follow_up_id"), "follow_up_act", ["follow_up_id"])
    with op.batch_alter_table("cycle") as table:
        table.add_column(sa.Column("approval", sa.String(length=8), server_default="none", nullable=False))
        table.create_check_constraint(op.f("ck_cycle_approval"), "approval IN ('none', 'chain')")
    with op.batch_alter_table("entry") as table:
        table.add_column(sa.Column("first_submitted_at", UtcTime(length=32), nullable=True))
        table.add_column(sa.Column("step", sa.String(length=8), server_default="", nullable=False))
        table.add_column(sa.Column("withdrawn_at", UtcTime(length=32), nullable=True))
        table.add_column(sa.Column("withdrawn_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False))
        table.create_foreign_key(op.f("fk_entry_withdrawn_by_id_user"), "user", ["withdrawn_by_id"], ["id"])
        table.drop_constraint(op.f("ck_entry_submitted"), type_="check")
        table.create_check_constraint(
            op.f("ck_entry_submitted"), "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL"
        )
        table.create_check_constraint(op.f("ck_entry_step"), "step IN ('', 'director', 'chief')")
        table.create_check_constraint(op.f("ck_entry_step_of_draft"), "step = '' OR state = 'draft'")
        table.create_check_constraint(op.f("ck_entry_withdrawn"), "withdrawn_at IS NULL OR state = 'withdrawn'")
    op.execute("UPDATE entry SET first_submitted_at = submitted_at")
    counted = ["adoption_id", "state", "step", "province_code"]
    op.create_index(op.f("ix_entry_adoption_id_state_step_province_code"), "entry", counted)
    with op.batch_alter_table("entry_revision") as table:
        table.add_column(sa.Column("label", sa.String(), nullable=True))
        table.add_column(sa.Column("way", sa.String(length=8), server_default="form", nullable=False))
        table.create_check_constraint(op.f("ck_entry_revision_way"), "way IN ('form', 'sheet', 'import', 'earlier')")
    with op.batch_alter_table("evidence") as table:
        table.add_column(sa.Column("given_by", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    """The check of roles stays wide, as before. A draft that was withdrawn is a draft again: an older program has no
    other word for what was never sent."""
    with op.batch_alter_table("evidence") as table:
        table.drop_column("given_by")
    with op.batch_alter_table("entry_revision") as table:
        table.drop_constraint(op.f("ck_entry_revision_way"), type_="check")
        table.drop_column("way")
        table.drop_column("label")
    op.execute(
        "UPDATE entry SET state = 'draft', withdrawn_at = NULL WHERE state = 'withdrawn' AND submitted_at IS NULL"
    )
    op.drop_index(op.f("ix_entry_adoption_id_state_step_province_code"), table_name="entry")
    with op.batch_alter_table("entry") as table:
        table.drop_constraint(op.f("ck_entry_withdrawn"), type_="check")
        table.drop_constraint(op.f("ck_entry_step_of_draft"), type_="check")
        table.drop_constraint(op.f("ck_entry_step"), type_="check")
        table.drop_constraint(op.f("ck_entry_submitted"), type_="check")
        table.create_check_constraint(op.f("ck_entry_submitted"), "state = 'draft' OR submitted_at IS NOT NULL")
        table.drop_constraint(op.f("fk_entry_withdrawn_by_id_user"), type_="foreignkey")
        table.drop_column("withdrawn_reason")
        table.drop_column("withdrawn_by_id")
        table.drop_column("withdrawn_at")
        table.drop_column("step")
        table.drop_column("first_submitted_at")
    with op.batch_alter_table("cycle") as table:
        table.drop_constraint(op.f("ck_cycle_approval"), type_="check")
        table.drop_column("approval")
    op.drop_table("follow_up_act")
    op.drop_table("follow_up")
    op.drop_table("upload")
    op.drop_table("section_owner")
    op.drop_table("returned_question")
    op.drop_table("presence")
    op.drop_table("late_request")
    op.drop_table("entry_check")
    op.drop_table("colleague_note")
    op.drop_table("approval")
    op.drop_table("reminder_to")
    op.drop_table("chaser")
    op.drop_table("reminder")
