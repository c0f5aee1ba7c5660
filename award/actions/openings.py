"""A prepared round is opened by a second organizer: from then on its rules decide, and its logs begin."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, update

from award.actions.places import put_places
from award.actions.plans import PLANS, check_draft, plan_to_change
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.cycles import Adoption, Award, Cycle, Panel
from award.db.engine import Database
from award.db.ledger import Log, Receipt, Unordered
from award.errors import N_, Incomplete, Locked
from award.evaluation import rules_of, sha256_of
from award.policy import Actor, may_open_round
from award.queries.cycles import has_invented_data
from award.queries.plans import Plan, list_years, list_zones_with_provinces, map_award_ids
from scoring_rules.results import ENGINE
from scoring_rules.rules import RuleSet

GAPS = {
    "opens": N_("Say when the round opens."),
    "deadline": N_("Say until when entries may be sent."),
    "order": N_("The deadline is not after the day on which the round opens."),
    "past": N_("The deadline is over already."),
    "awards": N_("Choose at least one award with its rules."),
    "typed": N_("Something was typed that is not understood. Mend it and save."),
    "stages": N_("The rules do not begin with the same stage, so no panel could hear all these awards."),
    "year": N_("The year has its round already."),
}


def list_gaps(plan: Plan, *, now: datetime, held: set[int]) -> list[str]:
    """What keeps a plan from being opened, as codes of GAPS; `held`: the years that have a round."""
    found = []
    if plan.typed:
        found.append("typed")
    if plan.opens_at is None:
        found.append("opens")
    if plan.deadline_at is None:
        found.append("deadline")
    elif plan.opens_at is not None and plan.deadline_at <= plan.opens_at:
        found.append("order")
    elif plan.deadline_at <= now:
        found.append("past")
    if not plan.awards:
        found.append("awards")
    if len({rules_of(each.rules_text).stages[0].code for each in plan.awards}) > 1:
        found.append("stages")
    if plan.year in held:
        found.append("year")
    return found


def open_round(
    database: Database, clock: Clock, *, actor: Actor, plan_id: int, base_revision: int, without_papers: bool, key: str
) -> Receipt:
    """The cycle with its awards, the rules that decide them, and for every zone with provinces an empty panel of the
    first stage. Each award's log begins; the receipt is the site's.

    `base_revision`: of the plan as the opener read it. Raises NotFound, Forbidden, Locked (opened or discarded, or the
    same person saved it last), Stale, and Incomplete with the gaps, or where papers are missing and `without_papers` is
    not said.
    """
    with unit(database, clock, actor=actor, key=key, about=("open_round", plan_id, base_revision)) as u:
        plan = plan_to_change(u, plan_id)
        if u.repeated:
            return u.repeated
        check_draft(plan, base_revision)
        if not may_open_round(u.actor, prepared_by_id=plan.changed_by_id):
            raise Locked(N_("You saved this plan last, so another organizer has to open the round."))
        _check_whole(u, plan, without_papers=without_papers)
        put_places(u)
        invented = has_invented_data(u.db)  # nothing is real on a site that holds a demo round, so neither is a new one
        cycle_id = _put_cycle(u, plan, invented=invented)
        rules = [rules_of(each.rules_text) for each in plan.awards]
        adoptions = _put_adoptions(u, plan, cycle_id, rules)
        panels = _put_panels(u, cycle_id, stage=rules[0].stages[0].code)
        u.db.execute(
            update(PLANS).where(PLANS.c.id == plan.id).values(
                state="opened", opened_by_id=actor.user_id, ended_at=u.now, cycle_id=cycle_id
            )
        )  # fmt: skip
        receipt = u.record("open_cycle", _told(plan))
        for adoption_id, rule_set in zip(adoptions, rules, strict=True):
            log = u.log_of(adoption_id)
            begins = opening(
                log, rule_set, year=plan.year, opens=_sure(plan.opens_at), deadline=_sure(plan.deadline_at),
                invented=invented,
            )  # fmt: skip
            u.also("open_round", begins, log=log)
            for body in panels:
                u.also("seat_panel", body, log=u.log_of(adoption_id))
        return receipt


def _check_whole(u: Unit, plan: Plan, *, without_papers: bool) -> None:
    gaps = list_gaps(plan, now=u.now, held=list_years(u.db)[0])
    if gaps:
        raise Incomplete(
            N_("The round cannot be opened yet: something in the plan is missing or wrong."), details={"gaps": gaps}
        )
    if plan.missing_papers and not without_papers:
        raise Incomplete(
            N_("Some papers are not written down. Say that the round opens without them, or have them written down."),
            details={"papers": plan.missing_papers},
        )


def _sure(moment: datetime | None) -> datetime:
    if moment is None:
        raise RuntimeError("a plan with a gap is not opened")
    return moment


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "plan": plan.id, "revision": plan.revision, "year": plan.year, "prepared_by": f"u{plan.changed_by_id}",
        "rules": [each.rules_sha256 for each in plan.awards], "papers_missing": list(plan.missing_papers),
    }  # fmt: skip


def _put_cycle(u: Unit, plan: Plan, *, invented: bool) -> int:
    about: dict[str, Any] = {
        "year": plan.year, "opens_at": plan.opens_at, "deadline_at": plan.deadline_at, "approval": plan.approval,
        "invented": invented,
    }  # fmt: skip
    return int(u.db.execute(insert(Cycle).values(**about).returning(Cycle.id)).scalar_one())


def _put_adoptions(u: Unit, plan: Plan, cycle_id: int, rules: Sequence[RuleSet]) -> list[int]:
    """An award that was given before keeps its row; its log of the year gets a seal of its own."""
    known, made = map_award_ids(u.db), []
    for position, each in enumerate(rules, start=1):
        if sha256_of(each.text) != each.sha256:
            raise RuntimeError("rules are kept byte for byte")
        award_id = known.get(each.award_code) or _put_award(u, each)
        row = {
            "cycle_id": cycle_id, "award_id": award_id, "position": position, "rule_set": each.id,
            "rules_sha256": each.sha256, "rules_text": each.text, "adopted_at": u.now,
            "log": f"{plan.year}/{each.award_code}", "seal": new_seal(),
        }  # fmt: skip
        made.append(u.db.execute(insert(Adoption).values(**row).returning(Adoption.id)).scalar_one())
    return made


def _put_award(u: Unit, rules: RuleSet) -> int:
    names = {
        "name_th": rules.award.th, "name_en": rules.award.en, "short_th": rules.short.th, "short_en": rules.short.en
    }  # fmt: skip
    made = insert(Award).values(code=rules.award_code, **names).returning(Award.id)
    return int(u.db.execute(made).scalar_one())


def _put_panels(u: Unit, cycle_id: int, *, stage: str) -> list[dict[str, Any]]:
    """An empty panel for every zone with provinces, and how a log tells of each: days may be planned before anybody is
    seated."""
    told = []
    for zone in list_zones_with_provinces(u.db):
        made = insert(cast(Table, Panel.__table__)).values(cycle_id=cycle_id, stage=stage, zone_number=zone)
        panel = u.db.execute(made.returning(Panel.id)).scalar_one()
        told.append({"panel": panel, "stage": stage, "zone": zone, "members": Unordered([]), "holders": Unordered([])})
    return told


def new_seal() -> str:
    """The secret behind a log's aliases: 256 random bits."""
    return secrets.token_hex(32)


def opening(
    log: Log, rules: RuleSet, *, year: int, opens: datetime, deadline: datetime, invented: bool
) -> dict[str, Any]:
    """The first line of a log: what decides, and the hash of the seal behind its aliases."""
    return {
        "award": rules.award_code, "year": year, "rule_set": rules.id, "rules_sha256": rules.sha256, "engine": ENGINE,
        "opens_at": opens.isoformat(), "deadline_at": deadline.isoformat(), "invented": invented,
        "seal_sha256": log.seal_sha256, "continues": None,
    }  # fmt: skip
