"""Who holds the seats of a panel through which duty, who held them before, and who could take one over."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from award.clock import BANGKOK
from award.db.cycles import Adoption, Seat
from award.db.ledger import LedgerLine, LedgerText, holder, is_act, read_log
from award.db.live import Attendance, Phase
from award.db.people import Duty, Province, User
from award.db.scoring import Assignment, ScoringSession, Slot
from award.policy import MARKING, Actor
from award.queries.declarations import PRESENTED
from award.queries.duties import is_held
from award.queries.scoring import SeatHeld, whose_panel


@dataclass(frozen=True, slots=True)
class Holding:
    """A duty through which a seat is or could be held. `to_day`: the last day on which it is really held."""

    duty_id: int
    user_id: int
    login: str
    role: str
    title_th: str
    title_en: str
    acting: bool
    from_day: date
    to_day: date | None
    counts: bool  # it is confirmed, and its account open

    def is_held(self, day: date) -> bool:
        """Whether it gives rights on that day."""
        return self.counts and self.from_day <= day and (self.to_day is None or day <= self.to_day)


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat with who holds it, and whether its holder has marked in a slot that is open now."""

    id: int
    code: str
    kind: str
    position: int
    held: Holding
    is_marking: bool


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """A province that the panel still has to hear on a day."""

    session_id: int
    day: date
    name_th: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PanelSeats:
    """A panel with its seats, and the days on which something is not closed yet."""

    id: int
    stage: str
    zone_number: int
    zone_th: str
    zone_en: str
    cycle_id: int
    year: int
    seats: tuple[SeatLine, ...]
    dates: tuple[PlannedDate, ...]

    def without_holder(self, seat: SeatLine) -> tuple[PlannedDate, ...]:
        """The days still to come on which nobody would sit there."""
        return tuple(each for each in self.dates if not seat.held.is_held(each.day))

    def next_day(self, today: date) -> date:
        """The next day on which the panel sits; today where none is planned."""
        return min((each.day for each in self.dates if each.day >= today), default=today)


# The columns of a duty with its person.
HOLDING = (
    Duty.id, Duty.user_id, User.login, Duty.role, Duty.title_th, Duty.title_en, Duty.acting, Duty.from_day,
    Duty.to_day, Duty.state, Duty.revoked_at, User.disabled_at,
)  # fmt: skip


def read_holding(row: Sequence[Any]) -> Holding:
    """The duty in the columns of `HOLDING`."""
    *about, to_day, state, revoked_at, disabled_at = row
    if revoked_at is not None:
        last = revoked_at.astimezone(BANGKOK).date()
        to_day = min(last, to_day or last)
    return Holding(*(*about, to_day, state == "confirmed" and disabled_at is None))


def find_panel_seats(db: Session, panel_id: int) -> PanelSeats | None:
    """A panel with its seats in their order, in three statements."""
    panel: Any = db.execute(whose_panel(panel_id)).first()
    if panel is None:
        return None
    marking = (
        select(Assignment.id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Assignment.seat_id == Seat.id, Slot.state == "open", Assignment.revision > 0)
        .exists()
    )
    seats: Sequence[Any] = db.execute(
        select(Seat.id, Seat.code, Seat.kind, Seat.position, marking, *HOLDING)
        .join(Duty, Duty.id == Seat.duty_id)
        .join(User, User.id == Duty.user_id)
        .where(Seat.panel_id == panel_id)
        .order_by(Seat.position, Seat.id)
    ).all()
    waiting = select(Slot.id).where(Slot.session_id == ScoringSession.id, Slot.state != "closed").exists()
    dates: Sequence[Any] = db.execute(
        select(ScoringSession.id, ScoringSession.day, Province.name_th, Province.name_en)
        .join(Province, Province.code == ScoringSession.province_code)
        .where(ScoringSession.panel_id == panel_id, waiting)
        .order_by(ScoringSession.day, Province.sort, ScoringSession.id)
    ).all()
    lines = tuple(SeatLine(*(*row[:4], read_holding(row[5:]), row[4])) for row in seats)
    return PanelSeats(*(*panel, lines, tuple(PlannedDate(*row) for row in dates)))


def has_been_there(db: Session, seat_id: int) -> bool:
    """Whether the record lets the seat's holder send cards of a slot that is not closed because of who they are: they
    heard its presentation, or the chair let them send without it."""
    heard = select(Phase.id).where(Phase.slot_id == Slot.id, Phase.phase.in_(PRESENTED)).exists()
    there = (
        select(Attendance.seat_id)
        .join(Slot, Slot.id == Attendance.slot_id)
        .where(
            Attendance.seat_id == seat_id, Slot.state != "closed",
            or_(Attendance.allowed_reason != "", and_(Attendance.state != "absent", heard)),
        )
    )  # fmt: skip
    return bool(db.execute(select(there.exists())).scalar_one())


