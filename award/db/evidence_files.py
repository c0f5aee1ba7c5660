"""The folder of evidence files: each stored once under its SHA-256, whole and flushed before anything says so."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from award.db.faults import no_room
from award.db.space import refuse_files_when_nearly_full

PREVIEWS = "previews"  # pictures of files, painted by ourselves; they can always be painted again
SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Incoming:
    """A received file that is flushed to the disk but not kept yet."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A content of the store, by its name. `at`: when it was written, by the time of whoever keeps it."""

    sha256: str
    size: int
    at: datetime


class EvidenceFiles:
    """`receive` a stream, look at it, then `keep` it; leaving the `with` of one that was not kept removes it."""

    is_far = False  # whether keeping a file may take long, so that nobody should wait for it under the write lock

    def __init__(self, folder: Path):
        self.folder = folder

    @contextmanager
    def receive(self, stream: IO[bytes]) -> Iterator[Incoming]:
        """Writes the stream to a file of its own and flushes it. Nothing shows it until it is kept.

        Raises NotSaved where the disk is nearly full: what is left is for marks. Then nothing stays behind.
        """
        refuse_files_when_nearly_full(self.folder)
        waiting = self.folder / "incoming"
        waiting.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=waiting)
        path = Path(name)
        try:
            digest, size = hashlib.sha256(), 0
            with os.fdopen(descriptor, "wb") as file:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            yield Incoming(path, digest.hexdigest(), size)
        except OSError as error:
            raise no_room(error) or error from error
        finally:
            path.unlink(missing_ok=True)

    def measured(self, path: Path) -> Incoming:
        """A file that was made of a received one, flushed and measured, so that it can be kept in its stead."""
        with path.open("rb+") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Incoming(path, digest, path.stat().st_size)

    def send_ahead(self, incoming: Incoming) -> None:
        """Brings a file to a store that is far away, before the act that keeps it; here there is nothing to do."""

    def keep(self, incoming: Incoming) -> None:
        """Moves it to its place under its SHA-256; the same content twice is stored once. Call it before the commit."""
        place = self._place(incoming.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        with self.sending():
            os.utime(incoming.path)  # written now, however long ago its pieces came: see `award.actions.strays`
            incoming.path.replace(place)
        for folder in (place.parent, place.parent.parent):
            _flush_folder(folder)

    def find(self, sha256: str) -> Path | None:
        """The file, or None where it is missing or its content is no longer what was received."""
        return self._place(sha256) if self.state(sha256) == "whole" else None

    def state(self, sha256: str) -> Literal["whole", "missing", "damaged"]:
        """Whether the file is there, and still the same: it is read to its end."""
        try:
            with self._place(sha256).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return "missing"
        return "whole" if found == sha256 else "damaged"

    def stored(self) -> list[Stored]:
        """All that is stored under names of ours, and nothing is read; what else lies there is passed over."""
        names = (path.name for path in self.folder.glob("[0-9a-f][0-9a-f]/*") if SHA256.fullmatch(path.name))
        return [found for name in names if (found := self.look_up(name)) is not None]

    def look_up(self, sha256: str) -> Stored | None:
        """A content by its name; None where there is none. It is not read."""
        try:
            told = self._place(sha256).stat()
        except FileNotFoundError:
            return None
        return Stored(sha256, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC))

    @contextmanager
    def sending(self) -> Iterator[None]:
        """While a content comes to its place. Many may at once."""
        with _holding(self.folder, shared=True):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nothing comes to its place, whichever program of this machine would bring it."""
        with _holding(self.folder, shared=False):
            yield

    def remove(self, sha256: str) -> None:
        """Takes a content out, and what pages show of it; one that is gone already is none too many."""
        for place in (self._place(sha256), self.folder / PREVIEWS / sha256):
            place.unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


@contextmanager
def _holding(folder: Path, *, shared: bool) -> Iterator[None]:
    """Holds the folder itself, so that no file of ours lies about. Windows has no such call: there what asks to be
    `alone` is to be run while the site does not serve."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """A rename survives a power cut only once its folder is flushed; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
