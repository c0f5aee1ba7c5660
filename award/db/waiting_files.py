"""Files that come in pieces, while they are under way: each grows at its end and tells itself how much has come."""

import hashlib
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from award.db.evidence_files import Incoming
from award.db.faults import no_room
from award.db.space import refuse_files_when_nearly_full

FOLDER = "pieces"
_LOCKS = tuple(Lock() for _ in range(64))  # one process serves a data folder: `award.claim`


class WaitingFiles:
    """The folder of them, beside the store. A token names one: letters and digits of our own making."""

    def __init__(self, evidence: Path):
        self.folder = evidence / FOLDER

    @contextmanager
    def held(self, token: str) -> Iterator[None]:
        """Whoever else adds to this file, or ends it, waits meanwhile."""
        with _LOCKS[int(token[:4], 16) % len(_LOCKS)]:
            yield

    def came(self, token: str) -> int:
        """How many bytes of it are here."""
        try:
            return self._place(token).stat().st_size
        except FileNotFoundError:
            return 0

    def still_for(self, token: str) -> float:
        """For how many seconds nothing of it came, by the machine's own time; without end where nothing ever did."""
        try:
            return time.time() - self._place(token).stat().st_mtime
        except FileNotFoundError:
            return math.inf

    def add(self, token: str, piece: bytes) -> int:
        """Puts a piece at its end; how many bytes are here then. Call it while it is `held`.

        Raises NotSaved where the disk is nearly full: what is left is for marks.
        """
        refuse_files_when_nearly_full(self.folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with self._place(token).open("ab") as file:
                file.write(piece)
        except OSError as error:
            raise no_room(error) or error from error
        return self.came(token)

    def measured(self, token: str) -> Incoming:
        """All that came of it, flushed to the disk, with its SHA-256. Raises FileNotFoundError."""
        place = self._place(token)
        with place.open("rb+") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Incoming(place, digest, place.stat().st_size)

    def drop(self, token: str) -> None:
        """Takes it away; one that is gone already is none too many."""
        self._place(token).unlink(missing_ok=True)

    def _place(self, token: str) -> Path:
        return self.folder / token
