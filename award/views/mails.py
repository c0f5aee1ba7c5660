"""The mails of the site: what waits, what failed and why, and trying again."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions.mail import resend_mail
from award.policy import Actor, may_manage_people
from award.queries.mail import MailLine, find_mail, list_mails
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard

pages = Blueprint("mails", __name__, url_prefix="/people/mail")


@pages.get("/")
@guard(may_manage_people)
def index() -> ResponseReturnValue:
    """The newest mails, those first that need somebody."""
    return render_template(
        "people/mails.html", mails=list_mails(reading()), smtp=site().settings.smtp, key=new_key(),
        address=site().settings.site_address, done=request.args.get("done", ""),
    )  # fmt: skip


def _find(db: Session, _actor: Actor, mail_id: int) -> MailLine | None:
    return find_mail(db, mail_id)


@pages.post("/<int:mail>/resend")
@guard(may_manage_people, mail=_find)
def resend(mail: MailLine) -> ResponseReturnValue:
    """The mail is tried again at once."""
    resend_mail(
        site().database, site().clock, actor=current_actor(), mail_id=mail.id, key=request.form.get("key", "")
    )
    return redirect(url_for("mails.index", done="resent"), 303)
