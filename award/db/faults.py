"""What it means when the disk or the database file fails, in one place: not saved and come back, or stop at once.

Full and held: nothing was saved, the same may be sent again. A failed flush or a damaged file: nobody knows what the
disk holds, so the process ends before it can acknowledge anything more; the next start finds out.
"""

import errno
import os
import sqlite3
import sys
from typing import NoReturn

from sqlalchemy.engine.interfaces import ExceptionContext

from award.errors import N_, NotSaved

STOPPED = 74  # the exit code after a failed flush (EX_IOERR)
_BROKEN = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SHUT = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_FLUSH = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
HELD_ID, FULL_ID = "database_held", "disk_full"

FULL = N_(
    "Not saved: the disk of the server is full. Please keep this page open, tell the organizers, and send again in a "
    "minute."
)
HELD = N_("Not saved yet: another program holds the database. Please send again in a moment.")
HELD_FROM_READING = N_("Another program holds the database, so nothing can be shown. Please try again in a moment.")
SHUT = N_("Not saved: the database cannot be written to. Please tell the organizers, and send again later.")
UNREADABLE = N_("The database cannot be read. Nothing was changed. Please tell the organizers.")


def full(*, retry_after: int = 30) -> NotSaved:
    """The refusal where there is no room on the disk."""
    return NotSaved(FULL, id=FULL_ID, retry_after=retry_after)


def held(*, writing: bool) -> NotSaved:
    """The refusal where somebody else holds the database for longer than we wait."""
    return NotSaved(HELD if writing else HELD_FROM_READING, id=HELD_ID, retry_after=5)


def no_room(error: OSError) -> NotSaved | None:
    """The refusal for a file that found no room; None for any other error of the system."""
    return full() if error.errno in _NO_ROOM else None


def judge(error: BaseException, *, writing: bool) -> NotSaved | None:
    """What an error of SQLite means to the person who asked; None where it is none of the disk or of the file.

    Does not return after a failed flush, nor where a writer met a failing disk or a damaged file: the process ends.
    """
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0)
    kind = code & 0xFF
    if code in _FLUSH or (writing and kind in _BROKEN):
        stop(f"{error} ({error.sqlite_errorname})")
    if kind == sqlite3.SQLITE_FULL:
        return full()
    if kind in _HELD:
        return held(writing=writing)
    if kind in _SHUT:
        return NotSaved(SHUT if writing else UNREADABLE, id="database_shut", retry_after=60)
    if kind in _BROKEN:
        return NotSaved(UNREADABLE, id="database_unreadable", retry_after=60)
    return None


def stop(why: str) -> NoReturn:
    """Ends the process at once, with one line and exit code 74: no handler, no answer, no second try at a flush."""
    sys.stderr.write(f"award: stopped: {why}; what the disk holds is not known. Look at the disk, then start again.\n")
    sys.stderr.flush()
    os._exit(STOPPED)


def refusal_of(context: ExceptionContext) -> NotSaved | None:
    """What an error of the engine means to the person who asked; see `judge`."""
    connection = context.connection
    writing = connection is not None and connection.get_execution_options().get("begin") == "IMMEDIATE"
    return judge(context.original_exception, writing=writing)
