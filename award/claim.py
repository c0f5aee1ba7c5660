"""One program at a time has the site: who serves it, builds it or brings it to a newer version claims its folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from award.errors import NotStarted

NAME = "in_use"


@contextmanager
def claimed(data: Path) -> Iterator[None]:
    """Holds the folder until the block ends, or the process, however it ends. Raises NotStarted where another does."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)  # marks are not for other accounts
    with os.fdopen(os.open(data / NAME, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        try:
            _lock(file)
        except OSError as error:
            number = file.read().strip() or "?"
            raise NotStarted(
                f"Another program of this site is running (process {number}): end it first.",
                thai=f"มีโปรแกรมของระบบนี้ทำงานอยู่แล้ว (โปรเซส {number}): ปิดโปรแกรมนั้นก่อน",
            ) from error
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


if os.name == "posix":
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
else:
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(1000)  # what lies before may still be read by others
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        file.seek(0)
