"""A scoring day while it is lived: one small status for everybody who looks on, and what the chair's page shows.

Asked every few seconds by every open page: no mark is touched here.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from award.db.cycles import Adoption, Seat
from award.db.entries import Entry
from award.db.live import Attendance, MinutesNote, Phase, Ready, ReopeningRequest, Sighting
from award.db.people import Province
from award.db.scoring import Assignment, ScoringSession, Slot
from award.policy import Actor, may_see_runs, shown_phase

PANEL, PROVINCE = "panel", "province"


@dataclass(frozen=True, slots=True)
class Followed:
    """A scoring session as somebody follows it. `audience`: panel (also those who watch over all) or province."""

    id: int
    version: int
    rehearsal: bool
    audience: str
    seat_id: int | None  # the actor's own

    @property
    def tag(self) -> str:
        """The same tag, the same status."""
        return f"{self.version}-{self.audience}{'-rehearsal' if self.rehearsal else ''}"


# Built once, and of plain tables: asked every few seconds by every open page.
_SESSIONS, _SEATS = cast(Table, ScoringSession.__table__), cast(Table, Seat.__table__)
_FOLLOWED = select(
    _SESSIONS.c.id, _SESSIONS.c.version, _SESSIONS.c.rehearsed_from, _SESSIONS.c.province_code,
    select(func.min(_SEATS.c.id))
    .where(_SEATS.c.panel_id == _SESSIONS.c.panel_id, _SEATS.c.duty_id.in_(bindparam("duties", expanding=True)))
    .scalar_subquery(),
).where(_SESSIONS.c.id == bindparam("session"))  # fmt: skip


def find_followed(db: Session, actor: Actor, session_id: int) -> Followed | None:
    """The session, for the panel's seats, organizer, auditor and the officers of its province; one statement."""
    row = db.execute(_FOLLOWED, {"session": session_id, "duties": list(actor.duty_ids)}).first()
    if row is None:
        return None
    ident, version, rehearsed_from, province, seat_id = row
    if seat_id is not None or may_see_runs(actor):
        audience = PANEL
    elif province in actor.provinces:
        audience = PROVINCE
    else:
        return None
    return Followed(ident, version, rehearsed_from is not None, audience, seat_id)


_VERSION = select(ScoringSession.version).where(ScoringSession.id == bindparam("session"))


def get_version(db: Session, session_id: int) -> int | None:
    """The version of a scoring session; None where there is none. One statement, as cheap as there is one."""
    return db.connection().execute(_VERSION, {"session": session_id}).scalar()


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """How far a slot is. `phase_id` 0: nothing was begun. `done` of `cards`: sent or excused, of entries that take
    part. `asks`: open requests to open a card again."""

    id: int
    session_id: int
    state: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    phase_id: int
    phase: str
    phase_at: datetime | None
    ends_at: datetime | None
    began_at: datetime | None
    done: int
    cards: int
    asks: int
    ready_province: bool
    ready_seats: tuple[int, ...]

    @property
    def is_under_way(self) -> bool:
        """Begun and not over."""
        return self.state == "open" or self.phase not in ("", "done")

    @property
    def is_to_come(self) -> bool:
        """Neither begun nor over."""
        return self.state == "planned" and self.phase == ""


_LAST = aliased(Phase)
_SENT = or_(Assignment.state == "sent", Assignment.excused != "")
_CARDS = (
    select(func.count())
    .select_from(Assignment)
    .join(Entry, Entry.id == Assignment.entry_id)
    .where(Assignment.slot_id == Slot.id, Entry.state == "submitted")
)
_STATUS = (
    select(
        Slot.id, Slot.session_id, Slot.state, Slot.starts_at, Slot.opened_at, Slot.closed_at,
        _LAST.id, _LAST.phase, _LAST.at, _LAST.seconds,
        select(func.min(Phase.at)).where(Phase.slot_id == Slot.id).scalar_subquery(),
        _CARDS.where(_SENT).scalar_subquery(),
        _CARDS.scalar_subquery(),
        select(func.count())
        .select_from(ReopeningRequest)
        .join(Assignment, Assignment.id == ReopeningRequest.assignment_id)
        .where(Assignment.slot_id == Slot.id, ReopeningRequest.answered_at.is_(None))
        .scalar_subquery(),
        Ready.id, Ready.seat_id,
    )
    .join(Adoption, Adoption.id == Slot.adoption_id)
    .outerjoin(_LAST, _LAST.id == select(func.max(Phase.id)).where(Phase.slot_id == Slot.id).scalar_subquery())
    .outerjoin(Ready, Ready.slot_id == Slot.id)
    .where(Slot.session_id.in_(bindparam("sessions", expanding=True)))
    .order_by(Slot.starts_at, Adoption.position, Slot.id, Ready.id)
)  # fmt: skip


def list_slot_statuses(db: Session, session_ids: Collection[int]) -> list[SlotStatus]:
    """The slots of these sessions in time order, in one statement."""
    rows: Sequence[Any] = db.execute(_STATUS, {"sessions": list(session_ids)}).all()
    firsts = {row[0]: row for row in reversed(rows)}
    ready: dict[int, list[int | None]] = defaultdict(list)
    for row in rows:
        if row[-2] is not None:
            ready[row[0]].append(row[-1])
    return [_slot_status(firsts[slot], ready[slot]) for slot in dict.fromkeys(row[0] for row in rows)]


