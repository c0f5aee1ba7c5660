"""The chair's page: for each slot what to do next, who is there, who has sent. No points before a slot is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions.live import planned_minutes
from award.actions.slots import Missing, is_recused
from award.comparison.compare import Compared, compare_slot
from award.db.live import PHASES
from award.errors import Refusal
from award.policy import Actor, may_begin_phase, may_compare, may_open_slot
from award.queries.checkpoints import map_roots
from award.queries.live import (
    Attended,
    Noted,
    Seen,
    SlotStatus,
    list_beside,
    list_slot_statuses,
    map_attendance,
    map_notes,
    map_sightings,
    slot_next,
    slot_now,
)
from award.queries.requests import Request, list_open_requests
from award.queries.scoring import Day, SeatHeld, SlotLine
from award.queries.seats import list_panel_seatings
from award.views.context import current_actor, new_key, reading, site
from award.views.language import named, said, sentence
from award.views.roots import show_root
from award.views.scoring import category_of, sitting

UNSEEN = timedelta(seconds=40)  # after so long without a word of a page the chair is told
JUST = timedelta(minutes=30)  # so long a closed slot waits for its discussion, then the next one comes first
AFTER = {"": "presenting", "presenting": "questions", "questions": "scoring"}
REHEARSED = {"": "presenting", "presenting": "questions", "questions": "scoring", "scoring": "done"}


def chairs_panel(actor: Actor, day: Day) -> bool:
    """Whether the actor holds the panel's chair."""
    return any(seat.kind == "chair" and seat.duty_id in actor.duty_ids for seat in day.seats)


def chairs_slot(actor: Actor, day: Day, slot: SlotLine) -> bool:
    """Whether the actor chairs this slot now."""
    chair = day.chair_of(slot)
    return chair is not None and chair.duty_id in actor.duty_ids


def chairs_day(actor: Actor, day: Day) -> bool:
    """Whether the actor chairs the panel, or a slot of the day that was passed to them."""
    return chairs_panel(actor, day) or any(chairs_slot(actor, day, slot) for slot in day.slots)


@dataclass(frozen=True, slots=True)
class ChairedSlot:
    """A slot on the chair's page.

    `step`: what to do next: open, presenting, questions, scoring, wait, close, discussion, done; pass (the chair is
    recused), passed (another member chairs it), later (not its day yet), over. `is_mine`: whether the actor chairs it.
    """

    slot: SlotLine
    status: SlotStatus
    chair: SeatHeld | None
    is_mine: bool
    step: str
    quorum: int
    attended: Mapping[int, Attended]
    notes: Sequence[Noted]
    asked: Sequence[Request]
    compared: Sequence[Compared]

    @property
    def present(self) -> int:
        """How many are there."""
        return sum(each.state != "absent" for each in self.attended.values())

    @property
    def phases(self) -> tuple[str, ...]:
        """The parts that could be set in motion now, besides the next step."""
        return tuple(
            phase
            for phase in PHASES
            if phase != self.step and may_begin_phase(phase=phase, slot_state=self.slot.state)
            and not (phase == "done" and (self.slot.state != "closed" or self.status.phase == "done"))
        )  # fmt: skip

    @property
    def waiting(self) -> tuple[int, ...]:
        """Seats that have a card to send, of entries that take part."""
        left = [card for card in self.slot.cards if card.entry_state == "submitted" and not card.is_done]
        return tuple(dict.fromkeys(card.seat_id for card in left))

    def planned(self, phase: str) -> int | None:
        """How many minutes a part is planned to last."""
        return planned_minutes(self.slot, phase)


