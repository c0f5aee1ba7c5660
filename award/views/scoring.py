"""The committee's pages: today's board, a day, a member's own card, sending it, stepping back from it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import scoring as actions
from award.errors import Incomplete, Invalid, Locked, Stale
from award.evaluation import (
    adopted_rules,
    card_gaps,
    card_total,
    count_places,
    exact_marks,
    leaf_points,
    numbers_in,
    shown_total,
)
from award.forms.card import Card, build_card, points_text
from award.forms.scoring import read_key, read_reason, read_revision, read_save, read_save_form
from award.policy import Actor, is_committee, may_ask_reopening, may_look_into, may_see_days, may_see_runs
from award.queries.agenda import Move, map_moved
from award.queries.cards import CardAbout, StoredCard, find_card, get_card_about, list_reopenings
from award.queries.declarations import Declared, map_declarations
from award.queries.entries import list_evidence
from award.queries.live import SlotStatus, list_slot_statuses, slot_next, slot_now
from award.queries.requests import list_requests
from award.queries.scoring import (
    Day,
    SeatHeld,
    SlotLine,
    find_day,
    find_day_of_slot,
    list_day_counts,
    list_days_on,
    list_seats,
)
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import clock_time, said, sentence
from award.views.limits import SAVES, limited
from scoring_rules.cards import as_read
from scoring_rules.exact import Number
from scoring_rules.rules import Category
from scoring_rules.words import Words

pages = Blueprint("scoring", __name__, url_prefix="/s")
MOST_BYTES = 500_000  # of one save


@dataclass(frozen=True, slots=True)
class Sitting:
    """A day as one member sits through it. `seat` is None for those who only look on. `places`: by card id."""

    day: Day
    seat: SeatHeld | None
    places: Mapping[int, int]
    declared: Mapping[int, Declared] = field(default_factory=dict)  # by seat: what its holder declared for this day
    statuses: Mapping[int, SlotStatus] = field(default_factory=dict)  # by slot, where the page follows the day
    key: str = ""  # of the page's small forms
    moved: Mapping[int, Move] = field(default_factory=dict)  # by slot, those that stand at another time than at first

    @property
    def is_chaired(self) -> bool:
        """Whether the member chairs this panel, or a slot of the day."""
        if self.seat is None:
            return False
        return self.seat.kind == "chair" or any(slot.chaired_by_id == self.seat.id for slot in self.day.slots)

    @property
    def now(self) -> SlotStatus | None:
        """The slot that is on."""
        return slot_now(list(self.statuses.values()))

    @property
    def following(self) -> SlotStatus | None:
        """The slot that is next."""
        return slot_next(list(self.statuses.values()))


def category_of(db: Session, slot: SlotLine, code: str) -> Category:
    """The rules by which a slot's entries of a category are marked."""
    return adopted_rules(db, adoption_id=slot.adoption_id, sha256=slot.rules_sha256).category(code)


def sitting(
    db: Session, actor: Actor, day: Day, *, declared: Mapping[tuple[int, int], Declared] | None = None,
    statuses: Sequence[SlotStatus] = (), moved: Mapping[int, Move] | None = None,
) -> Sitting:  # fmt: skip
    """A day for one person: their seat, how many places each card has, and who declared what. `declared`: by session
    and seat, where it was read for several days at once. `statuses`: of this and other days, where the page shows them.
    """
    seat = next((seat for seat in day.seats if seat.duty_id in actor.duty_ids), None)
    places = {card.id: count_places(category_of(db, slot, card.category)) for slot in day.slots for card in slot.cards}
    if declared is None:
        declared = map_declarations(db, [day.id])
    return Sitting(
        day, seat, places, {of: each for (session, of), each in declared.items() if session == day.id},
        {status.id: status for status in statuses if status.session_id == day.id}, new_key(), moved or {},
    )  # fmt: skip


def find_seen_day(db: Session, actor: Actor, session_id: int) -> Day | None:
    """The day, if the actor sits on its panel or sees all of them."""
    return find_day(db, session_id, duty_ids=actor.duty_ids, everywhere=may_see_runs(actor))


def find_seen_day_of_slot(db: Session, actor: Actor, slot_id: int) -> Day | None:
    """The day of a slot, in the same scope."""
    return find_day_of_slot(db, slot_id, duty_ids=actor.duty_ids, everywhere=may_see_runs(actor))


@dataclass(frozen=True, slots=True)
class SlotOfDay:
    """A slot with the day it is part of."""

    day: Day
    slot: SlotLine


def slot_of(day: Day | None, slot_id: int) -> SlotOfDay | None:
    """One slot of a day that was found."""
    return None if day is None else SlotOfDay(day, next(slot for slot in day.slots if slot.id == slot_id))


def find_seen_slot(db: Session, actor: Actor, slot_id: int) -> SlotOfDay | None:
    """The slot with its day, if the actor sits on the panel or sees all of them."""
    return slot_of(find_seen_day_of_slot(db, actor, slot_id), slot_id)


