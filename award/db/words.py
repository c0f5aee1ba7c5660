"""The words of entries and of files, folded and packed, so that a search reads nothing else.

Triggers in the database itself keep a row for every entry and every piece of evidence, and empty its words in the same
transaction as what they are made of changes: a row without words is read anew. So whatever is found is true, also
where nobody has filled in the words yet.
"""

from sqlalchemy import DDL, CheckConstraint, Connection, ForeignKey, Index, LargeBinary, String, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from award.db.base import Base

NO_WORDS = text("words IS NULL")


class EntryWords(Base):
    """Code and label of an entry; `words` None: they changed and wait to be folded. Whose entry it is, and of which
    award, stands beside them, so that the long rows of entries are not read."""

    __tablename__ = "entry_words"
    __table_args__ = (Index("ix_entry_words_waiting", "entry_id", sqlite_where=NO_WORDS, postgresql_where=NO_WORDS),)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    adoption_id: Mapped[int] = mapped_column(ForeignKey("adoption.id"))
    province_code: Mapped[str] = mapped_column(ForeignKey("province.code"))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)


class FileWords(Base):
    """Title and name of a piece of evidence, empty once it was removed; None: they wait to be folded."""

    __tablename__ = "file_words"
    __table_args__ = (Index("ix_file_words_waiting", "evidence_id", sqlite_where=NO_WORDS, postgresql_where=NO_WORDS),)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[bytes | None] = mapped_column(LargeBinary)


class Folding(Base):
    """By which folding the words were made; one row. Where the program folds otherwise, all are made anew."""

    __tablename__ = "folding"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_by: Mapped[str] = mapped_column(String(64))


# A migration that makes a table anew loses its triggers; `put_triggers` after every upgrade brings them back. They name
# no table but those of words: SQLite would not let the others be renamed.
TRIGGERS = {
    "entry_words_begin": """CREATE TRIGGER entry_words_begin AFTER INSERT ON entry
BEGIN INSERT INTO entry_words (entry_id, adoption_id, province_code)
VALUES (NEW.id, NEW.adoption_id, NEW.province_code)
ON CONFLICT (entry_id) DO UPDATE
SET adoption_id = excluded.adoption_id, province_code = excluded.province_code, words = NULL; END""",
    "entry_words_change": """CREATE TRIGGER entry_words_change
AFTER UPDATE OF code, label, adoption_id, province_code ON entry
WHEN (OLD.code, OLD.label, OLD.adoption_id, OLD.province_code)
IS NOT (NEW.code, NEW.label, NEW.adoption_id, NEW.province_code)
BEGIN INSERT INTO entry_words (entry_id, adoption_id, province_code)
VALUES (NEW.id, NEW.adoption_id, NEW.province_code)
ON CONFLICT (entry_id) DO UPDATE
SET adoption_id = excluded.adoption_id, province_code = excluded.province_code, words = NULL; END""",
    "file_words_begin": """CREATE TRIGGER file_words_begin AFTER INSERT ON evidence
BEGIN INSERT INTO file_words (evidence_id) VALUES (NEW.id)
ON CONFLICT (evidence_id) DO UPDATE SET words = NULL; END""",
    "file_words_change": """CREATE TRIGGER file_words_change AFTER UPDATE OF title, name, removed_at ON evidence
WHEN (OLD.title, OLD.name, OLD.removed_at) IS NOT (NEW.title, NEW.name, NEW.removed_at)
BEGIN INSERT INTO file_words (evidence_id) VALUES (NEW.id)
ON CONFLICT (evidence_id) DO UPDATE SET words = NULL; END""",
}
_STORED = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")


def find_lost_triggers(connection: Connection) -> list[str]:
    """Names of the triggers that are not there, or not as they should be."""
    stored: dict[str, str] = {row.name: row.sql for row in connection.execute(_STORED)}
    return [name for name, sql in TRIGGERS.items() if stored.get(name) != sql]


def put_triggers(connection: Connection) -> list[str]:
    """Puts the triggers that are not there, where the tables of words are; answers their names."""
    if not inspect(connection).has_table(FileWords.__tablename__):
        return []
    lost = find_lost_triggers(connection)
    for name in lost:
        connection.execute(DDL("DROP TRIGGER IF EXISTS %(name)s", context={"name": name}))
        connection.exec_driver_sql(TRIGGERS[name])
    return lost
