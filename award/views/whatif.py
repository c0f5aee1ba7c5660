"""The trial beside a run: other weights, members left out, another way to combine. Nothing is stored."""

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.errors import N_, Invalid, NotFound
from award.evaluation import recalculate
from award.forms.whatif import CHOICES, TrialForm, points_id, read_trial, refused_fields, trim_now
from award.policy import may_see_runs
from award.queries.ranking import Run
from award.views.context import reading
from award.views.guard import guard
from award.views.language import current_language, named
from award.views.limits import TRIALS, limited
from award.views.ranking import find_any_run
from award.views.ranking_pages import RunPage, open_run
from award.views.whatif_pages import STRIP, TrialPage, members_of, open_trial
from exports import wording
from scoring_rules.exact import plain
from scoring_rules.rescale import TrialRefused
from scoring_rules.rules import Category
from scoring_rules.sentences import COMBINED
from scoring_rules.whatif import ROUNDED

pages = Blueprint("whatif", __name__, url_prefix="/r")


@pages.get("/run/<int:run>/whatif")
@guard(may_see_runs, run=find_any_run)
@limited(TRIALS)
def trial(run: Run) -> ResponseReturnValue:
    """What an address asks to try on a run's facts; the address itself is all that is kept."""
    if "" in request.args.values():
        asked = {name: [each for each in values if each] for name, values in request.args.lists()}
        return redirect(f"{request.path}?{urlencode({name: each for name, each in asked.items() if each}, doseq=True)}")
    page = open_run(reading(), run, language=current_language(), group=request.args.get("group", ""))
    category = _category(page)
    answer, form = _open(reading(), page, category)
    page = replace(page, category=category.code if len(page.rules.categories) > 1 else "")
    scope = {name: value for name, value in (("category", page.category), ("group", page.group)) if value}
    body = render_template(
        "ranking/whatif.html",
        page=page,
        seats={seat.code: seat for seat in page.seats},
        here=f"{request.path}?{urlencode(scope)}" if scope else request.path,
        trial=answer,
        form=form,
        says={status: text.in_language(current_language()) for status, text in wording.STATUS.items()},
        tiers={tier.code: tier.label.in_language(current_language()) for tier in category.tiers},
        choices=_choices(),
        in_force=_in_force(category),
        inside=any(points_id(node.path) in form.typed for node in category.nodes() if "/" in node.path),
        trim=trim_now(category),
        points_id=points_id,
        plain=plain,
        STRIP=STRIP,
    )
    return body, 422 if form.errors else 200


def _choices() -> dict[str, dict[str, str]]:
    """Each list of the form: code → words."""
    language = current_language()
    said: dict[str, dict[str, str]] = {
        "combine": {str(code): text.in_language(language) for code, text in COMBINED.items()},
        "applied_to": {"marks": gettext("criterion by criterion"), "totals": gettext("each member's own total")},
        "rounding": {str(code): text.in_language(language) for code, text in ROUNDED.items()},
        "rank_on": {"rounded": gettext("the rounded total"), "exact": gettext("the exact total")},
    }
    return {name: {code: said[name][code] for code in known} for name, known in CHOICES.items()}


def _in_force(category: Category) -> dict[str, str]:
    """What the rules in force say, for each list of the form; no rounding where they name none."""
    panel, rounding = category.panel, category.rounding
    return {
        "combine": panel.combine,
        "applied_to": panel.applied_to,
        "rounding": rounding.total.mode if rounding.total else "",
        "rank_on": rounding.rank_on,
    }


def _category(page: RunPage) -> Category:
    """The category asked for, else the first that is ranked. Raises NotFound for another."""
    asked = request.args.get("category", "")
    ranked = [section.category for section in page.sections]
    found = next((each for each in ranked if asked in ("", each.code)), None)
    if found is None and (asked or not page.rules.categories):
        raise NotFound
    return found or page.rules.categories[0]


def _open(db: Session, page: RunPage, category: Category) -> tuple[TrialPage, TrialForm]:
    """The trial, and the form as it was typed with everything that is wrong. Raises Invalid for an altered run."""
    again = recalculate(db, run=page.run, award_cycle=page.award)
    if not again.same:
        raise Invalid(
            N_("Run %(run)s gives another result when it is calculated again: nothing is tried on it."), run=page.run.id
        )
    members = members_of(again.facts, again.evaluation, category=category.code, group="")
    form = read_trial(request.args, category, members=members)
    language = current_language()

    def opened() -> TrialPage:
        return open_trial(
            again, form, stage=page.run.stage, category=category, group=page.group,
            names=page.provinces, groups=page.names, seats={seat.code: named(seat, "title") for seat in page.seats},
            language=language,
        )  # fmt: skip

    try:
        return opened(), form
    except TrialRefused as refused:
        form = replace(form, errors=refused_fields(refused, language))
        return opened(), form
