"""A log's root is written down: in the database, in the site's log, and in the file of anchors outside both."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from award.actions.mail import queue_mail
from award.actions.unit import unit
from award.clock import Clock
from award.db.anchors import Anchor, append_anchor, compare_log, read_anchors
from award.db.engine import Database
from award.db.ledger import Checkpoint
from award.db.notes import Key, SignedRoot, fingerprint, read_key
from award.errors import N_, Refusal
from award.policy import Actor
from award.queries.checkpoints import find_grown_site_log, list_grown_logs, list_told

_log = logging.getLogger("award.anchors")

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


class NotAnchored(Refusal):
    """A log is not what was anchored before, so that no new root of it is written down: that would cover it up."""

    status = 409
    class_id = "not_anchored"


def take_checkpoint(
    database: Database, clock: Clock, witness: Witness, *, actor: Actor, log: str, told: Collection[int] = ()
) -> Anchor:
    """Hashes the log anew, keeps and anchors its root; the same size again gives the checkpoint it had.

    `told` are people (numbers of users) who get the root by mail, where they have an address: it has left the building
    then. The anchor is written after the commit: it never names what is not stored. Raises NotAnchored where the log is
    not what an anchor or its checkpoint says, and then writes nothing; OSError where the anchor cannot be written.
    """
    with database.reading(consistent=True) as db:  # lines are only added, so writers need not wait for the hashing
        size, root = still_anchored(db, witness, log)
    with unit(database, clock, actor=actor) as u:
        anchor = Anchor(u.now, log, size, root)
        if keep_checkpoint(u.db, witness, anchor):
            note = witness.sign(log, size, root)
            for user_id in told:
                queue_mail(u, user_id, SUBJECT.format(log=log, size=size), _mail(anchor, note))
            u.record("checkpoint", {"log": log, "size": size, "root": root})
    append_anchor(witness.anchors, anchor)
    return anchor


def still_anchored(db: Session, witness: Witness, log: str) -> tuple[int, str]:
    """How many lines a log has and their root, where every anchor of it agrees. Raises NotAnchored."""
    try:
        anchors = read_anchors(witness.anchors)
    except ValueError as error:
        _log.error("no root of %s is written down: %s", log, error)
        raise NotAnchored(
            N_("The file of anchors cannot be read, so no root of the log %(log)s was written down."), log=log
        ) from error
    size, root, broken = compare_log(db, log, anchors)
    for each in broken:
        _log.error("no root of %s is written down: %s", log, each.says)
        raise _disagrees(each.anchor)
    return size, root


def _disagrees(anchor: Anchor) -> NotAnchored:
    return NotAnchored(
        N_(
            "The log %(log)s does not agree with its root over %(size)s lines that was written down before, so no new "
            "root was written down. Tell the auditors; leave the database and the file of anchors as they are."
        ),
        log=anchor.log, size=anchor.size,
    )  # fmt: skip


def anchor_new_lines(database: Database, clock: Clock, witness: Witness) -> list[Anchor]:
    """A checkpoint of every award's log and of the site's that grew since its last one, mailed to the auditors. The
    server does it every ten minutes, so that nobody could rewrite more than that unseen.

    A log that is not what was anchored is told in the program's log each time, and holds up no other.
    """
    with database.reading() as db:
        told = list_told(db, today=clock.today(), panel_id=NO_PANEL)
        logs = list_grown_logs(db)
    taken = []
    for log in logs:
        taken += _try_checkpoint(database, clock, witness, log=log, told=told)
    with database.reading() as db:
        site = find_grown_site_log(db)  # asked last: the lines above tell of roots in it
    if site is not None:
        taken += _try_checkpoint(database, clock, witness, log=site, told=told)
    return taken


def _try_checkpoint(
    database: Database, clock: Clock, witness: Witness, *, log: str, told: Collection[int]
) -> list[Anchor]:
    try:
        return [take_checkpoint(database, clock, witness, actor=Actor.nobody(), log=log, told=told)]
    except NotAnchored:  # logged as an error where it was found
        return []


def _mail(anchor: Anchor, note: str) -> str:
    return MAIL.format(log=anchor.log, size=anchor.size, groups=fingerprint(anchor.root), note=note)


def keep_checkpoint(db: Session, witness: Witness, anchor: Anchor) -> bool:
    """Stores the root as a checkpoint inside a unit; False where it is there already. Raises NotAnchored where one of
    the same size has another root."""
    there = select(Checkpoint.root).where(Checkpoint.log == anchor.log, Checkpoint.size == anchor.size)
    kept = db.execute(there).scalar_one_or_none()
    if kept not in (None, anchor.root):
        _log.error("no root of %s is written down: its checkpoint of %s lines is another", anchor.log, anchor.size)
        raise _disagrees(anchor)
    if anchor.size == 0 or kept is not None:
        return False
    note = witness.sign(anchor.log, anchor.size, anchor.root)
    about = {"log": anchor.log, "size": anchor.size, "root": anchor.root, "note": note, "at": anchor.at}
    db.execute(insert(Checkpoint).values(**about))
    return True
