"""What members noted on the entries of a closed slot, to be worked on; the province gets it with the results."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from award.actions.slots import HIDDEN
from award.errors import N_, Locked
from award.policy import Actor, is_officer, may_compare, may_see_days, may_see_runs
from award.queries.follow_ups import list_judged, list_of_slot
from award.queries.remarks import Remark, are_results_public, list_remarks
from award.queries.scoring import SeatHeld, find_day_of_slot
from award.views.context import current_actor, reading
from award.views.guard import guard
from award.views.language import day as day_text
from award.views.language import named, words
from award.views.scoring import SlotOfDay, category_of, slot_of
from scoring_rules.words import Words

pages = Blueprint("remarks", __name__, url_prefix="/s")
NOT_YET = N_("What the panel noted is shown to the province once the results of this award are published.")


@dataclass(frozen=True, slots=True)
class Noted:
    """One note; `seat` is None where the reader is not told who wrote it."""

    seat: SeatHeld | None
    text: str


@dataclass(frozen=True, slots=True)
class OnCriterion:
    """What was noted beside one criterion."""

    label: Words
    notes: tuple[Noted, ...]
    path: str

    @property
    def as_lines(self) -> str:
        """The notes one under the other, in no order that tells whose."""
        return "\n".join(sorted(note.text for note in self.notes))


@dataclass(frozen=True, slots=True)
class OnEntry:
    """What was noted on one entry, in the order of its rules."""

    entry_id: int
    code: str
    label: str
    criteria: tuple[OnCriterion, ...]


def may_ask_for_remarks(actor: Actor) -> bool:
    """The panel, organizer and auditor; the province, with the results."""
    return may_see_days(actor) or is_officer(actor)


def find_remarked_slot(db: Session, actor: Actor, slot_id: int) -> SlotOfDay | None:
    """The slot, if the actor sits on the panel, sees all of them, or answers for the province that was heard."""
    heard = find_day_of_slot(
        db, slot_id, duty_ids=actor.duty_ids, provinces=actor.provinces, everywhere=may_see_runs(actor)
    )
    return slot_of(heard, slot_id)


@pages.get("/slot/<int:slot>/remarks")
@guard(may_ask_for_remarks, slot=find_remarked_slot)
def remarks(slot: SlotOfDay) -> ResponseReturnValue:
    """Notes by entry and criterion, once the slot is closed; for the province once the results are public. Locked."""
    if not may_compare(slot_state=slot.slot.state):
        raise Locked(HIDDEN)
    db, actor = reading(), current_actor()
    is_of_province = slot.day.province_code in actor.provinces
    if is_of_province and not are_results_public(db, slot.slot.id):
        raise Locked(NOT_YET)
    found = list_remarks(db, slot.slot.id, duty_ids=actor.duty_ids, provinces=actor.provinces)
    entries = collect(db, slot, found)
    return render_template(
        "scoring/remarks.html", day=slot.day, slot=slot.slot, entries=entries, as_text=_as_text(slot, entries),
        is_of_province=is_of_province, follow_ups=list_of_slot(db, actor, slot.slot.id),
        may_follow_up=bool(list_judged(db, actor, slot.slot.id)),
    )  # fmt: skip


def collect(db: Session, at: SlotOfDay, found: Sequence[Remark]) -> tuple[OnEntry, ...]:
    """Every entry of the slot that has a note, its criteria in the order of the rules."""
    seats = {seat.id: seat for seat in at.day.seats}
    entries = []
    for entry in at.slot.entries():
        own = [each for each in found if each.entry_id == entry.entry_id]
        criteria = tuple(
            OnCriterion(leaf.label, notes, leaf.path)
            for leaf in category_of(db, at.slot, entry.category).leaves
            if (
                notes := tuple(
                    Noted(None if each.seat_id is None else seats[each.seat_id], each.text)
                    for each in own
                    if each.criterion == leaf.path
                )
            )
        )
        if criteria:
            entries.append(OnEntry(entry.entry_id, entry.code, entry.label, criteria))
    return tuple(entries)


def _as_text(at: SlotOfDay, entries: Sequence[OnEntry]) -> str:
    """The same as plain text, to paste into a letter."""
    heading = gettext("Remarks of the panel of zone %(number)s", number=at.day.zone_number)
    province = gettext("%(name)s province", name=named(at.day))
    lines = [f"{heading} – {named(at.slot)} – {province} – {day_text(at.day.day)}"]
    for entry in entries:
        lines += ["", f"{entry.label} ({entry.code})"]
        for criterion in entry.criteria:
            lines.append(f"- {words(criterion.label)}")
            lines += sorted(f"  • {note.text}" for note in criterion.notes)  # no order that tells whose
    return "\n".join(lines)
