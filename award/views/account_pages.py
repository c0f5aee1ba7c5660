"""My account: the password, the second step, passkeys, and where one is signed in."""

import pyotp
import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from award.actions import passkeys, second_factors, sign_ins
from award.actions.passwords import change_password
from award.errors import Invalid, NotFound
from award.forms.accounts import CodeForm, NewPasswordForm
from award.policy import is_signed_in
from award.queries.accounts import find_app, get_factors, list_own_passkeys, list_own_sign_ins
from award.views.accounts import pages as pages
from award.views.context import current_actor, reading, site
from award.views.fresh import fresh, second_factor_required
from award.views.guard import guard
from award.views.language import said
from award.views.notices import about
from award.views.sign_in_cookies import STEP, device, keep_sign_in, place, read_cookie


@pages.get("/account/")
@guard(is_signed_in)
def overview() -> ResponseReturnValue:
    """Everything about the own account on one page."""
    actor, now = current_actor(), site().clock.now()
    return render_template(
        "accounts/overview.html",
        factors=get_factors(reading(), actor.user_id),
        passkeys=list_own_passkeys(reading(), actor.user_id),
        sign_ins=list_own_sign_ins(reading(), actor.user_id, now=now),
        required=second_factor_required(),
        idle_minutes=site().settings.idle_minutes,
        done=request.args.get("done", ""),
    )


@pages.route("/account/password", methods=["GET", "POST"])
@guard(is_signed_in)
@fresh
def password() -> ResponseReturnValue:
    """A new password; every other browser is signed out."""
    form, wrong = NewPasswordForm(), ""
    if form.validate_on_submit():
        try:
            token = change_password(
                site().database,
                site().clock,
                actor=current_actor(),
                password=form.password.data or "",
                device=device(),
                notice=about("password"),
            )
        except Invalid as refusal:
            wrong = said(refusal)
        else:
            return keep_sign_in(redirect(url_for("accounts.overview", done="password"), 303), token)
    return render_template("accounts/password.html", form=form, said=wrong), 422 if form.is_submitted() else 200


@pages.post("/account/app")
@guard(is_signed_in)
@fresh
def begin_app() -> ResponseReturnValue:
    """Makes a secret that waits for its first code."""
    second_factors.begin_app(site().database, site().clock, actor=current_actor())
    return redirect(url_for("accounts.app"), 303)


@pages.get("/account/app")
@guard(is_signed_in)
@fresh
def app() -> ResponseReturnValue:
    """The secret, as a picture for the phone and as text."""
    return _app_page(CodeForm(), "")


@pages.post("/account/app/confirm")
@guard(is_signed_in)
@fresh
def confirm_app() -> ResponseReturnValue:
    """The first code: then the app is asked for, and the recovery codes are shown this once."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _app_page(form, ""), 422
    try:
        codes = second_factors.confirm_app(
            site().database, site().clock, actor=current_actor(), code=form.code.data or "", notice=about("app")
        )
    except Invalid as refusal:
        return _app_page(form, said(refusal)), refusal.status
    return render_template("accounts/codes.html", codes=codes)


@pages.post("/account/app/remove")
@guard(is_signed_in)
@fresh
def remove_app() -> ResponseReturnValue:
    """The app is asked for no longer."""
    second_factors.remove_app(site().database, site().clock, actor=current_actor(), notice=about("app_removed"))
    return redirect(url_for("accounts.overview", done="app"), 303)


@pages.post("/account/codes")
@guard(is_signed_in)
@fresh
def remake_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown this once."""
    codes = second_factors.remake_codes(site().database, site().clock, actor=current_actor(), notice=about("codes"))
    return render_template("accounts/codes.html", codes=codes)


@pages.post("/account/passkeys")
@guard(is_signed_in)
@fresh
def add_passkey() -> ResponseReturnValue:
    """Keeps a new passkey; the page's code has asked the browser for it. With the first second step of an account come
    its recovery codes, shown this once."""
    codes = passkeys.add_passkey(
        site().database, site().clock, actor=current_actor(), step_token=read_cookie(STEP), place=place(),
        answer=request.form.get("passkey", ""), name=request.form.get("name", "") or device() or gettext("Passkey"),
        notice=about("passkey"),
    )  # fmt: skip
    if codes:
        return render_template("accounts/codes.html", codes=codes, done="passkey")
    return redirect(url_for("accounts.overview", done="passkey"), 303)


@pages.post("/account/passkeys/<int:passkey>/rename")
@guard(is_signed_in)
def rename_passkey(passkey: int) -> ResponseReturnValue:
    """Another name for one's own passkey."""
    passkeys.rename_passkey(
        site().database, site().clock, actor=current_actor(), passkey_id=passkey, name=request.form.get("name", "")
    )
    return redirect(url_for("accounts.overview", done="name"), 303)


@pages.post("/account/passkeys/<int:passkey>/remove")
@guard(is_signed_in)
@fresh
def remove_passkey(passkey: int) -> ResponseReturnValue:
    """From now on it opens nothing."""
    last = passkeys.remove_passkey(
        site().database, site().clock, actor=current_actor(), passkey_id=passkey, notice=about("passkey_removed"),
        last_notice=about("last_passkey_removed"),
    )  # fmt: skip
    return redirect(url_for("accounts.overview", done="last" if last else "removed"), 303)


@pages.post("/account/sign-ins/<int:sign_in>/end")
@guard(is_signed_in)
def end_sign_in(sign_in: int) -> ResponseReturnValue:
    """Signs one browser out; it may be this one."""
    sign_ins.end_one(site().database, site().clock, actor=current_actor(), sign_in_id=sign_in)
    return redirect(url_for("accounts.overview", done="ended"), 303)


@pages.post("/account/sign-ins/end-others")
@guard(is_signed_in)
def end_others() -> ResponseReturnValue:
    """Signs every other browser out."""
    sign_ins.end_others(site().database, site().clock, actor=current_actor())
    return redirect(url_for("accounts.overview", done="ended"), 303)


def _app_page(form: CodeForm, wrong: str) -> str:
    actor = current_actor()
    waiting = find_app(reading(), actor.user_id, confirmed=False)
    if waiting is None:
        raise NotFound
    secret = waiting[0]
    address = pyotp.TOTP(secret).provisioning_uri(name=actor.login, issuer_name=gettext("CDD awards"))
    picture = segno.make(address, error="m").svg_inline(
        border=4, light="#fff", dark="#000", svgclass="qr", omitsize=True
    )
    spaced = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return render_template("accounts/app.html", form=form, said=wrong, picture=Markup(picture), secret=spaced)  # noqa: S704 (made here, holds no text of others)
