"""What was recorded of a scoring day beside its marks, for the minutes: a fixed number of statements, in time order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from award.db.agenda import SlotMove
from award.db.cycles import Adoption, Seat
from award.db.ledger import Checkpoint
from award.db.live import Attendance, Declaration, MinutesNote, Phase, ReopeningRequest
from award.db.papers import PaperSheet
from award.db.scoring import Assignment, Reopening, Slot
from award.queries.checkpoints import KeptRoot


@dataclass(frozen=True, slots=True)
class PhaseBegun:
    """The chair set a part of a slot in motion."""

    slot_id: int
    phase: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A slot was moved to another time."""

    slot_id: int
    was_at: datetime
    starts_at: datetime
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Attended:
    """Whether a member was there in a slot; `allowed_reason`: why one who missed the presentation may send cards."""

    slot_id: int
    seat_id: int
    state: str  # present | late | absent
    arrived_at: datetime | None
    allowed_reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the chair wants the minutes to say."""

    slot_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Declared:
    """What a member declared last. `proposed`: the duty that the program pointed at."""

    seat_id: int
    kind: str
    proposed: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenedAgain:
    """A card, or a whole slot (`assignment_id` None), was opened again."""

    slot_id: int
    assignment_id: int | None
    seat_id: int | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A member asked the chair to open a card again; `answer`: why not, "" where it was opened."""

    slot_id: int
    assignment_id: int
    reason: str
    at: datetime
    answered_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A card that was entered from a signed paper sheet."""

    slot_id: int
    assignment_id: int
    reason: str
    at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """All of it, of one scoring session."""

    phases: tuple[PhaseBegun, ...]
    moves: tuple[Moved, ...]
    attended: tuple[Attended, ...]
    notes: tuple[Note, ...]
    declared: tuple[Declared, ...]
    asked: tuple[Asked, ...]
    opened: tuple[OpenedAgain, ...]
    papers: tuple[OnPaper, ...]


def read_recorded(db: Session, session_id: int) -> Recorded:
    """What stands in the tables now, in eight statements."""
    of_session = Slot.session_id == session_id

    def rows(kind: type, *columns: Any, on: Any, order: Any) -> tuple[Any, ...]:
        asked = select(*columns).join(Slot, Slot.id == on).where(of_session).order_by(*order)
        return tuple(kind(*row) for row in db.execute(asked))

    return Recorded(
        rows(PhaseBegun, Phase.slot_id, Phase.phase, Phase.at, on=Phase.slot_id, order=(Phase.at, Phase.id)),
        rows(
            Moved, SlotMove.slot_id, SlotMove.was_at, SlotMove.starts_at, SlotMove.reason, SlotMove.at,
            on=SlotMove.slot_id, order=(SlotMove.at, SlotMove.id),
        ),
        rows(
            Attended, Attendance.slot_id, Attendance.seat_id, Attendance.state, Attendance.arrived_at,
            Attendance.allowed_reason, on=Attendance.slot_id, order=(Attendance.slot_id, Attendance.seat_id),
        ),
        rows(
            Note, MinutesNote.slot_id, MinutesNote.text, MinutesNote.at,
            on=MinutesNote.slot_id, order=(MinutesNote.at, MinutesNote.id),
        ),
        _declared(db, session_id),
        _asked(db, session_id),
        _opened(db, session_id),
        _papers(db, session_id),
    )  # fmt: skip


def _declared(db: Session, session_id: int) -> tuple[Declared, ...]:
    last = select(func.max(Declaration.id)).where(Declaration.session_id == session_id).group_by(Declaration.seat_id)
    rows: Sequence[Any] = db.execute(
        select(Declaration.seat_id, Declaration.kind, Declaration.proposed, Declaration.at)
        .join(Seat, Seat.id == Declaration.seat_id)
        .where(Declaration.id.in_(last))
        .order_by(Seat.position, Declaration.id)
    ).all()
    return tuple(Declared(*row) for row in rows)


def _asked(db: Session, session_id: int) -> tuple[Asked, ...]:
    rows: Sequence[Any] = db.execute(
        select(
            Assignment.slot_id, ReopeningRequest.assignment_id, ReopeningRequest.reason, ReopeningRequest.at,
            ReopeningRequest.answered_at, ReopeningRequest.answer,
        )
        .join(Assignment, Assignment.id == ReopeningRequest.assignment_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Slot.session_id == session_id)
        .order_by(ReopeningRequest.at, ReopeningRequest.id)
    ).all()  # fmt: skip
    return tuple(Asked(*row) for row in rows)


def _opened(db: Session, session_id: int) -> tuple[OpenedAgain, ...]:
    rows: Sequence[Any] = db.execute(
        select(Reopening.slot_id, Reopening.assignment_id, Assignment.seat_id, Reopening.reason, Reopening.at)
        .join(Slot, Slot.id == Reopening.slot_id)
        .join(Assignment, Assignment.id == Reopening.assignment_id, isouter=True)
        .where(Slot.session_id == session_id)
        .order_by(Reopening.at, Reopening.id)
    ).all()
    return tuple(OpenedAgain(*row) for row in rows)


def _papers(db: Session, session_id: int) -> tuple[OnPaper, ...]:
    rows: Sequence[Any] = db.execute(
        select(Assignment.slot_id, PaperSheet.assignment_id, PaperSheet.reason, PaperSheet.at, PaperSheet.confirmed_at)
        .join(Assignment, Assignment.id == PaperSheet.assignment_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Slot.session_id == session_id)
        .order_by(PaperSheet.at, PaperSheet.id)
    ).all()
    return tuple(OnPaper(*row) for row in rows)


def map_roots_after_closing(db: Session, slot_ids: Collection[int]) -> dict[int, KeptRoot]:
    """By closed slot: the first root of its award's log that was written down after the slot was closed. It stays the
    same however far the log grows, so that minutes do not age with the days of other panels."""
    first = (
        select(Slot.id, func.min(Checkpoint.size).label("size"))
        .join(Adoption, Adoption.id == Slot.adoption_id)
        .join(Checkpoint, and_(Checkpoint.log == Adoption.log, Checkpoint.at >= Slot.closed_at))
        .where(Slot.id.in_(slot_ids), Slot.state == "closed")
        .group_by(Slot.id)
        .subquery()
    )
    rows: Sequence[Any] = db.execute(
        select(first.c.id, Checkpoint.log, Checkpoint.size, Checkpoint.root, Checkpoint.at, Checkpoint.note)
        .join(Slot, Slot.id == first.c.id)
        .join(Adoption, Adoption.id == Slot.adoption_id)
        .join(Checkpoint, and_(Checkpoint.log == Adoption.log, Checkpoint.size == first.c.size))
        .order_by(first.c.id)
    ).all()
    return {row[0]: KeptRoot(*row[1:]) for row in rows}


def list_absent_seats(db: Session, session_id: int) -> set[tuple[int, int]]:
    """(slot, seat) of the members who were recorded as absent."""
    rows = db.execute(
        select(Attendance.slot_id, Attendance.seat_id)
        .join(Slot, Slot.id == Attendance.slot_id)
        .where(Slot.session_id == session_id, Attendance.state == "absent")
    )
    return {(slot, seat) for slot, seat in rows}
