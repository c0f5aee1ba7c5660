"""Scoring days as panels see them: seats, slots, and how far each card is. Counts only; no mark is ever read here."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Cycle, Panel, Seat
from award.db.entries import Entry
from award.db.people import Duty, Province, Zone
from award.db.scoring import Assignment, Mark, ScoringSession, Slot
from award.queries.entries import SENT, is_late


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """A place on a panel, and who holds it."""

    id: int
    code: str
    kind: str  # chair | member | secretary
    position: int
    panel_id: int
    zone_number: int
    zone_th: str
    zone_en: str
    duty_id: int
    title_th: str
    title_en: str
    acting: bool


@dataclass(frozen=True, slots=True)
class CardLine:
    """How far one member is with one entry. `marked` counts places that hold a mark."""

    id: int
    entry_id: int
    code: str
    label: str
    category: str
    entry_state: str
    seat_id: int
    state: str
    excused: str
    excused_reason: str
    sent_at: datetime | None
    receipt: str | None
    revision: int
    paper: str  # "" | unconfirmed | confirmed
    marked: int
    is_late: bool  # the entry was sent late

    @property
    def is_done(self) -> bool:
        """Sent, or its member is excused."""
        return self.state == "sent" or bool(self.excused)


@dataclass(frozen=True, slots=True)
class SlotLine:
    """One award's turn on a day, with the cards of all seats in the order of entries and seats."""

    id: int
    session_id: int
    adoption_id: int
    rules_sha256: str
    name_th: str
    name_en: str
    short_th: str
    short_en: str
    starts_at: datetime
    place_th: str
    state: str
    opened_at: datetime | None
    closed_at: datetime | None
    presenting_minutes: int | None
    questions_minutes: int | None
    scoring_minutes: int | None
    presenters: str
    exhibition_url: str
    chaired_by_id: int | None
    cards: tuple[CardLine, ...] = ()

    def cards_of(self, seat_id: int) -> tuple[CardLine, ...]:
        """The cards of one seat."""
        return tuple(card for card in self.cards if card.seat_id == seat_id)

    def entries(self) -> tuple[CardLine, ...]:
        """One card for each entry: whose is not asked."""
        return tuple({card.entry_id: card for card in reversed(self.cards)}.values())[::-1]

    def cards_for(self, entry_id: int) -> tuple[CardLine, ...]:
        """The cards of one entry."""
        return tuple(card for card in self.cards if card.entry_id == entry_id)


@dataclass(frozen=True, slots=True)
class Day:
    """One scoring session: a panel hears a province."""

    id: int
    day: date
    channel: str
    call_url: str
    call_id: str
    call_passcode: str
    panel_id: int
    zone_number: int
    zone_th: str
    zone_en: str
    name_th: str  # of the province
    name_en: str
    province_code: str
    version: int
    rehearsed_from: datetime | None
    slots: tuple[SlotLine, ...] = ()
    seats: tuple[SeatHeld, ...] = ()

    def chair_of(self, slot: SlotLine) -> SeatHeld | None:
        """Who chairs a slot: the seat that it was passed to, else the panel's chair."""
        if slot.chaired_by_id is not None:
            return next((seat for seat in self.seats if seat.id == slot.chaired_by_id), None)
        return next((seat for seat in self.seats if seat.kind == "chair"), None)


@dataclass(frozen=True, slots=True)
class DayCount:
    """A day as one line: how many of a member's cards are done."""

    id: int
    day: date
    name_th: str
    name_en: str
    done: int
    cards: int


# Built once, as the four statements of a day below: they stand before most of what is asked on a scoring day.
_SEATS = (
    select(
        Seat.id, Seat.code, Seat.kind, Seat.position, Seat.panel_id, Zone.number, Zone.name_th, Zone.name_en,
        Duty.id, Duty.title_th, Duty.title_en, Duty.acting,
    )
    .join(Panel, Panel.id == Seat.panel_id)
    .join(Zone, Zone.number == Panel.zone_number)
    .join(Duty, Duty.id == Seat.duty_id)
    .where(
        or_(
            Seat.duty_id.in_(bindparam("duty_ids", expanding=True)),
            Seat.panel_id.in_(bindparam("panel_ids", expanding=True)),
        )
    )
    .order_by(Seat.panel_id, Seat.position)
)  # fmt: skip


