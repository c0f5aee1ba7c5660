"""What a run's workbook shows beside the numbers: evidence, notes, dates and changes, all as they were at the run."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Cycle, Panel, Seat
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.people import User
from award.db.ranking import Resolution
from award.db.scoring import Assignment, Mark, Reopening, ScoringSession, Slot


def list_evidence_at(db: Session, *, adoption_id: int, at: datetime) -> Sequence[Row]:
    """Files and links that stood at `at`, with the cycle's deadline, by entry and time."""
    return db.execute(
        select(
            Entry.code.label("entry"), Entry.category, Evidence.field, Evidence.kind, Evidence.title, Evidence.url,
            Evidence.size, Evidence.added_at, Evidence.sha256, Cycle.deadline_at, Entry.submitted_at,
            Entry.first_submitted_at,
        )
        .join(Entry, Entry.id == Evidence.entry_id)
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(
            Entry.adoption_id == adoption_id,
            Evidence.added_at <= at,
            or_(Evidence.removed_at.is_(None), Evidence.removed_at > at),
        )
        .order_by(Entry.code, Evidence.added_at, Evidence.id)
    ).all()  # fmt: skip


def list_notes_at(db: Session, *, adoption_id: int, stage: str, at: datetime) -> Sequence[Row]:
    """Notes beside marks, oldest first: a later one of the same criterion replaces it.

    Show only those of cards that the run counts: the others may belong to slots that are still being marked."""
    return db.execute(
        _marks(
            select(Entry.code.label("entry"), Seat.code.label("seat"), Mark.criterion, Mark.note),
            adoption_id=adoption_id, stage=stage, at=at,
        )
        .order_by(Assignment.id, Mark.revision, Mark.criterion)
    ).all()  # fmt: skip


def list_answers_at(db: Session, *, adoption_id: int, at: datetime) -> Sequence[Row]:
    """Each entry's answers as last saved until `at`."""
    newest = (
        select(EntryRevision.entry_id, func.max(EntryRevision.revision).label("revision"))
        .join(Entry, Entry.id == EntryRevision.entry_id)
        .where(Entry.adoption_id == adoption_id, EntryRevision.saved_at <= at)
        .group_by(EntryRevision.entry_id)
        .subquery()
    )
    return db.execute(
        select(Entry.code.label("entry"), Entry.category, EntryRevision.answers)
        .join(newest, and_(newest.c.entry_id == EntryRevision.entry_id, newest.c.revision == EntryRevision.revision))
        .join(Entry, Entry.id == EntryRevision.entry_id)
        .order_by(Entry.code)
    ).all()


def list_reopenings_at(db: Session, *, adoption_id: int, stage: str, at: datetime) -> Sequence[Row]:
    """Cards and slots opened again until `at`, in time order; `entry` and `seat` are empty for a whole slot."""
    return db.execute(
        select(
            Reopening.at, Reopening.reason, Reopening.revision, Reopening.assignment_id, Reopening.slot_id,
            User.title_th, User.title_en, Entry.code.label("entry"), Entry.category, Seat.code.label("seat"),
        )
        .join(Slot, Slot.id == Reopening.slot_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(User, User.id == Reopening.by_id)
        .join(Assignment, Assignment.id == Reopening.assignment_id, isouter=True)
        .join(Entry, Entry.id == Assignment.entry_id, isouter=True)
        .join(Seat, Seat.id == Assignment.seat_id, isouter=True)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage, Reopening.at <= at)
        .order_by(Reopening.at, Reopening.id)
    ).all()  # fmt: skip


def list_reopened_marks(db: Session, *, adoption_id: int, stage: str, at: datetime) -> Sequence[Row]:
    """Every mark, oldest first, of cards that were opened again. Show only those of cards that the run counts."""
    reopened = select(Reopening.assignment_id).where(Reopening.assignment_id.is_not(None), Reopening.at <= at)
    return db.execute(
        _marks(
            select(Mark.assignment_id, Mark.revision, Mark.criterion, Mark.value),
            adoption_id=adoption_id, stage=stage, at=at,
        )
        .where(Assignment.id.in_(reopened))
        .order_by(Mark.assignment_id, Mark.revision, Mark.criterion)
    ).all()  # fmt: skip


def list_decisions_at(db: Session, *, adoption_id: int, stage: str, at: datetime) -> Sequence[Row]:
    """The committee's decisions on ties recorded until `at`, in time order."""
    return db.execute(
        select(
            Resolution.at, Resolution.category, Resolution.group, Resolution.order, Resolution.reason,
            User.title_th, User.title_en,
        )
        .join(User, User.id == Resolution.by_id)
        .where(Resolution.adoption_id == adoption_id, Resolution.stage == stage, Resolution.at <= at)
        .order_by(Resolution.id)
    ).all()  # fmt: skip


def _marks(columns, *, adoption_id: int, stage: str, at: datetime):  # type: ignore[no-untyped-def]
    """`columns` over the marks given until `at` in one award's slots at one stage."""
    return (
        columns.select_from(Mark)
        .join(Assignment, Assignment.id == Mark.assignment_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage, Mark.at <= at)
    )