def list_candidates(db: Session, *, zone_number: int, day: date) -> list[Holding]:
    """Confirmed duties of members and chairs of a zone that are held on `day`, those that began last first."""
    rows: Sequence[Any] = db.execute(
        select(*HOLDING)
        .join(User, User.id == Duty.user_id)
        .where(Duty.role.in_(MARKING), Duty.zone_number == zone_number, is_held(day), User.disabled_at.is_(None))
        .order_by(Duty.from_day.desc(), Duty.id.desc())
    ).all()
    return [read_holding(row) for row in rows]


def find_holding(db: Session, duty_id: int) -> tuple[Holding, int | None] | None:
    """A duty with the zone that it is for."""
    row: Any = db.execute(
        select(Duty.zone_number, *HOLDING).join(User, User.id == Duty.user_id).where(Duty.id == duty_id)
    ).first()
    return None if row is None else (read_holding(row[1:]), row[0])


@dataclass(frozen=True, slots=True)
class Seating:
    """When a panel was seated as the record has it: by seat, the duty through which it was held. The first one is how
    the log begins; `reason` of a later one is None where its text was erased."""

    at: datetime
    seats: dict[str, Holding]
    reason: str | None


def list_seatings(db: Session, panel: PanelSeats) -> list[Seating]:
    """Every time the panel was seated, the oldest first, read from the record of its cycle's first award."""
    adoption = db.execute(
        select(Adoption.id).where(Adoption.cycle_id == panel.cycle_id).order_by(Adoption.position, Adoption.id).limit(1)
    ).scalar_one_or_none()
    if adoption is None:
        return []
    log = read_log(db, adoption)
    lines: Sequence[Any] = db.execute(
        select(LedgerLine.at, LedgerLine.line, LedgerText.text)
        .outerjoin(
            LedgerText,
            (LedgerText.log == LedgerLine.log) & (LedgerText.seq == LedgerLine.seq) & (LedgerText.path == "reason"),
        )
        .where(LedgerLine.log == log.name, is_act("seat_panel"))
        .order_by(LedgerLine.seq)
    ).all()
    people: Sequence[Any] = db.execute(
        select(*HOLDING)
        .join(User, User.id == Duty.user_id)
        .where(Duty.role.in_(MARKING), Duty.zone_number == panel.zone_number)
        .order_by(Duty.id)
    ).all()
    known = {
        log.alias(holder(seat.code, row[0]).what): (seat.code, read_holding(row))
        for seat in panel.seats for row in people
    }  # fmt: skip
    found = []
    for at, line, reason in lines:
        body = json.loads(line)["body"]
        if body["panel"] == panel.id:
            held = [known[alias] for _seat, alias in body.get("holders", ()) if alias in known]
            found.append(Seating(at, dict(held), reason))
    return found


def list_panel_seatings(db: Session, panel_id: int) -> list[Seating]:
    """The same by the panel's number; nothing for a panel that is not there."""
    panel = find_panel_seats(db, panel_id)
    return [] if panel is None else list_seatings(db, panel)


def seats_at(seats: Sequence[SeatHeld], seatings: Sequence[Seating], moment: datetime | None) -> tuple[SeatHeld, ...]:
    """A panel's seats with the positions of those who held them at a moment, by the record; as the record has them last
    without one."""
    then = [seating for seating in seatings if moment is None or seating.at <= moment]
    holders = then[-1].seats if then else {}
    return tuple(
        replace(seat, title_th=held.title_th, title_en=held.title_en, acting=held.acting) if held else seat
        for seat, held in ((seat, holders.get(seat.code)) for seat in seats)
    )


def find_holder_at(db: Session, seat_id: int, at: datetime) -> int | None:
    """The person who held a seat at a moment, as the record has it; None where no line says so."""
    place: Any = db.execute(select(Seat.panel_id, Seat.code).where(Seat.id == seat_id)).one()
    seatings = list_panel_seatings(db, place.panel_id)
    held = [each.seats[place.code].user_id for each in seatings if each.at <= at and place.code in each.seats]
    return held[-1] if held else None


def find_seats_page(db: Session, _actor: Actor, panel_id: int) -> PanelSeats | None:
    """Any panel: those who run or audit the round see all."""
    return find_panel_seats(db, panel_id)
