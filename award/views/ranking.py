"""Results: where each award stands, a run's ranking, members, reasons and workbook; calculating; deciding ties."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.actions import ranking as actions
from award.errors import Incomplete, Invalid, NotFound, Refusal
from award.evaluation import rules_of
from award.forms.ranking import read_resolution
from award.policy import Actor, is_organizer, may_see_runs
from award.queries.cycles import AwardCycle
from award.queries.ranking import Run, find_latest_run, find_run
from award.queries.run_results import get_run_result
from award.views.context import current_actor, new_key, reading, site
from award.views.cycles import find_adoption
from award.views.guard import guard, row_id
from award.views.language import current_language
from award.views.limits import BOOKS, RUNS, TRIALS, limited
from award.views.ranking_pages import RunPage, explain_line, list_award_stages, open_run
from award.views.roots import anchor_log
from award.workbooks import run_workbook
from exports import wording
from scoring_rules.exact import plain

pages = Blueprint("ranking", __name__, url_prefix="/r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def find_any_run(db: Session, _actor: Actor, run_id: int) -> Run | None:
    """A run: organizers and auditors see them all."""
    return find_run(db, run_id)


@pages.get("/")
@guard(may_see_runs)
def index() -> ResponseReturnValue:
    """Every award and stage: slots closed, ties, runs, and the buttons that calculate."""
    return render_template("ranking/index.html", stages=list_award_stages(reading()), new_key=new_key)


@pages.post("/<int:adoption>/<stage>/calculate")
@guard(is_organizer, adoption=find_adoption)
@limited(RUNS)
def calculate(adoption: AwardCycle, stage: str) -> ResponseReturnValue:
    """A run, then its page; or everything that blocks it."""
    kind = request.form.get("kind", "")
    try:
        receipt = actions.calculate_run(
            site().database,
            site().clock,
            actor=current_actor(),
            adoption_id=adoption.adoption_id,
            stage=stage,
            kind=kind,
            key=request.form.get("key") or None,
        )
    except (Incomplete, Invalid) as refusal:
        return _not_calculated(adoption, stage, refusal)
    if kind == "official":
        anchor_log(adoption.log)
    return redirect(url_for("ranking.run", run=receipt.body["run"]), 303)


def _not_calculated(award: AwardCycle, stage: str, refusal: Refusal) -> ResponseReturnValue:
    """The refusal with everything that blocks, in words."""
    page = render_template(
        "ranking/not_calculated.html",
        said=gettext(refusal.says, **refusal.values),
        award=award,
        rules=rules_of(award.rules_text),
        stage=stage,
        blockers=refusal.details.get("blockers"),
        problems=refusal.details.get("problems", ()),
        newest=find_latest_run(reading(), award.adoption_id, stage),
        new_key=new_key,
    )
    return page, refusal.status


@pages.get("/run/<int:run>")
@guard(may_see_runs, run=find_any_run)
def run(run: Run) -> ResponseReturnValue:
    """The ranking of a run, whole or one category or group."""
    return _run_page(_open(run))


def _open(run: Run) -> RunPage:
    return open_run(reading(), run, language=current_language(), category=_asked("category"), group=_asked("group"))


def _run_page(page: RunPage, *, typed: object = None, status: int = 200) -> ResponseReturnValue:
    says = {status: text.in_language(current_language()) for status, text in wording.STATUS.items()}
    body = render_template("ranking/run.html", page=page, says=says, plain=plain, typed=typed, new_key=new_key)
    return body, status


@pages.get("/run/<int:run>/members")
@guard(may_see_runs, run=find_any_run)
def members(run: Run) -> ResponseReturnValue:
    """Every member's total for every entry, with the spread between them."""
    page = _open(run)
    return render_template("ranking/members.html", page=page, wording=wording, plain=plain)


@pages.get("/run/<int:run>/why/<entry>")
@guard(may_see_runs, run=find_any_run)
@limited(TRIALS)
def why(run: Run, entry: str) -> ResponseReturnValue:
    """Each step from marks to rank, calculated again from what the run froze."""
    page = open_run(reading(), run, language=current_language())
    line = explain_line(reading(), page, entry, language=current_language())
    if line is None:
        raise NotFound
    return render_template("ranking/why.html", page=page, line=line, wording=wording)


@pages.get("/run/<int:run>/workbook")
@guard(may_see_runs, run=find_any_run)
@limited(BOOKS)
def workbook(run: Run) -> ResponseReturnValue:
    """The run as an Excel workbook, whole or of one group."""
    name, content = run_workbook(reading(), run.id, language=current_language(), group=_asked("group") or None)
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.post("/<int:adoption>/<stage>/resolve")
@guard(is_organizer, adoption=find_adoption)
def resolve(adoption: AwardCycle, stage: str) -> ResponseReturnValue:
    """Records the committee's decision on the ties of the newest run; what was typed comes back where it is refused."""
    newest = find_latest_run(reading(), adoption.adoption_id, stage)
    if newest is None:
        raise NotFound
    tied = get_run_result(reading(), newest).find(
        category=request.form.get("category", ""), group=request.form.get("group", "")
    )
    ranks = {line.entry: line.rank or 0 for line in tied.unresolved} if tied else {}
    form = read_resolution(request.form, tied=ranks)
    if form.errors:
        return _run_page(open_run(reading(), newest, language=current_language()), typed=form, status=422)
    actions.record_resolution(
        site().database,
        site().clock,
        actor=current_actor(),
        run_id=request.form.get("run", 0, row_id),
        category=form.category,
        group=form.group,
        order=form.order,
        reason=form.reason,
        key=form.key,
    )
    return redirect(url_for("ranking.run", run=newest.id, _anchor="decided"), 303)


def _asked(name: str) -> str:
    return request.args.get(name, "")
