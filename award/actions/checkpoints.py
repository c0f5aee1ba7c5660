"""A log's root is written down: in the database, in the site's log, and in the file of anchors outside both."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from award.actions.mail import queue_mail
from award.actions.unit import unit
from award.clock import Clock
from award.db.anchors import Anchor, append_anchor, root_at
from award.db.engine import Database
from award.db.ledger import Checkpoint
from award.db.notes import Key, SignedRoot, fingerprint, read_key
from award.policy import Actor
from award.queries.checkpoints import list_grown_logs, list_told

NO_PANEL = 0  # only the auditors are told
SUBJECT = "รหัสรากของบันทึก / Root of the log {log} ({size})"
MAIL = """โปรดเก็บอีเมลนี้ไว้ รหัสรากด้านล่างแทนบันทึก {log} จำนวน {size} บรรทัดจนถึงขณะนี้
หากภายหลังมีผู้แก้ไขบันทึก รหัสจะไม่ตรงกับอีเมลฉบับนี้

Please keep this mail. The root below stands for the log {log}, {size} lines up to now.
Whoever changes the record later gets another root than this one.

{groups}

{note}"""


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


def take_checkpoint(
    database: Database, clock: Clock, witness: Witness, *, actor: Actor, log: str, told: Collection[int] = ()
) -> Anchor:
    """Hashes the log anew, keeps and anchors its root; the same size again gives the checkpoint it had.

    `told` are people (numbers of users) who get the root by mail, where they have an address: it has left the building
    then. The anchor is written after the commit: it never names what is not stored. Raises OSError where it cannot be.
    """
    with unit(database, clock, actor=actor) as u:
        size, root = root_at(u.db, log)
        anchor = Anchor(u.now, log, size, root)
        if keep_checkpoint(u.db, witness, anchor):
            note = witness.sign(log, size, root)
            for user_id in told:
                queue_mail(u, user_id, SUBJECT.format(log=log, size=size), _mail(anchor, note))
            u.record("checkpoint", {"log": log, "size": size, "root": root})
    append_anchor(witness.anchors, anchor)
    return anchor


def anchor_new_lines(database: Database, clock: Clock, witness: Witness) -> list[Anchor]:
    """A checkpoint of every award's log that grew since its last one, mailed to the auditors. The server does it every
    ten minutes, so that nobody could rewrite more than that unseen."""
    with database.reading() as db:
        logs = list_grown_logs(db)
        told = list_told(db, today=clock.today(), panel_id=NO_PANEL)
    return [take_checkpoint(database, clock, witness, actor=Actor.nobody(), log=log, told=told) for log in logs]


def _mail(anchor: Anchor, note: str) -> str:
    return MAIL.format(log=anchor.log, size=anchor.size, groups=fingerprint(anchor.root), note=note)


def keep_checkpoint(db: Session, witness: Witness, anchor: Anchor) -> bool:
    """Stores the root as a checkpoint inside a unit; False where one of this size is there already."""
    there = select(Checkpoint.root).where(Checkpoint.log == anchor.log, Checkpoint.size == anchor.size)
    if anchor.size == 0 or db.execute(there).first() is not None:
        return False
    note = witness.sign(anchor.log, anchor.size, anchor.root)
    about = {"log": anchor.log, "size": anchor.size, "root": anchor.root, "note": note, "at": anchor.at}
    db.execute(insert(Checkpoint).values(**about))
    return True
