"""Rehearsing a day: begin and end it, practice cards made from the same rules about an invented entry, who has sent."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.actions import rehearsals as actions
from award.actions.slots import open_slot
from award.demo.answers import invent_answers
from award.errors import Incomplete, Invalid, Locked, Refusal, Stale
from award.evaluation import (
    adopted_rules,
    card_gaps,
    card_total,
    exact_marks,
    leaf_points,
    numbers_in,
    shown_total,
)
from award.forms.card import Card, build_card, points_text
from award.forms.scoring import Save, read_key, read_revision, read_save, read_save_form
from award.policy import Actor, is_committee, is_organizer, may_rehearse
from award.queries.agenda import PlannedDay, find_planned, find_planned_of_slot
from award.queries.rehearsals import Practice, chairs_session, list_practice
from award.queries.rehearsals import find_practice as get_practice
from award.queries.scoring import list_seats, within
from award.views.agenda import SlotAt
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import clock_time, said
from award.views.limits import SAVES, limited
from award.views.moves import find_slot_to_move, may_ask_to_move
from scoring_rules.cards import as_read
from scoring_rules.rules import Category
from scoring_rules.words import Words

pages = Blueprint("rehearsals", __name__, url_prefix="/s")
QUALITY = 0.8  # where the invented numbers lie; they are only ever practised on
INVENTED = Words("ผลงานสมมติสำหรับซ้อม", "Invented entry for the rehearsal")


def find_rehearsable(db: Session, actor: Actor, session_id: int) -> PlannedDay | None:
    """The day, for organizers and the seats of its panel."""
    return find_planned(db, session_id, scope=within(duty_ids=actor.duty_ids, everywhere=is_organizer(actor)))


def find_practice(db: Session, actor: Actor, slot_id: int) -> Practice | None:
    """The actor's own practice card of a slot; none while nothing is rehearsed."""
    return get_practice(db, slot_id, duty_ids=actor.duty_ids)


@pages.get("/<int:day>/rehearsal")
@guard(may_ask_to_move, day=find_rehearsable)
def page(day: PlannedDay) -> ResponseReturnValue:
    """What a rehearsal is, one's practice cards, and for the chair and organizers who has sent and the end of it."""
    return _show(day)


