"""What happened on a scoring day, gathered for its minutes: as recorded, and the marks of what is closed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from award.comparison.compare import Comparison, compare_slot
from award.evaluation import adopted_rules
from award.policy import Actor, may_compare
from award.queries.checkpoints import KeptRoot
from award.queries.minutes import (
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
from scoring_rules.rules import RuleSet


@dataclass(frozen=True, slots=True)
class SlotHeld:
    """One slot as it went. `comparison` is empty, and `notes` and reasons are not to be shown, until it is closed."""

    line: SlotLine
    rules: RuleSet
    chair: SeatHeld | None
    attended: tuple[Attended, ...]
    phases: tuple[PhaseBegun, ...]
    moves: tuple[Moved, ...]
    notes: tuple[Note, ...]
    opened: tuple[OpenedAgain, ...]
    papers: tuple[OnPaper, ...]
    comparison: Comparison
    root: KeptRoot | None

    @property
    def is_closed(self) -> bool:
        """Only then does anything here tell of marks."""
        return self.line.state == "closed"


@dataclass(frozen=True, slots=True)
class DayHeld:
    """A scoring day as its minutes tell it. `is_draft`: a slot is not closed yet. `is_extract`: marks of an entry are
    withheld from this reader."""

    day: Day
    declared: tuple[Declared, ...]
    slots: tuple[SlotHeld, ...]

    @property
    def is_draft(self) -> bool:
        """Something may still come."""
        return not self.slots or not all(slot.is_closed for slot in self.slots)

    @property
    def is_extract(self) -> bool:
        """Others read more in theirs."""
        return any(slot.comparison.withheld for slot in self.slots)


def gather_day(db: Session, day: Day, *, actor: Actor) -> DayHeld:
    """The day as this reader may have it; of a slot that is not closed nothing is read that hangs on a mark."""
    recorded = read_recorded(db, day.id)
    roots = map_roots_after_closing(db, [slot.id for slot in day.slots])
    held = tuple(
        SlotHeld(
            line=slot,
            rules=adopted_rules(db, adoption_id=slot.adoption_id, sha256=slot.rules_sha256),
            chair=day.chair_of(slot),
            attended=tuple(each for each in recorded.attended if each.slot_id == slot.id),
            phases=tuple(each for each in recorded.phases if each.slot_id == slot.id),
            moves=tuple(each for each in recorded.moves if each.slot_id == slot.id),
            notes=tuple(each for each in recorded.notes if each.slot_id == slot.id),
            opened=tuple(each for each in recorded.opened if each.slot_id == slot.id),
            papers=tuple(each for each in recorded.papers if each.slot_id == slot.id),
            comparison=(
                compare_slot(db, day, slot, actor=actor) if may_compare(slot_state=slot.state) else Comparison()
            ),
            root=roots.get(slot.id),
        )
        for slot in day.slots
    )
    return DayHeld(day, recorded.declared, held)
