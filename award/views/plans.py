"""Rounds before they are opened: begun, saved, discarded by one organizer, opened by another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.actions import openings
from award.actions import plans as actions
from award.actions.plans import Prepared
from award.clock import BANGKOK
from award.db.plans import PAPERS
from award.errors import Incomplete, Invalid, Locked, NotFound, Refusal, Stale
from award.evaluation import rules_of
from award.forms.plans import Errors, read_papers, read_plan, read_year
from award.forms.scoring import read_key, read_revision
from award.policy import is_organizer, may_open_round, may_see_runs
from award.queries.plans import (
    FormerRound,
    Paper,
    Plan,
    PlannedRules,
    find_newest_round,
    find_plan,
    list_plans,
    list_years,
)
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.language import said, sentence
from award.views.limits import limited
from exports.thai import typed_date
from scoring_rules.compare import Change, compare
from scoring_rules.problems import Problem, RulesRefused
from scoring_rules.reader import list_sets
from scoring_rules.rules import RuleSet
from scoring_rules.shelf import age_of, read_released, released_sets
from scoring_rules.source import MOST_BYTES

pages = Blueprint("plans", __name__, url_prefix="/cycles")


@dataclass(frozen=True, slots=True)
class AwardChoice:
    """An award on the page: the rule sets that may decide it, which one is chosen, its place in the order, and what is
    other than in the round before. `former`: the adoption of that round."""

    code: str
    sets: tuple[RuleSet, ...]
    chosen: str
    order: int
    planned: PlannedRules | None
    former: int | None
    former_id: str
    changes: tuple[Change, ...]

    @property
    def newest(self) -> RuleSet:
        """Names the award."""
        return self.sets[-1]

    @property
    def year(self) -> int:
        """The cycle that the chosen rules were written for; that of the newest where none are chosen."""
        return next((each.cycle for each in self.sets if each.id == self.chosen), self.newest.cycle)

    @property
    def compared(self) -> str:
        """The revision that a page of its own compares with the round before; "" where it is not released here."""
        return self.chosen.partition("/")[2] if self.chosen in list_sets() else ""

    @property
    def decides(self) -> int:
        """How many of the changes could change a ranking."""
        return sum(each.kind == "result" for each in self.changes)


@pages.get("/")
@guard(may_see_runs)
def index() -> ResponseReturnValue:
    """Every round that is or was prepared."""
    return _show_index()


@pages.post("/")
@guard(is_organizer)
def begin() -> ResponseReturnValue:
    """A round of a year is prepared from now on."""
    year = read_year(request.form)
    try:
        plan_id = actions.begin_plan(
            site().database, site().clock, actor=current_actor(), year=year or 0,
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except Invalid as refusal:
        return _show_index(refusal=refusal)
    return redirect(url_for("plans.page", plan=plan_id), 303)


def _show_index(*, refusal: Invalid | None = None) -> ResponseReturnValue:
    db = reading()
    newest = find_newest_round(db)
    page = render_template(
        "plans/index.html", plans=list_plans(db), newest=newest, key=new_key(), typed=request.form,
        refused=said(refusal) if refusal else "",
        year=newest.year + 1 if newest else site().clock.today().year + 543,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@pages.get("/<int:plan>")
@guard(may_see_runs, plan=find_plan)
def page(plan: Plan) -> ResponseReturnValue:
    """What the plan says, what it lacks, and what whoever looks may do with it."""
    return _show(plan)


@pages.post("/<int:plan>")
@guard(is_organizer, plan=find_plan)
def save(plan: Plan) -> ResponseReturnValue:
    """Keeps what was typed, understood or not."""
    former = _former(reading(), plan)
    sets = _sets(plan, former)
    sent = read_plan(
        request.form, awards={code: tuple(each.id for each in some) for code, some in sets.items()}, papers=PAPERS
    )
    rules = [next(each for each in sets[code] if each.id == chosen) for code, chosen in sent.awards.items()]
    papers = {kind: Paper(*paper) for kind, paper in sent.papers.items()}
    prepared = Prepared(sent.opens_at, sent.deadline_at, sent.approval, rules, papers, sent.typed)
    try:
        actions.save_plan(
            site().database, site().clock, actor=current_actor(), plan_id=plan.id, prepared=prepared,
            base_revision=read_revision(request.form), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked, Stale) as refusal:
        return _show(_again(plan), refusal=refusal, typed=request.form)
    if sent.errors:
        return _show(_again(plan), errors=sent.errors)
    return redirect(url_for("plans.page", plan=plan.id, done="saved"), 303)


@pages.post("/<int:plan>/rules")
@guard(is_organizer, plan=find_plan)
@limited("60 per hour")
def rules(plan: Plan) -> ResponseReturnValue:
    """A released rule file from elsewhere decides its award."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _show(plan, errors={"file": gettext("Choose the rule file first.")})
    content = upload.stream.read(MOST_BYTES + 1)
    try:
        given = read_released(content, file=upload.filename)
        actions.set_rules(
            site().database, site().clock, actor=current_actor(), plan_id=plan.id, rules=given,
            base_revision=read_revision(request.form), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except RulesRefused as refused:
        return _show(plan, problems=refused.problems)
    except (Locked, Stale) as refusal:
        return _show(_again(plan), refusal=refusal)
    return redirect(url_for("plans.page", plan=plan.id, done="rules"), 303)


@pages.get("/<int:plan>/rules/<award>")
@guard(may_see_runs, plan=find_plan)
def rules_file(plan: Plan, award: str) -> ResponseReturnValue:
    """The rules that are to decide an award, byte for byte."""
    found = next((each for each in plan.awards if each.award_code == award), None)
    if found is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="{found.rule_set.replace("/", "-")}.yaml"'}
    return Response(found.rules_text.encode(), mimetype="application/yaml", headers=headers)


@pages.post("/<int:plan>/papers")
@guard(is_organizer, plan=find_plan)
def papers(plan: Plan) -> ResponseReturnValue:
    """Papers that came after the round was opened."""
    sent, errors = read_papers(request.form, kinds=plan.missing_papers)
    if errors:
        return _show(plan, errors=errors, typed=request.form)
    try:
        actions.write_down_papers(
            site().database, site().clock, actor=current_actor(), plan_id=plan.id,
            papers={kind: Paper(*paper) for kind, paper in sent.items()}, key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked) as refusal:
        return _show(_again(plan), refusal=refusal)
    return redirect(url_for("plans.page", plan=plan.id, done="saved"), 303)


@pages.post("/<int:plan>/discard")
@guard(is_organizer, plan=find_plan)
def discard(plan: Plan) -> ResponseReturnValue:
    """Nothing becomes of the plan."""
    try:
        actions.discard_plan(
            site().database, site().clock, actor=current_actor(), plan_id=plan.id,
            base_revision=read_revision(request.form), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Locked, Stale) as refusal:
        return _show(_again(plan), refusal=refusal)
    return redirect(url_for("plans.index"), 303)


@pages.post("/<int:plan>/open")
@guard(is_organizer, plan=find_plan)
@fresh
def open_round(plan: Plan) -> ResponseReturnValue:
    """A second organizer opens the round."""
    try:
        openings.open_round(
            site().database, site().clock, actor=current_actor(), plan_id=plan.id,
            base_revision=read_revision(request.form), without_papers=request.form.get("without") == "yes",
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Incomplete, Locked, Stale) as refusal:
        return _show(_again(plan), refusal=refusal)
    return redirect(url_for("plans.page", plan=plan.id, done="opened"), 303)


def _again(plan: Plan) -> Plan:
    """As it stands after what was tried."""
    return find_plan(reading(), current_actor(), plan.id) or plan


def _show(
    plan: Plan, *, errors: Errors | None = None, refusal: Refusal | None = None, problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """`typed`: what a refused form held, to be shown again."""
    db, now = reading(), site().clock.now()
    former = _former(db, plan)
    gaps = [] if plan.state != "draft" else openings.list_gaps(plan, now=now, held=list_years(db)[0])
    page = render_template(
        "plans/plan.html",
        plan=plan, former=former, choices=_choices(plan, former), papers=_papers(), key=new_key,
        papers_missing=plan.missing_papers, shown=_shown(plan) | dict(typed or {}),
        gaps=[(code, sentence(openings.GAPS[code], {})) for code in gaps], errors=errors or {},
        refused=said(refusal) if refusal else "", problems=problems, done=request.args.get("done", ""),
        may_open=may_open_round(current_actor(), prepared_by_id=plan.changed_by_id),
    )  # fmt: skip
    return page, 422 if errors or problems else refusal.status if refusal else 200


def _papers() -> dict[str, str]:
    """The five papers in their order, as people call them."""
    return {
        "approval": gettext("Approval of the round"), "order": gettext("Order that appoints the committees"),
        "guideline": gettext("Guideline for entries and marking"), "letters": gettext("Letters to the governors"),
        "report": gettext("Online report to the department"),
    }  # fmt: skip


def _shown(plan: Plan) -> dict[str, str]:
    """What the fields hold: as it was typed where it was not understood, else as it is kept."""
    shown: dict[str, str] = {}
    for name, moment in (("opens", plan.opens_at), ("deadline", plan.deadline_at)):
        if moment is not None:
            shown[f"{name}_day"], shown[f"{name}_time"] = typed_date(moment), f"{moment.astimezone(BANGKOK):%H.%M}"
    for kind, paper in (plan.papers or {}).items():
        shown[f"paper_{kind}_number"] = paper.number
        shown[f"paper_{kind}_day"] = typed_date(paper.day)
    return shown | dict(plan.typed)


def _former(db: Session, plan: Plan) -> FormerRound | None:
    return find_newest_round(db, before=plan.year)


def _sets(plan: Plan, former: FormerRound | None) -> dict[str, tuple[RuleSet, ...]]:
    """By award, the rule sets that may decide it: those released, those of the round before, those of the plan."""
    own = [rules_of(each.rules_text) for each in plan.awards]
    before = [rules_of(text) for text in former.rules.values()] if former else []
    found: dict[str, dict[str, RuleSet]] = {each.award_code: {} for each in own}
    for rules in (*before, *released_sets(), *own):
        if rules.cycle <= plan.year:
            found.setdefault(rules.award_code, {}).setdefault(rules.id, rules)
    return {code: tuple(some[id] for id in sorted(some, key=age_of)) for code, some in found.items() if some}


def _choices(plan: Plan, former: FormerRound | None) -> list[AwardChoice]:
    planned = {each.award_code: each for each in plan.awards}
    choices = []
    for place, (code, sets) in enumerate(_sets(plan, former).items(), start=1):
        own = planned.get(code)
        text = former.rules.get(code) if former else None
        old = rules_of(text) if text else None
        changes = compare(old, rules_of(own.rules_text)) if old and own and old.sha256 != own.rules_sha256 else ()
        choices.append(
            AwardChoice(
                code, sets, own.rule_set if own else "", own.position if own else place, own,
                former.adoptions[code] if former and old else None, old.id if old else "", changes,
            )
        )  # fmt: skip
    return choices
