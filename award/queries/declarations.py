"""Who declared what interest, which duties speak for one, and what keeps a whole card from being sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from award.clock import BANGKOK
from award.db.cycles import Seat
from award.db.live import Attendance, Declaration, Phase
from award.db.people import Duty
from award.db.scoring import Assignment, Reopening, ScoringSession, Slot
from award.policy import barrier_to_sending, has_missed

YEARS = 2  # how far back a duty in the province speaks for an interest
PRESENTED = ("questions", "scoring")  # phases that follow the presentation


@dataclass(frozen=True, slots=True)
class Declared:
    """What the holder of a seat declared last for a scoring session. `proposed`: the duty pointed at, "" without."""

    session_id: int
    seat_id: int
    kind: str  # none | former_post | relative | other
    proposed: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A duty that a person held in a province, with the days on which it was really held."""

    role: str
    title_th: str
    title_en: str
    from_day: date
    to_day: date | None


@dataclass(frozen=True, slots=True)
class Sending:
    """What decides whether a whole card may be sent. `heard_until`: when the presentation was over."""

    session_id: int
    seat_id: int
    declared: str
    attendance: str
    arrived_at: datetime | None
    allowed_reason: str
    heard_until: datetime | None

    @property
    def barrier(self) -> str:
        """undeclared, interest or missed; "" for nothing."""
        missed = has_missed(
            state=self.attendance, arrived_at=self.arrived_at, heard_until=self.heard_until,
            allowed_reason=self.allowed_reason,
        )  # fmt: skip
        return barrier_to_sending(declared=self.declared, missed=missed)


# A declaration is its person's: whoever takes over the seat declares anew.
_OF_HOLDER = (
    select(
        Declaration.session_id, Declaration.seat_id, Declaration.kind, Declaration.proposed, Declaration.reason,
        Declaration.at,
    )
    .join(Seat, Seat.id == Declaration.seat_id)
    .join(Duty, Duty.id == Seat.duty_id)
    .where(Declaration.by_id == Duty.user_id)
    .order_by(Declaration.id)
)  # fmt: skip


def map_declarations(db: Session, session_ids: Collection[int]) -> dict[tuple[int, int], Declared]:
    """By session and seat: the last declaration of whoever holds the seat now, in one statement."""
    rows: Sequence[Any] = db.execute(_OF_HOLDER.where(Declaration.session_id.in_(session_ids))).all()
    return {(row[0], row[1]): Declared(*row) for row in rows}  # the last one counts


def find_last_declared(db: Session, *, session_id: int, seat_id: int) -> Declared | None:
    """The last declaration of a seat for the session's province, whoever held it then, also on the day from which the
    slots were moved: its recusals are still on the cards."""
    province = select(ScoringSession.province_code).where(ScoringSession.id == session_id).scalar_subquery()
    row = db.execute(
        select(
            Declaration.session_id, Declaration.seat_id, Declaration.kind, Declaration.proposed, Declaration.reason,
            Declaration.at,
        )
        .join(ScoringSession, ScoringSession.id == Declaration.session_id)
        .where(ScoringSession.province_code == province, Declaration.seat_id == seat_id)
        .order_by(Declaration.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    return None if row is None else Declared(*row)


# The columns of Sending, for a statement on Assignment, Slot, Seat and Duty with ATTENDED joined.
SENDING: tuple[Any, ...] = (
    Slot.session_id,
    Assignment.seat_id,
    func.coalesce(
        select(Declaration.kind)
        .where(
            Declaration.session_id == Slot.session_id, Declaration.seat_id == Assignment.seat_id,
            Declaration.by_id == Duty.user_id,
        )
        .order_by(Declaration.id.desc())
        .limit(1)
        .correlate(Slot, Assignment, Duty)
        .scalar_subquery(),
        "",
    ),
    func.coalesce(Attendance.state, ""),
    Attendance.arrived_at,
    func.coalesce(Attendance.allowed_reason, ""),
    select(func.min(Phase.at))
    .where(Phase.slot_id == Slot.id, Phase.phase.in_(PRESENTED))
    .correlate(Slot)
    .scalar_subquery(),
)  # fmt: skip
ATTENDED = (Attendance.slot_id == Assignment.slot_id) & (Attendance.seat_id == Assignment.seat_id)
_SENDING = (
    select(*SENDING)
    .select_from(Assignment)
    .join(Slot, Slot.id == Assignment.slot_id)
    .join(Seat, Seat.id == Assignment.seat_id)
    .join(Duty, Duty.id == Seat.duty_id)
    .outerjoin(Attendance, ATTENDED)
    .where(Assignment.id == bindparam("card"))
)


def get_sending(db: Session, assignment_id: int) -> Sending:
    """For a card that exists, in one statement."""
    return Sending(*db.execute(_SENDING, {"card": assignment_id}).one())


def list_posts(db: Session, *, user_id: int, province_code: str, day: date) -> list[Post]:
    """The person's confirmed duties in the province that were held on a day of the two years before `day` or are still
    held then, the latest first. Years by the date, not by the fiscal year."""
    rows: Sequence[Any] = db.execute(
        select(Duty.role, Duty.title_th, Duty.title_en, Duty.from_day, Duty.to_day, Duty.revoked_at)
        .where(
            Duty.user_id == user_id, Duty.province_code == province_code, Duty.from_day <= day,
            Duty.state.in_(("confirmed", "revoked")), or_(Duty.to_day.is_(None), Duty.to_day >= years_before(day)),
        )
        .order_by(Duty.from_day.desc(), Duty.id.desc())
    ).all()  # fmt: skip
    found = []
    for *about, from_day, to_day, revoked_at in rows:
        if revoked_at is not None:
            last = revoked_at.astimezone(BANGKOK).date()
            to_day = min(last, to_day or last)
            if to_day < from_day or to_day < years_before(day):
                continue
        found.append(Post(*(*about, from_day, to_day)))
    return found


def list_posts_of_seat(db: Session, *, seat_id: int, province_code: str, day: date) -> list[Post]:
    """The same for whoever holds a seat."""
    user = db.execute(select(Duty.user_id).join(Seat, Seat.duty_id == Duty.id).where(Seat.id == seat_id)).scalar_one()
    return list_posts(db, user_id=user, province_code=province_code, day=day)


def years_before(day: date) -> date:
    """The same date two years earlier; 28 February where the 29th does not exist."""
    try:
        return day.replace(year=day.year - YEARS)
    except ValueError:
        return day.replace(year=day.year - YEARS, day=28)


@dataclass(frozen=True, slots=True)
class SeatCard:
    """A card of a seat in a scoring session, as recusing needs it. `seen`: its slot was closed once."""

    id: int
    adoption_id: int
    slot_state: str
    excused: str
    excused_reason: str
    seen: bool


def list_session_cards(db: Session, *, session_id: int, seat_id: int) -> list[SeatCard]:
    """All cards of a seat in a session, in one statement."""
    seen = select(Reopening.id).where(Reopening.slot_id == Slot.id, Reopening.assignment_id.is_(None)).exists()
    rows: Sequence[Any] = db.execute(
        select(
            Assignment.id, Slot.adoption_id, Slot.state, Assignment.excused, Assignment.excused_reason, seen
        )
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Slot.session_id == session_id, Assignment.seat_id == seat_id)
        .order_by(Assignment.id)
    ).all()  # fmt: skip
    return [SeatCard(*row) for row in rows]