def _show(day: PlannedDay, *, refusal: Refusal | None = None) -> ResponseReturnValue:
    db, actor = reading(), current_actor()
    seats = list_seats(db, panel_ids=(day.panel_id,))
    page = render_template(
        "agenda/rehearsal.html", day=day, seats=seats, cards=list_practice(db, day.id),
        own={seat.id for seat in seats if seat.duty_id in actor.duty_ids}, key=new_key,
        may_rehearse=may_rehearse(actor, is_chairing=chairs_session(db, day.id, duty_ids=actor.duty_ids)),
        refused=said(refusal) if refusal else "", today=site().clock.today(), is_over=day.day < site().clock.today(),
        is_begun=any(slot.state != "planned" for slot in day.slots),
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@pages.post("/<int:day>/rehearsal/begin")
@guard(may_ask_to_move, day=find_rehearsable)
def begin(day: PlannedDay) -> ResponseReturnValue:
    """From now on the day is rehearsed."""
    return _do(day, actions.begin_rehearsal)


@pages.post("/<int:day>/rehearsal/end")
@guard(may_ask_to_move, day=find_rehearsable)
def end(day: PlannedDay) -> ResponseReturnValue:
    """Everything of the rehearsal is deleted."""
    return _do(day, actions.end_rehearsal)


def _do(day: PlannedDay, act: Callable[..., object]) -> ResponseReturnValue:
    """Begins or ends it; what stands in the way is said on the page."""
    key = read_key(request.form.get("key"))
    try:
        act(site().database, site().clock, actor=current_actor(), session_id=day.id, key=key)
    except Locked as refusal:
        return _show(day, refusal=refusal)
    return redirect(url_for("rehearsals.page", day=day.id), 303)


@pages.post("/slot/<int:slot>/rehearsal/open")
@guard(is_committee, slot=find_slot_to_move)
def open_for_real(slot: SlotAt) -> ResponseReturnValue:
    """Ends the rehearsal and opens the slot: two acts, each with its own line."""
    day, actor, key = slot.day, current_actor(), read_key(request.form.get("key"))
    try:
        actions.end_rehearsal(site().database, site().clock, actor=actor, session_id=day.id, key=key)
        open_slot(site().database, site().clock, actor=actor, slot_id=slot.slot.id, key=f"{key[:36]}-2")
    except Locked as refusal:
        return _show(find_rehearsable(reading(), actor, day.id) or day, refusal=refusal)
    return redirect(url_for("panel.chair", day=day.id, _anchor=f"slot-{slot.slot.id}"), 303)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A practice card with the rules it is made from and the answers of its invented entry (JSON text)."""

    card: Card
    category: Category
    answers: str


def _category(stored: Practice) -> Category:
    """The first category that the award's rules have."""
    rules = adopted_rules(reading(), adoption_id=stored.adoption_id, sha256=stored.rules_sha256)
    return rules.categories[0]


def _answers(stored: Practice, category: Category) -> str:
    """The same for everybody, and each time: they follow from the slot's number."""
    rng = Random(stored.slot_id)  # noqa: S311 - it invents, and guards nothing
    made = invent_answers(category, quality=QUALITY, rng=rng, title=INVENTED.th)
    return json.dumps(made, ensure_ascii=False)


def _sheet(
    stored: Practice, *, typed: Mapping[str, str] | None = None, errors: Mapping[str, Words] | None = None
) -> Sheet:
    category = _category(stored)
    answers = _answers(stored, category)
    marks, _ = actions.parted(stored.values)
    card = build_card(
        category, answers=json.loads(answers), fields=numbers_in(category, json.loads(answers)), evidence=(),
        values={**stored.values, **(typed or {})}, marks=exact_marks(marks), errors=errors,
    )  # fmt: skip
    return Sheet(card, category, answers)


def find_practice_or_day(db: Session, actor: Actor, slot_id: int) -> Practice | PlannedDay | None:
    """The same; where nothing is rehearsed, the day of the slot for the seats of its panel."""
    found = find_practice(db, actor, slot_id)
    return found or find_planned_of_slot(db, slot_id, scope=within(duty_ids=actor.duty_ids))


@pages.get("/practice/<int:slot>")
@guard(is_committee, slot=find_practice_or_day)
def practice(slot: Practice | PlannedDay) -> ResponseReturnValue:
    """My practice card: made from the same rules, saved on every change. Once the rehearsal is over, its page says so,
    and the device forgets what was not sent in time."""
    if isinstance(slot, PlannedDay):
        return redirect(url_for("rehearsals.page", day=slot.id), 303)
    return _show_practice(slot)


def _show_practice(
    stored: Practice, *, status: int = 200, typed: Mapping[str, str] | None = None,
    errors: Mapping[str, Words] | None = None, refused: str = "", stale: bool = False,
) -> ResponseReturnValue:  # fmt: skip
    sheet = _sheet(stored, typed=typed, errors=errors)
    marks, _ = actions.parted(stored.values)
    differ = {name: stored.values.get(name, "") for name, text in (typed or {}).items()}
    conflicts = {name: there for name, there in differ.items() if there != (typed or {})[name]}
    page = render_template(
        "agenda/practice.html", stored=stored, sheet=sheet.card, marked=len(marks), key=new_key(), refused=refused,
        errors=errors or {}, conflicts=conflicts if stale else {}, invented_entry=INVENTED,
        total=shown_total(sheet.category, card_total(sheet.category, marks, sheet.answers)),
    )  # fmt: skip
    return page, status


@pages.post("/practice/<int:slot>/marks")
@guard(is_committee, slot=find_practice)
@limited(SAVES)
def save_practice(slot: Practice) -> ResponseReturnValue:
    """Saves changed marks of a practice card, by the same envelope as a real one."""
    if not request.is_json:
        return _save_form(slot)
    save = read_save(request.get_json())
    saved = _save(slot, save)
    return jsonify(
        revision=saved.revision, receipt=gettext("rehearsal: no receipt"), saved_at=clock_time(saved.at),
        total=saved.total, blanks=saved.blanks, read=as_read(save.changes),
    )  # fmt: skip


def _save(stored: Practice, save: Save) -> actions.SavedPractice:
    category = _category(stored)
    return actions.save_practice(
        site().database, site().clock, actor=current_actor(), slot_id=stored.slot_id, category=category.code,
        answers=_answers(stored, category), changes=save.changes, base_revision=save.base_revision, key=save.key,
    )  # fmt: skip


def _save_form(stored: Practice) -> ResponseReturnValue:
    save = read_save_form(request.form)
    try:
        _save(stored, save)
    except (Invalid, Stale, Locked) as refusal:
        return _show_practice(
            find_practice(reading(), current_actor(), stored.slot_id) or stored, status=refusal.status,
            typed=save.changes, errors=refusal.details.get("problems"), refused=said(refusal),
            stale=isinstance(refusal, Stale),
        )  # fmt: skip
    onward = "rehearsals.confirm" if request.form.get("then") == "send" else "rehearsals.practice"
    return redirect(url_for(onward, slot=stored.slot_id), 303)


@pages.get("/practice/<int:slot>/send")
@guard(is_committee, slot=find_practice)
def confirm(slot: Practice) -> ResponseReturnValue:
    """Look once more, as on the day."""
    return _show_confirm(slot)


@pages.post("/practice/<int:slot>/send")
@guard(is_committee, slot=find_practice)
def send_practice(slot: Practice) -> ResponseReturnValue:
    """Sends the practice card; what is missing comes back on the page."""
    category = _category(slot)
    try:
        actions.send_practice(
            site().database, site().clock, actor=current_actor(), slot_id=slot.slot_id, category=category.code,
            answers=_answers(slot, category), base_revision=read_revision(request.form),
        )  # fmt: skip
    except (Incomplete, Stale) as refusal:
        again = find_practice(reading(), current_actor(), slot.slot_id) or slot
        return _show_confirm(again, status=refusal.status, refused=said(refusal))
    return redirect(url_for("rehearsals.page", day=slot.session_id), 303)


def _show_confirm(stored: Practice, *, status: int = 200, refused: str = "") -> ResponseReturnValue:
    sheet = _sheet(stored)
    marks, notes = actions.parted(stored.values)
    points = {path: points_text(value) for path, value in leaf_points(sheet.category, marks).items()}
    page = render_template(
        "agenda/practice_send.html", stored=stored, sheet=sheet.card, points=points, key=new_key(), refused=refused,
        gaps=card_gaps(sheet.category, marks=marks, notes=notes, answers=sheet.answers), invented_entry=INVENTED,
        total=shown_total(sheet.category, card_total(sheet.category, marks, sheet.answers)),
    )  # fmt: skip
    return page, status
