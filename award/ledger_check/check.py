"""Every log read once; then the tables are held against what the lines said."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.anchors import find_broken, read_anchors, root_at
from award.db.cycles import Adoption, Award, Cycle
from award.db.ledger import SITE, Log, list_heads
from award.ledger_check.approvals import Approvals, compare_approvals
from award.ledger_check.chain import Line, check_points, read_lines
from award.ledger_check.day import DayCheck, untold_declarations
from award.ledger_check.duties import Site, compare_duties
from award.ledger_check.entries import Actor, compare_entries
from award.ledger_check.found import Checked, Found, differing
from award.ledger_check.marking import compare_marking
from award.ledger_check.results import compare_results
from award.ledger_check.told import Told

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


def check_ledger(db: Session, *, anchors: Path) -> tuple[list[Checked], list[Found]]:
    """Reads every log from its first line: chain, hashes, checkpoints, anchors, erasable texts; then compares what
    provinces sent, what panels did, results, and duties with what the lines say. Read it inside one consistent
    session."""
    adoptions = db.execute(
        select(Adoption, Cycle, Award.code)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .join(Award, Award.id == Adoption.award_id)
        .order_by(Adoption.id)
    ).all()
    heads = list_heads(db)
    found: list[Found] = []
    checked = [Checked(head.log, *root_at(db, head.log)) for head in heads]
    site, approvals, names = Site(), Approvals(), {adoption.log for adoption, _, _ in adoptions}

    def both(line: Line) -> None:
        site.read(line)
        approvals.read(line)

    for head in heads:
        if head.log.partition("#")[0] == SITE:
            _read(db, head.log, both, found)
        elif head.log not in names:  # closed after a restore: a successor says its lines again
            _read(db, head.log, lambda line: None, found)
    emptied: set[str] = set()
    declared: set[int] = set()
    missing = site.missing
    for adoption, cycle, award in adoptions:
        told = Told()
        _read(db, adoption.log, told.read, found)
        erasures = site.erasures > 0
        found += _tables(db, adoption, cycle, award, told, emptied=emptied, declared=declared, erasures=erasures)
        missing += told.missing - sum(each.missing for code, each in told.entries.items() if code in emptied)
    found += untold_declarations(db, declared)
    found += compare_duties(db, site)
    found += compare_approvals(db, approvals, erasures=site.erasures > 0)
    if len(emptied) > site.drafts:
        found.append(Found(SITE, None, f"{len(emptied)} drafts are empty, and lines tell of {site.drafts}"))
    if missing > site.texts:
        found.append(Found(SITE, None, f"{missing} texts are gone, and lines tell of {site.texts} that were erased"))
    found += check_points(db)
    found += [Found(each.anchor.log, None, each.says) for each in find_broken(db, read_anchors(anchors))]
    return checked, found


def _read(db: Session, log: str, take: Callable[[Line], None], found: list[Found]) -> None:
    for line in read_lines(db, log, found):
        try:
            take(line)
        except UNREADABLE as error:
            found.append(Found(log, line.seq, f"the line cannot be followed: {line.act} ({error!r})"))


def _tables(
    db: Session, adoption: Adoption, cycle: Cycle, award: str, told: Told, *, emptied: set[str], declared: set[int],
    erasures: bool,
) -> Iterator[Found]:  # fmt: skip
    if not told.opening:
        return  # a round of before its award had a log
    yield from _opening(adoption, cycle, award, told.opening)
    log = Log(adoption.log, seal=adoption.seal)
    if log.seal_sha256 != told.opening["seal_sha256"]:
        yield Found(log.name, 1, "the seal is another: what stands under its aliases cannot be compared")
        return
    actor = _actors(log)
    yield from compare_entries(db, adoption.id, log, told, actor=actor, emptied=emptied, erasures=erasures)
    yield from compare_marking(db, adoption.id, log, told, actor=actor, erasures=erasures)
    day = DayCheck(db, adoption.id, log, told, actor=actor, erasures=erasures, declared=declared)
    yield from day.found()
    yield from compare_results(db, adoption.id, log, told, actor=actor, erasures=erasures)


def _opening(adoption: Adoption, cycle: Cycle, award: str, opening: dict[str, Any]) -> Iterator[Found]:
    rules = opening["rules_sha256"]
    if adoption.rules_sha256 != rules or hashlib.sha256(adoption.rules_text.encode()).hexdigest() != rules:
        yield Found(adoption.log, 1, "the rules are not those that the round was opened with")
    stored = {
        "award": award, "year": cycle.year, "rule_set": adoption.rule_set, "opens_at": cycle.opens_at,
        "deadline_at": cycle.deadline_at, "invented": cycle.invented,
    }  # fmt: skip
    recorded = {name: opening[name] for name in stored}
    for name in ("opens_at", "deadline_at"):
        recorded[name] = datetime.fromisoformat(recorded[name])
    yield from differing(adoption.log, "the round", stored, recorded, seq=1)


def _actors(log: Log) -> Actor:
    """How a person stands in a line of that act; each is worked out once."""
    known: dict[tuple[str, int], str] = {}

    def actor(verb: str, user: int | None) -> str:
        if user is None:
            return ""
        if (verb, user) not in known:
            known[verb, user] = log.actor(verb, f"u{user}")
        return known[verb, user]

    return actor