def find_own_card(db: Session, actor: Actor, assignment_id: int) -> StoredCard | None:
    """The card, if it is the actor's through a duty held today."""
    card = find_card(db, assignment_id)
    return card if card is not None and actions.is_own(actor, card, today=site().clock.today()) else None


@pages.get("/")
@guard(is_committee)
def board() -> ResponseReturnValue:
    """Today: the provinces in time order, my cards, what is on now."""
    db, actor, today = reading(), current_actor(), site().clock.today()
    seats = list_seats(db, duty_ids=actor.duty_ids)
    counts = list_day_counts(db, seat_ids=[seat.id for seat in seats])
    days = list_days_on(db, panel_ids={seat.panel_id for seat in seats}, day=today)
    declared = map_declarations(db, [day.id for day in days])
    statuses = list_slot_statuses(db, [day.id for day in days])
    moved = map_moved(db, [day.id for day in days])
    return render_template(
        "scoring/board.html",
        seats=seats,
        sittings=[sitting(db, actor, day, declared=declared, statuses=statuses, moved=moved) for day in days],
        others=[count for count in counts if count.day != today],
        following=next((count for count in counts if count.day > today), None),
        today=today,
    )


@pages.get("/<int:day>")
@guard(may_see_days, day=find_seen_day)
def day(day: Day) -> ResponseReturnValue:
    """One scoring session: my cards for a member, counts for organizer and auditor."""
    db = reading()
    statuses = list_slot_statuses(db, [day.id])
    seen = sitting(db, current_actor(), day, statuses=statuses, moved=map_moved(db, [day.id]))
    return render_template("scoring/day.html", sitting=seen)


@pages.get("/card/<int:card>")
@guard(is_committee, card=find_own_card)
def card(card: StoredCard) -> ResponseReturnValue:
    """My score card: made from the rules, saved on every change."""
    return show_card(card)


def show_card(
    stored: StoredCard, *, status: int = 200, typed: Mapping[str, str] | None = None,
    errors: Mapping[str, Words] | None = None, refused: str = "", stale: bool = False, asked: str = "",
) -> ResponseReturnValue:  # fmt: skip
    """The card; after a refused plain form with what was typed, and what is stored beside it where that differs.

    `asked`: what was written to the chair, where it was turned away."""
    db = reading()
    about = _about(db, stored)
    sheet, category = _sheet(db, stored, about, typed=typed, errors=errors)
    values = actions.stored_values(stored)
    barrier = actions.barrier_of(stored, actor=current_actor())
    conflicts = {name: values.get(name, "") for name, text in (typed or {}).items() if text != values.get(name, "")}
    page = render_template(
        "scoring/card.html",
        stored=stored, about=about, sheet=sheet, values=values, key=new_key(),
        barrier=barrier,
        barrier_says=sentence(actions.BARRIERS[barrier], actions.barrier_values(stored)) if barrier else "",
        hold=_hold(about, barrier),
        total=shown_total(category, card_total(category, stored.marks, about.answers)),
        reopenings=[each for each in list_reopenings(db, stored.slot_id) if each.assignment_id == stored.id],
        refused=refused, errors=errors or {}, conflicts=conflicts if stale else {},
        session_id=about.session_id, asked=asked, requests=list_requests(db, stored.id),
        may_ask=may_ask_reopening(slot_state=stored.slot_state, card_state=stored.state, excused=stored.excused),
    )  # fmt: skip
    return page, status


def _hold(about: CardAbout, barrier: str) -> str:
    """What keeps the whole card from being sent, where nothing else does: undeclared, interest, missed."""
    return about.sending.barrier if barrier in ("", "planned") else ""


def _about(db: Session, stored: StoredCard) -> CardAbout:
    """What stands around the marks, without the answers where the member may not read them."""
    about = get_card_about(db, stored.id)
    return about if _may_look_into(stored) else replace(about, answers="{}")


def _may_look_into(stored: StoredCard) -> bool:
    return may_look_into(entry_state=stored.entry_state, excused=stored.excused)


def _sheet(
    db: Session, stored: StoredCard, about: CardAbout, *,
    typed: Mapping[str, str] | None = None, errors: Mapping[str, Words] | None = None,
) -> tuple[Card, Category]:  # fmt: skip
    rules = adopted_rules(db, adoption_id=stored.adoption_id, sha256=stored.rules_sha256)
    category, answers = rules.category(stored.category), json.loads(about.answers)
    evidence = list_evidence(db, stored.entry_id) if _may_look_into(stored) else ()
    sheet = build_card(
        category, answers=answers, fields=numbers_in(category, answers), evidence=evidence,
        values={**actions.stored_values(stored), **(typed or {})}, marks=exact_marks(stored.marks), errors=errors,
    )  # fmt: skip
    return sheet, category


