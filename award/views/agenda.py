"""The agenda: what is planned when, what is missing, what clashes; planning a scoring session and its slots."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.actions import agenda as actions
from award.clock import BANGKOK
from award.errors import Invalid, Locked
from award.forms.agenda import CHANNELS, PARTS, Errors, PlanForm, TurnForm, read_call, read_plan, read_room
from award.forms.scoring import read_key
from award.policy import Actor, is_organizer, may_see_runs
from award.queries.agenda import (
    PanelPlan,
    PlannedDay,
    PlannedSlot,
    Turn,
    find_planned,
    find_planned_of_slot,
    list_dropped,
    list_panels,
    list_planned,
)
from award.queries.agenda import find_panel as get_panel
from award.queries.clashes import Clash, find_clashes, list_sitters
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import said

pages = Blueprint("agenda", __name__, url_prefix="/agenda")


def find_panel(db: Session, _actor: Actor, panel_id: int) -> PanelPlan | None:
    """Any panel: those who run or audit the round see all."""
    return get_panel(db, panel_id)


def find_any_day(db: Session, _actor: Actor, session_id: int) -> PlannedDay | None:
    """Any scoring session, for the same people."""
    return find_planned(db, session_id)


@dataclass(frozen=True, slots=True)
class SlotAt:
    """A slot with the day it is planned on."""

    day: PlannedDay
    slot: PlannedSlot


def find_any_slot(db: Session, _actor: Actor, slot_id: int) -> SlotAt | None:
    """Any slot with its day, for the same people."""
    day = find_planned_of_slot(db, slot_id)
    return None if day is None else SlotAt(day, day.slot(slot_id))


def clashes_with(db: Session, day: PlannedDay, *changed: PlannedDay) -> tuple[Clash, ...]:
    """What stands in the way of a day as it is, or as it is about to be; `changed`: others that are about to be so."""
    others = list_planned(db, days=(day.day,), provinces=(day.province_code,))
    return tuple(each for each in _clashes(db, (day, *changed, *others)) if day.id in each.session_ids)


def _clashes(db: Session, days: Sequence[PlannedDay]) -> tuple[Clash, ...]:
    """The first of two with the same id counts: the day as it is about to be."""
    known: dict[int, PlannedDay] = {}
    for day in days:
        known.setdefault(day.id, day)
    return find_clashes(list(known.values()), list_sitters(db, panel_ids={day.panel_id for day in days}))


def time_typed(moment: datetime) -> str:
    """A time as a form holds it: 09.00."""
    return f"{moment.astimezone(BANGKOK):%H.%M}"


def fingerprint(clashes: Sequence[Clash]) -> str:
    """What a person has been warned of: only something else warns again."""
    return hashlib.sha256(repr(clashes).encode()).hexdigest()[:16] if clashes else ""


@pages.get("/")
@guard(may_see_runs)
def index() -> ResponseReturnValue:
    """Every panel with its days, what is not planned yet, and what clashes."""
    db = reading()
    panels = list_panels(db)
    days = list_planned(db, panel_ids=[panel.id for panel in panels])
    return render_template("agenda/index.html", panels=panels, days=days, clashes=_clashes(db, days))


@pages.get("/<int:panel>")
@guard(may_see_runs, panel=find_panel)
def panel(panel: PanelPlan) -> ResponseReturnValue:
    """A panel's days in time order."""
    db, own = reading(), {day.id for day in panel.days}
    around = list_planned(db, days={day.day for day in panel.days}, provinces={day.province_code for day in panel.days})
    return render_template(
        "agenda/panel.html", panel=panel, key=new_key, may_plan=is_organizer(current_actor()),
        clashes=[each for each in _clashes(db, (*panel.days, *around)) if own & each.session_ids],
        dropped=list_dropped(db, panel_id=panel.id), time_typed=time_typed,
    )  # fmt: skip


