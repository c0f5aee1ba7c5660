"""A result on its way to the public: certified, published, withdrawn; its package; and the pages for everybody."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import publications as actions
from award.actions.packages import make_package
from award.db.anchors import root_at
from award.db.ledger import Receipt
from award.errors import Invalid, NotFound
from award.evaluation import rules_of
from award.forms.scoring import read_key, read_reason
from award.package.build import EDITIONS, build_package
from award.policy import Actor, anyone, is_organizer, may_have_package, may_see_runs
from award.queries.checkpoints import find_root
from award.queries.cycles import find_award_cycle
from award.queries.publications import find_publication, list_public_runs
from award.queries.ranking import Run, find_run
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.language import current_language, said
from award.views.limits import limited
from award.views.ranking import find_any_run
from award.views.ranking_pages import open_run
from award.views.roots import agrees, anchor_log, show_root, witness
from exports import wording

pages = Blueprint("publications", __name__)
ZIP = "application/zip"


def find_public_run(db: Session, _actor: Actor, run_id: int) -> Run | None:
    """A run that everybody may see now; for anything else, the same answer as for a run that is not there."""
    found = find_publication(db, run_id)
    return find_run(db, run_id) if found is not None and found.is_public else None


@pages.get("/r/run/<int:run>/public")
@guard(may_see_runs, run=find_any_run)
def steps(run: Run) -> ResponseReturnValue:
    """How far the result is on its way to the public, the root of its log, and its packages."""
    return _steps(run)


def _steps(run: Run, *, refused: str = "", status: int = 200) -> ResponseReturnValue:
    db = reading()
    page = open_run(db, run, language=current_language())
    return render_template(
        "publications/steps.html", page=page, found=find_publication(db, run.id), new_key=new_key, refused=refused,
        editions=[each for each in EDITIONS if may_have_package(current_actor(), edition=each)],
        root=show_root(find_root(db, page.award.log)), agrees=agrees(page.award.log), typed=request.form,
    ), status  # fmt: skip


@pages.post("/r/run/<int:run>/certify")
@guard(is_organizer, run=find_any_run)
@fresh
def certify(run: Run) -> ResponseReturnValue:
    """An organizer vouches for the result."""
    return _act(run, actions.certify_run)


@pages.post("/r/run/<int:run>/publish")
@guard(is_organizer, run=find_any_run)
@fresh
def publish(run: Run) -> ResponseReturnValue:
    """Another organizer shows it to everybody."""
    return _act(run, actions.publish_run)


@pages.post("/r/run/<int:run>/withdraw")
@guard(is_organizer, run=find_any_run)
@fresh
def withdraw(run: Run) -> ResponseReturnValue:
    """Takes the result back from the public, with a reason."""
    try:
        return _act(run, actions.withdraw_publication, reason=read_reason(request.form))
    except Invalid as refusal:
        return _steps(run, refused=said(refusal), status=refusal.status)


def _act(run: Run, do: Callable[..., Receipt], **what: Any) -> ResponseReturnValue:
    """Does it, writes the log's root down, and goes back to the steps."""
    key = read_key(request.form.get("key"))
    do(site().database, site().clock, actor=current_actor(), run_id=run.id, key=key, **what)
    award = find_award_cycle(reading(), run.adoption_id)
    if award is not None:
        anchor_log(award.log)
    return redirect(url_for("publications.steps", run=run.id), 303)


@pages.post("/r/run/<int:run>/package")
@guard(may_see_runs, run=find_any_run)
@limited("20 per 15 minutes")
@fresh
def package(run: Run) -> ResponseReturnValue:
    """The package as a file; the log tells that it was made, and its SHA-256."""
    edition = next((each for each in EDITIONS if each == request.form.get("edition")), None)
    if edition is None:
        raise NotFound
    made = make_package(
        site().database, site().clock, witness(), actor=current_actor(), run_id=run.id, edition=edition
    )  # fmt: skip
    return _file(made.name, made.content)


@pages.get("/results/")
@guard(anyone)
def results() -> ResponseReturnValue:
    """Every published result, for everybody."""
    db = reading()
    shown = []
    for each in list_public_runs(db):
        award = find_award_cycle(db, each.adoption_id)
        if award is not None:
            shown.append((each, award, rules_of(award.rules_text).stage(each.stage)))
    return render_template("publications/results.html", shown=shown)


@pages.get("/results/<int:run>")
@guard(anyone, run=find_public_run)
def result(run: Run) -> ResponseReturnValue:
    """A published ranking: places, entries, totals; no member's marks."""
    db = reading()
    page = open_run(db, run, language=current_language(), group=request.args.get("group", ""))
    says = {status: text.in_language(current_language()) for status, text in wording.STATUS.items()}
    return render_template(
        "publications/result.html", page=page, says=says, found=find_publication(db, run.id),
        root=show_root(find_root(db, page.award.log)),
    )  # fmt: skip


@pages.get("/results/<int:run>/package")
@guard(anyone, run=find_public_run)
@limited("20 per 15 minutes")
def public_package(run: Run) -> ResponseReturnValue:
    """The public edition with the log up to the act that published it: what came later is nobody's yet. The same bytes
    for everybody, and nothing is written."""
    db = reading()
    award, found = find_award_cycle(db, run.adoption_id), find_publication(db, run.id)
    if award is None or found is None or found.seq is None:
        raise NotFound
    size, root = root_at(db, award.log, most=found.seq)
    note = witness().sign(award.log, size, root)
    made = build_package(db, run.id, edition="public", size=size, note=note)
    return _file(made.name, made.content)


def _file(name: str, content: bytes) -> Response:
    return Response(content, mimetype=ZIP, headers={"Content-Disposition": f'attachment; filename="{name}"'})
