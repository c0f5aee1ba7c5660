"""Anchors: roots of the logs in a file outside the database, so that a database put back or cut short is noticed.

A line reads `2026-08-22T03:14:07Z 2564/transparent-office 8003 <64 hexadecimal digits>`. Keep the file on another disk.
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.ledger import OF_SITE, LedgerLine, is_act, walk_lines
from award.db.tree import Tree


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
    def is_changed(self) -> bool:
        """Whether the lines that the anchor counts are there and are others; else some are missing."""
        return self.size >= self.anchor.size

    @property
    def says(self) -> str:
        """One sentence."""
        if not self.is_changed:
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


def find_broken(db: Session, anchors: Iterable[Anchor]) -> list[Broken]:
    """Where a log is not what any of its anchors says: of each log the smallest anchor whose lines are others, and the
    largest that more lines are missing of than a successor owns up to. One walk for each log, however many anchors;
    the leaves are made from the lines themselves."""
    by_log: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        by_log[anchor.log].append(anchor)
    owned = list(_owned_up(db)) if by_log else []
    broken = []
    for log, own in by_log.items():
        most = max(anchor.size for anchor in own)
        size, roots = roots_at(db, log, {anchor.size for anchor in own}, most=most)
        broken += _compare(own, size, roots, [each for each in owned if each.log == log])
    return broken


def compare_log(db: Session, log: str, anchors: Iterable[Anchor]) -> tuple[int, str, list[Broken]]:
    """How many lines a log has, their root, and where it is not what its own among the anchors say; in one walk."""
    own = [anchor for anchor in anchors if anchor.log == log]
    size, roots = roots_at(db, log, {anchor.size for anchor in own})
    return size, roots[size], _compare(own, size, roots, [each for each in _owned_up(db) if each.log == log])


def _compare(own: Iterable[Anchor], size: int, roots: dict[int, str], owned: Collection["_Owned"]) -> list[Broken]:
    changed = [anchor for anchor in own if anchor.size <= size and roots.get(anchor.size) != anchor.root]
    missing = [
        anchor for anchor in own if anchor.size > size and not any(each.covers(anchor, size) for each in owned)
    ]  # fmt: skip
    least = min(changed, key=lambda anchor: anchor.size, default=None)
    largest = max(missing, key=lambda anchor: anchor.size, default=None)
    return [Broken(anchor, size) for anchor in (least, largest) if anchor is not None]


@dataclass(frozen=True, slots=True)
class _Owned:
    """What a restore lost of a log, as `award ledger continue` named it in the site's log."""

    log: str
    size: int
    root: str
    survived: int

    def covers(self, anchor: Anchor, size: int) -> bool:
        """Whether the loss explains that a log of `size` lines now has not what the anchor says: never of lines that
        survived, nor when lines are missing or added since."""
        if size != self.survived or not self.survived < anchor.size <= self.size:
            return False
        return anchor.size < self.size or anchor.root == self.root


def _owned_up(db: Session) -> Iterator[_Owned]:
    asked = select(LedgerLine.line).where(OF_SITE, is_act("continue_logs"))
    for line in db.execute(asked).scalars():
        for _, log, size, root, survived in json.loads(line)["body"]["logs"]:
            yield _Owned(log, size, root, survived)


def root_at(db: Session, log: str, *, most: int | None = None) -> tuple[int, str]:
    """How many lines of a log there are (up to `most`) and their root, hashed anew from the lines."""
    size, roots = roots_at(db, log, (), most=most)
    return size, roots[size]


def roots_at(db: Session, log: str, sizes: Collection[int], *, most: int | None = None) -> tuple[int, dict[int, str]]:
    """How many lines of a log there are (up to `most`), and the roots (hexadecimal) at those of `sizes` that it has
    and at its end, hashed anew from the lines in one walk."""
    tree = Tree()
    roots = {0: tree.root().hex()}
    for row in walk_lines(db, log, most=most):
        tree.add(hashlib.sha256(b"\x00" + row.line.encode()).digest())
        if tree.size in sizes:
            roots[tree.size] = tree.root().hex()
    roots[tree.size] = tree.root().hex()
    return tree.size, roots
