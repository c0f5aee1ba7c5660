"""The ledger in logs of its own for each award; salted texts; checkpoints

Lines written before stay byte for byte what they were, as the first lines of the log "site".
"""

import secrets

import sqlalchemy as sa
from alembic import op

import award.db.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEVER = """CREATE TRIGGER ledger_line_{what} BEFORE {what} ON ledger_line
BEGIN SELECT RAISE(ABORT, 'lines of the ledger are added, never changed'); END"""
UTC = award.db.base.UtcTime(length=32)


LATER = ("ledger_line", "ledger_text", "checkpoint", "adoption")  # kept as later_… while the database is older


def upgrade() -> None:
    been_here = "later_ledger_line" in sa.inspect(op.get_bind()).get_table_names()
    op.create_table(
        "ledger_text",
        sa.Column("log", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log", "seq", "path", name=op.f("pk_ledger_text")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("log", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("log", "size", name=op.f("pk_checkpoint")),
    )
    _remake_lines(
        sa.Column("log", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("log", "seq", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("log", "prev", name=op.f("uq_ledger_line_log_prev")),
        copy="INSERT INTO ledger_line (log, seq, at, line, prev, leaf, key) "
        "SELECT 'site', seq, at, line, prev, leaf, key FROM ledger_before ORDER BY seq",
    )
    with op.batch_alter_table("adoption") as table:
        table.add_column(sa.Column("log", sa.String(length=80), nullable=True))
        table.add_column(sa.Column("seal", sa.String(length=64), nullable=True))
    if been_here:
        _take_back()
    for what in ("UPDATE", "DELETE"):
        op.execute(NEVER.format(what=what))
    _name_logs()
    with op.batch_alter_table("adoption") as table:
        table.alter_column("log", existing_type=sa.String(length=80), nullable=False)
        table.alter_column("seal", existing_type=sa.String(length=64), nullable=False)
        table.create_unique_constraint(op.f("uq_adoption_log"), ["log"])


def _take_back() -> None:
    """What a downgrade had put aside: the awards' logs, texts, checkpoints and seals."""
    op.execute(
        "INSERT INTO ledger_line (log, seq, at, line, prev, leaf, key) "
        "SELECT log, seq, at, line, prev, leaf, key FROM later_ledger_line WHERE log <> 'site' ORDER BY log, seq"
    )
    op.execute("INSERT INTO ledger_text SELECT log, seq, path, salt, text FROM later_ledger_text")
    op.execute("INSERT INTO checkpoint SELECT log, size, root, note, at FROM later_checkpoint")
    op.execute("UPDATE adoption SET log = (SELECT l.log FROM later_adoption l WHERE l.id = adoption.id)")
    op.execute("UPDATE adoption SET seal = (SELECT l.seal FROM later_adoption l WHERE l.id = adoption.id)")
    for name in LATER:
        op.drop_table(f"later_{name}")


def _name_logs() -> None:
    op.execute(
        "UPDATE adoption SET log = (SELECT cycle.year || '/' || award.code FROM cycle, award "
        "WHERE cycle.id = adoption.cycle_id AND award.id = adoption.award_id) WHERE log IS NULL"
    )
    connection = op.get_bind()
    for (number,) in connection.execute(sa.text("SELECT id FROM adoption WHERE seal IS NULL")).all():
        asked = sa.text("UPDATE adoption SET seal = :seal WHERE id = :id")
        connection.execute(asked, {"seal": secrets.token_hex(32), "id": number})


def downgrade() -> None:
    """Nothing is lost: what the older version cannot hold is put aside, and taken back by the next upgrade."""
    for what in ("UPDATE", "DELETE"):
        op.execute(f"DROP TRIGGER ledger_line_{what}")
    op.execute("CREATE TABLE later_ledger_line AS SELECT * FROM ledger_line")
    op.execute("CREATE TABLE later_adoption AS SELECT id, log, seal FROM adoption")
    op.rename_table("checkpoint", "later_checkpoint")
    op.rename_table("ledger_text", "later_ledger_text")
    with op.batch_alter_table("adoption") as table:
        table.drop_constraint(op.f("uq_adoption_log"), type_="unique")
        table.drop_column("seal")
        table.drop_column("log")
    _remake_lines(
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("prev", name=op.f("uq_ledger_line_prev")),
        copy="INSERT INTO ledger_line (seq, at, line, prev, leaf, key) "
        "SELECT seq, at, line, prev, leaf, key FROM ledger_before WHERE log = 'site' ORDER BY seq",
    )


def _remake_lines(*own: sa.schema.SchemaItem, copy: str) -> None:
    """The table anew with these columns and keys; SQLite cannot change a primary key."""
    op.rename_table("ledger_line", "ledger_before")
    op.create_table(
        "ledger_line",
        *(each for each in own if isinstance(each, sa.Column)),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=True),
        *(each for each in own if not isinstance(each, sa.Column)),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_line_key")),
        sa.UniqueConstraint("leaf", name=op.f("uq_ledger_line_leaf")),
    )
    op.execute(copy)
    op.drop_table("ledger_before")