@pages.route("/<int:panel>/plan", methods=["GET", "POST"])
@guard(is_organizer, panel=find_panel)
def plan(panel: PanelPlan) -> ResponseReturnValue:
    """Plans a scoring session; what clashes is shown once before it is saved."""
    if request.method == "GET":
        return _show_plan(panel, typed=request.args)
    sent = read_plan(
        request.form,
        adoptions=[turn.adoption_id for turn in panel.turns],
        provinces=[place.code for place in panel.provinces],
    )
    if sent.errors or sent.day is None:
        return _show_plan(panel, typed=request.form, errors=sent.errors, status=422)
    clashes = clashes_with(reading(), _draft(panel, sent, sent.day))
    if clashes and request.form.get("seen") != fingerprint(clashes):
        return _show_plan(panel, typed=request.form, clashes=clashes)
    try:
        actions.plan_session(
            site().database, site().clock, actor=current_actor(), panel_id=panel.id, province_code=sent.province,
            day=sent.day, call=_call(sent), turns=[_turn(each) for each in sent.turns],
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except Invalid as refusal:
        return _show_plan(panel, typed=request.form, errors={refusal.details["field"]: said(refusal)}, status=422)
    return redirect(url_for("agenda.panel", panel=panel.id), 303)


def _call(sent: PlanForm) -> actions.Call:
    return actions.Call(sent.call.channel, sent.call.url, sent.call.id, sent.call.passcode)


def _turn(each: TurnForm) -> actions.PlannedTurn:
    lengths = actions.Lengths(*(each.minutes[part] for part in PARTS))
    return actions.PlannedTurn(each.adoption_id, each.starts_at, each.place, lengths)


def _draft(panel: PanelPlan, sent: PlanForm, day: date) -> PlannedDay:
    """The day as it would be; slots that are not there yet have numbers below zero."""
    place = next(each for each in panel.provinces if each.code == sent.province)
    known = next((each for each in panel.days if (each.province_code, each.day) == (place.code, day)), None)
    names = {turn.adoption_id: turn for turn in panel.turns}
    slots = tuple(_drafted(names[each.adoption_id], each, known.id if known else 0) for each in sent.turns)
    if known:
        return replace(known, slots=(*known.slots, *slots))
    return PlannedDay(
        0, panel.id, panel.zone_number, panel.zone_th, panel.zone_en, place.code, place.name_th, place.name_en, day,
        sent.call.channel, sent.call.url, sent.call.id, sent.call.passcode, 0, None, slots,
    )  # fmt: skip


def _drafted(turn: Turn, sent: TurnForm, session_id: int) -> PlannedSlot:
    presenting, questions, scoring = (sent.minutes[part] for part in PARTS)
    return PlannedSlot(
        -turn.adoption_id, session_id, turn.adoption_id, turn.name_th, turn.name_en, turn.short_th, turn.short_en,
        sent.starts_at, sent.place, "planned", presenting, questions, scoring, "", "", None,
    )  # fmt: skip


def _show_plan(
    panel: PanelPlan, *, typed: Mapping[str, str], errors: Errors | None = None, clashes: Sequence[Clash] = (),
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "agenda/plan.html", panel=panel, typed=typed, errors=errors or {}, clashes=clashes, channels=CHANNELS,
        seen=fingerprint(clashes), key=typed.get("key") or new_key(), is_new=request.method == "GET",
        summary=list((errors or {}).items()), lengths=_lengths(),
    )  # fmt: skip
    return page, status


@pages.get("/day/<int:day>")
@guard(is_organizer, day=find_any_day)
def day(day: PlannedDay) -> ResponseReturnValue:
    """One scoring session to be edited: call, rooms, lengths, another day, or none."""
    return show_day(day)


def show_day(
    day: PlannedDay, *, form: str = "", errors: Errors | None = None, ahead: Sequence[Clash] = (), status: int = 200
) -> ResponseReturnValue:
    """The page; after a refusal with what was typed in `form`, or with what lies `ahead` of a move to another day."""
    page = render_template(
        "agenda/day.html", day=day, typed=request.form, form=form, errors=errors or {}, ahead=ahead,
        seen=fingerprint(ahead),
        clashes=clashes_with(reading(), day), channels=CHANNELS, key=new_key, lengths=_lengths(),
        summary=[(name if form == "call" else f"{form}-{name}", says) for name, says in (errors or {}).items()],
        today=site().clock.today(), may_all_move=any(slot.state == "planned" for slot in day.slots),
    )  # fmt: skip
    return page, status


def _lengths() -> list[tuple[str, str]]:
    said_as = gettext("Presentation, minutes"), gettext("Questions, minutes"), gettext("Scoring, minutes")
    return list(zip(PARTS, said_as, strict=True))


@pages.post("/day/<int:day>/call")
@guard(is_organizer, day=find_any_day)
def call(day: PlannedDay) -> ResponseReturnValue:
    """Gives the day another call."""
    errors: Errors = {}
    sent = read_call(request.form, errors)
    if errors:
        return show_day(day, form="call", errors=errors, status=422)
    actions.change_session(
        site().database, site().clock, actor=current_actor(), session_id=day.id,
        call=actions.Call(sent.channel, sent.url, sent.id, sent.passcode), key=read_key(request.form.get("key")),
    )  # fmt: skip
    return redirect(url_for("agenda.day", day=day.id, _anchor="call"), 303)


@pages.post("/slot/<int:slot>/room")
@guard(is_organizer, slot=find_any_slot)
def room(slot: SlotAt) -> ResponseReturnValue:
    """Says where a slot is, and how long its parts are planned."""
    day, number, errors = slot.day, slot.slot.id, dict[str, str]()
    place, minutes = read_room(request.form, errors)
    if errors:
        return show_day(day, form=f"room-{number}", errors=errors, status=422)
    try:
        actions.describe_slot(
            site().database, site().clock, actor=current_actor(), slot_id=number, place=place,
            lengths=actions.Lengths(*(minutes[part] for part in PARTS)), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except Locked as refusal:
        return show_day(day, form=f"room-{number}", errors={"place": said(refusal)}, status=refusal.status)
    return redirect(url_for("agenda.day", day=day.id, _anchor=f"slot-{number}"), 303)
