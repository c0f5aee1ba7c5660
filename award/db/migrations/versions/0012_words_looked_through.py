"""Words of entries and files that searches look through: every row waits for its words, which `award upgrade` fills in

The triggers that keep the rows are put by `award.db.schema` after every upgrade."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TRIGGERS = ("entry_words_begin", "entry_words_change", "file_words_begin", "file_words_change")


def upgrade() -> None:
    op.create_table(
        "entry_words",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("adoption_id", sa.Integer(), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_words_entry_id_entry"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["adoption_id"], ["adoption.id"], name=op.f("fk_entry_words_adoption_id_adoption")),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("fk_entry_words_province_code_province")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_words")),
    )
    op.create_table(
        "file_words",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_file_words_evidence_id_evidence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_file_words")),
    )
    op.create_table(
        "folding",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_folding_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folding")),
    )
    op.execute(
        "INSERT INTO entry_words (entry_id, adoption_id, province_code) "
        "SELECT id, adoption_id, province_code FROM entry"
    )
    op.execute("INSERT INTO file_words (evidence_id) SELECT id FROM evidence")
    waiting = sa.text("words IS NULL")
    op.create_index(op.f("ix_entry_words_waiting"), "entry_words", ["entry_id"], sqlite_where=waiting)
    op.create_index(op.f("ix_file_words_waiting"), "file_words", ["evidence_id"], sqlite_where=waiting)


def downgrade() -> None:
    """Words are made of what stays: nothing is lost."""
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name}")
    op.drop_table("folding")
    op.drop_table("file_words")
    op.drop_table("entry_words")
