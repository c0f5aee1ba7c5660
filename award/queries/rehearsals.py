"""Rehearsing a scoring session: the practice cards, whose they are and how far. No real card is read."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from award.db.agenda import PracticeCard
from award.db.cycles import Adoption, Award, Panel, Seat
from award.db.people import Duty, Province
from award.db.scoring import ScoringSession, Slot

KEY = "@key"  # beside the values: the client's key of the last save, so that a repeat is known; no place begins with @


@dataclass(frozen=True, slots=True)
class Practice:
    """A member's practice card of a slot. `values`: place or note → as it was read."""

    id: int
    slot_id: int
    seat_id: int
    session_id: int
    adoption_id: int
    rules_sha256: str
    award_th: str
    award_en: str
    province_th: str
    province_en: str
    starts_at: datetime
    seat_kind: str
    zone_number: int
    title_th: str
    title_en: str
    acting: bool
    revision: int
    sent_at: datetime | None
    values: Mapping[str, str]
    last_key: str


def find_practice(db: Session, slot_id: int, *, duty_ids: Collection[int]) -> Practice | None:
    """The practice card of a slot that belongs to a seat held through one of these duties."""
    found = _practice(db, Slot.id == slot_id, Seat.duty_id.in_(duty_ids))
    return found[0] if found else None


def list_practice(db: Session, session_id: int) -> list[Practice]:
    """All practice cards of a scoring session in the order of slots and seats; empty without a rehearsal."""
    return _practice(db, ScoringSession.id == session_id)


def _practice(db: Session, *where: ColumnElement[bool]) -> list[Practice]:
    rows: Sequence[Any] = db.execute(
        select(
            PracticeCard.id, Slot.id, Seat.id, ScoringSession.id, Adoption.id, Adoption.rules_sha256,
            Award.name_th, Award.name_en, Province.name_th, Province.name_en, Slot.starts_at,
            Seat.kind, Panel.zone_number, Duty.title_th, Duty.title_en, Duty.acting,
            PracticeCard.revision, PracticeCard.sent_at, PracticeCard.marks,
        )
        .join_from(PracticeCard, Slot, Slot.id == PracticeCard.slot_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Province, Province.code == ScoringSession.province_code)
        .join(Adoption, Adoption.id == Slot.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(Seat, Seat.id == PracticeCard.seat_id)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Duty, Duty.id == Seat.duty_id)
        .where(ScoringSession.rehearsed_from.is_not(None), *where)
        .order_by(Slot.starts_at, Slot.id, Seat.position)
    ).all()  # fmt: skip
    found = []
    for row in rows:
        values = json.loads(row[-1])
        last = values.pop(KEY, "")
        found.append(Practice(*(*row[:-1], values, last)))
    return found


def chairs_session(db: Session, session_id: int, *, duty_ids: Collection[int]) -> bool:
    """Whether one of these duties holds the chair of the session's panel."""
    held = (
        select(Seat.id)
        .join(ScoringSession, ScoringSession.panel_id == Seat.panel_id)
        .where(ScoringSession.id == session_id, Seat.duty_id.in_(duty_ids), Seat.kind == "chair")
    )
    return bool(db.execute(select(held.exists())).scalar_one())
