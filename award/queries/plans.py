"""Rounds that are prepared: what is typed, what is still missing, who saved it last; and last year's to begin from."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, aliased

from award.db.cycles import Adoption, Award, Cycle
from award.db.people import Province, User, Zone
from award.db.plans import PAPERS, PlannedAward, RoundPaper, RoundPlan
from award.policy import Actor


@dataclass(frozen=True, slots=True)
class PlannedRules:
    """An award of a plan with the rules that are to decide it."""

    id: int
    position: int
    award_code: str
    rule_set: str
    rules_sha256: str
    rules_text: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the round stands on."""

    number: str
    day: date


@dataclass(frozen=True, slots=True)
class Plan:
    """A prepared round. `typed`: by field, what was typed and not understood. Logins say who; None: not yet."""

    id: int
    year: int
    opens_at: datetime | None
    deadline_at: datetime | None
    approval: str
    typed: Mapping[str, str]
    state: str
    revision: int
    begun_at: datetime
    changed_by_id: int
    changed_at: datetime
    ended_at: datetime | None
    cycle_id: int | None
    begun_by: str
    changed_by: str
    opened_by: str | None
    awards: tuple[PlannedRules, ...] = ()
    papers: Mapping[str, Paper] | None = None

    @property
    def missing_papers(self) -> tuple[str, ...]:
        """Which of the papers nobody has written down yet, in their order."""
        return tuple(kind for kind in PAPERS if kind not in (self.papers or {}))


def list_plans(db: Session) -> list[Plan]:
    """Every plan, drafts first, then the newest year first, in three statements."""
    return _plans(db, true())


def get_plan(db: Session, plan_id: int) -> Plan | None:
    """One plan, in three statements."""
    return next(iter(_plans(db, RoundPlan.id == plan_id)), None)


def find_plan(db: Session, _actor: Actor, plan_id: int) -> Plan | None:
    """Any plan: those who run or audit rounds see all."""
    return get_plan(db, plan_id)


def _plans(db: Session, where: ColumnElement[bool]) -> list[Plan]:
    begun, changed, opened = aliased(User), aliased(User), aliased(User)
    rows: Sequence[Any] = db.execute(
        select(
            RoundPlan.id, RoundPlan.year, RoundPlan.opens_at, RoundPlan.deadline_at, RoundPlan.approval,
            RoundPlan.typed, RoundPlan.state, RoundPlan.revision, RoundPlan.begun_at, RoundPlan.changed_by_id,
            RoundPlan.changed_at, RoundPlan.ended_at, RoundPlan.cycle_id, begun.login, changed.login, opened.login,
        )
        .join(begun, begun.id == RoundPlan.begun_by_id)
        .join(changed, changed.id == RoundPlan.changed_by_id)
        .outerjoin(opened, opened.id == RoundPlan.opened_by_id)
        .where(where)
        .order_by(RoundPlan.state != "draft", RoundPlan.year.desc(), RoundPlan.id.desc())
    ).all()  # fmt: skip
    numbers = [row[0] for row in rows]
    awards: dict[int, list[PlannedRules]] = defaultdict(list)
    lines: Sequence[Any] = db.execute(
        select(
            PlannedAward.plan_id, PlannedAward.id, PlannedAward.position, PlannedAward.award_code,
            PlannedAward.rule_set, PlannedAward.rules_sha256, PlannedAward.rules_text,
        )
        .where(PlannedAward.plan_id.in_(numbers))
        .order_by(PlannedAward.position, PlannedAward.id)
    ).all()  # fmt: skip
    for line in lines:
        awards[line[0]].append(PlannedRules(*line[1:]))
    papers: dict[int, dict[str, Paper]] = defaultdict(dict)
    for plan_id, kind, number, day in db.execute(
        select(RoundPaper.plan_id, RoundPaper.kind, RoundPaper.number, RoundPaper.day)
        .where(RoundPaper.plan_id.in_(numbers))
        .order_by(RoundPaper.plan_id, RoundPaper.kind)
    ):
        papers[plan_id][kind] = Paper(number, day)
    return [Plan(*(*row[:5], json.loads(row[5]), *row[6:], tuple(awards[row[0]]), papers[row[0]])) for row in rows]


@dataclass(frozen=True, slots=True)
class FormerRound:
    """A cycle to begin the next one from: its dates, its way of approval, and its rules by award in their order."""

    cycle_id: int
    year: int
    opens_at: datetime
    deadline_at: datetime
    approval: str
    rules: Mapping[str, str]  # award's code → text of its rules
    adoptions: Mapping[str, int]


def find_newest_round(db: Session, *, before: int | None = None) -> FormerRound | None:
    """The newest cycle, or the newest one before a year, in two statements."""
    asked = select(Cycle.id, Cycle.year, Cycle.opens_at, Cycle.deadline_at, Cycle.approval)
    if before is not None:
        asked = asked.where(Cycle.year < before)
    row: Sequence[Any] | None = db.execute(asked.order_by(Cycle.year.desc()).limit(1)).first()
    if row is None:
        return None
    adopted: Sequence[Any] = db.execute(
        select(Award.code, Adoption.id, Adoption.rules_text)
        .join(Award, Award.id == Adoption.award_id)
        .where(Adoption.cycle_id == row[0])
        .order_by(Adoption.position, Adoption.id)
    ).all()
    rules = {code: text for code, _, text in adopted}
    adoptions = {code: adoption for code, adoption, _ in adopted}
    return FormerRound(row[0], row[1], row[2], row[3], row[4], rules, adoptions)


def list_years(db: Session) -> tuple[set[int], set[int]]:
    """The years that have a round, and those that have one being prepared."""
    prepared = select(RoundPlan.year).where(RoundPlan.state == "draft")
    return set(db.execute(select(Cycle.year)).scalars()), set(db.execute(prepared).scalars())


def map_award_ids(db: Session) -> dict[str, int]:
    """By code, the awards that were ever given."""
    return {row.code: row.id for row in db.execute(select(Award.code, Award.id))}


def list_zones_with_provinces(db: Session) -> list[int]:
    """The numbers of zones that have a province, in order."""
    with_some = select(Province.zone_number).distinct()
    return list(db.execute(select(Zone.number).where(Zone.number.in_(with_some)).order_by(Zone.number)).scalars())


def count_drafts(db: Session) -> int:
    """How many rounds are being prepared."""
    return db.execute(select(func.count(RoundPlan.id)).where(RoundPlan.state == "draft")).scalar_one()
