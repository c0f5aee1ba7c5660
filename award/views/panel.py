"""The chair's pages: who has sent, what is missing; open, close, excuse, open again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import slots as actions
from award.db.ledger import Receipt
from award.errors import Forbidden, Incomplete, Invalid, Locked, Stale
from award.forms.live import read_until
from award.forms.scoring import read_excuse, read_key, read_reason
from award.policy import Actor, is_committee
from award.queries.cycles import find_award_cycle
from award.queries.scoring import Day, find_day, find_day_of_slot
from award.views.chair_page import chairs_day, chairs_panel, chairs_slot, missing_says, show_chair
from award.views.context import current_actor, reading, site
from award.views.guard import guard, wants_json
from award.views.language import said
from award.views.roots import anchor_log
from award.views.scoring import SlotOfDay, slot_of

pages = Blueprint("panel", __name__, url_prefix="/s")


def find_chaired_day(db: Session, actor: Actor, session_id: int) -> Day | None:
    """The day, if the actor chairs its panel or a slot of it. Raises Forbidden for the panel's other members."""
    day = find_day(db, session_id, duty_ids=actor.duty_ids)
    if day is not None and not chairs_day(actor, day):
        raise Forbidden
    return day


def find_chaired_slot(db: Session, actor: Actor, slot_id: int) -> SlotOfDay | None:
    """The slot with its day, if the actor chairs the panel or this slot; which of the two acts, the action asks.
    Raises Forbidden for the panel's other members."""
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids)
    found = slot_of(day, slot_id)
    if found is not None and not (chairs_panel(actor, found.day) or chairs_slot(actor, found.day, found.slot)):
        raise Forbidden
    return found


@pages.get("/<int:day>/chair")
@guard(is_committee, day=find_chaired_day)
def chair(day: Day) -> ResponseReturnValue:
    """Who has sent, what is missing, and the buttons of the chair. No points before a slot is closed."""
    return show_chair(day)


def act(at: SlotOfDay, do: Callable[..., Receipt], *, anchor: str = "", **what: Any) -> ResponseReturnValue:
    """Does it and goes back to the chair's page (to `anchor`, else to the slot); a refusal shows there with what was
    typed. A callable among `what` reads the form, which may be refused too. The page's code (static/chair.js) is told
    the same as JSON, and may say until when the press holds."""
    try:
        key = read_key(request.form.get("key"))
        values = {name: value() if callable(value) else value for name, value in what.items()}
        if until := read_until(request.form):
            values["until"] = until
        do(site().database, site().clock, actor=current_actor(), slot_id=at.slot.id, key=key, **values)
    except (Locked, Invalid, Incomplete, Stale) as refusal:
        if wants_json():
            missing = [missing_says(each) for each in refusal.details.get("missing", ())]
            return jsonify(error=said(refusal), id=refusal.id, missing=missing), refusal.status
        again = find_chaired_day(reading(), current_actor(), at.day.id)
        return show_chair(again or at.day, refusal=refusal, slot_id=at.slot.id)
    return went(url_for("panel.chair", day=at.day.id, _anchor=anchor or f"slot-{at.slot.id}"))


def went(address: str) -> ResponseReturnValue:
    """It is done: where to look now."""
    return jsonify(address=address) if wants_json() else redirect(address, 303)


@pages.post("/slot/<int:slot>/open")
@guard(is_committee, slot=find_chaired_slot)
def open_slot(slot: SlotOfDay) -> ResponseReturnValue:
    """From now on the panel marks; the chair lands where the next step stands."""
    return act(slot, actions.open_slot, anchor="stage")


@pages.post("/slot/<int:slot>/close")
@guard(is_committee, slot=find_chaired_slot)
def close_slot(slot: SlotOfDay) -> ResponseReturnValue:
    """Ends the marking and writes the log's root down; what is missing comes back on the page."""
    answer = act(slot, actions.close_slot)
    award = find_award_cycle(reading(), slot.slot.adoption_id)
    if not isinstance(answer, tuple) and award is not None:  # a page with a refusal is one
        anchor_log(award.log, panel_id=slot.day.panel_id)
    return answer


@pages.post("/slot/<int:slot>/excuse")
@guard(is_committee, slot=find_chaired_slot)
def excuse(slot: SlotOfDay) -> ResponseReturnValue:
    """Records that a member is absent or recused, or takes part after all."""
    sent = read_excuse(request.form, request.form.getlist("entry"))
    beside = "there" if request.form.get("form", "").startswith("away-") else "more"  # where the form stood
    return act(
        slot, actions.excuse_member, anchor=f"{beside}-{slot.slot.id}",
        seat_id=sent.seat_id, entry_ids=sent.entry_ids, kind=sent.kind, reason=sent.reason,
    )  # fmt: skip


@pages.post("/slot/<int:slot>/entries/<int:entry>/presence")
@guard(is_committee, slot=find_chaired_slot)
def presence(slot: SlotOfDay, entry: int) -> ResponseReturnValue:
    """Records that an entry did not present, or did after all."""
    presented = request.form.get("presented") == "yes"
    return act(
        slot, actions.record_presence, anchor=f"more-{slot.slot.id}",
        entry_id=entry, presented=presented, reason=lambda: read_reason(request.form),
    )  # fmt: skip


@pages.post("/slot/<int:slot>/reopen")
@guard(is_committee, slot=find_chaired_slot)
def reopen_slot(slot: SlotOfDay) -> ResponseReturnValue:
    """Opens a closed slot with all its cards again, with a written reason."""
    return act(slot, actions.reopen_slot, reason=lambda: read_reason(request.form))


@pages.post("/slot/<int:slot>/cards/<int:card>/reopen")
@guard(is_committee, slot=find_chaired_slot)
def reopen_card(slot: SlotOfDay, card: int) -> ResponseReturnValue:
    """Opens one sent card again, with a written reason."""
    return act(slot, actions.reopen_card, card_id=card, reason=lambda: read_reason(request.form))
