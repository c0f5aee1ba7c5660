"""People and their duties: the list, a person, what waits for a second person."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import duties as actions
from award.answers.plain import plain_date
from award.errors import Invalid
from award.forms.duties import ROLES, DutyForm
from award.policy import may_manage_people, may_propose
from award.queries.duties import (
    DutyLine,
    Person,
    find_duty,
    find_person,
    list_people,
    list_places,
    list_proposals,
    takes_two,
)
from award.queries.links import list_asked_links
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard
from award.views.language import named, said

pages = Blueprint("duties", __name__, url_prefix="/people")
LONGEST_SEARCH = 100
_FIELDS = ("title_th", "from_day", "to_day", "role", "province", "zone")


@pages.get("/")
@guard(may_manage_people)
def index() -> ResponseReturnValue:
    """Everybody, or those that are searched for."""
    asked = _asked(request.args)
    found = list_people(reading(), today=site().clock.today(), **asked)
    provinces, zones = list_places(reading())
    return render_template(
        "people/index.html", page=found, asked=asked, provinces=provinces, zones=zones, roles=ROLES,
        waiting=len(list_proposals(reading())) + len(list_asked_links(reading(), now=site().clock.now())),
    )  # fmt: skip


def _asked(args: Mapping[str, str]) -> dict[str, Any]:
    """What is searched for; whatever is no number is not asked."""

    def number(name: str) -> int | None:
        text = args.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None

    return {
        "text": " ".join(args.get("text", "")[:LONGEST_SEARCH].replace("\x00", "").split()),
        "province": args.get("province", "")[:8], "zone": number("zone"), "role": args.get("role", "")[:16],
        "page": number("page") or 1,
    }  # fmt: skip


@pages.get("/waiting")
@guard(may_manage_people)
def waiting() -> ResponseReturnValue:
    """What waits for a second person, with the buttons for whoever may be it."""
    return render_template(
        "people/waiting.html", proposals=list_proposals(reading()), key=new_key(),
        asked=list_asked_links(reading(), now=site().clock.now()),
    )  # fmt: skip


@pages.get("/<int:person>")
@guard(may_manage_people, person=find_person)
def person(person: Person) -> ResponseReturnValue:
    """An account with its duties."""
    today = site().clock.today()
    parted = {when: person.duties_of(when, today) for when in ("waiting", "now", "coming", "past")}
    return render_template(
        "people/person.html", person=person, duties=parted, today=today, key=new_key(),
        done=request.args.get("done", ""), takes_two=takes_two(reading(), person.id, today=today),
        asked=list_asked_links(reading(), now=site().clock.now(), user_id=person.id),
        mails=bool(person.email and site().settings.site_address and site().settings.smtp),
    )  # fmt: skip


@pages.route("/<int:person>/duty", methods=["GET", "POST"])
@guard(may_manage_people, person=find_person)
def propose(person: Person) -> ResponseReturnValue:
    """The form of a duty; it counts once another person confirms it."""
    form, wrong = DutyForm(), []
    provinces, zones = list_places(reading())
    form.offer(
        provinces=provinces, zones=zones, name=named,
        roles=[role for role, _ in ROLES if may_propose(current_actor(), role)],
    )  # fmt: skip
    if request.method == "GET":
        form.title_th.data, form.title_en.data = person.title_th, person.title_en
    elif form.validate_on_submit():
        try:
            actions.propose_duty(
                site().database, site().clock, actor=current_actor(), proposal=_proposal(form, person.id),
                key=request.form.get("key", ""),
            )  # fmt: skip
        except Invalid as refusal:
            field = refusal.details.get("field", "")
            wrong = [(field if field in _FIELDS else "", said(refusal))]
        else:
            return redirect(url_for("duties.person", person=person.id, done="proposed"), 303)
    page = render_template(
        "people/propose.html", form=form, person=person, wrong=wrong, key=request.form.get("key") or new_key()
    )
    return page, 422 if form.is_submitted() else 200


def _proposal(form: DutyForm, user_id: int) -> actions.Proposal:
    from_day = plain_date(form.from_day.data or "")
    if from_day is None:
        raise RuntimeError("the form lets no other text through")
    zone = form.zone.data or ""
    return actions.Proposal(
        user_id=user_id, role=form.role.data or "", title_th=form.title_th.data or "",
        title_en=form.title_en.data or "", acting=bool(form.acting.data), from_day=from_day,
        to_day=plain_date(form.to_day.data or ""), province_code=form.province.data or None,
        zone_number=int(zone) if zone.isascii() and zone.isdigit() and len(zone) < 6 else None,
    )  # fmt: skip


@pages.post("/duty/<int:duty>/confirm")
@guard(may_manage_people, duty=find_duty)
@fresh
def confirm(duty: DutyLine) -> ResponseReturnValue:
    """The second person says yes."""
    actions.confirm_duty(site().database, site().clock, actor=current_actor(), duty_id=duty.id, key=_key())
    return _back(duty, "confirmed")


@pages.post("/duty/<int:duty>/withdraw")
@guard(may_manage_people, duty=find_duty)
def withdraw(duty: DutyLine) -> ResponseReturnValue:
    """A proposal is taken back, or declined."""
    actions.withdraw_proposal(site().database, site().clock, actor=current_actor(), duty_id=duty.id, key=_key())
    return _back(duty, "withdrawn")


@pages.post("/duty/<int:duty>/revoke")
@guard(may_manage_people, duty=find_duty)
@fresh
def revoke(duty: DutyLine) -> ResponseReturnValue:
    """A duty ends this moment."""
    actions.revoke_duty(site().database, site().clock, actor=current_actor(), duty_id=duty.id, key=_key())
    return _back(duty, "revoked")


def _back(duty: DutyLine, done: str) -> ResponseReturnValue:
    return redirect(url_for("duties.person", person=duty.user_id, done=done), 303)


def _key() -> str:
    return request.form.get("key", "")
