"""Moving what is planned: a slot within its day, a whole day, or out of the plan. The chair moves slots on the day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import moves as actions
from award.errors import Forbidden, Invalid, Locked
from award.forms.agenda import Errors, read_day, read_moment, read_why
from award.forms.scoring import read_key
from award.policy import Actor, is_committee, is_organizer, may_move_slot
from award.queries.agenda import PlannedDay, find_planned_of_slot, is_chaired_by
from award.queries.clashes import Clash
from award.queries.scoring import within
from award.views.agenda import SlotAt, clashes_with, find_any_day, find_any_slot, fingerprint, show_day, time_typed
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import said

pages = Blueprint("moves", __name__, url_prefix="/agenda")


def may_ask_to_move(actor: Actor) -> bool:
    """Organizers, and members of panels, one of whom has the chair."""
    return is_organizer(actor) or is_committee(actor)


def find_slot_to_move(db: Session, actor: Actor, slot_id: int) -> SlotAt | None:
    """The slot with its day, for organizers and for the seats of its panel."""
    scope = within(duty_ids=actor.duty_ids, everywhere=is_organizer(actor))
    day = find_planned_of_slot(db, slot_id, scope=scope)
    return None if day is None else SlotAt(day, day.slot(slot_id))


@pages.route("/slot/<int:slot>/move", methods=["GET", "POST"])
@guard(may_ask_to_move, slot=find_slot_to_move)
def slot(slot: SlotAt) -> ResponseReturnValue:
    """Moves a slot to another time of its day, with the reason; what clashes is shown once before it is saved."""
    actor, day = current_actor(), slot.day
    chairing = is_chaired_by(reading(), actor, slot.slot.id)
    if not may_move_slot(actor, is_chairing=chairing, day=day.day, today=site().clock.today()):
        raise Forbidden
    if request.method == "GET":
        return _show(slot, typed={})
    errors: Errors = {}
    to, reason = read_moment(request.form, day=day.day, errors=errors), read_why(request.form, errors)
    if errors or to is None:
        return _show(slot, typed=request.form, errors=errors, status=422)
    clashes = clashes_with(reading(), _as_moved(day, slot.slot.id, to))
    news = fingerprint(clashes) != fingerprint(clashes_with(reading(), day))
    if clashes and news and request.form.get("seen") != fingerprint(clashes):
        return _show(slot, typed=request.form, clashes=clashes)
    try:
        actions.move_slot(
            site().database, site().clock, actor=actor, slot_id=slot.slot.id, starts_at=to, reason=reason,
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked) as refusal:
        errors = {refusal.details.get("field", ""): said(refusal)}
        return _show(slot, typed=request.form, errors=errors, status=refusal.status)
    return redirect(_back_to(actor, day, slot.slot.id), 303)


def _as_moved(day: PlannedDay, slot_id: int, to: datetime) -> PlannedDay:
    slots = (replace(each, starts_at=to) if each.id == slot_id else each for each in day.slots)
    return replace(day, slots=tuple(sorted(slots, key=lambda each: each.starts_at)))


def _back_to(actor: Actor, day: PlannedDay, slot_id: int) -> str:
    if is_organizer(actor):
        return url_for("agenda.panel", panel=day.panel_id, _anchor=f"slot-{slot_id}")
    chairs = actor.has("chair")
    return url_for("panel.chair" if chairs else "scoring.day", day=day.id, _anchor=f"slot-{slot_id}")


def _show(
    at: SlotAt, *, typed: Mapping[str, str], errors: Errors | None = None, clashes: tuple[Clash, ...] = (),
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "agenda/move.html", day=at.day, slot=at.slot, typed=typed, errors=errors or {}, clashes=clashes,
        seen=fingerprint(clashes), key=typed.get("key") or new_key(),
        back=_back_to(current_actor(), at.day, at.slot.id), time_typed=time_typed,
        summary=list((errors or {}).items()),
    )  # fmt: skip
    return page, status


@pages.post("/day/<int:day>/move")
@guard(is_organizer, day=find_any_day)
def whole_day(day: PlannedDay) -> ResponseReturnValue:
    """Moves what is still planned of a day to another day; what clashes there is shown once before it is saved."""
    errors: Errors = {}
    to, reason = read_day(request.form, errors), read_why(request.form, errors)
    if errors or to is None:
        return show_day(day, form="move", errors=errors, status=422)
    is_open = any(slot.state == "open" for slot in day.slots)  # it is refused, whatever it would clash with
    clashes = () if is_open else clashes_with(reading(), *_as_put_on(day, to))
    if clashes and request.form.get("seen") != fingerprint(clashes):
        return show_day(day, form="move", ahead=clashes)
    try:
        target = actions.move_session(
            site().database, site().clock, actor=current_actor(), session_id=day.id, day=to, reason=reason,
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked) as refusal:
        errors = {refusal.details.get("field", "day"): said(refusal)}
        return show_day(day, form="move", errors=errors, status=refusal.status)
    return redirect(url_for("agenda.day", day=target), 303)


def _as_put_on(day: PlannedDay, to: date) -> tuple[PlannedDay, ...]:
    """The day as it would be; where some slots were held, those stay, and the others become a session of their own."""
    by = timedelta(days=(to - day.day).days)
    moved = tuple(replace(slot, starts_at=slot.starts_at + by) for slot in day.slots if slot.state == "planned")
    if len(moved) == len(day.slots):
        return (replace(day, day=to, slots=moved),)
    stays = tuple(slot for slot in day.slots if slot.state != "planned")
    return replace(day, id=0, day=to, slots=moved), replace(day, slots=stays)


@pages.post("/day/<int:day>/drop")
@guard(is_organizer, day=find_any_day)
def drop_day(day: PlannedDay) -> ResponseReturnValue:
    """Takes a day out of the plan, where nothing happened in it."""
    errors: Errors = {}
    reason = read_why(request.form, errors)
    try:
        if not errors:
            actions.drop_session(
                site().database, site().clock, actor=current_actor(), session_id=day.id, reason=reason,
                key=read_key(request.form.get("key")),
            )  # fmt: skip
            return redirect(url_for("agenda.panel", panel=day.panel_id), 303)
    except (Invalid, Locked) as refusal:
        return show_day(day, form="drop", errors={"reason": said(refusal)}, status=refusal.status)
    return show_day(day, form="drop", errors=errors, status=422)


@pages.post("/slot/<int:slot>/drop")
@guard(is_organizer, slot=find_any_slot)
def drop_slot(slot: SlotAt) -> ResponseReturnValue:
    """Takes a slot out of the plan, where nothing happened in it."""
    errors: Errors = {}
    form, reason = f"drop-{slot.slot.id}", read_why(request.form, errors)
    try:
        if not errors:
            actions.drop_slot(
                site().database, site().clock, actor=current_actor(), slot_id=slot.slot.id, reason=reason,
                key=read_key(request.form.get("key")),
            )  # fmt: skip
            return redirect(url_for("agenda.panel", panel=slot.day.panel_id), 303)
    except (Invalid, Locked) as refusal:
        return show_day(slot.day, form=form, errors={"reason": said(refusal)}, status=refusal.status)
    return show_day(slot.day, form=form, errors=errors, status=422)
