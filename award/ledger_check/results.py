"""Runs, the committee's decisions and publications beside what the lines say of them."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.ledger import Log
from award.db.ranking import Publication, RankingRun, Resolution
from award.ledger_check.entries import Actor
from award.ledger_check.found import Found, differing
from award.ledger_check.told import Publishing, Told

_STATED = ("stage", "kind", "engine", "rules_sha256")


def compare_results(
    db: Session, adoption: int, log: Log, told: Told, *, actor: Actor, erasures: bool
) -> Iterator[Found]:
    """Everything of `adoption` that was calculated, decided and published."""
    yield from _runs(db, adoption, log, told, actor=actor)
    yield from _resolutions(db, adoption, log, told, actor=actor)
    yield from _publications(db, adoption, log, told, actor=actor, erasures=erasures)


def _runs(db: Session, adoption: int, log: Log, told: Told, *, actor: Actor) -> Iterator[Found]:
    seen = set()
    asked = select(RankingRun.__table__).where(RankingRun.adoption_id == adoption).order_by(RankingRun.id)
    for row in db.execute(asked):
        seen.add(row.id)
        if row.id not in told.runs:
            yield Found(log.name, None, f"run {row.id}: no line tells of it")
            continue
        seq, who, body = told.runs[row.id]
        facts, result = (hashlib.sha256(text.encode()).hexdigest() for text in (row.facts, row.result))
        sealed = {"facts": log.sealed("facts", facts), "result": log.sealed("result", result)}
        if sealed != body["sealed"] or (facts, result) != (row.facts_sha256, row.result_sha256):
            yield Found(log.name, seq, f"run {row.id} is not what was recorded when it was calculated")
        stored = {name: getattr(row, name) for name in _STATED}
        stored |= {"line": row.seq, "who": actor("calculate_run", row.made_by_id)}
        recorded = {name: body[name] for name in _STATED} | {"line": seq, "who": who}
        yield from differing(log.name, f"run {row.id}", stored, recorded, seq=seq)
    for number in sorted(told.runs.keys() - seen):
        seq = told.runs[number][0]
        yield Found(log.name, seq, f"run {number}: a line tells of it, and the table lacks it")


def _resolutions(db: Session, adoption: int, log: Log, told: Told, *, actor: Actor) -> Iterator[Found]:
    seen = set()
    asked = select(Resolution.__table__).where(Resolution.adoption_id == adoption).order_by(Resolution.id)
    for row in db.execute(asked):
        seen.add(row.id)
        if row.id not in told.resolutions:
            yield Found(log.name, None, f"resolution {row.id}: no line tells of it")
            continue
        who, body = told.resolutions[row.id]
        stored = {
            "stage": row.stage, "category": row.category, "group": row.group, "order": row.order.split("|"),
            "reason": row.reason, "who": actor("record_resolution", row.by_id),
        }  # fmt: skip
        recorded = {name: body[name] for name in stored if name != "who"} | {"who": who}
        yield from differing(log.name, f"resolution {row.id}", stored, recorded)
    for number in sorted(told.resolutions.keys() - seen):
        yield Found(log.name, None, f"resolution {number}: a line tells of it, and the table lacks it")


def _publications(db: Session, adoption: int, log: Log, told: Told, *, actor: Actor, erasures: bool) -> Iterator[Found]:
    """Who certified, published and withdrew each run: by the line of each of them, or nobody."""
    asked = (
        select(Publication.__table__)
        .join(RankingRun, RankingRun.id == Publication.run_id)
        .where(RankingRun.adoption_id == adoption)
        .order_by(Publication.run_id)
    )
    seen = set()
    for row in db.execute(asked):
        seen.add(row.run_id)
        what, known = f"publication of run {row.run_id}", told.publications.get(row.run_id, Publishing())
        stored = {
            "certified by": actor("certify_run", row.certified_by_id),
            "published by": actor("publish_run", row.published_by_id),
            "withdrawn by": actor("withdraw_publication", row.withdrawn_by_id),
        }
        recorded = {
            "certified by": known.certified, "published by": known.published, "withdrawn by": known.withdrawn
        }  # fmt: skip
        yield from differing(log.name, what, stored, recorded)
        if not known.why.fits(row.withdrawn_reason, erasures=erasures):
            yield Found(log.name, None, f"{what}: why it was withdrawn is not what was recorded")
    for number in sorted(told.publications.keys() - seen):
        yield Found(log.name, None, f"publication of run {number}: lines tell of it, and the table lacks it")