def list_seats(db: Session, *, duty_ids: Collection[int] = (), panel_ids: Collection[int] = ()) -> list[SeatHeld]:
    """Seats held through these duties, and all seats of these panels."""
    asked = {"duty_ids": list(duty_ids), "panel_ids": list(panel_ids)}
    rows: Sequence[Any] = db.execute(_SEATS, asked).all()
    return [SeatHeld(*row) for row in rows]


def whose_panel(panel_id: int) -> Select[*tuple[Any, ...]]:
    """Of one panel: id, stage, its zone's number and names, and the id and year of its cycle."""
    return (
        select(Panel.id, Panel.stage, Zone.number, Zone.name_th, Zone.name_en, Cycle.id, Cycle.year)
        .join(Zone, Zone.number == Panel.zone_number)
        .join(Cycle, Cycle.id == Panel.cycle_id)
        .where(Panel.id == panel_id)
    )


def list_day_counts(db: Session, *, seat_ids: Collection[int]) -> list[DayCount]:
    """Every day of the panels of these seats, in time order, with how many of the seats' cards are done."""
    done = func.sum(case((or_(Assignment.state == "sent", Assignment.excused != ""), 1), else_=0))
    rows: Sequence[Any] = db.execute(
        select(
            ScoringSession.id, ScoringSession.day, Province.name_th, Province.name_en,
            func.coalesce(done, 0), func.count(Assignment.id),
        )
        .join(Province, Province.code == ScoringSession.province_code)
        .join(Seat, Seat.panel_id == ScoringSession.panel_id)
        .outerjoin(Slot, Slot.session_id == ScoringSession.id)
        .outerjoin(Assignment, and_(Assignment.slot_id == Slot.id, Assignment.seat_id == Seat.id))
        .where(Seat.id.in_(seat_ids))
        .group_by(ScoringSession.id, ScoringSession.day, Province.name_th, Province.name_en, Province.sort)
        .order_by(ScoringSession.day, Province.sort, ScoringSession.id)
    ).all()  # fmt: skip
    return [DayCount(*row) for row in rows]


def list_days_on(db: Session, *, panel_ids: Collection[int], day: date) -> list[Day]:
    """The panels' scoring sessions of one day, in the order in which they begin."""
    return _days(db, and_(ScoringSession.panel_id.in_(panel_ids), ScoringSession.day == day))


def within(
    *, duty_ids: Collection[int] = (), provinces: Collection[str] = (), everywhere: bool = False
) -> ColumnElement[bool]:
    """Of scoring sessions: those on whose panel one of the duties sits, and those of these provinces; or all.

    What is out of scope takes the very work of what does not exist: neither can be told by its time."""
    own = ScoringSession.panel_id.in_(select(Seat.panel_id).where(Seat.duty_id.in_(duty_ids)))
    return or_(own, ScoringSession.province_code.in_(provinces), true() if everywhere else false())


def find_day(
    db: Session, session_id: int, *, duty_ids: Collection[int], provinces: Collection[str] = (),
    everywhere: bool = False,
) -> Day | None:  # fmt: skip
    """One scoring session, where one of the duties holds a seat on its panel (or of the provinces, or `everywhere`)."""
    scope = within(duty_ids=duty_ids, provinces=provinces, everywhere=everywhere)
    return _day(db, and_(ScoringSession.id == session_id, scope))


def find_day_of_slot(
    db: Session, slot_id: int, *, duty_ids: Collection[int], provinces: Collection[str] = (), everywhere: bool = False
) -> Day | None:
    """The scoring session that a slot belongs to, in the same scope as `find_day`."""
    of_slot = ScoringSession.id == select(Slot.session_id).where(Slot.id == slot_id).scalar_subquery()
    return _day(db, and_(of_slot, within(duty_ids=duty_ids, provinces=provinces, everywhere=everywhere)))


def _day(db: Session, which: ColumnElement[bool]) -> Day | None:
    found = _days(db, which)
    return found[0] if found else None


_DAYS = (
    select(
        ScoringSession.id, ScoringSession.day, ScoringSession.channel, ScoringSession.call_url,
        ScoringSession.call_id, ScoringSession.call_passcode, ScoringSession.panel_id,
        Zone.number, Zone.name_th, Zone.name_en, Province.name_th, Province.name_en,
        Province.code, ScoringSession.version, ScoringSession.rehearsed_from,
    )
    .join(Province, Province.code == ScoringSession.province_code)
    .join(Panel, Panel.id == ScoringSession.panel_id)
    .join(Zone, Zone.number == Panel.zone_number)
    .order_by(ScoringSession.day, Province.sort, ScoringSession.id)
)  # fmt: skip


