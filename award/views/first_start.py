"""The page of an empty site: the code that the program printed opens it, once."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions.first_start import begin_site, is_untouched
from award.errors import Invalid, NotFound
from award.forms.accounts import FirstStartForm
from award.policy import anyone
from award.views.account_pages import pages as pages
from award.views.context import reading, site
from award.views.guard import guard
from award.views.language import said
from award.views.limits import wrong_ones


@pages.route("/first-start", methods=["GET", "POST"])
@guard(anyone)
@wrong_ones()
def first_start() -> ResponseReturnValue:
    """Makes the first two accounts and shows the link of the second; no page once there is an account."""
    if not is_untouched(reading()):
        raise NotFound
    form, wrong = FirstStartForm(), []
    if form.validate_on_submit():
        try:
            made = begin_site(
                site().database, site().clock, code=form.code.data or "", login=form.login.data or "",
                title_th=form.title_th.data or "", password=form.password.data or "",
                organizer_login=form.organizer_login.data or "",
                organizer_title_th=form.organizer_title_th.data or "",
            )  # fmt: skip
        except Invalid as refusal:
            wrong = [(refusal.details.get("field", ""), said(refusal))]
        else:
            path = url_for("invitations.accept", link=made.token)
            address = (site().settings.site_address or request.host_url.rstrip("/")) + path
            return render_template("accounts/begun.html", address=address)
    return render_template("accounts/first_start.html", form=form, wrong=wrong), 422 if form.is_submitted() else 200