def show_chair(day: Day, *, refusal: Refusal | None = None, slot_id: int = 0) -> ResponseReturnValue:
    """The page; after a refusal with what was typed. The same number of statements however many members and cards."""
    db, actor, today = reading(), current_actor(), site().clock.today()
    slots = chaired_slots(db, actor, day, today=today)
    closed = {slot.adoption_id for slot in day.slots if slot.state == "closed"}
    roots = map_roots(db, closed) if closed else {}
    page = render_template(
        "scoring/chair.html",
        sitting=sitting(db, actor, day), slots=slots, focus=_focus(slots),
        beside=list_beside(db, session_id=day.id, panel_id=day.panel_id, day=day.day),
        following=slot_next([each.status for each in slots]), chairs_panel=chairs_panel(actor, day),
        seats={seat.id: seat for seat in day.seats}, **_network(db, day),
        roots={adoption: show_root(kept) for adoption, kept in roots.items()},
        refused=said(refusal) if refusal else "",
        missing=[missing_says(each) for each in refusal.details.get("missing", ())] if refusal else [],
        typed=request.form, at=slot_id, key=new_key, today=today,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def show_network(day: Day) -> ResponseReturnValue:
    """The part of the page that tells whose network is gone."""
    return render_template("scoring/network.html", **_network(reading(), day), day=day, today=site().clock.today())


def _network(db: Session, day: Day) -> dict[str, Any]:
    """Told by all processes a few seconds ago, and seen by this one just now."""
    told = map_sightings(db, day.id)
    just = {seat: Seen(*seen) for seat, seen in site().sightings.of(day.id).items()}
    return {"sightings": {**told, **just}, "unseen": UNSEEN}


def chaired_slots(db: Session, actor: Actor, day: Day, *, today: date) -> list[ChairedSlot]:
    """The slots of a day with all that their chair has to know, in time order."""
    ids = [slot.id for slot in day.slots]
    statuses = {status.id: status for status in list_slot_statuses(db, [day.id])}
    attendance, notes = map_attendance(db, ids), map_notes(db, ids)
    asked = list_open_requests(db, ids)
    any_closed = any(may_compare(slot_state=slot.state) for slot in day.slots)
    seatings = list_panel_seatings(db, day.panel_id) if any_closed else ()
    made = []
    for slot in day.slots:
        closed = may_compare(slot_state=slot.state)
        compared = compare_slot(db, day, slot, actor=actor, seatings=seatings).entries if closed else ()
        status, chair = statuses[slot.id], day.chair_of(slot)
        made.append(
            ChairedSlot(
                slot=slot, status=status, chair=chair, is_mine=chairs_slot(actor, day, slot),
                step=_step(actor, day, slot, status, today=today, is_wide=any(each.is_wide for each in compared)),
                quorum=_quorum(db, slot),
                attended={seat: each for (at, seat), each in attendance.items() if at == slot.id},
                notes=notes.get(slot.id, ()), asked=[each for each in asked if each.slot_id == slot.id],
                compared=compared,
            )
        )  # fmt: skip
    return made


def _step(actor: Actor, day: Day, slot: SlotLine, status: SlotStatus, *, today: date, is_wide: bool) -> str:
    """What the chair of a slot does next."""
    if not chairs_slot(actor, day, slot):
        return "passed"
    chair = day.chair_of(slot)
    if slot.state != "closed" and chair is not None and is_recused(slot, chair):
        return "pass"
    if slot.state == "planned" and day.rehearsed_from is not None:
        return "over" if status.phase == "done" else REHEARSED[status.phase]
    if slot.state == "planned":
        return "open" if may_open_slot(slot_state=slot.state, day=day.day, today=today) else "later"
    if slot.state == "closed":
        if status.phase == "done":
            return "over"
        return "discussion" if is_wide and not status.phase else "done"
    if status.phase in AFTER and not ((status.phase or status.cards) and status.done == status.cards):
        return AFTER[status.phase]
    return "close" if status.done == status.cards else "wait"


def _focus(slots: Sequence[ChairedSlot]) -> ChairedSlot | None:
    """The slot that the chair has in hand: what is on, else what was closed a while ago and is not finished, else the
    next one."""
    statuses = [each.status for each in slots]
    chosen = slot_now(statuses) or next(filter(_is_unfinished, reversed(statuses)), None) or slot_next(statuses)
    return next((each for each in slots if chosen is not None and each.slot.id == chosen.id), None)


def _is_unfinished(status: SlotStatus) -> bool:
    just = status.closed_at is not None and site().clock.now() - status.closed_at < JUST
    return status.state == "closed" and status.phase != "done" and just


def _quorum(db: Session, slot: SlotLine) -> int:
    """The largest quorum of the slot's entries; 0 where it has none."""
    return max((category_of(db, slot, entry.category).panel.quorum for entry in slot.entries()), default=0)


def missing_says(missing: Missing) -> str:
    """One thing that keeps a slot open, as a sentence."""
    values = dict(missing.values)
    if "seat_th" in values:
        values["seat"] = named(_Titles(values.pop("seat_th"), values.pop("seat_en")), "seat")
    return sentence(missing.says, values)


@dataclass(frozen=True, slots=True)
class _Titles:
    seat_th: str
    seat_en: str
