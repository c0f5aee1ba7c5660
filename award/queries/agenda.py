"""Scoring days as they are planned: when, where, over which call, and what was moved. No card and no mark is read."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from award.db.agenda import DroppedSlot, SlotMove
from award.db.cycles import Adoption, Award, Cycle, Panel, Seat
from award.db.entries import Entry
from award.db.live import Attendance, Declaration, MinutesNote, Phase
from award.db.people import Province, Zone
from award.db.scoring import Assignment, ScoringSession, Slot
from award.policy import Actor
from award.queries.scoring import whose_panel

EVERYWHERE = true()


@dataclass(frozen=True, slots=True)
class Move:
    """A slot was moved: from when, to when, why, and when that was decided."""

    slot_id: int
    was_at: datetime
    starts_at: datetime
    reason: str
    at: datetime


def whole_move(moves: Sequence[Move]) -> Move | None:
    """The moves of a slot, in their order, as one; None where the last one put it back to where it was at first."""
    if not moves or moves[0].was_at == moves[-1].starts_at:
        return None
    return replace(moves[-1], was_at=moves[0].was_at)


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """One award's turn as planned. Minutes are None where nobody said how long. `moves` in the order of their time."""

    id: int
    session_id: int
    adoption_id: int
    name_th: str
    name_en: str
    short_th: str
    short_en: str
    starts_at: datetime
    place_th: str
    state: str
    presenting_minutes: int | None
    questions_minutes: int | None
    scoring_minutes: int | None
    presenters: str
    exhibition_url: str
    chaired_by_id: int | None
    moves: tuple[Move, ...] = ()

    @property
    def minutes(self) -> int | None:
        """How long the turn is planned; None where no part of it has a length."""
        known = [each for each in (self.presenting_minutes, self.questions_minutes, self.scoring_minutes) if each]
        return sum(known) if known else None

    @property
    def moved(self) -> Move | None:
        """From where it was at first to where it is, with the last reason; None where it stands as at first."""
        return whole_move(self.moves)


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One scoring session as planned: a panel hears a province."""

    id: int
    panel_id: int
    zone_number: int
    zone_th: str
    zone_en: str
    province_code: str
    name_th: str
    name_en: str
    day: date
    channel: str
    call_url: str
    call_id: str
    call_passcode: str
    version: int
    rehearsed_from: datetime | None
    slots: tuple[PlannedSlot, ...] = ()

    def slot(self, slot_id: int) -> PlannedSlot:
        """One slot of the day. Raises StopIteration."""
        return next(slot for slot in self.slots if slot.id == slot_id)


@dataclass(frozen=True, slots=True)
class PanelLine:
    """A panel with how much of its agenda is there."""

    id: int
    zone_number: int
    zone_th: str
    zone_en: str
    year: int
    seats: int
    provinces: int
    planned: int  # provinces with a day
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A province that a panel hears."""

    code: str
    name_th: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Turn:
    """An award that has its turn on a day."""

    adoption_id: int
    name_th: str
    name_en: str
    short_th: str
    short_en: str


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """A panel with everything that its agenda is made of."""

    id: int
    stage: str
    zone_number: int
    zone_th: str
    zone_en: str
    cycle_id: int
    year: int
    provinces: tuple[Place, ...]
    turns: tuple[Turn, ...]
    days: tuple[PlannedDay, ...] = ()

    @property
    def missing(self) -> tuple[tuple[Place, tuple[Turn, ...]], ...]:
        """Each province whose turn is not planned for some award, with these awards."""
        there = {(day.province_code, slot.adoption_id) for day in self.days for slot in day.slots}
        found = (
            (place, tuple(turn for turn in self.turns if (place.code, turn.adoption_id) not in there))
            for place in self.provinces
        )
        return tuple((place, turns) for place, turns in found if turns)


def list_panels(db: Session) -> list[PanelLine]:
    """Every panel, of the newest cycle first, in the order of zones."""
    seats = select(func.count(Seat.id)).where(Seat.panel_id == Panel.id).scalar_subquery()
    provinces = select(func.count()).where(Province.zone_number == Panel.zone_number).scalar_subquery()
    rows: Sequence[Any] = db.execute(
        select(Panel.id, Zone.number, Zone.name_th, Zone.name_en, Cycle.year, seats, provinces)
        .join(Zone, Zone.number == Panel.zone_number)
        .join(Cycle, Cycle.id == Panel.cycle_id)
        .order_by(Cycle.year.desc(), Panel.stage, Zone.number)
    ).all()
    days: dict[int, set[date]] = defaultdict(set)
    heard: dict[int, set[str]] = defaultdict(set)
    for panel_id, day, province in db.execute(
        select(ScoringSession.panel_id, ScoringSession.day, ScoringSession.province_code)
    ):
        days[panel_id].add(day)
        heard[panel_id].add(province)
    return [PanelLine(*(*row, len(heard[row[0]]), tuple(sorted(days[row[0]])))) for row in rows]


