"""What happened on a scoring day, gathered for its minutes: as recorded, and the marks of what is closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from award.comparison.compare import Comparison, compare_slot
from award.evaluation import adopted_rules
from award.policy import Actor, may_compare
from award.queries.checkpoints import KeptRoot
from award.queries.minutes import (
    Asked,
    Attended,
    Declared,
    Moved,
    Note,
    OnPaper,
    OpenedAgain,
    PhaseBegun,
    map_roots_after_closing,
    read_recorded,
)
from award.queries.scoring import Day, SeatHeld, SlotLine
from award.queries.seats import Seating, list_panel_seatings, seats_at
from scoring_rules.rules import RuleSet


@dataclass(frozen=True, slots=True)
class SlotHeld:
    """One slot as it went. Until every slot of the day is closed (`is_final`) `comparison` is empty, and what people
    wrote freely is not to be shown: it may tell of marks."""

    line: SlotLine
    rules: RuleSet
    chair: SeatHeld | None
    attended: tuple[Attended, ...]
    phases: tuple[PhaseBegun, ...]
    moves: tuple[Moved, ...]
    notes: tuple[Note, ...]
    asked: tuple[Asked, ...]
    opened: tuple[OpenedAgain, ...]
    papers: tuple[OnPaper, ...]
    comparison: Comparison
    root: KeptRoot | None
    is_final: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A seat went to another duty while the day was held: as it was before, and after."""

    at: datetime
    before: SeatHeld
    after: SeatHeld


@dataclass(frozen=True, slots=True)
class DayHeld:
    """A scoring day as its minutes tell it: seats as they were held when its last slot was closed, and what was handed
    over while it went on. `is_draft`: a slot is not closed yet. `is_extract`: marks of an entry are withheld from this
    reader."""

    day: Day
    declared: tuple[Declared, ...]
    handed: tuple["HandedOver", ...]
    slots: tuple[SlotHeld, ...]

    @property
    def is_draft(self) -> bool:
        """Something may still come."""
        return not self.slots or not all(slot.is_final for slot in self.slots)

    @property
    def is_extract(self) -> bool:
        """Others read more in theirs."""
        return any(slot.comparison.withheld for slot in self.slots)


def gather_day(db: Session, day: Day, *, actor: Actor) -> DayHeld:
    """The day as this reader may have it; while a slot is not closed nothing is read that hangs on a mark."""
    recorded = read_recorded(db, day.id)
    seatings = list_panel_seatings(db, day.panel_id)
    day = replace(day, seats=seats_at(day.seats, seatings, _last_moment(day)))
    roots = map_roots_after_closing(db, [slot.id for slot in day.slots])
    is_final = all(may_compare(slot_state=slot.state) for slot in day.slots)
    held = tuple(
        SlotHeld(
            line=slot,
            rules=adopted_rules(db, adoption_id=slot.adoption_id, sha256=slot.rules_sha256),
            chair=day.chair_of(slot),
            attended=tuple(each for each in recorded.attended if each.slot_id == slot.id),
            phases=tuple(each for each in recorded.phases if each.slot_id == slot.id),
            moves=tuple(each for each in recorded.moves if each.slot_id == slot.id),
            notes=tuple(each for each in recorded.notes if each.slot_id == slot.id),
            asked=tuple(each for each in recorded.asked if each.slot_id == slot.id),
            opened=tuple(each for each in recorded.opened if each.slot_id == slot.id),
            papers=tuple(each for each in recorded.papers if each.slot_id == slot.id),
            comparison=compare_slot(db, day, slot, actor=actor) if is_final else Comparison(),
            root=roots.get(slot.id),
            is_final=is_final,
        )
        for slot in day.slots
    )
    return DayHeld(day, recorded.declared, _handed_over(day, seatings), held)


def _last_moment(day: Day) -> datetime | None:
    """When the last slot was closed; None while one is not."""
    closed = [slot.closed_at for slot in day.slots if slot.closed_at is not None]
    return max(closed) if closed and len(closed) == len(day.slots) else None


def _handed_over(day: Day, seatings: Sequence[Seating]) -> tuple[HandedOver, ...]:
    """What changed hands from the first opening to the last closing."""
    opened = [slot.opened_at for slot in day.slots if slot.opened_at is not None]
    last, found = _last_moment(day), []
    for before, after in pairwise(seatings):
        if opened and min(opened) <= after.at and (last is None or after.at <= last):
            were = seats_at(day.seats, [before], before.at)
            found += [
                HandedOver(after.at, old, new)
                for old, new in zip(were, seats_at(day.seats, [after], after.at), strict=True)
                if before.seats.get(old.code) != after.seats.get(old.code)
            ]
    return tuple(found)
