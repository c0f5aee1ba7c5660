"""Opens the database so that what was acknowledged survives, and refuses to open it any other way."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.orm import Session

from award.db.faults import FULL_ID, HELD_ID, held, refusal_of
from award.db.space import Ballast
from award.db.turns import Turns
from award.errors import NotSaved, NotStarted

# Before 3.51.3 two connections that write or checkpoint a WAL at once can lose committed pages.
WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
JOURNAL, SYNCHRONOUS = ("wal", 2) if WAL_IS_SAFE else ("delete", 3)  # FULL, EXTRA
# Seconds. Whoever saves hears within ten what became of it: a turn, then the file to begin with, then to commit with.
TURN, FILE = 5.0, 2.5


class Database:
    """One SQLite file: many short readers, one writer at a time."""

    def __init__(self, file: Path):
        self.file = file
        self.engine: Engine = create_engine(
            f"sqlite:///{file}", connect_args={"timeout": FILE, "check_same_thread": False},
            pool_size=20, max_overflow=60,
        )  # fmt: skip
        # SQLite's own waiting sleeps; a lock in the process hands over at once, and in order.
        self.write_lock = Turns()
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        event.listen(self.engine, "handle_error", self._tell)
        # Made once: every request needs one of them.
        self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = self.engine.execution_options(begin="IMMEDIATE")
        self.ballast = Ballast(file.parent)

    @contextmanager
    def reading(self, *, consistent: bool = False) -> Iterator[Session]:
        """A session to read with. Each statement stands alone, so that no reader holds up the writer;
        `consistent` makes all statements see one moment."""
        with Session(self.engine if consistent else self._alone, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that holds the only write transaction from its first moment. The caller commits.

        Raises NotSaved where others hold the database for longer than we wait, or the disk is full.
        """
        if not self.write_lock.acquire(timeout=TURN):
            raise held(writing=True)
        try:
            with Session(self._writing, expire_on_commit=False, autoflush=False) as session:
                _begin_now(session)
                yield session
        finally:
            self.write_lock.release()

    def check(self) -> None:
        """Raises NotStarted where the file is not opened durably."""
        with self.engine.connect() as connection:
            journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
            foreign_keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one()
        if (journal, synchronous, foreign_keys) != (JOURNAL, SYNCHRONOUS, 1):
            raise NotStarted(
                f"The database does not keep what it acknowledges (journal {journal}, synchronous {synchronous}, "
                f"foreign keys {foreign_keys}; needed {JOURNAL}, {SYNCHRONOUS}, 1): move it to a local disk.",
                thai=f"ฐานข้อมูลไม่เก็บสิ่งที่ยืนยันแล้วไว้อย่างถาวร (journal {journal}, synchronous {synchronous}, "
                f"foreign keys {foreign_keys}; ต้องเป็น {JOURNAL}, {SYNCHRONOUS}, 1): ย้ายไปดิสก์ในเครื่องนี้",
            )

    def _tell(self, context: ExceptionContext) -> None:
        """Raises what people can be told in place of what the disk did. A full disk lets go of the ballast."""
        refusal = refusal_of(context)
        if refusal is not None:
            if refusal.id == FULL_ID and self.ballast.let_go():
                refusal.retry_after = 1  # there is room again
            raise refusal from context.original_exception

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA journal_mode={JOURNAL}")
    cursor.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA trusted_schema=OFF")
    cursor.close()


def _begin_now(session: Session) -> None:
    """BEGIN IMMEDIATE, so that what permits the write is read after it."""
    try:
        session.connection()
    except NotSaved as refusal:
        if refusal.id == HELD_ID:  # a connection of its own had to be opened first, and that already waited
            raise held(writing=True) from refusal
        raise


def _begin(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql(f"BEGIN {options.get('begin', 'DEFERRED')}")
