"""Room on the disk: below a tenth it is said, below one GiB no files are taken, and at the last a ballast is let go."""

import contextlib
import os
import shutil
from pathlib import Path

from award.errors import N_, NotSaved

NEARLY_FULL = 10  # per cent free
FOR_MARKS = 1 << 30  # bytes: below it no file is taken, so that marks still go in
BALLAST = 64 << 20

NO_ROOM_FOR_FILES = N_(
    "The disk of the server is nearly full, so no files are taken now. Everything else can still be saved. Please tell "
    "the organizers; a link can be given instead."
)


def free_bytes(folder: Path) -> int:
    """What is free on the disk of a folder, which need not be there yet. Raises OSError."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def free_percent(folder: Path) -> int | None:
    """How much of the disk is free, in whole per cent; None where the system does not say."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free * 100 // usage.total if usage.total else None


def refuse_files_when_nearly_full(folder: Path) -> None:
    """Raises NotSaved where a file would take the room that marks need."""
    if free_bytes(folder) < FOR_MARKS:
        raise NotSaved(NO_ROOM_FOR_FILES, id="no_room_for_files", retry_after=600)


class Ballast:
    """A file that holds room for marks: made while there is plenty, removed by itself when the disk is full."""

    def __init__(self, folder: Path, size: int = BALLAST):
        self.file = folder / "ballast"
        self.size = size

    def take(self) -> bool:
        """Fills it where there is plenty of room; whether it is there now."""
        try:
            if self.file.exists() and self.file.stat().st_size == self.size:
                return True
            if free_bytes(self.file.parent) < FOR_MARKS + self.size:
                return False
            with self.file.open("wb") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, self.size)
                else:
                    file.write(bytes(self.size))
            return True
        except OSError:
            self.let_go()
            return False

    def let_go(self) -> bool:
        """Removes it; whether that made room."""
        with contextlib.suppress(OSError):
            there = self.file.exists()
            self.file.unlink(missing_ok=True)
            return there
        return False
