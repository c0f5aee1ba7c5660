"""After a restore: a log that is shorter than its last anchor is closed, not continued, and its successor says so.

Signing another tree of the same name would be a fork, and every verifier would call it one. So "2564/x" becomes
"2564/x#2": its first line quotes the anchor that was lost, then every surviving line is said again at its own number.
The site's log, which no package replays, goes on as "site#2" with the line that names all of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from award.actions.unit import unit
from award.clock import Clock
from award.db.anchors import Broken
from award.db.cycles import Adoption
from award.db.engine import Database
from award.db.ledger import SITE, LedgerText, Log, read_site_log, say_again, successor, walk_lines
from award.errors import N_, Invalid
from award.policy import Actor

LEAST_REASON = 10


@dataclass(frozen=True, slots=True)
class Continued:
    """A log that took another's place: what the anchor counted, and how many lines were still there."""

    log: str
    before: str
    size: int
    root: str
    survived: int


def continue_logs(
    database: Database, clock: Clock, broken: Sequence[Broken], *, actor: Actor, reason: str
) -> list[Continued]:
    """Opens the successor of each broken log, in one transaction with the line that owns up to what is lost.

    Raises Invalid without a reason of ten letters, and where nothing is left of an award's log.
    """
    why = reason.strip()
    if len(why) < LEAST_REASON:
        raise Invalid(N_("Say why in ten letters or more: it stands in the record and in every package."))
    with unit(database, clock, actor=actor) as u:
        done = [_continue(u.db, each, reason=why) for each in broken]
        site = read_site_log(u.db)
        if any(each.before == site.name for each in done):
            site = Log(successor(site.name))
        logs = [[each.log, each.before, each.size, each.root, each.survived] for each in done]
        u.record("continue_logs", {"logs": logs, "reason": why}, log=site)
    return done


def _continue(db: Session, broken: Broken, *, reason: str) -> Continued:
    anchor = broken.anchor
    done = Continued(successor(anchor.log), anchor.log, anchor.size, anchor.root, broken.size)
    if anchor.log.partition("#")[0] == SITE:
        return done
    adoption = db.execute(select(Adoption.id, Adoption.seal).where(Adoption.log == anchor.log)).first()
    lines = [json.loads(row.line) for row in walk_lines(db, anchor.log)]
    if adoption is None or not lines:
        raise Invalid(
            N_("Nothing is left of the log %(log)s: restore an older backup, or begin the round anew."), log=anchor.log
        )
    continues = {
        "log": anchor.log, "size": anchor.size, "root": anchor.root, "survived": len(lines), "reason": reason,
    }  # fmt: skip
    head = Log(done.log).head
    for told in lines:
        body = told["body"] if head.seq else {**told["body"], "continues": continues}
        head = say_again(db, log=Log(done.log, head), told=told, body=body)
    _take_texts_along(db, anchor.log, done.log)
    db.execute(update(Adoption).where(Adoption.id == adoption.id).values(log=done.log))
    return Continued(done.log, anchor.log, anchor.size, anchor.root, len(lines))


def _take_texts_along(db: Session, old: str, new: str) -> None:
    columns = LedgerText.__table__.c
    others = [each for each in columns if each.name != "log"]
    asked = select(*others).where(columns.log == old)
    rows = [{**row._mapping, "log": new} for row in db.execute(asked)]
    if rows:
        db.execute(insert(LedgerText), rows)
