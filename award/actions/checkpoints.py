"""A log's root is written down: in the database, in the site's log, and in the file of anchors outside both."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from award.actions.unit import unit
from award.clock import Clock
from award.db.anchors import Anchor, append_anchor, root_at
from award.db.engine import Database
from award.db.ledger import Checkpoint
from award.db.notes import Key, SignedRoot, read_key
from award.policy import Actor


@dataclass(frozen=True, slots=True)
class Witness:
    """What signs and keeps roots: whose logs they are, the key (none: level 0), the file of anchors."""

    origin: str
    anchors: Path
    key: Key | None = None

    def sign(self, log: str, size: int, root: str) -> str:
        """The checkpoint's text."""
        plain = SignedRoot(f"{self.origin}/{log}", size, bytes.fromhex(root))
        return (self.key.sign(plain) if self.key else plain).text


def read_witness(*, origin: str, anchors: Path, log_key: Path) -> Witness:
    """The witness as it is set up. Raises NotANote where the key's file holds no key."""
    return Witness(origin, anchors, read_key(log_key) if log_key.exists() else None)


def take_checkpoint(database: Database, clock: Clock, witness: Witness, *, actor: Actor, log: str) -> Anchor:
    """Hashes the log anew, keeps and anchors its root; the same size again gives the checkpoint it had.

    The anchor is written after the commit: it never names what is not stored. Raises OSError where it cannot be.
    """
    with unit(database, clock, actor=actor) as u:
        size, root = root_at(u.db, log)
        anchor = Anchor(u.now, log, size, root)
        if keep_checkpoint(u.db, witness, anchor):
            u.record("checkpoint", {"log": log, "size": size, "root": root})
    append_anchor(witness.anchors, anchor)
    return anchor


def keep_checkpoint(db: Session, witness: Witness, anchor: Anchor) -> bool:
    """Stores the root as a checkpoint inside a unit; False where one of this size is there already."""
    there = select(Checkpoint.root).where(Checkpoint.log == anchor.log, Checkpoint.size == anchor.size)
    if anchor.size == 0 or db.execute(there).first() is not None:
        return False
    note = witness.sign(anchor.log, anchor.size, anchor.root)
    about = {"log": anchor.log, "size": anchor.size, "root": anchor.root, "note": note, "at": anchor.at}
    db.execute(insert(Checkpoint).values(**about))
    return True
