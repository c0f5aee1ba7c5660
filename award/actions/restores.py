"""After a restore: a log that is shorter than its last anchor is closed, not continued, and its successor says so.

Signing another tree of the same name would be a fork, and every verifier would call it one. So "2564/x" becomes
"2564/x#2": its first line quotes the anchor that was lost, then every surviving line is said again at its own number.
The site's log, which no package replays, goes on as "site#2" with the line that names all of them.

Only what is lost is owned up to. A log whose remaining lines are not those that were anchored was changed, and is never
continued: nothing that the site could write would make it true.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from award.actions.unit import unit
from award.clock import Clock
from award.db.anchors import Anchor, Broken, root_at
from award.db.cycles import Adoption
from award.db.engine import Database
from award.db.ledger import SITE, LedgerText, Log, read_head, read_site_log, say_again, successor, walk_lines
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

    Raises Invalid without a reason of ten letters, where a log was changed and not merely cut short, and where nothing
    is left of an award's log.
    """
    why = reason.strip()
    if len(why) < LEAST_REASON:
        raise Invalid(N_("Say why in ten letters or more: it stands in the record and in every package."))
    rounds: dict[str, list[Broken]] = defaultdict(list)
    for each in broken:
        if each.is_changed:
            raise Invalid(
                N_(
                    "The log %(log)s was changed, not merely cut short: its first %(size)s lines are not those that "
                    "were anchored. It is not continued; restore a backup that agrees with the anchors."
                ),
                log=each.anchor.log, size=each.anchor.size,
            )  # fmt: skip
        rounds[_round_of(each.anchor.log)].append(each)
    with unit(database, clock, actor=actor) as u:
        done = [row for name, lost in rounds.items() for row in _continue(u.db, name, lost, reason=why)]
        site = Log(next((each.log for each in done if _round_of(each.log) == SITE), read_site_log(u.db).name))
        site = Log(site.name, read_head(u.db, site.name))
        logs = [[each.log, each.before, each.size, each.root, each.survived] for each in done]
        u.record("continue_logs", {"logs": logs, "reason": why}, log=site)
    return done


def _round_of(log: str) -> str:
    return log.partition("#")[0]


def _continue(db: Session, name: str, lost: Sequence[Broken], *, reason: str) -> Iterator[Continued]:
    """The successor of the log that a round (or the site) writes to now. Where a successor was lost whole, because the
    backup is older than itself, the next one has a name that none had before."""
    anchors = {each.anchor.log: each.anchor for each in lost}
    living = read_site_log(db).name if name == SITE else _log_of_round(db, name)
    if living is None:
        raise _nothing_left(name)
    new = successor(max((living, *anchors), key=_turn))
    survived, root = root_at(db, living)
    anchor = anchors.pop(living, Anchor(lost[0].anchor.at, living, survived, root))
    done = Continued(new, living, anchor.size, anchor.root, survived)
    if name != SITE:
        _say_all_again(db, done, reason=reason)
    yield done
    for other in anchors.values():
        yield Continued(new, other.log, other.size, other.root, root_at(db, other.log)[0])


def _turn(log: str) -> int:
    return int(log.partition("#")[2] or 1)


def _log_of_round(db: Session, name: str) -> str | None:
    its_own = or_(Adoption.log == name, Adoption.log.startswith(f"{name}#", autoescape=True))
    return db.execute(select(Adoption.log).where(its_own)).scalar_one_or_none()


def _nothing_left(log: str) -> Invalid:
    return Invalid(
        N_("Nothing is left of the log %(log)s: restore an older backup, or begin the round anew."), log=log
    )  # fmt: skip


def _say_all_again(db: Session, done: Continued, *, reason: str) -> None:
    lines = [json.loads(row.line) for row in walk_lines(db, done.before)]
    if not lines:
        raise _nothing_left(done.before)
    continues = {
        "log": done.before, "size": done.size, "root": done.root, "survived": done.survived, "reason": reason,
    }  # fmt: skip
    before = lines[0]["body"].get("continues")
    if before:
        continues["before"] = before
    head = Log(done.log).head
    for told in lines:
        body = told["body"] if head.seq else {**told["body"], "continues": continues}
        head = say_again(db, log=Log(done.log, head), told=told, body=body)
    _take_texts_along(db, done.before, done.log)
    db.execute(update(Adoption).where(Adoption.log == done.before).values(log=done.log))


def _take_texts_along(db: Session, old: str, new: str) -> None:
    columns = LedgerText.__table__.c
    others = [each for each in columns if each.name != "log"]
    asked = select(*others).where(columns.log == old)
    rows = [{**row._mapping, "log": new} for row in db.execute(asked)]
    if rows:
        db.execute(insert(LedgerText), rows)
