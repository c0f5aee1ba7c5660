"""Anchors: roots of the logs in a file outside the database, so that a database put back or cut short is noticed.

A line reads `2026-08-22T03:14:07Z 2564/transparent-office 8003 <64 hexadecimal digits>`. Keep the file on another disk.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from award.db.ledger import SITE, LedgerLine, walk_lines
from award.db.tree import root_of


@dataclass(frozen=True, slots=True)
class Anchor:
    """A log had this root (hexadecimal) at this size."""

    at: datetime
    log: str
    size: int
    root: str

    @property
    def line(self) -> str:
        """As it stands in the file."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {self.log} {self.size} {self.root}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A log that no longer is what an anchor says; `size` is how many lines there are now."""

    anchor: Anchor
    size: int

    @property
    def says(self) -> str:
        """One sentence."""
        if self.size < self.anchor.size:
            return (
                f"The log {self.anchor.log} has {self.size} lines, and {self.anchor.size} were anchored on "
                f"{self.anchor.at:%Y-%m-%d %H:%M} UTC: {self.anchor.size - self.size} are missing."
            )
        return (
            f"The first {self.anchor.size} lines of the log {self.anchor.log} are not those that were anchored on "
            f"{self.anchor.at:%Y-%m-%d %H:%M} UTC."
        )


def read_anchors(path: Path) -> list[Anchor]:
    """All anchors of a file in its order; none where there is no file. Raises ValueError naming a line that is none."""
    if not path.exists():
        return []
    return list(_read(path))


def _read(path: Path) -> Iterator[Anchor]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parts = line.split(" ")
        try:
            moment, log, size, root = parts
            if len(bytes.fromhex(root)) != 32:
                raise ValueError
            yield Anchor(datetime.fromisoformat(moment), log, int(size), root)
        except ValueError:
            raise ValueError(f"{path.name}, line {number}: not an anchor") from None


def append_anchor(path: Path, anchor: Anchor) -> None:
    """Adds a line and flushes it to the disk. Raises OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{anchor.line}\n")
        file.flush()
        os.fsync(file.fileno())


def latest_anchors(anchors: list[Anchor]) -> list[Anchor]:
    """The largest anchor of each log: as the logs only grow, it says all that the smaller ones say."""
    largest: dict[str, Anchor] = {}
    for anchor in anchors:
        if anchor.log not in largest or anchor.size >= largest[anchor.log].size:
            largest[anchor.log] = anchor
    return list(largest.values())


def find_broken(db: Session, anchors: list[Anchor]) -> list[Broken]:
    """Logs shorter than, or other than, their largest anchor, but for those whose loss a successor owns up to. The
    leaves are made from the lines themselves."""
    broken = []
    owned = set(_owned_up(db))
    for anchor in latest_anchors(anchors):
        if (anchor.log, anchor.size, anchor.root) in owned:
            continue
        size, root = root_at(db, anchor.log, most=anchor.size)
        if (size, root) != (anchor.size, anchor.root):
            broken.append(Broken(anchor, size))
    return broken


def _owned_up(db: Session) -> Iterator[tuple[str, int, str]]:
    """Log, size and root of each anchor that a restore lost and `award ledger continue` named in the site's log."""
    asked = select(LedgerLine.line).where(
        or_(LedgerLine.log == SITE, LedgerLine.log.startswith(f"{SITE}#", autoescape=True)),
        LedgerLine.line.startswith('{"act":"continue_logs"', autoescape=True),
    )
    for line in db.execute(asked).scalars():
        for _, log, size, root, _ in json.loads(line)["body"]["logs"]:
            yield log, size, root


def root_at(db: Session, log: str, *, most: int | None = None) -> tuple[int, str]:
    """How many lines of a log there are (up to `most`) and their root, hashed anew from the lines."""
    size = 0

    def leaves() -> Iterator[bytes]:
        nonlocal size
        for row in walk_lines(db, log, most=most):
            size += 1
            yield hashlib.sha256(b"\x00" + row.line.encode()).digest()

    root = root_of(leaves()).hex()
    return size, root
