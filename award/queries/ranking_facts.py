"""What a calculation starts from: entries, closed cards, marks, decisions. Core rows: there are thousands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, Row, case, func, select, type_coerce
from sqlalchemy.orm import Session

from award.db.cycles import Panel, Seat
from award.db.entries import Entry
from award.db.people import Province
from award.db.ranking import Resolution
from award.db.scoring import Assignment, Mark, ScoringSession, Slot

# Ever sent and not with its province now: a draft that was withdrawn never came before the committee.
IS_SENT = Entry.state.in_(("submitted", "not_presented", "withdrawn")) & Entry.submitted_at.is_not(None)


def list_entry_rows(db: Session, *, adoption_id: int) -> Sequence[Row]:
    """Every entry that was ever sent, with its answers and place, by code. Drafts never sent are not among them."""
    return db.execute(
        select(
            Entry.code, Entry.category, Entry.label, Entry.state, Entry.answers,
            Province.name_th, Province.zone_number, Province.region_th,
        )
        .join(Province, Province.code == Entry.province_code)
        .where(Entry.adoption_id == adoption_id, IS_SENT)
        .order_by(Entry.code)
    ).all()  # fmt: skip


def list_card_rows(db: Session, *, adoption_id: int, stage: str) -> Sequence[Row]:
    """Who had to mark which sent entry in the closed slots of a stage, and whether the card was sent or excused."""
    return db.execute(
        _at_stage(
            select(
                Assignment.id, Entry.code.label("entry"), Seat.code.label("seat"),
                Assignment.state, Assignment.excused, Assignment.excused_reason,
            ),
            adoption_id=adoption_id,
            stage=stage,
        )
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Slot.state == "closed", IS_SENT)
        .order_by(Entry.code, Seat.code)
    ).all()  # fmt: skip


def list_mark_rows(db: Session, *, adoption_id: int, stage: str) -> Sequence[Row]:
    """Marks of the sent cards of closed slots, oldest first, so that a later one of the same criterion replaces it.

    `value` is in ten-thousandths (None: taken back). Marks of slots that are not closed never leave the database here.
    """
    return db.execute(
        _at_stage(
            select(Mark.assignment_id, Mark.criterion, type_coerce(Mark.value, Integer).label("value")),
            adoption_id=adoption_id,
            stage=stage,
        )
        .join(Mark, Mark.assignment_id == Assignment.id)
        .where(Slot.state == "closed", Assignment.state == "sent", Assignment.excused == "")
        .order_by(Mark.assignment_id, Mark.revision, Mark.criterion)
    ).all()


def list_resolutions(db: Session, *, adoption_id: int, stage: str) -> list[Resolution]:
    """All decisions on ties of a stage, oldest first: the last of a category and group counts."""
    return list(
        db.execute(
            select(Resolution)
            .where(Resolution.adoption_id == adoption_id, Resolution.stage == stage)
            .order_by(Resolution.id)
        ).scalars()
    )


def _at_stage(columns, *, adoption_id: int, stage: str):  # type: ignore[no-untyped-def]
    """`columns` over the assignments of one award's slots at one stage."""
    return (
        columns.select_from(Slot)
        .join(Assignment, Assignment.slot_id == Slot.id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage)
    )


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A slot that is not closed yet: its province still waits for its marks."""

    slot_id: int
    state: str  # planned | open
    starts_at: datetime
    zone_number: int
    province_th: str
    province_en: str


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """An entry that keeps a stage from being ranked officially, or a draft that was never sent."""

    code: str
    label: str
    category: str
    zone_number: int
    province_th: str
    province_en: str
    why: str  # no_slot | card_not_sent | not_sent
    seat: str = ""


def list_open_slots(db: Session, *, adoption_id: int, stage: str) -> list[OpenSlot]:
    """Slots of a stage that are planned or open, in time order."""
    rows = db.execute(
        select(
            Slot.id, Slot.state, Slot.starts_at, Panel.zone_number, Province.name_th, Province.name_en
        )
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Province, Province.code == ScoringSession.province_code)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage, Slot.state != "closed")
        .order_by(Slot.starts_at, Slot.id)
    ).all()  # fmt: skip
    return [OpenSlot(*row) for row in rows]


def list_waiting_entries(db: Session, *, adoption_id: int, stage: str) -> list[WaitingEntry]:
    """Entries sent without a slot in this stage, unsent cards of closed slots, and drafts never sent, by zone."""
    at_stage = (
        select(
            Assignment.entry_id, Assignment.state, Assignment.excused,
            Seat.code.label("seat"), Slot.state.label("slot"),
        )
        .join(Slot, Slot.id == Assignment.slot_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage)
        .subquery()
    )  # fmt: skip
    unsent = (at_stage.c.slot == "closed") & (at_stage.c.state == "draft") & (at_stage.c.excused == "")
    why = case((Entry.state == "draft", "not_sent"), (at_stage.c.entry_id.is_(None), "no_slot"), else_="card_not_sent")
    rows = db.execute(
        select(
            Entry.code, Entry.label, Entry.category, Province.zone_number, Province.name_th, Province.name_en,
            why.label("why"), func.coalesce(case((Entry.state != "draft", at_stage.c.seat)), "").label("seat"),
        )
        .join(Province, Province.code == Entry.province_code)
        .join(at_stage, at_stage.c.entry_id == Entry.id, isouter=True)
        .where(
            Entry.adoption_id == adoption_id,
            (Entry.state == "draft") | ((Entry.state == "submitted") & (at_stage.c.entry_id.is_(None) | unsent)),
        )
        .distinct()
        .order_by(Province.zone_number, Province.sort, Entry.code, "seat")
    ).all()  # fmt: skip
    return [WaitingEntry(*row) for row in rows]
