"""The schema's versions: every change is a migration, and the program runs on the newest only."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from award.db import (
    accounts,
    agenda,
    checking,
    cycles,
    entries,
    ledger,
    live,
    mail,
    office,
    papers,
    people,
    plans,
    privacy,
    ranking,
    reminders,
    scoring,
    uploads,
    words,
)
from award.db.base import Base
from award.db.engine import Database
from award.errors import NotStarted

# Importing them registers them.
TABLES = (
    people, accounts, cycles, plans, entries, office, uploads, scoring, agenda, live, papers, checking, ranking, ledger,
    mail, reminders, privacy, words,
)  # fmt: skip
METADATA = Base.metadata
NO_DATABASE = "There is no database yet: run `award upgrade` (an empty site) or `award demo` first."
NO_DATABASE_TH = "ยังไม่มีฐานข้อมูล: ใช้คำสั่ง `award upgrade` (ระบบว่าง) หรือ `award demo` ก่อน"


def _config(database: Database | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if database is not None:
        config.attributes["engine"] = database.engine
    return config


@lru_cache
def _versions() -> tuple[str, ...]:
    """The schema's versions, the newest first; the program's files do not change while it runs."""
    return tuple(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def upgrade_schema(database: Database, revision: str = "head") -> None:
    """Brings the database to `revision`, creating it where it does not exist yet."""
    database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # marks are not for other accounts
    command.upgrade(_config(database), revision)
    with database.engine.begin() as connection:
        words.put_triggers(connection)


def downgrade_schema(database: Database, revision: str) -> None:
    """Takes the database back to `revision` ("base": no tables)."""
    command.downgrade(_config(database), revision)


def check_schema(database: Database) -> None:
    """Raises NotStarted where the database is not at the newest version."""
    newest = _versions()[0]
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == newest:
        return
    if found is not None and found not in _versions():
        raise NotStarted(
            f"The database is at version {found}, which this program does not know: install the newer program.",
            thai=f"ฐานข้อมูลเป็นรุ่น {found} ซึ่งโปรแกรมนี้ไม่รู้จัก: ติดตั้งโปรแกรมรุ่นที่ใหม่กว่า",
        )
    raise NotStarted(
        f"The database is at version {found or 'none'}, the program needs {newest}: run `award upgrade`.",
        thai=f"ฐานข้อมูลเป็นรุ่น {found or 'ว่าง'} แต่โปรแกรมต้องการรุ่น {newest}: ใช้คำสั่ง `award upgrade`",
    )


def open_existing(file: Path) -> Database:
    """The database in a file that is there, at the newest version. Raises NotStarted; then no file is made."""
    if not file.exists():
        raise NotStarted(NO_DATABASE, thai=NO_DATABASE_TH)
    database = Database(file)
    check_schema(database)
    return database
