"""Signing in beyond the password: the second step, passkeys, a forgotten password, and proving again who one is."""

import json

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from award.actions import passkeys, people, resets
from award.actions.links import SPENT, sha256_of
from award.actions.passwords import reset_password
from award.errors import Invalid, Refusal, Stale
from award.forms.accounts import CodeForm, LoginForm, NewPasswordForm
from award.policy import anyone, is_fresh, is_signed_in
from award.queries.accounts import Account, find_step, get_factors, is_link_open
from award.views.addresses import absolute, safe_next
from award.views.context import current_actor, reading, site
from award.views.fresh import confirm_page, read_kept
from award.views.guard import guard
from award.views.language import said, speaking
from award.views.limits import limited, wrong_ones
from award.views.notices import about
from award.views.sign_in_cookies import STEP, device, drop, keep_sign_in, keep_step, place, read_cookie

pages = Blueprint("accounts", __name__)


@pages.route("/sign-in/second", methods=["GET", "POST"])
@guard(anyone)
@wrong_ones()
def second() -> ResponseReturnValue:
    """The code of the app, or one of the recovery codes; a passkey does as well."""
    form, wrong = CodeForm(), ""
    token, back = read_cookie(STEP), safe_next(request.args.get("next"))
    step = find_step(reading(), sha256_of(token), purpose="second", now=site().clock.now())
    if step is None or step.user_id is None:
        return redirect(url_for("people.sign_in", next=back))
    if form.validate_on_submit():
        try:
            passed = people.finish_sign_in(
                site().database, site().clock, step_token=token, code=form.code.data or "", device=device(),
                limited=site().settings.limits,
            )  # fmt: skip
        except Stale:
            return redirect(url_for("people.sign_in", next=back))
        except Invalid as refusal:
            wrong = said(refusal)
        else:
            return keep_sign_in(redirect(back), passed.token)
    factors = get_factors(reading(), step.user_id)
    page = render_template("accounts/second.html", form=form, said=wrong, factors=factors, back=back)
    return page, 422 if form.is_submitted() else 200


@pages.post("/passkey/options")
@guard(anyone)
@limited("60 per 15 minutes", scope="passkey")
def passkey_options() -> ResponseReturnValue:
    """What the page's code needs to ask the browser for a passkey, or (`new`) to make one of the person signed in."""
    actor = current_actor()
    if request.form.get("purpose") == "new":
        if not is_fresh(actor, site().clock.now()):
            abort(403)
        options, token = passkeys.ask_new_passkey(
            site().database, site().clock, actor=actor, place=place(), site_name=gettext("CDD awards")
        )
    else:
        options, token = passkeys.ask_passkey(site().database, site().clock, place=place())
    return keep_step(jsonify(json.loads(options)), token)


@pages.post("/sign-in/passkey")
@guard(anyone)
@wrong_ones()
def sign_in_by_passkey() -> ResponseReturnValue:
    """Signs in whoever the passkey belongs to."""
    back = safe_next(request.form.get("next"))
    passed = passkeys.sign_in_by_passkey(
        site().database, site().clock, step_token=read_cookie(STEP), answer=request.form.get("passkey", ""),
        place=place(), device=device(),
    )  # fmt: skip
    return keep_sign_in(redirect(back), passed.token)


@pages.route("/confirm", methods=["GET", "POST"])
@guard(is_signed_in)
@wrong_ones()
def confirm() -> ResponseReturnValue:
    """Asks again who it is; then goes on with what was begun (award/views/fresh.py)."""
    if request.method != "POST":
        return confirm_page(back=safe_next(request.args.get("next")))
    back, kept = safe_next(request.form.get("next")), request.form.get("kept", "")
    actor, passkey = current_actor(), request.form.get("passkey", "")
    try:
        if passkey:
            token = passkeys.confirm_by_passkey(
                site().database, site().clock, actor=actor, step_token=read_cookie(STEP), answer=passkey, place=place()
            )
        else:
            token = people.confirm_again(
                site().database, site().clock, actor=actor, password=request.form.get("password", ""),
                code=request.form.get("code", ""), limited=site().settings.limits,
            )  # fmt: skip
    except Refusal as refusal:
        return confirm_page(back=back, kept=kept, said=said(refusal)), refusal.status
    if not kept:
        return keep_sign_in(redirect(back), token)
    try:
        path, fields = read_kept(kept)
    except ValueError:
        abort(400)
    page = render_template("accounts/continue.html", address=safe_next(path), fields=fields)
    return keep_sign_in(make_response(page), token)


@pages.route("/forgot", methods=["GET", "POST"])
@guard(anyone)
@limited("10 per 15 minutes", scope="forgot", only=lambda answer: request.method == "POST")
def forgot() -> ResponseReturnValue:
    """Asks for a link; the answer is the same whoever is asked about. A site that cannot send mail, or has no address
    to put into one, says whom to ask instead."""
    form, mails = LoginForm(), bool(site().settings.site_address and site().settings.smtp)
    if mails and form.validate_on_submit():
        resets.ask_reset(
            site().database, site().clock, login=form.login.data or "", letter=_letter, limited=site().settings.limits
        )
        return render_template("accounts/forgot_sent.html")
    return render_template("accounts/forgot.html", form=form, mails=mails), 422 if form.errors else 200


def _letter(account: Account, token: str) -> tuple[str, str]:
    """Subject and text of the mail with the link, in the language of whom it is for."""
    address = absolute(url_for("accounts.reset", link=token))
    with speaking(account.language):
        subject = gettext("CDD awards: choose a new password")
        asked = gettext(
            "A new password was asked for the sign-in name %(login)s. This link works once, for 15 minutes:",
            login=account.login,
        )
        unasked = gettext("If you did not ask for it, do nothing: your password stays as it is.")
    return subject, f"{asked}\n\n{address}\n\n{unasked}\n"


@pages.route("/reset", methods=["GET", "POST"])
@guard(anyone)
@wrong_ones()
def reset() -> ResponseReturnValue:
    """A new password by a link that works once. Looking at the page does not use it up: mail programs look, too."""
    form, link = NewPasswordForm(), request.args.get("link", "")
    if not is_link_open(reading(), sha256_of(link), purpose="reset", now=site().clock.now()):
        raise Invalid(SPENT)
    wrong = ""
    if form.validate_on_submit():
        try:
            reset_password(
                site().database, site().clock, link=link, password=form.password.data or "", notice=about("password")
            )
        except Invalid as refusal:
            if refusal.details.get("field") != "password":
                raise
            wrong = said(refusal)
        else:
            return drop(redirect(url_for("people.sign_in", changed="password")), STEP)
    return render_template("accounts/reset.html", form=form, said=wrong), 422 if form.is_submitted() else 200
