"""Requests to send after the deadline: who asks for what and why, and what the organizer answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, select, true
from sqlalchemy.orm import Session, aliased

from award.db.checking import LateRequest
from award.db.cycles import Adoption, Award
from award.db.entries import Entry
from award.db.people import Duty, Province, User
from award.policy import OFFICE, Actor, may_see_runs
from award.queries.duties import is_held

MOST = 200
NEWS_FOR = timedelta(days=7)  # so long an office is told of a request that was not allowed


@dataclass(frozen=True, slots=True)
class LateLine:
    """One request. `allowed` is None while nobody decided; `until` is the moment that was given."""

    id: int
    entry_id: int | None
    entry_code: str
    entry_label: str
    entry_state: str
    province_code: str
    province_th: str
    province_en: str
    zone_number: int
    award_th: str
    award_en: str
    reason: str
    asked_at: datetime
    asked_by_id: int
    asked_by_th: str
    asked_by_en: str
    allowed: bool | None
    until: datetime | None
    answer: str
    decided_at: datetime | None
    decided_by_th: str
    decided_by_en: str


_DECIDED = aliased(User)


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            LateRequest.id, LateRequest.entry_id, func.coalesce(Entry.code, ""), func.coalesce(Entry.label, ""),
            func.coalesce(Entry.state, ""), LateRequest.province_code, Province.name_th, Province.name_en,
            Province.zone_number, Award.name_th, Award.name_en, LateRequest.reason, LateRequest.asked_at,
            LateRequest.asked_by_id, User.title_th, User.title_en, LateRequest.allowed, LateRequest.until,
            LateRequest.answer, LateRequest.decided_at,
            func.coalesce(_DECIDED.title_th, ""), func.coalesce(_DECIDED.title_en, ""),
        )
        .join(Province, Province.code == LateRequest.province_code)
        .join(Adoption, Adoption.id == LateRequest.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(User, User.id == LateRequest.asked_by_id)
        .outerjoin(_DECIDED, _DECIDED.id == LateRequest.decided_by_id)
        .outerjoin(Entry, Entry.id == LateRequest.entry_id)
    )  # fmt: skip


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if may_see_runs(actor):
        return true()
    return LateRequest.province_code.in_(actor.provinces) if actor.provinces else false()


def list_late(db: Session, actor: Actor) -> list[LateLine]:
    """Requests within the person's scope, those that wait first, then the newest; MOST of them."""
    rows: Sequence[Any] = db.execute(
        _lines()
        .where(_seen_by(actor))
        .order_by(LateRequest.decided_at.is_not(None), LateRequest.asked_at.desc(), LateRequest.id.desc())
        .limit(MOST)
    ).all()
    return [LateLine(*row) for row in rows]


def find_late(db: Session, actor: Actor, request_id: int) -> LateLine | None:
    """One request within the person's scope."""
    row: Any = db.execute(_lines().where(LateRequest.id == request_id, _seen_by(actor))).first()
    return None if row is None else LateLine(*row)


def find_late_of_entry(db: Session, entry_id: int) -> LateLine | None:
    """The newest request of an entry."""
    row: Any = db.execute(
        _lines().where(LateRequest.entry_id == entry_id).order_by(LateRequest.id.desc()).limit(1)
    ).first()
    return None if row is None else LateLine(*row)


@dataclass(frozen=True, slots=True)
class LateCounts:
    """Requests within the person's scope. `allowed`: not sent yet, and there is time; `declined`: in the last days."""

    waiting: int = 0
    allowed: int = 0
    declined: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.waiting or self.allowed or self.declined)


def count_late(db: Session, actor: Actor, *, now: datetime) -> LateCounts:
    """How many requests wait, what was allowed and is not sent yet, what was declined lately; one statement."""
    is_draft = Entry.state == "draft"
    row = db.execute(
        select(
            func.count(LateRequest.id).filter(LateRequest.decided_at.is_(None)),
            func.count(LateRequest.id).filter(LateRequest.allowed.is_(True), LateRequest.until >= now, is_draft),
            func.count(LateRequest.id).filter(
                LateRequest.allowed.is_(False), LateRequest.decided_at >= now - NEWS_FOR, is_draft
            ),
        )
        .outerjoin(Entry, Entry.id == LateRequest.entry_id)
        .where(_seen_by(actor))
    ).one()
    return LateCounts(*row)


def list_who_decide(db: Session, province_code: str, *, today: date) -> list[int]:
    """The organizers today who are not of the office that asks, by account."""

    def holds(*which: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(Duty.id).where(Duty.user_id == User.id, is_held(today), *which))

    own = holds(Duty.role.in_(OFFICE), Duty.province_code == province_code)
    asked = select(User.id).where(User.disabled_at.is_(None), holds(Duty.role == "organizer"), ~own)
    return list(db.execute(asked.order_by(User.id)).scalars())
