"""Accounts made, closed and opened; links handed over; the page on which an invited person chooses a password."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import asked_links
from award.actions import invitations as actions
from award.actions.links import LASTS, SPENT, sha256_of
from award.errors import Invalid
from award.forms.accounts import NewPasswordForm
from award.forms.duties import InviteForm
from award.policy import anyone, may_manage_people
from award.queries.accounts import Account
from award.queries.duties import Person, find_invited, find_person
from award.queries.links import AskedLink, find_asked_link
from award.views.addresses import absolute
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.language import said
from award.views.letters import render_letter
from award.views.limits import wrong_ones
from award.views.sign_in_cookies import STEP, drop

pages = Blueprint("invitations", __name__)
_UNITS = ((24 * 60, "วัน", "days"), (60, "ชั่วโมง", "hours"), (1, "นาที", "minutes"))
_PAGES = {"invite": "invitations.accept", "reset": "accounts.reset"}


@pages.route("/people/invite", methods=["GET", "POST"])
@guard(may_manage_people)
@fresh
def invite() -> ResponseReturnValue:
    """A new account, and the link for its person, shown this once."""
    form, wrong = InviteForm(), []
    if form.validate_on_submit():
        try:
            made = actions.invite(
                site().database, site().clock, actor=current_actor(), login=form.login.data or "",
                title_th=form.title_th.data or "", title_en=form.title_en.data or "", email=form.email.data or "",
                language=form.language.data or "th", letter=_letter_here(), key=_key(),
            )  # fmt: skip
        except Invalid as refusal:
            wrong = [(refusal.details.get("field", ""), said(refusal))]
        else:
            return _show(made)
    page = render_template("people/invite.html", form=form, wrong=wrong, key=request.form.get("key") or new_key())
    return page, 422 if form.is_submitted() else 200


@pages.post("/people/<int:person>/link")
@guard(may_manage_people, person=find_person)
@fresh
def link(person: Person) -> ResponseReturnValue:
    """A new link to choose a password, shown this once."""
    made = actions.hand_over_link(
        site().database, site().clock, actor=current_actor(), user_id=person.id, letter=_letter_here(),
        key=_key(),
    )  # fmt: skip
    return _show(made)


@pages.post("/people/<int:person>/link/ask")
@guard(may_manage_people, person=find_person)
@fresh
def ask(person: Person) -> ResponseReturnValue:
    """A link that another manager is to release."""
    asked_links.ask_link(site().database, site().clock, actor=current_actor(), user_id=person.id, key=_key())
    return _back(person.id, "asked")


@pages.post("/people/<int:person>/link/mail")
@guard(may_manage_people, person=find_person)
@fresh
def mail(person: Person) -> ResponseReturnValue:
    """A link to the account's own address, shown to nobody here."""
    asked_links.mail_link(
        site().database, site().clock, actor=current_actor(), user_id=person.id, letter=_letter_here(), key=_key()
    )
    return _back(person.id, "mailed")


@pages.post("/people/link/<int:asked>/release")
@guard(may_manage_people, asked=find_asked_link)
@fresh
def release(asked: AskedLink) -> ResponseReturnValue:
    """The second person says yes, and is shown the link this once."""
    return _show(
        asked_links.release_link(
            site().database, site().clock, actor=current_actor(), asked_id=asked.id, key=_key()
        )
    )  # fmt: skip


@pages.post("/people/link/<int:asked>/withdraw")
@guard(may_manage_people, asked=find_asked_link)
def withdraw(asked: AskedLink) -> ResponseReturnValue:
    """A link that was asked for is taken back, or declined."""
    asked_links.withdraw_link(site().database, site().clock, actor=current_actor(), asked_id=asked.id, key=_key())
    return _back(asked.user_id, "unasked")


@pages.post("/people/<int:person>/close")
@guard(may_manage_people, person=find_person)
@fresh
def close(person: Person) -> ResponseReturnValue:
    """The account opens nothing from this moment on."""
    actions.close_account(site().database, site().clock, actor=current_actor(), user_id=person.id, key=_key())
    return _back(person.id, "closed")


@pages.post("/people/<int:person>/open")
@guard(may_manage_people, person=find_person)
@fresh
def reopen(person: Person) -> ResponseReturnValue:
    """The account is open again."""
    actions.open_account(site().database, site().clock, actor=current_actor(), user_id=person.id, key=_key())
    return _back(person.id, "opened")


@pages.route("/invitation", methods=["GET", "POST"])
@guard(anyone)
@wrong_ones()
def accept() -> ResponseReturnValue:
    """The first password. Looking at the page does not use the link up: LINE and mail programs look, too."""
    form, token, wrong = NewPasswordForm(), request.args.get("link", ""), ""
    login = find_invited(reading(), sha256_of(token), now=site().clock.now())
    if login is None:
        raise Invalid(SPENT)
    if form.validate_on_submit():
        try:
            actions.accept_invitation(site().database, site().clock, link=token, password=form.password.data or "")
        except Invalid as refusal:
            if refusal.details.get("field") != "password":
                raise
            wrong = said(refusal)
        else:
            return drop(redirect(url_for("people.sign_in", changed="password")), STEP)
    page = render_template("people/accept.html", form=form, login=login, said=wrong)
    return page, 422 if form.is_submitted() else 200


def _back(user_id: int, done: str) -> ResponseReturnValue:
    return redirect(url_for("duties.person", person=user_id, done=done), 303)


def _key() -> str:
    return request.form.get("key", "")


def _letter_here() -> actions.Letter | None:
    """Mails hold links only where the site knows its own address: what a request says of it may be anybody's word."""
    return letter if site().settings.site_address else None


def letter(account: Account, purpose: str, token: str) -> tuple[str, str]:
    """Subject and text of the mail with a link: Thai, and English below."""
    minutes = int(LASTS[purpose].total_seconds()) // 60
    number, th, en = next(
        (minutes // each, th, en) for each, th, en in _UNITS if minutes >= 2 * each and not minutes % each
    )
    return render_letter(
        "people/letter.txt", account=account, purpose=purpose, address=link_address(purpose, token),
        until_th=f"{number} {th}", until_en=f"{number} {en}",
    )  # fmt: skip


def link_address(purpose: str, token: str) -> str:
    """A link's address: under the site's own where that is set, else under the one the page was asked at."""
    path = url_for(_PAGES[purpose], link=token)
    return absolute(path) if site().settings.site_address else request.host_url.rstrip("/") + path


def _show(made: actions.HandedOver) -> ResponseReturnValue:
    address = link_address(made.purpose, made.token) if made.token else ""
    return render_template(
        "people/link.html", made=made, address=address, person=find_person(reading(), current_actor(), made.user_id),
        until=made.receipt.at + LASTS[made.purpose], smtp=site().settings.smtp is not None,
    )  # fmt: skip
