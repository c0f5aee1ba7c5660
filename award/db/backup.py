"""A copy of the database made while the site serves, whole and of one moment; and the evidence files it speaks of."""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from award.db.evidence_files import EvidenceFiles
from award.errors import N_, Invalid

THERE = N_("%(file)s is there already. A backup never overwrites: name a new file.")
BROKEN = N_("The copy is not whole (%(found)s), so it was removed. Look at the disk, then try again.")

# Whatever `award.queries.stored_files` knows of: pieces of evidence, removed ones too, and photos of signed papers.
_FILES = (
    "select sha256 from evidence where kind = 'file' and sha256 is not null "
    "union select sha256 from paper_sheet order by sha256"
)


@dataclass(frozen=True, slots=True)
class Backup:
    """What was kept: bytes, the SHA-256 of the file, and how many lines each log has in it."""

    size: int
    sha256: str
    heads: tuple[tuple[str, int, str], ...]  # log, lines, hash of the last line
    files: tuple[str, ...]  # evidence files and photos of papers, by SHA-256


@dataclass(frozen=True, slots=True)
class Copied:
    """Evidence files beside a backup: new ones, those that were there, and those that are missing or spoiled here."""

    new: int
    there: int
    missing: tuple[str, ...]


def back_up(database: Path, target: Path) -> Backup:
    """Copies the database into a new file that appears whole or not at all, readable by its owner only.

    Savers wait while it is copied, readers do not. Raises Invalid where the file exists or the copy is not whole.
    """
    if target.exists():
        raise Invalid(THERE, file=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as source,
            closing(sqlite3.connect(draft)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the site uses
            kept = _look(copy, draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        try:
            os.link(draft, target)  # unlike a rename it overwrites nothing
        except FileExistsError:
            raise Invalid(THERE, file=target) from None
        _flush(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    return kept


def _look(copy: sqlite3.Connection, file: Path) -> Backup:
    found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise Invalid(BROKEN, found=str(found)[:200])
    heads = copy.execute(
        "select log, seq, leaf from ledger_line l where seq = (select max(seq) from ledger_line o where o.log = l.log) "
        "order by log"
    ).fetchall()
    files = copy.execute(_FILES).fetchall()
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return Backup(file.stat().st_size, digest, tuple(map(tuple, heads)), tuple(row[0] for row in files))


def copy_evidence(backup: Backup, source: EvidenceFiles, folder: Path) -> Copied:
    """Brings the files that a backup speaks of into `folder`, each checked against its name. What is there stays."""
    target, new, there, missing = EvidenceFiles(folder), 0, 0, []
    for sha256 in backup.files:
        if target.find(sha256) is not None:
            there += 1
        elif (file := source.find(sha256)) is None:
            missing.append(sha256)
        else:
            place = folder / sha256[:2] / sha256
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = place.with_suffix(".new")
            shutil.copyfile(file, draft)
            with draft.open("rb+") as handle:
                os.fsync(handle.fileno())
            draft.replace(place)
            _flush(place.parent)
            new += 1
    return Copied(new, there, tuple(missing))


def _flush(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