def _days(db: Session, where: ColumnElement[bool]) -> list[Day]:
    """Four statements, however many days, slots and cards."""
    rows: Sequence[Any] = db.execute(_DAYS.where(where)).all()
    slots = _slots(db, [row[0] for row in rows])
    seats: dict[int, list[SeatHeld]] = defaultdict(list)
    for seat in list_seats(db, panel_ids={row[6] for row in rows}):
        seats[seat.panel_id].append(seat)
    days = [Day(*(*row, tuple(slots.get(row[0], ())), tuple(seats[row[6]]))) for row in rows]
    return sorted(days, key=lambda day: (day.day, [slot.starts_at for slot in day.slots]))


_SLOTS = (
    select(
        Slot.id, Slot.session_id, Slot.adoption_id, Adoption.rules_sha256,
        Award.name_th, Award.name_en, Award.short_th, Award.short_en,
        Slot.starts_at, Slot.place_th, Slot.state, Slot.opened_at, Slot.closed_at,
        Slot.presenting_minutes, Slot.questions_minutes, Slot.scoring_minutes,
        Slot.presenters, Slot.exhibition_url, Slot.chaired_by_id,
    )
    .join(Adoption, Adoption.id == Slot.adoption_id)
    .join(Award, Award.id == Adoption.award_id)
    .where(Slot.session_id.in_(bindparam("session_ids", expanding=True)))
    .order_by(Slot.starts_at, Adoption.position, Slot.id)
)  # fmt: skip


def _slots(db: Session, session_ids: Sequence[int]) -> dict[int, list[SlotLine]]:
    rows: Sequence[Any] = db.execute(_SLOTS, {"session_ids": session_ids}).all()
    cards = _cards(db, [row[0] for row in rows])
    slots: dict[int, list[SlotLine]] = defaultdict(list)
    for row in rows:
        slots[row[1]].append(SlotLine(*(*row, tuple(cards.get(row[0], ())))))
    return slots


def _marked(where: ColumnElement[bool]) -> Any:
    """How many places of each card hold a mark: the latest value counts, and only the count leaves the database."""
    place = func.row_number().over(
        partition_by=(Mark.assignment_id, Mark.criterion), order_by=(Mark.revision.desc(), Mark.id.desc())
    )
    latest = (
        select(Mark.assignment_id, Mark.value, place.label("place"))
        .join(Assignment, Assignment.id == Mark.assignment_id)
        .where(where)
        .subquery()
    )
    return (
        select(latest.c.assignment_id, func.count().label("marked"))
        .where(latest.c.place == 1, latest.c.value.is_not(None))
        .group_by(latest.c.assignment_id)
        .subquery()
    )


_OF_SLOTS = Assignment.slot_id.in_(bindparam("slot_ids", expanding=True))
_COUNTED = _marked(_OF_SLOTS)
_CARDS = (
    select(
        Assignment.slot_id,
        Assignment.id, Entry.id, Entry.code, Entry.label, Entry.category, Entry.state, Assignment.seat_id,
        Assignment.state, Assignment.excused, Assignment.excused_reason, Assignment.sent_at, Assignment.receipt,
        Assignment.revision, Assignment.paper, func.coalesce(_COUNTED.c.marked, 0), *SENT,
    )
    .join(Entry, Entry.id == Assignment.entry_id)
    .join(Adoption, Adoption.id == Entry.adoption_id)
    .join(Cycle, Cycle.id == Adoption.cycle_id)
    .join(Seat, Seat.id == Assignment.seat_id)
    .outerjoin(_COUNTED, _COUNTED.c.assignment_id == Assignment.id)
    .where(_OF_SLOTS)
    .order_by(Entry.code, Seat.position, Seat.id)
)  # fmt: skip


def _cards(db: Session, slot_ids: Sequence[int]) -> Mapping[int, list[CardLine]]:
    rows: Sequence[Any] = db.execute(_CARDS, {"slot_ids": slot_ids}).all()
    cards: dict[int, list[CardLine]] = defaultdict(list)
    for row in rows:
        cards[row[0]].append(CardLine(*(*row[1 : -len(SENT)], is_late(*row[-len(SENT) :]))))
    return cards