def _slot_status(row: Any, ready: Sequence[int | None]) -> SlotStatus:
    ident, session, state, starts, opened, closed, phase_id, last, at, seconds, first, done, cards, asks = row[:14]
    phase = shown_phase(last or "", slot_state=state)
    return SlotStatus(
        id=ident, session_id=session, state=state, starts_at=starts, opened_at=opened, closed_at=closed,
        phase_id=phase_id or 0, phase=phase, phase_at=at if phase else None,
        ends_at=at + timedelta(seconds=seconds) if phase and seconds is not None else None,
        began_at=min((moment for moment in (first, opened) if moment is not None), default=None),
        done=done, cards=cards, asks=asks,
        ready_province=None in ready, ready_seats=tuple(seat for seat in ready if seat is not None),
    )  # fmt: skip


def slot_now(slots: Sequence[SlotStatus]) -> SlotStatus | None:
    """The slot that is on: of several the one that moved last."""
    going = [slot for slot in slots if slot.is_under_way]
    moved = {slot.id: max(filter(None, (slot.phase_at, slot.opened_at)), default=slot.starts_at) for slot in going}
    return max(going, key=lambda slot: moved[slot.id], default=None)


def slot_next(slots: Sequence[SlotStatus]) -> SlotStatus | None:
    """The first slot that is still to come."""
    return next((slot for slot in slots if slot.is_to_come), None)


@dataclass(frozen=True, slots=True)
class Attended:
    """Whether a member was there, as the chair ticked it."""

    state: str  # present | late | absent
    arrived_at: datetime | None
    allowed_reason: str


def map_attendance(db: Session, slot_ids: Collection[int]) -> dict[tuple[int, int], Attended]:
    """By slot and seat."""
    rows: Sequence[Any] = db.execute(
        select(
            Attendance.slot_id, Attendance.seat_id, Attendance.state, Attendance.arrived_at, Attendance.allowed_reason
        )
        .where(Attendance.slot_id.in_(slot_ids))
        .order_by(Attendance.slot_id, Attendance.seat_id)
    ).all()
    return {(row[0], row[1]): Attended(*row[2:]) for row in rows}


@dataclass(frozen=True, slots=True)
class Noted:
    """One note for the minutes."""

    text: str
    at: datetime


def map_notes(db: Session, slot_ids: Collection[int]) -> dict[int, list[Noted]]:
    """Notes for the minutes by slot, in time order."""
    rows: Sequence[Any] = db.execute(
        select(MinutesNote.slot_id, MinutesNote.text, MinutesNote.at)
        .where(MinutesNote.slot_id.in_(slot_ids))
        .order_by(MinutesNote.at, MinutesNote.id)
    ).all()
    notes: dict[int, list[Noted]] = defaultdict(list)
    for slot, text, at in rows:
        notes[slot].append(Noted(text, at))
    return notes


@dataclass(frozen=True, slots=True)
class Beside:
    """Another scoring session of the same panel on the same day."""

    id: int
    name_th: str  # of the province
    name_en: str
    starts_at: datetime


def list_beside(db: Session, *, session_id: int, panel_id: int, day: date) -> list[Beside]:
    """The other provinces that a panel hears on a day, in the order in which they begin; one statement."""
    starts = func.min(Slot.starts_at)
    rows: Sequence[Any] = db.execute(
        select(ScoringSession.id, Province.name_th, Province.name_en, starts)
        .join(Province, Province.code == ScoringSession.province_code)
        .join(Slot, Slot.session_id == ScoringSession.id)
        .where(ScoringSession.panel_id == panel_id, ScoringSession.day == day, ScoringSession.id != session_id)
        .group_by(ScoringSession.id, Province.name_th, Province.name_en)
        .order_by(starts, ScoringSession.id)
    ).all()
    return [Beside(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Seen:
    """When a member's page last asked, and how many changes waited on the device then."""

    at: datetime
    unsent: int


def map_sightings(db: Session, session_id: int) -> Mapping[int, Seen]:
    """By seat; who never was on the page is not there. A few seconds old: see `actions/sightings.py`."""
    rows: Sequence[Any] = db.execute(
        select(Sighting.seat_id, Sighting.seen_at, Sighting.unsent)
        .where(Sighting.session_id == session_id)
        .order_by(Sighting.seat_id)
    ).all()
    return {row[0]: Seen(*row[1:]) for row in rows}


@dataclass(frozen=True, slots=True)
class PlaceOfSlot:
    """Where a slot belongs, and the actor's seat there."""

    session_id: int
    state: str
    province_code: str
    seat_id: int | None


def find_place_of_slot(db: Session, slot_id: int, *, duty_ids: Collection[int]) -> PlaceOfSlot | None:
    """In one statement, whoever asks; the caller asks whether the province or the seat is the actor's."""
    own = (
        select(func.min(Seat.id)).where(Seat.panel_id == ScoringSession.panel_id, Seat.duty_id.in_(duty_ids))
    ).scalar_subquery()
    row: Any = db.execute(
        select(Slot.session_id, Slot.state, ScoringSession.province_code, own)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .where(Slot.id == slot_id)
    ).first()
    return None if row is None else PlaceOfSlot(*row)
