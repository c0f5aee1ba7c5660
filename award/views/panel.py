"""The chair's pages: who has sent, what is missing; open, close, excuse, open again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import slots as actions
from award.comparison import compare_slot
from award.db.ledger import Receipt
from award.errors import Incomplete, Invalid, Locked, Refusal
from award.forms.scoring import read_excuse, read_key, read_reason
from award.policy import Actor, is_chair, may_compare
from award.queries.checkpoints import map_roots
from award.queries.cycles import find_award_cycle
from award.queries.scoring import Day, SlotLine, find_day, find_day_of_slot
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import named, said, sentence
from award.views.roots import anchor_log, show_root
from award.views.scoring import SlotOfDay, category_of, sitting, slot_of

pages = Blueprint("panel", __name__, url_prefix="/s")


def find_chaired_day(db: Session, actor: Actor, session_id: int) -> Day | None:
    """The day, if the actor chairs its panel."""
    day = find_day(db, session_id, duty_ids=actor.duty_ids)
    return day if day is not None and _chairs(actor, day) else None


def find_chaired_slot(db: Session, actor: Actor, slot_id: int) -> SlotOfDay | None:
    """The slot with its day, if the actor chairs the panel."""
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids)
    return slot_of(day, slot_id) if day is not None and _chairs(actor, day) else None


def _chairs(actor: Actor, day: Day) -> bool:
    return any(seat.kind == "chair" and seat.duty_id in actor.duty_ids for seat in day.seats)


@pages.get("/<int:day>/chair")
@guard(is_chair, day=find_chaired_day)
def chair(day: Day) -> ResponseReturnValue:
    """Who has sent, what is missing, and the buttons of the chair. No points before a slot is closed."""
    return _show_chair(day)


def _show_chair(day: Day, *, refusal: Refusal | None = None, slot_id: int = 0) -> ResponseReturnValue:
    db = reading()
    closed = {slot.adoption_id for slot in day.slots if slot.state == "closed"}
    roots = map_roots(db, closed) if closed else {}
    page = render_template(
        "scoring/chair.html",
        sitting=sitting(db, current_actor(), day),
        compared={slot.id: compare_slot(db, day, slot) for slot in day.slots if may_compare(slot_state=slot.state)},
        quorum={slot.id: _quorum(db, slot) for slot in day.slots},
        roots={adoption: show_root(kept) for adoption, kept in roots.items()},
        refused=said(refusal) if refusal else "",
        missing=[_missing_says(each) for each in refusal.details.get("missing", ())] if refusal else [],
        typed=request.form, at=slot_id, key=new_key, today=site().clock.today(),
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _quorum(db: Session, slot: SlotLine) -> int:
    """The largest quorum of the slot's entries; 0 where it has none."""
    return max((category_of(db, slot, entry.category).panel.quorum for entry in slot.entries()), default=0)


def _missing_says(missing: actions.Missing) -> str:
    values = dict(missing.values)
    if "seat_th" in values:
        values["seat"] = named(_Titles(values.pop("seat_th"), values.pop("seat_en")), "seat")
    return sentence(missing.says, values)


@dataclass(frozen=True, slots=True)
class _Titles:
    seat_th: str
    seat_en: str


def _act(at: SlotOfDay, do: Callable[..., Receipt], **what: Any) -> ResponseReturnValue:
    """Does it and goes back to the slot; a refusal shows on the chair's page with what was typed."""
    try:
        do(
            site().database, site().clock, actor=current_actor(), slot_id=at.slot.id,
            key=read_key(request.form.get("key")), **what,
        )  # fmt: skip
    except (Locked, Invalid, Incomplete) as refusal:
        again = find_chaired_day(reading(), current_actor(), at.day.id)
        return _show_chair(again or at.day, refusal=refusal, slot_id=at.slot.id)
    return redirect(url_for("panel.chair", day=at.day.id, _anchor=f"slot-{at.slot.id}"), 303)


@pages.post("/slot/<int:slot>/open")
@guard(is_chair, slot=find_chaired_slot)
def open_slot(slot: SlotOfDay) -> ResponseReturnValue:
    """From now on the panel marks."""
    return _act(slot, actions.open_slot)


@pages.post("/slot/<int:slot>/close")
@guard(is_chair, slot=find_chaired_slot)
def close_slot(slot: SlotOfDay) -> ResponseReturnValue:
    """Ends the marking and writes the log's root down; what is missing comes back on the page."""
    answer = _act(slot, actions.close_slot)
    award = find_award_cycle(reading(), slot.slot.adoption_id)
    if not isinstance(answer, tuple) and award is not None:  # a page with a refusal is one
        anchor_log(award.log, panel_id=slot.day.panel_id)
    return answer


@pages.post("/slot/<int:slot>/excuse")
@guard(is_chair, slot=find_chaired_slot)
def excuse(slot: SlotOfDay) -> ResponseReturnValue:
    """Records that a member is absent or recused, or takes part after all."""
    sent = read_excuse(request.form, request.form.getlist("entry"))
    return _act(
        slot, actions.excuse_member,
        seat_id=sent.seat_id, entry_ids=sent.entry_ids, kind=sent.kind, reason=sent.reason,
    )  # fmt: skip


@pages.post("/slot/<int:slot>/entries/<int:entry>/presence")
@guard(is_chair, slot=find_chaired_slot)
def presence(slot: SlotOfDay, entry: int) -> ResponseReturnValue:
    """Records that an entry did not present, or did after all."""
    presented = request.form.get("presented") == "yes"
    return _act(slot, actions.record_presence, entry_id=entry, presented=presented, reason=read_reason(request.form))


@pages.post("/slot/<int:slot>/reopen")
@guard(is_chair, slot=find_chaired_slot)
def reopen_slot(slot: SlotOfDay) -> ResponseReturnValue:
    """Opens a closed slot with all its cards again, with a written reason."""
    return _act(slot, actions.reopen_slot, reason=read_reason(request.form))


@pages.post("/slot/<int:slot>/cards/<int:card>/reopen")
@guard(is_chair, slot=find_chaired_slot)
def reopen_card(slot: SlotOfDay, card: int) -> ResponseReturnValue:
    """Opens one sent card again, with a written reason."""
    return _act(slot, actions.reopen_card, card_id=card, reason=read_reason(request.form))
