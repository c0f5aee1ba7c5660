"""Duties that two people confirm; the administrator; mail that waits to be sent; sign-ins by other providers"""

import sqlalchemy as sa
from alembic import op

from award.db.base import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Executives came with 0009, directors and chiefs with 0010; a database that went back may hold some already.
ROLES = (
    "role IN ('officer', 'director', 'chief', 'member', 'chair', 'organizer', 'auditor', 'administrator', 'executive')"
)
STATES = "state IN ('proposed', 'confirmed', 'withdrawn', 'revoked')"
SECOND = "confirmed_by_id IS NULL OR (confirmed_by_id != proposed_by_id AND confirmed_by_id != user_id)"
WHO = ("proposed", "confirmed", "revoked")


def upgrade() -> None:
    with op.batch_alter_table("duty") as table:
        table.drop_constraint(op.f("ck_duty_role"), type_="check")
        table.create_check_constraint(op.f("ck_duty_role"), ROLES)
        table.add_column(sa.Column("state", sa.String(16), server_default="confirmed", nullable=False))
        for who in WHO:
            table.add_column(sa.Column(f"{who}_by_id", sa.Integer(), nullable=True))
            table.add_column(sa.Column(f"{who}_at", UtcTime(length=32), nullable=True))
            table.create_foreign_key(op.f(f"fk_duty_{who}_by_id_user"), "user", [f"{who}_by_id"], ["id"])
        table.create_check_constraint(op.f("ck_duty_state"), STATES)
        table.create_check_constraint(op.f("ck_duty_second_person"), SECOND)
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("email", sa.String(254), nullable=True))
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(250), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", UtcTime(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_identity_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_identity_user_id"), "identity", ["user_id"])
    op.create_table(
        "mail_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("queued_at", UtcTime(length=32), nullable=False),
        sa.Column("good_until", UtcTime(length=32), nullable=False),
        sa.Column("next_at", UtcTime(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcTime(length=32), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed', 'expired')", name=op.f("ck_mail_out_state")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mail_out_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_out")),
    )
    op.create_index(op.f("ix_mail_out_state_next_at"), "mail_out", ["state", "next_at"])


def downgrade() -> None:
    """An older program asks nobody for confirmation: what gives no right today must give none there.

    Its check of roles stays wide, so that administrators are not lost: to an older program the word says nothing.
    """
    op.drop_table("mail_out")
    op.drop_table("identity")
    with op.batch_alter_table("user") as table:
        table.drop_column("email")
    op.execute("DELETE FROM duty WHERE state IN ('proposed', 'withdrawn')")
    # An ended duty ends the day before it was ended, as that program counts days; first the beginning, so that no row
    # ever ends before it begins.
    op.execute(
        "UPDATE duty SET from_day = min(from_day, date(substr(revoked_at, 1, 10), '-1 day')) WHERE state = 'revoked'"
    )
    op.execute(
        "UPDATE duty SET to_day = min(coalesce(to_day, '9999-12-31'), date(substr(revoked_at, 1, 10), '-1 day')) "
        "WHERE state = 'revoked'"
    )
    with op.batch_alter_table("duty") as table:
        table.drop_constraint(op.f("ck_duty_second_person"), type_="check")
        table.drop_constraint(op.f("ck_duty_state"), type_="check")
        for who in WHO:
            table.drop_constraint(op.f(f"fk_duty_{who}_by_id_user"), type_="foreignkey")
            table.drop_column(f"{who}_by_id")
            table.drop_column(f"{who}_at")
        table.drop_column("state")
