"""All panels of a round with who sits there, and who could be seated where nobody sits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from award.db.agenda import PracticeCard
from award.db.cycles import Cycle, Panel, Seat
from award.db.live import Attendance, Declaration
from award.db.people import Duty, User, Zone
from award.db.scoring import Assignment, ScoringSession, Slot
from award.policy import MARKING
from award.queries.duties import is_current
from award.queries.seats import HOLDING, Holding, read_holding

SECRETARIES = ("เลขานุการ", "ผู้ช่วยผู้ตรวจราชการ")  # how positions say it


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat with its holder."""

    id: int
    code: str
    kind: str
    position: int
    held: Holding


@dataclass(frozen=True, slots=True)
class Offered:
    """A duty through which a seat could be held. `kind`: chair, member or secretary as it is proposed, "" for none."""

    duty: Holding
    kind: str


@dataclass(frozen=True, slots=True)
class PanelSeating:
    """A panel with its seats, or with whom it could be given; `opened`: a slot of it was."""

    id: int
    cycle_id: int
    year: int
    stage: str
    zone_number: int
    zone_th: str
    zone_en: str
    opened: bool
    seats: tuple[Seated, ...]
    offered: tuple[Offered, ...]

    @property
    def chair(self) -> Seated | None:
        """Who chairs it."""
        return next((each for each in self.seats if each.kind == "chair"), None)


def list_seating(db: Session, *, today: date) -> list[PanelSeating]:
    """The panels of the newest cycle in the order of zones, in three statements."""
    newest = select(Cycle.id).order_by(Cycle.year.desc()).limit(1).scalar_subquery()
    return _seating(db, Panel.cycle_id == newest, today=today)


def find_seating(db: Session, panel_id: int, *, today: date) -> PanelSeating | None:
    """One panel, in three statements."""
    return next(iter(_seating(db, Panel.id == panel_id, today=today)), None)


def _seating(db: Session, where: Any, *, today: date) -> list[PanelSeating]:
    opened = (
        select(Slot.id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .where(ScoringSession.panel_id == Panel.id, Slot.state != "planned")
        .exists()
    )
    panels: Sequence[Any] = db.execute(
        select(Panel.id, Cycle.id, Cycle.year, Panel.stage, Zone.number, Zone.name_th, Zone.name_en, opened)
        .join(Zone, Zone.number == Panel.zone_number)
        .join(Cycle, Cycle.id == Panel.cycle_id)
        .where(where)
        .order_by(Panel.stage, Zone.number, Panel.id)
    ).all()
    rows: Sequence[Any] = db.execute(
        select(Seat.panel_id, Seat.id, Seat.code, Seat.kind, Seat.position, *HOLDING)
        .join(Panel, Panel.id == Seat.panel_id)
        .join(Duty, Duty.id == Seat.duty_id)
        .join(User, User.id == Duty.user_id)
        .where(where)
        .order_by(Seat.panel_id, Seat.position, Seat.id)
    ).all()
    seats: dict[int, list[Seated]] = defaultdict(list)
    for row in rows:
        seats[row[0]].append(Seated(*(*row[1:5], read_holding(row[5:]))))
    duties = _duties(db, {row[4] for row in panels}, today=today)
    return [
        PanelSeating(*(*row, tuple(seats[row[0]]), tuple(_offered(seats[row[0]], duties[row[4]])))) for row in panels
    ]


def _duties(db: Session, zones: set[int], *, today: date) -> dict[int, list[Holding]]:
    """By zone: confirmed duties of chairs and members that are held today or later, those that began last first."""
    rows: Sequence[Any] = db.execute(
        select(Duty.zone_number, *HOLDING)
        .join(User, User.id == Duty.user_id)
        .where(Duty.role.in_(MARKING), Duty.zone_number.in_(zones), is_current(today), User.disabled_at.is_(None))
        .order_by(Duty.zone_number, Duty.role, Duty.from_day.desc(), Duty.id.desc())
    ).all()
    found: dict[int, list[Holding]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(read_holding(row[1:]))
    return found


def _offered(seats: Sequence[Seated], duties: Sequence[Holding]) -> list[Offered]:
    """The chair whose duty began last chairs; members sit, the first whose position says so as the secretary; a second
    chair and whoever has a seat already are proposed for none. Nobody is offered twice."""
    sitting = {each.held.user_id for each in seats}
    kinds = {each.kind for each in seats}
    found = []
    for duty in duties:
        if duty.user_id in sitting:
            continue
        if duty.role == "chair":
            kind = "" if "chair" in kinds else "chair"
        elif "secretary" not in kinds and any(each in duty.title_th for each in SECRETARIES):
            kind = "secretary"
        else:
            kind = "member"
        kinds.add(kind)
        if kind:
            sitting.add(duty.user_id)
        found.append(Offered(duty, kind))
    return found


def is_seat_used(db: Session, seat_id: int) -> bool:
    """Whether anything hangs on a seat: a card, a declaration, attendance, a practice card, the chair of a slot."""
    hanging = [
        select(table.seat_id).where(table.seat_id == seat_id).exists()
        for table in (Assignment, Declaration, Attendance, PracticeCard)
    ]
    passed = select(Slot.id).where(Slot.chaired_by_id == seat_id).exists()
    return bool(db.execute(select(or_(passed, *hanging))).scalar_one())


@dataclass(frozen=True, slots=True)
class PlannedTurn:
    """A planned slot of a panel."""

    id: int
    adoption_id: int
    province_code: str


def list_planned_turns(db: Session, panel_id: int) -> list[PlannedTurn]:
    """The slots of a panel, by number."""
    rows: Sequence[Any] = db.execute(
        select(Slot.id, Slot.adoption_id, ScoringSession.province_code)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .where(ScoringSession.panel_id == panel_id)
        .order_by(Slot.id)
    ).all()
    return [PlannedTurn(*row) for row in rows]