@pages.post("/card/<int:card>/marks")
@guard(is_committee)
@limited(SAVES)
def save_card(card: int) -> ResponseReturnValue:
    """Saves changed marks. The hot path: whose card it is is asked once, inside the action's transaction."""
    if not request.is_json:
        return _save_form(card)
    if (request.content_length or 0) > MOST_BYTES:
        raise Invalid(actions.TOO_MUCH)
    try:
        sent = request.get_json()
    except RecursionError:
        sent = None
    save = read_save(sent)
    saved = actions.record_marks(
        site().database, site().clock, actor=current_actor(), assignment_id=card,
        changes=save.changes, base_revision=save.base_revision, key=save.key,
    )  # fmt: skip
    return jsonify(
        revision=saved.revision, receipt=saved.receipt.text, saved_at=clock_time(saved.receipt.at),
        total=saved.total, blanks=saved.blanks, read=as_read(save.changes),
    )  # fmt: skip


def _save_form(card_id: int) -> ResponseReturnValue:
    save = read_save_form(request.form)
    try:
        actions.record_marks(
            site().database, site().clock, actor=current_actor(), assignment_id=card_id,
            changes=save.changes, base_revision=save.base_revision, key=save.key,
        )  # fmt: skip
    except (Invalid, Stale, Locked) as refusal:
        stored = find_own_card(reading(), current_actor(), card_id)
        if stored is None:
            raise
        return show_card(
            stored, status=refusal.status, typed=save.changes, errors=refusal.details.get("problems"),
            refused=said(refusal), stale=isinstance(refusal, Stale),
        )  # fmt: skip
    onward = "scoring.confirm" if request.form.get("then") == "send" else "scoring.card"
    return redirect(url_for(onward, card=card_id), 303)


@pages.get("/card/<int:card>/send")
@guard(is_committee, card=find_own_card)
def confirm(card: StoredCard) -> ResponseReturnValue:
    """Look once more before sending: total, lowest criterion, notes, and what is missing."""
    return _show_confirm(card)


@pages.post("/card/<int:card>/send")
@guard(is_committee, card=find_own_card)
def send(card: StoredCard) -> ResponseReturnValue:
    """Sends the card; what is missing comes back on the page."""
    try:
        actions.send_card(
            site().database, site().clock, actor=current_actor(), assignment_id=card.id,
            base_revision=read_revision(request.form), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Incomplete, Stale, Locked) as refusal:
        return _show_confirm(find_card(reading(), card.id) or card, status=refusal.status, refused=said(refusal))
    return redirect(url_for("scoring.card", card=card.id), 303)


def _show_confirm(stored: StoredCard, *, status: int = 200, refused: str = "") -> ResponseReturnValue:
    db = reading()
    about = _about(db, stored)
    sheet, category = _sheet(db, stored, about)
    points = leaf_points(category, stored.marks)
    barrier = actions.barrier_of(stored, actor=current_actor())
    page = render_template(
        "scoring/confirm.html",
        stored=stored, about=about, sheet=sheet, refused=refused,
        points={path: points_text(value) for path, value in points.items()}, key=new_key(),
        total=shown_total(category, card_total(category, stored.marks, about.answers)),
        gaps=card_gaps(category, marks=stored.marks, notes=stored.notes, answers=about.answers),
        lowest=_lowest(category, points), barrier=barrier, hold=_hold(about, barrier),
        barrier_says=sentence(actions.BARRIERS[barrier], actions.barrier_values(stored)) if barrier else "",
    )  # fmt: skip
    return page, status


def _lowest(category: Category, points: Mapping[str, Number]) -> tuple[Any, ...]:
    """The criteria with the smallest share of their points; none while nothing is marked."""
    shares = {leaf: points[leaf.path] / leaf.points for leaf in category.leaves if leaf.path in points}
    least = min(shares.values(), default=None)
    return tuple(leaf for leaf, share in shares.items() if share == least)


@pages.route("/card/<int:card>/recuse", methods=["GET", "POST"])
@guard(is_committee, card=find_own_card)
def recuse(card: StoredCard) -> ResponseReturnValue:
    """Steps back from an entry, after a page that says what it means."""
    refused, status = "", 200
    if request.method == "POST":
        try:
            actions.recuse(
                site().database, site().clock, actor=current_actor(), assignment_id=card.id,
                reason=read_reason(request.form), key=read_key(request.form.get("key")),
            )  # fmt: skip
        except (Invalid, Locked) as refusal:
            refused, status = said(refusal), refusal.status
        else:
            return redirect(url_for("scoring.card", card=card.id), 303)
    about = get_card_about(reading(), card.id)
    page = render_template(
        "scoring/recuse.html", stored=card, about=about, refused=refused, key=new_key(),
        reason=request.form.get("reason", ""), barrier=actions.barrier_of(card, actor=current_actor()),
    )  # fmt: skip
    return page, status
