"""The panel's pages: the chair opens, closes and excuses; once a slot is closed all marks stand side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import slots as actions
from award.db.ledger import Receipt
from award.errors import Incomplete, Invalid, Locked, Refusal
from award.evaluation import card_total, exact_marks, leaf_points, shown_total
from award.forms.scoring import read_excuse, read_key, read_reason
from award.policy import Actor, is_chair, may_compare, may_see_days
from award.queries.cards import (
    ReopeningShown,
    StoredCard,
    list_closed_cards,
    list_reopenings,
    map_answers,
)
from award.queries.checkpoints import map_roots
from award.queries.cycles import find_award_cycle
from award.queries.scoring import Day, SeatHeld, SlotLine, find_day, find_day_of_slot
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import named, said, sentence
from award.views.roots import anchor_log, show_root
from award.views.scoring import category_of, find_seen_day_of_slot, sitting
from scoring_rules.exact import Number, plain
from scoring_rules.rules import Category, Criterion, MarksSource

pages = Blueprint("panel", __name__, url_prefix="/s")


@dataclass(frozen=True, slots=True)
class Cell:
    """One member's mark on one criterion; `before` are the marks it had when the card was opened again."""

    mark: str | None
    before: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion in the comparison; a heading has no cells. `apart`: highest minus lowest mark."""

    node: Criterion
    depth: int
    cells: tuple[Cell, ...] = ()
    apart: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One member in the comparison of an entry."""

    seat: SeatHeld
    state: str  # sent | recused | absent | draft
    reason: str
    total: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One entry of a closed slot, all members side by side. `spread`: highest minus lowest total of those who mark."""

    entry_id: int
    code: str
    label: str
    full_mark: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    spread: str | None
    alert: str | None
    is_wide: bool


def find_chaired_day(db: Session, actor: Actor, session_id: int) -> Day | None:
    """The day, if the actor chairs its panel."""
    day = find_day(db, session_id, duty_ids=actor.duty_ids)
    return day if day is not None and _chairs(actor, day) else None


@dataclass(frozen=True, slots=True)
class SlotOfDay:
    """A slot with the day it is part of."""

    day: Day
    slot: SlotLine


def _slot_of(day: Day | None, slot_id: int) -> SlotOfDay | None:
    return None if day is None else SlotOfDay(day, next(slot for slot in day.slots if slot.id == slot_id))


def find_chaired_slot(db: Session, actor: Actor, slot_id: int) -> SlotOfDay | None:
    """The slot with its day, if the actor chairs the panel."""
    day = find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids)
    return _slot_of(day, slot_id) if day is not None and _chairs(actor, day) else None


def find_seen_slot(db: Session, actor: Actor, slot_id: int) -> SlotOfDay | None:
    """The slot with its day, if the actor sits on the panel or sees all of them."""
    return _slot_of(find_seen_day_of_slot(db, actor, slot_id), slot_id)


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


@pages.get("/slot/<int:slot>/compare")
@guard(may_see_days, slot=find_seen_slot)
def compare(slot: SlotOfDay) -> ResponseReturnValue:
    """All members side by side, once the slot is closed. Before that nobody sees another's marks: Locked."""
    if not may_compare(slot_state=slot.slot.state):
        raise Locked(actions.HIDDEN)
    db = reading()
    return render_template(
        "scoring/compare.html", sitting=sitting(db, current_actor(), slot.day), slot=slot.slot,
        compared=compare_slot(db, slot.day, slot.slot),
    )  # fmt: skip


def compare_slot(db: Session, day: Day, slot: SlotLine) -> tuple[Compared, ...]:
    """Every entry of a closed slot, in three statements."""
    cards = list_closed_cards(db, slot.id)
    answers = map_answers(db, {card.entry_id for card in cards})
    reopenings = list_reopenings(db, slot.id)
    seats = {seat.id: seat for seat in day.seats}
    compared = []
    for entry in slot.entries():
        own = [card for card in cards if card.entry_id == entry.entry_id]
        if not own:
            continue  # not sent, or not presented: nothing to compare
        category = category_of(db, slot, entry.category)
        totals = {
            card.id: card_total(category, card.marks, answers[card.entry_id])
            for card in own
            if card.state == "sent" and not card.excused
        }
        spread = max(totals.values()) - min(totals.values()) if totals else None
        alert = category.panel.spread_alert
        columns = tuple(
            Column(
                seats[card.seat_id], card.excused or card.state, card.excused_reason,
                shown_total(category, totals[card.id]) if card.id in totals else None,
            )
            for card in own
        )  # fmt: skip
        compared.append(
            Compared(
                entry.entry_id, entry.code, entry.label, plain(category.full_mark), columns,
                tuple(_lines(category, own, reopenings)),
                None if spread is None else shown_total(category, spread), None if alert is None else plain(alert),
                alert is not None and spread is not None and spread >= alert,
            )
        )  # fmt: skip
    return tuple(compared)


def _lines(category: Category, cards: Sequence[StoredCard], reopenings: Sequence[ReopeningShown]) -> Iterator[Line]:
    stages = [_stages(category, card, reopenings) for card in cards]
    for node in category.nodes():
        depth = node.path.count("/")
        if node.parts:
            yield Line(node, depth)
            continue
        cells = tuple(_cell(node, card, values) for card, values in zip(cards, stages, strict=True))
        counted = [values[-1].get(node.path) for card, values in zip(cards, stages, strict=True) if not card.excused]
        given = [mark for mark in counted if mark is not None]
        yield Line(node, depth, cells, plain(max(given) - min(given)) if len(given) > 1 else None)


def _stages(category: Category, card: StoredCard, reopenings: Sequence[ReopeningShown]) -> list[dict[str, Number]]:
    """The card's marks by leaf at each time it was opened again, then as they are now; of a checklist, its points."""
    revisions = [each.revision for each in reopenings if each.assignment_id == card.id]
    return [_by_leaf(category, marks) for marks in (*(_marks_at(card, each) for each in revisions), card.marks)]


def _by_leaf(category: Category, marks: Mapping[str, Decimal]) -> dict[str, Number]:
    given, points = exact_marks(marks), leaf_points(category, marks)
    return {
        leaf.path: given[leaf.path] if isinstance(leaf.source, MarksSource) else points[leaf.path]
        for leaf in category.leaves
        if leaf.path in points
    }


def _marks_at(card: StoredCard, revision: int | None) -> dict[str, Decimal]:
    latest = {mark.criterion: mark.value for mark in card.history if revision is None or mark.revision <= revision}
    return {path: value for path, value in latest.items() if value is not None}


def _cell(leaf: Criterion, card: StoredCard, stages: Sequence[Mapping[str, Number]]) -> Cell:
    texts = [plain(marks[leaf.path]) if leaf.path in marks else "" for marks in stages]
    changes = [text for place, text in enumerate(texts) if place == 0 or text != texts[place - 1]]
    return Cell(changes[-1] or None, tuple(changes[:-1]), card.notes.get(leaf.path, ""))
