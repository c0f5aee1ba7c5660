"""People and their duties: the list, a person, what waits for a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import duties as actions
from award.actions.likely import OF_ONE
from award.answers.plain import plain_date
from award.errors import Invalid
from award.forms.duties import ROLES, DutyForm
from award.policy import may_confirm, may_manage_people, may_propose
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
from award.queries.people_import import list_held_now, list_known_places
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard, ticked_ids
from award.views.language import named, said, sentence

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal with what is held now: by the person, and of a post that one person holds, by another.

    `why_not`: what keeps whoever looks from confirming it, "" for nothing; `refused`: what an attempt came to."""

    duty: DutyLine
    holds: tuple[DutyLine, ...]
    held_by: tuple[DutyLine, ...]
    why_not: str
    refused: str = ""


@pages.get("/waiting/many")
@guard(may_manage_people)
def waiting_many() -> ResponseReturnValue:
    """Everything proposed, zone by zone, each with what it changes; those of the zone `tick` are ticked."""
    return _show_many(tick=request.args.get("tick", ""), done=request.args.get("done", ""))


@pages.post("/waiting/many")
@guard(may_manage_people)
@fresh
def confirm_many() -> ResponseReturnValue:
    """The second person says yes to all that are ticked, or to none."""
    ids = ticked_ids("duty")
    try:
        actions.confirm_duties(site().database, site().clock, actor=current_actor(), duty_ids=ids, key=_key())
    except Invalid as refusal:
        whys = {int(duty): sentence(says, {}) for duty, says in refusal.details.get("refused", {}).items()}
        return _show_many(ticked=frozenset(ids), whys=whys, wrong=said(refusal)), 422
    return redirect(url_for("duties.waiting_many", done="confirmed"), 303)


def _show_many(
    *, tick: str = "", ticked: frozenset[int] = frozenset(), whys: Mapping[int, str] | None = None, wrong: str = "",
    done: str = "",
) -> str:  # fmt: skip
    proposals, today = list_proposals(reading()), site().clock.today()
    held = list_held_now(reading(), users={each.user_id for each in proposals}, today=today)
    provinces, _ = list_known_places(reading())
    zones = {place.code: place.zone for place in provinces}
    groups: dict[int, list[Waiting]] = {}
    for duty in proposals:
        zone = duty.zone_number if duty.zone_number is not None else zones.get(duty.province_code or "", 0)
        groups.setdefault(zone, []).append(_waiting(duty, held, (whys or {}).get(duty.id, "")))
    wanted = {zone for zone in groups if tick in ("all", str(zone) if zone else "other")}
    chosen = {each.duty.id for zone in wanted for each in groups[zone]}
    return render_template(
        "people/waiting_many.html", groups=sorted(groups.items(), key=lambda each: (not each[0], each[0])),
        ticked=ticked | chosen, wrong=wrong, done=done, key=new_key(), count=len(proposals), tick=tick,
    )  # fmt: skip


def _waiting(duty: DutyLine, held: Sequence[DutyLine], refused: str) -> Waiting:
    actor = current_actor()
    place = (duty.role, duty.province_code, duty.zone_number)
    others = [each for each in held if each.user_id != duty.user_id]
    why_not = ""
    if duty.disabled:
        why_not = "closed"
    elif not may_confirm(actor, proposed_by_id=duty.proposed_by_id, user_id=duty.user_id):
        why_not = "proposed" if duty.proposed_by_id == actor.user_id else "own"
    elif duty.had_link_from(actor.user_id):
        why_not = "link"
    return Waiting(
        duty, tuple(each for each in held if each.user_id == duty.user_id),
        tuple(each for each in others if (each.role, each.province_code, each.zone_number) == place)
        if duty.role in OF_ONE else (), why_not, refused,
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