def find_panel(db: Session, panel_id: int) -> PanelPlan | None:
    """A panel with its provinces, the awards of its cycle and its days, in six statements."""
    row: Any = db.execute(whose_panel(panel_id)).first()
    if row is None:
        return None
    places = db.execute(
        select(Province.code, Province.name_th, Province.name_en)
        .where(Province.zone_number == row[2])
        .order_by(Province.sort, Province.code)
    )
    turns = db.execute(
        select(Adoption.id, Award.name_th, Award.name_en, Award.short_th, Award.short_en)
        .join(Award, Award.id == Adoption.award_id)
        .where(Adoption.cycle_id == row[5])
        .order_by(Adoption.position, Adoption.id)
    )
    about = tuple(Place(*each) for each in places), tuple(Turn(*each) for each in turns)
    return PanelPlan(*(*row, *about, tuple(list_planned(db, panel_ids=(panel_id,)))))


def sits_on(db: Session, actor: Actor, panel_id: int) -> bool:
    """Whether a duty of the actor holds a seat on the panel."""
    held = select(Seat.id).where(Seat.panel_id == panel_id, Seat.duty_id.in_(actor.duty_ids))
    return bool(db.execute(select(held.exists())).scalar_one())


def list_planned(
    db: Session, *, panel_ids: Collection[int] = (), days: Collection[date] = (), provinces: Collection[str] = ()
) -> list[PlannedDay]:
    """The scoring sessions of these panels, on these days, or of these provinces, in the order in which they begin."""
    return _planned(
        db,
        or_(
            ScoringSession.panel_id.in_(panel_ids), ScoringSession.day.in_(days),
            ScoringSession.province_code.in_(provinces),
        ),
    )  # fmt: skip


def find_planned(db: Session, session_id: int, *, scope: ColumnElement[bool] = EVERYWHERE) -> PlannedDay | None:
    """One scoring session of a scope (`within`)."""
    return next(iter(_planned(db, and_(ScoringSession.id == session_id, scope))), None)


def find_planned_of_slot(db: Session, slot_id: int, *, scope: ColumnElement[bool] = EVERYWHERE) -> PlannedDay | None:
    """The scoring session that a slot belongs to, of a scope."""
    of_slot = ScoringSession.id == select(Slot.session_id).where(Slot.id == slot_id).scalar_subquery()
    return next(iter(_planned(db, and_(of_slot, scope))), None)


def _planned(db: Session, where: ColumnElement[bool]) -> list[PlannedDay]:
    """Three statements, however many days, slots and moves."""
    rows: Sequence[Any] = db.execute(
        select(
            ScoringSession.id, ScoringSession.panel_id, Zone.number, Zone.name_th, Zone.name_en, Province.code,
            Province.name_th, Province.name_en, ScoringSession.day, ScoringSession.channel, ScoringSession.call_url,
            ScoringSession.call_id, ScoringSession.call_passcode, ScoringSession.version,
            ScoringSession.rehearsed_from,
        )
        .join(Province, Province.code == ScoringSession.province_code)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Zone, Zone.number == Panel.zone_number)
        .where(where)
        .order_by(ScoringSession.day, Province.sort, ScoringSession.id)
    ).all()  # fmt: skip
    slots = _slots(db, [row[0] for row in rows])
    days = [PlannedDay(*(*row, tuple(slots.get(row[0], ())))) for row in rows]
    return sorted(days, key=lambda day: (day.day, [slot.starts_at for slot in day.slots]))


