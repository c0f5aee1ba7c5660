"""Signing in and out, choosing the language, and home: the page of the duty one holds."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.actions import people as actions
from award.errors import Invalid
from award.forms.people import SignInForm
from award.policy import anyone, is_committee, is_officer, is_signed_in, may_see_runs
from award.views.addresses import safe_next
from award.views.context import current_actor, site
from award.views.guard import guard
from award.views.language import LANGUAGES

pages = Blueprint("people", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
@guard(anyone)
def sign_in() -> ResponseReturnValue:
    """The page, and the cookie where name and password are right."""
    form, said = SignInForm(), ""
    if form.validate_on_submit():
        try:
            token = actions.sign_in(
                site().database, site().clock, login=form.login.data or "", password=form.password.data or ""
            )
        except Invalid as refusal:
            said = gettext(refusal.says)
        else:
            response = redirect(safe_next(request.args.get("next")))
            response.set_cookie(
                "sign_in", token, httponly=True, samesite="Lax", secure=site().settings.https,
                max_age=int(actions.STAYS.total_seconds()),
            )  # fmt: skip
            return response
    return render_template("people/sign_in.html", form=form, said=said), 422 if form.is_submitted() else 200


@pages.post("/sign-out")
@guard(is_signed_in)
def sign_out() -> ResponseReturnValue:
    """Ends this browser's sign-in and drops its cookie."""
    actions.sign_out(site().database, site().clock, actor=current_actor(), token=request.cookies["sign_in"])
    response = redirect(url_for("people.sign_in"))
    response.delete_cookie("sign_in")
    return response


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
    if is_officer(actor):
        return redirect(url_for("entries.index"))
    if may_see_runs(actor):
        return redirect(url_for("cycles.overview"))
    return render_template("people/no_duty.html")
