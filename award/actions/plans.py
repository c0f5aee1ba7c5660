"""A round is prepared: begun from last year's, saved as often as one likes, discarded. Another organizer opens it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, insert, update

from award.actions.places import put_places
from award.actions.unit import Unit, unit
from award.clock import BANGKOK, Clock
from award.db.cycles import APPROVALS
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.plans import PAPERS, PlannedAward, RoundPaper, RoundPlan
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Stale
from award.evaluation import rules_of
from award.policy import Actor, is_organizer
from award.queries.plans import FormerRound, Paper, Plan, find_newest_round, get_plan, list_years
from scoring_rules.rules import RuleSet
from scoring_rules.shelf import newest_sets

PLANS, AWARDS = cast(Table, RoundPlan.__table__), cast(Table, PlannedAward.__table__)
ROUND_PAPERS = cast(Table, RoundPaper.__table__)
FIRST_YEAR, LAST_YEAR = 2500, 2999  # Buddhist Era; 2021 is not meant
CHANGED = N_("Somebody else saved this plan in between. Look at it again, then repeat what you did.")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a plan says. `awards`: rules in the order of the day; `typed`: by field, what was not understood."""

    opens_at: datetime | None
    deadline_at: datetime | None
    approval: str
    awards: Sequence[RuleSet]
    papers: Mapping[str, Paper]
    typed: Mapping[str, str] = field(default_factory=dict)


def begin_plan(database: Database, clock: Clock, *, actor: Actor, year: int, key: str) -> int:
    """The id of a new plan for a year (Buddhist Era): with the newest released rules, and where there was a round
    before, with its dates moved to the year, its awards in their order and its way of approval.

    Raises Forbidden, and Invalid (`details["field"]`: year) for a year that has a round or a plan, that is before the
    newest round, or that is none of the Buddhist Era.
    """
    with unit(database, clock, actor=actor, key=key, about=("begin_plan", year)) as u:
        if not is_organizer(actor):
            raise Forbidden
        if u.repeated:
            return int(u.repeated.body["plan"])
        _check_year(u, year)
        put_places(u)
        former = find_newest_round(u.db)
        opens_at, deadline_at = (None, None) if former is None else _moved(former, year)
        about: dict[str, Any] = {
            "year": year, "opens_at": opens_at, "deadline_at": deadline_at,
            "approval": former.approval if former else "none", "begun_by_id": actor.user_id, "begun_at": u.now,
            "changed_by_id": actor.user_id, "changed_at": u.now,
        }  # fmt: skip
        plan_id = u.db.execute(insert(PLANS).values(**about).returning(PLANS.c.id)).scalar_one()
        _put_awards(u, plan_id, _proposed(former, year))
        u.record("begin_plan", {"plan": plan_id, "year": year})
        return int(plan_id)


def _check_year(u: Unit, year: int) -> None:
    place = {"field": "year"}
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(N_("Write the year in the Buddhist Era, such as 2570."), details=place)
    held, prepared = list_years(u.db)
    if year in held:
        raise Invalid(N_("The year %(year)s has its round already."), details=place, year=year)
    if year in prepared:
        raise Invalid(N_("A round of %(year)s is being prepared already. Open that one."), details=place, year=year)
    if held and year < max(held):
        raise Invalid(N_("There is a round of %(year)s already: a new one is later."), details=place, year=max(held))


def _moved(former: FormerRound, year: int) -> tuple[datetime, datetime]:
    """The dates of the round before, as many years later."""
    opens_at, deadline_at = (
        _in_year(moment.astimezone(BANGKOK), year - former.year) for moment in (former.opens_at, former.deadline_at)
    )
    return opens_at, deadline_at