def _slots(db: Session, session_ids: Collection[int]) -> dict[int, list[PlannedSlot]]:
    rows: Sequence[Any] = db.execute(
        select(
            Slot.id, Slot.session_id, Slot.adoption_id, Award.name_th, Award.name_en, Award.short_th, Award.short_en,
            Slot.starts_at, Slot.place_th, Slot.state, Slot.presenting_minutes, Slot.questions_minutes,
            Slot.scoring_minutes, Slot.presenters, Slot.exhibition_url, Slot.chaired_by_id,
        )
        .join(Adoption, Adoption.id == Slot.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .where(Slot.session_id.in_(session_ids))
        .order_by(Slot.starts_at, Adoption.position, Slot.id)
    ).all()  # fmt: skip
    moves = _moves(db, session_ids)
    found: dict[int, list[PlannedSlot]] = defaultdict(list)
    for row in rows:
        slot = PlannedSlot(*row)
        found[slot.session_id].append(replace(slot, moves=tuple(moves[slot.id])))
    return found


def _moves(db: Session, session_ids: Collection[int]) -> dict[int, list[Move]]:
    moves: dict[int, list[Move]] = defaultdict(list)
    for row in db.execute(
        select(SlotMove.slot_id, SlotMove.was_at, SlotMove.starts_at, SlotMove.reason, SlotMove.at)
        .join(Slot, Slot.id == SlotMove.slot_id)
        .where(Slot.session_id.in_(session_ids))
        .order_by(SlotMove.id)
    ):
        moves[row[0]].append(Move(*row))
    return moves


def map_moved(db: Session, session_ids: Collection[int]) -> dict[int, Move]:
    """By slot, those of these scoring sessions that do not stand where they stood at first."""
    wholes = {slot: whole_move(moves) for slot, moves in _moves(db, session_ids).items()}
    return {slot: move for slot, move in wholes.items() if move is not None}


@dataclass(frozen=True, slots=True)
class HeardEntry:
    """An entry whose turn a slot is: whether its province has sent it, and nothing of how it is marked."""

    slot_id: int
    entry_id: int
    code: str
    label: str
    state: str


def list_heard(db: Session, session_id: int) -> list[HeardEntry]:
    """The entries of a scoring session, in the order of its slots. One withdrawn is not heard."""
    rows: Sequence[Any] = db.execute(
        select(Slot.id, Entry.id, Entry.code, Entry.label, Entry.state)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Entry, and_(Entry.adoption_id == Slot.adoption_id, Entry.province_code == ScoringSession.province_code))
        .where(ScoringSession.id == session_id, Entry.state != "withdrawn")
        .order_by(Slot.starts_at, Slot.id, Entry.code)
    ).all()
    return [HeardEntry(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is left of a planned slot that was taken out."""

    id: int
    session_id: int
    panel_id: int
    name_th: str  # of the province
    name_en: str
    award_th: str
    award_en: str
    starts_at: datetime
    moves: int
    reason: str
    at: datetime


def list_dropped(db: Session, *, panel_id: int) -> list[Dropped]:
    """The dropped slots of a panel in the order of their time."""
    rows: Sequence[Any] = db.execute(
        select(
            DroppedSlot.id, DroppedSlot.session_id, DroppedSlot.panel_id, Province.name_th, Province.name_en,
            Award.short_th, Award.short_en, DroppedSlot.starts_at, DroppedSlot.moves, DroppedSlot.reason,
            DroppedSlot.at,
        )
        .join(Province, Province.code == DroppedSlot.province_code)
        .join(Adoption, Adoption.id == DroppedSlot.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .where(DroppedSlot.panel_id == panel_id)
        .order_by(DroppedSlot.starts_at, DroppedSlot.id)
    ).all()  # fmt: skip
    return [Dropped(*row) for row in rows]


def has_happened(db: Session, slot_ids: Collection[int]) -> bool:
    """Whether anything is on record of these slots: a mark, a card sent or excused, a phase, attendance, a note."""
    cards = select(Assignment.id).where(
        Assignment.slot_id.in_(slot_ids),
        or_(Assignment.revision > 0, Assignment.state != "draft", Assignment.excused != "", Assignment.paper != ""),
    )
    others = [
        select(table.slot_id).where(table.slot_id.in_(slot_ids)).exists() for table in (Phase, Attendance, MinutesNote)
    ]
    return bool(db.execute(select(or_(cards.exists(), *others))).scalar_one())


def has_declarations(db: Session, session_id: int) -> bool:
    """Whether a member has declared an interest, or none, for a scoring session."""
    made = select(Declaration.id).where(Declaration.session_id == session_id)
    return bool(db.execute(select(made.exists())).scalar_one())


def is_chaired_by(db: Session, actor: Actor, slot_id: int) -> bool:
    """Whether the actor holds the chair of the slot's panel, or the chair was passed to them for this slot."""
    held = (
        select(Seat.id)
        .join(ScoringSession, ScoringSession.panel_id == Seat.panel_id)
        .join(Slot, Slot.session_id == ScoringSession.id)
        .where(
            Slot.id == slot_id,
            Seat.duty_id.in_(actor.duty_ids),
            or_(Seat.kind == "chair", Seat.id == Slot.chaired_by_id),
        )
    )
    return bool(db.execute(select(held.exists())).scalar_one())


def next_slot_id(db: Session) -> int:
    """A number that no slot has or had: calendars know a slot by it."""
    return _beyond(db, func.max(Slot.id), func.max(DroppedSlot.id))


def next_session_id(db: Session) -> int:
    """A number that no scoring session has or had: its address and its calendar are not those of another."""
    return _beyond(db, func.max(ScoringSession.id), func.max(DroppedSlot.session_id))


def _beyond(db: Session, used: Any, gone: Any) -> int:
    row = db.execute(select(select(used).scalar_subquery(), select(gone).scalar_subquery())).one()
    return max(each or 0 for each in row) + 1
