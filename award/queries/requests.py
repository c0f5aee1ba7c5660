"""Requests to open a card again: a member's own, and those that wait for the chair."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from award.db.cycles import Seat
from award.db.entries import Entry
from award.db.live import ReopeningRequest
from award.db.people import Duty
from award.db.scoring import Assignment


@dataclass(frozen=True, slots=True)
class Request:
    """A member asks for a card to be opened again. `changes`: how many did not arrive in time. No mark is in it.

    Open while `answered_at` is None. `answer`: why not; "" where the card was opened.
    """

    id: int
    slot_id: int
    assignment_id: int
    seat_id: int
    entry_id: int
    entry_code: str
    entry_label: str
    seat_th: str
    seat_en: str
    changes: int
    reason: str
    at: datetime
    answered_at: datetime | None
    answer: str

    @property
    def is_open(self) -> bool:
        """Whether the chair has not answered yet."""
        return self.answered_at is None


def list_requests(db: Session, assignment_id: int) -> list[Request]:
    """Every request for one card, in time order, in one statement."""
    return _requests(db, ReopeningRequest.assignment_id == assignment_id)


def list_open_requests(db: Session, slot_ids: Collection[int]) -> list[Request]:
    """What waits for an answer in these slots, in time order, in one statement."""
    return _requests(db, Assignment.slot_id.in_(slot_ids), ReopeningRequest.answered_at.is_(None))


def find_request(db: Session, request_id: int) -> Request | None:
    """One request, whoever asked. Whose chair may answer it the caller must ask."""
    found = _requests(db, ReopeningRequest.id == request_id)
    return found[0] if found else None


def _requests(db: Session, *where: ColumnElement[bool]) -> list[Request]:
    rows: Sequence[Any] = db.execute(
        select(
            ReopeningRequest.id, Assignment.slot_id, Assignment.id, Assignment.seat_id, Entry.id, Entry.code,
            Entry.label, Duty.title_th, Duty.title_en, ReopeningRequest.changes, ReopeningRequest.reason,
            ReopeningRequest.at, ReopeningRequest.answered_at, ReopeningRequest.answer,
        )
        .join(Assignment, Assignment.id == ReopeningRequest.assignment_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .join(Duty, Duty.id == Seat.duty_id)
        .where(*where)
        .order_by(ReopeningRequest.at, ReopeningRequest.id)
    ).all()  # fmt: skip
    return [Request(*row) for row in rows]