def _in_year(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:  # 29 February
        return moment.replace(year=moment.year + years, day=28)


def _proposed(former: FormerRound | None, year: int) -> list[RuleSet]:
    """The awards of the round before in their order, each with the newest released rules (its own where none are);
    without one, every award whose rules are released."""
    newest = {rules.award_code: rules for rules in newest_sets(year)}
    if former is None:
        return list(newest.values())
    return [newest.get(code) or rules_of(text) for code, text in former.rules.items()]


def _put_awards(u: Unit, plan_id: int, awards: Sequence[RuleSet]) -> None:
    u.db.execute(delete(AWARDS).where(AWARDS.c.plan_id == plan_id))
    for position, rules in enumerate(awards, start=1):
        about = {"plan_id": plan_id, "position": position, "award_code": rules.award_code, "rule_set": rules.id}
        u.db.execute(insert(AWARDS).values(**about, rules_sha256=rules.sha256, rules_text=rules.text))


def save_plan(
    database: Database, clock: Clock, *, actor: Actor, plan_id: int, prepared: Prepared, base_revision: int, key: str
) -> Receipt:
    """Keeps what a plan says, whole or not; whoever saved it last does not open it.

    Raises NotFound, Forbidden, Locked (opened or discarded), Stale (somebody saved in between) and Invalid (the same
    award twice).
    """
    with unit(database, clock, actor=actor, key=key, about=("save_plan", plan_id, base_revision)) as u:
        plan = plan_to_change(u, plan_id)
        if u.repeated:
            return u.repeated
        check_draft(plan, base_revision)
        codes = [rules.award_code for rules in prepared.awards]
        if len(set(codes)) != len(codes):
            raise Invalid(N_("An award is there twice."), details={"field": "awards"})
        if prepared.approval not in APPROVALS or not prepared.papers.keys() <= set(PAPERS):
            raise Invalid(N_("Choose how entries are approved."), details={"field": "approval"})
        return _save(u, plan, prepared)


def set_rules(
    database: Database, clock: Clock, *, actor: Actor, plan_id: int, rules: RuleSet, base_revision: int, key: str
) -> Receipt:
    """Lets an award of the plan be decided by these released rules; an award that is not in it yet comes last.

    Raises NotFound, Forbidden, Locked and Stale.
    """
    asked = ("set_rules", plan_id, base_revision, rules.sha256)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        plan = plan_to_change(u, plan_id)
        if u.repeated:
            return u.repeated
        check_draft(plan, base_revision)
        known = {each.award_code: rules_of(each.rules_text) for each in plan.awards}
        awards = list((known | {rules.award_code: rules}).values())
        kept = Prepared(plan.opens_at, plan.deadline_at, plan.approval, awards, plan.papers or {}, plan.typed)
        return _save(u, plan, kept)


def _save(u: Unit, plan: Plan, prepared: Prepared) -> Receipt:
    revision = plan.revision + 1
    u.db.execute(
        update(PLANS).where(PLANS.c.id == plan.id).values(
            opens_at=prepared.opens_at, deadline_at=prepared.deadline_at, approval=prepared.approval,
            typed=json.dumps(dict(prepared.typed), ensure_ascii=False), revision=revision,
            changed_by_id=u.actor.user_id, changed_at=u.now,
        )
    )  # fmt: skip
    _put_awards(u, plan.id, prepared.awards)
    u.db.execute(delete(ROUND_PAPERS).where(ROUND_PAPERS.c.plan_id == plan.id))
    _put_papers(u, plan.id, prepared.papers)
    return u.record("save_plan", {"plan": plan.id, "year": plan.year, "revision": revision})


def write_down_papers(
    database: Database, clock: Clock, *, actor: Actor, plan_id: int, papers: Mapping[str, Paper], key: str
) -> Receipt:
    """Papers that came after the round was opened. What was written down before stays as it was.

    Raises NotFound, Forbidden, Locked (a plan is saved whole until it is opened; a discarded one stays) and Invalid
    (nothing that was missing).
    """
    asked = ("write_down_papers", plan_id, sorted((kind, each.number) for kind, each in papers.items()))
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        plan = plan_to_change(u, plan_id)
        if u.repeated:
            return u.repeated
        if plan.state != "opened":
            raise Locked(N_("Papers are added here once the round was opened; before, they are saved with the plan."))
        added = {kind: paper for kind, paper in papers.items() if kind in plan.missing_papers}
        if not added:
            raise Invalid(N_("Write number and day of a paper that is missing."), details={"field": "papers"})
        _put_papers(u, plan.id, added)
        return u.record("write_down_papers", {"plan": plan.id, "papers": sorted(added)})


def _put_papers(u: Unit, plan_id: int, papers: Mapping[str, Paper]) -> None:
    for kind, paper in papers.items():
        u.db.execute(insert(ROUND_PAPERS).values(plan_id=plan_id, kind=kind, number=paper.number, day=paper.day))


def discard_plan(
    database: Database, clock: Clock, *, actor: Actor, plan_id: int, base_revision: int, key: str
) -> Receipt:
    """Nothing becomes of a plan; what it said stays readable. Raises NotFound, Forbidden, Locked and Stale."""
    with unit(database, clock, actor=actor, key=key, about=("discard_plan", plan_id, base_revision)) as u:
        plan = plan_to_change(u, plan_id)
        if u.repeated:
            return u.repeated
        check_draft(plan, base_revision)
        u.db.execute(update(PLANS).where(PLANS.c.id == plan.id).values(state="discarded", ended_at=u.now))
        return u.record("discard_plan", {"plan": plan.id, "year": plan.year})


def plan_to_change(u: Unit, plan_id: int) -> Plan:
    """A plan, for an organizer. Raises NotFound and Forbidden."""
    if not is_organizer(u.actor):
        raise Forbidden
    plan = get_plan(u.db, plan_id)
    if plan is None:
        raise NotFound
    return plan


def check_draft(plan: Plan, base_revision: int) -> None:
    """Raises Locked for what was opened or discarded, Stale where the page showed another revision."""
    if plan.state != "draft":
        raise Locked(N_("This round was opened or discarded already: the plan stays as it was."))
    if plan.revision != base_revision:
        raise Stale(CHANGED)
