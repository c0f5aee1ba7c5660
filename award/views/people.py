"""Signing in and out, choosing the language, and home: the page of the duty one holds."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import people as actions
from award.actions.first_start import is_untouched
from award.actions.sign_ins import sign_out as sign_out_here
from award.errors import Invalid, TooMany
from award.forms.people import SignInForm
from award.policy import (
    anyone,
    decides_in_office,
    is_committee,
    is_officer,
    is_signed_in,
    may_manage_people,
    may_see_progress,
    may_see_runs,
)
from award.views.addresses import safe_next
from award.views.context import current_actor, reading, site
from award.views.guard import guard
from award.views.language import LANGUAGES, said
from award.views.limits import wrong_ones
from award.views.sign_in_cookies import SIGN_IN, device, drop, keep_sign_in, keep_step, read_cookie

pages = Blueprint("people", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
@guard(anyone)
@wrong_ones()
def sign_in() -> ResponseReturnValue:
    """The page; where name and password are right, the cookie of the sign-in or that of its second step.
    On a site without any account it leads to the first start."""
    if request.method == "GET" and is_untouched(reading()):
        return redirect(url_for("accounts.first_start"))
    form, wrong, status = SignInForm(), "", 200
    back = safe_next(request.args.get("next"))
    if form.is_submitted():
        status = 422
    if form.validate_on_submit():
        try:
            passed = actions.sign_in(
                site().database, site().clock, login=form.login.data or "", password=form.password.data or "",
                device=device(), limited=site().settings.limits,
            )  # fmt: skip
        except (Invalid, TooMany) as refusal:
            wrong, status = said(refusal), refusal.status
        else:
            if passed.more:
                return keep_step(redirect(url_for("accounts.second", next=back)), passed.token)
            return keep_sign_in(redirect(back), passed.token)
    changed = request.args.get("changed") == "password"
    return render_template("people/sign_in.html", form=form, said=wrong, back=back, changed=changed), status


@pages.post("/sign-out")
@guard(is_signed_in)
def sign_out() -> ResponseReturnValue:
    """Ends this browser's sign-in and drops its cookie."""
    sign_out_here(site().database, site().clock, actor=current_actor(), token=read_cookie(SIGN_IN))
    return drop(redirect(url_for("people.sign_in")), SIGN_IN)


@pages.post("/language/<code>")
@guard(anyone)
def language(code: str) -> ResponseReturnValue:
    """Keeps the choice in a cookie and goes back."""
    response = redirect(safe_next(request.form.get("next")))
    if code in LANGUAGES:
        response.set_cookie("language", code, samesite="Lax", max_age=31_536_000, secure=site().settings.https)
    return response


@pages.get("/")
@guard(is_signed_in)
def home() -> ResponseReturnValue:
    """Today's board is home; an officer's are the entries, an organizer's the round."""
    actor = current_actor()
    if is_committee(actor):
        return redirect(url_for("scoring.board"))
    if decides_in_office(actor):
        return redirect(url_for("chain.waiting"))
    if is_officer(actor):
        return redirect(url_for("entries.index"))
    if may_see_runs(actor):
        return redirect(url_for("cycles.overview"))
    if may_see_progress(actor):
        return redirect(url_for("zones.index"))
    if may_manage_people(actor):
        return redirect(url_for("duties.index"))
    return render_template("people/no_duty.html")
