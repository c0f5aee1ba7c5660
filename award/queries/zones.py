"""All zones on one day, as those who run the round look at them: states, times and counts. No mark is ever read here.

`get_version` is asked every few seconds by every screen and takes one statement; `list_zones_on` takes ten, however
many zones, slots and cards there are, and only when the version is another one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Panel, Seat
from award.db.entries import Entry
from award.db.live import Attendance, Declaration, Phase, ReopeningRequest, Sighting
from award.db.people import Province, Zone
from award.db.scoring import Assignment, ScoringSession, Slot

QUIET_FOR = timedelta(seconds=30)  # a page asks every two or three seconds, which is told every ten
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SeatWatched:
    """A seat by its place on the panel, never by a person."""

    id: int
    kind: str  # chair | member | secretary
    position: int
    attendance: str = ""  # "" where nobody said so | present | late | absent, in the slot that is on
    network: str = ""  # "" where nothing is wrong | lost | waiting | unseen
    unsent: int = 0
    is_declared: bool = False


@dataclass(frozen=True, slots=True)
class SlotWatched:
    """One award's turn. `done` of `cards` are sent or their member is excused; all else are counts and times."""

    id: int
    short_th: str
    short_en: str
    starts_at: datetime
    state: str
    opened_at: datetime | None
    closed_at: datetime | None
    planned: timedelta | None  # presentation, questions and scoring; None where nobody said how long
    phase: str = ""
    phase_at: datetime | None = None
    ends_at: datetime | None = None  # of the phase
    cards: int = 0
    done: int = 0
    not_presented: int = 0
    paper: int = 0  # sheets entered from paper that their member has not confirmed
    asks: int = 0  # open requests to open a sheet again

    def late(self, now: datetime) -> int:
        """Minutes between planned and real opening; of a slot not opened yet, since it should have been."""
        return max(0, ((self.opened_at or now) - self.starts_at) // MINUTE)

    def over(self, now: datetime) -> int:
        """Minutes that an open slot takes longer than planned."""
        if self.state != "open" or self.opened_at is None or self.planned is None:
            return 0
        return max(0, (now - self.opened_at - self.planned) // MINUTE)


@dataclass(frozen=True, slots=True)
class SessionWatched:
    """A panel hears one province."""

    id: int
    name_th: str
    name_en: str
    rehearsed_from: datetime | None
    slots: tuple[SlotWatched, ...] = ()
    seats: tuple[SeatWatched, ...] = ()

    @property
    def current(self) -> SlotWatched | None:
        """The slot that is open; else the next that is planned; None when all are closed, or there are none."""
        of_state = {slot.state: slot for slot in reversed(self.slots)}
        return of_state.get("open") or of_state.get("planned")


@dataclass(frozen=True, slots=True)
class ZoneWatched:
    """A zone with its sessions of the day, in the order in which they begin; without any, it rests."""

    number: int
    name_th: str
    name_en: str
    sessions: tuple[SessionWatched, ...] = ()


@dataclass(frozen=True, slots=True)
class DayLink:
    """A day on which there are sessions, and how many."""

    day: date
    sessions: int


def list_days(db: Session) -> list[DayLink]:
    """Every day with sessions, in order."""
    rows = db.execute(
        select(ScoringSession.day, func.count()).group_by(ScoringSession.day).order_by(ScoringSession.day)
    ).all()
    return [DayLink(*row) for row in rows]


def get_version(db: Session, *, day: date, now: datetime) -> str:
    """Another text whenever anything to be seen of the day is another: a session's own version, who has lost the
    network, and the minute, for what is late grows by itself. One statement."""
    rows: Sequence[Any] = db.execute(
        select(ScoringSession.id, ScoringSession.version, Sighting.seat_id, Sighting.seen_at, Sighting.unsent)
        .outerjoin(Sighting, Sighting.session_id == ScoringSession.id)
        .where(ScoringSession.day == day)
        .order_by(ScoringSession.id, Sighting.seat_id)
    ).all()
    told = [
        (session, version, seat, None if seen_at is None else now - seen_at > QUIET_FOR, unsent)
        for session, version, seat, seen_at, unsent in rows
    ]
    minute = now.replace(second=0, microsecond=0).isoformat()
    return hashlib.sha256(repr((day.isoformat(), minute, told)).encode()).hexdigest()[:16]


def list_zones_on(db: Session, *, day: date, now: datetime) -> list[ZoneWatched]:
    """All zones by number, with what goes on in them on the day."""
    sessions: Sequence[Any] = db.execute(
        select(
            ScoringSession.id, ScoringSession.panel_id, Panel.zone_number, Province.name_th, Province.name_en,
            ScoringSession.rehearsed_from,
        )
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Province, Province.code == ScoringSession.province_code)
        .where(ScoringSession.day == day)
        .order_by(Panel.zone_number, Province.sort, ScoringSession.id)
    ).all()  # fmt: skip
    ids = [row.id for row in sessions]
    facts = _Facts(db, ids)
    of_zone: dict[int, list[SessionWatched]] = defaultdict(list)
    for row in sessions:
        slots = facts.slots.get(row.id, ())
        made = SessionWatched(row.id, row.name_th, row.name_en, row.rehearsed_from, tuple(slots))
        seats = facts.seats_of(row.panel_id, row.id, made.current, now=now)
        of_zone[row.zone_number].append(
            SessionWatched(row.id, row.name_th, row.name_en, row.rehearsed_from, made.slots, seats)
        )
    zones = db.execute(select(Zone.number, Zone.name_th, Zone.name_en).order_by(Zone.number)).all()
    return [
        ZoneWatched(
            zone.number, zone.name_th, zone.name_en,
            tuple(sorted(of_zone[zone.number], key=lambda each: [slot.starts_at for slot in each.slots])),
        )
        for zone in zones
    ]  # fmt: skip


@dataclass
class _Facts:
    """What the statements answer for all sessions of the day."""

    db: Session
    session_ids: Sequence[int]
    slots: Mapping[int, list[SlotWatched]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_seat = self._cards_by_seat()
        self.slots = self._read_slots()
        slot_ids = [slot.id for slots in self.slots.values() for slot in slots]
        self.attendance: dict[tuple[int, int], str] = {
            (row.slot_id, row.seat_id): row.state
            for row in self.db.execute(
                select(Attendance.slot_id, Attendance.seat_id, Attendance.state).where(Attendance.slot_id.in_(slot_ids))
            )
        }
        self.sightings: dict[tuple[int, int], Any] = {
            (row.session_id, row.seat_id): row
            for row in self.db.execute(
                select(Sighting.session_id, Sighting.seat_id, Sighting.seen_at, Sighting.unsent).where(
                    Sighting.session_id.in_(self.session_ids)
                )
            )
        }
        self.declared = {
            (row.session_id, row.seat_id)
            for row in self.db.execute(
                select(Declaration.session_id, Declaration.seat_id)
                .where(Declaration.session_id.in_(self.session_ids))
                .distinct()
            )
        }
        self.seats: dict[int, list[Any]] = defaultdict(list)
        for seat in self.db.execute(
            select(Seat.id, Seat.panel_id, Seat.kind, Seat.position)
            .join(ScoringSession, ScoringSession.panel_id == Seat.panel_id)
            .where(ScoringSession.id.in_(self.session_ids))
            .distinct()
            .order_by(Seat.panel_id, Seat.position)
        ):
            self.seats[seat.panel_id].append(seat)

    def seats_of(
        self, panel_id: int, session_id: int, slot: SlotWatched | None, *, now: datetime
    ) -> tuple[SeatWatched, ...]:
        """The seats of a panel as the slot that is on has them. A seat without a card in it is not waited for."""
        found = []
        for seat in self.seats[panel_id]:
            seen = self.sightings.get((session_id, seat.id))
            attendance = self.attendance.get((slot.id, seat.id), "") if slot else ""
            to_do = self.by_seat.get((slot.id, seat.id), 0) if slot else 0
            is_watched = slot is not None and slot.state == "open" and to_do > 0 and attendance != "absent"
            network = ""
            if seen is not None and seen.unsent > 0:
                network = "waiting"
            if is_watched and seen is None:
                network = "unseen"
            elif is_watched and seen is not None and now - seen.seen_at > QUIET_FOR:
                network = "lost"
            unsent = seen.unsent if seen is not None else 0
            is_declared = (session_id, seat.id) in self.declared
            found.append(SeatWatched(seat.id, seat.kind, seat.position, attendance, network, unsent, is_declared))
        return tuple(found)

    def _cards_by_seat(self) -> dict[tuple[int, int], int]:
        """(slot, seat) → how many of its cards are not done yet; what takes no part waits for none."""
        rows = self.db.execute(
            select(Assignment.slot_id, Assignment.seat_id, func.count().label("cards"), _DONE.label("done"))
            .join(Slot, Slot.id == Assignment.slot_id)
            .join(Entry, Entry.id == Assignment.entry_id)
            .where(Slot.session_id.in_(self.session_ids), Entry.state.in_(("draft", "submitted")))
            .group_by(Assignment.slot_id, Assignment.seat_id)
        ).all()
        self.cards: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for row in rows:
            self.cards[row.slot_id][0] += row.cards
            self.cards[row.slot_id][1] += row.done
        return {(row.slot_id, row.seat_id): row.cards - row.done for row in rows}

    def _read_slots(self) -> dict[int, list[SlotWatched]]:
        lengths = (Slot.presenting_minutes, Slot.questions_minutes, Slot.scoring_minutes)
        rows = self.db.execute(
            select(
                Slot.id, Slot.session_id, Award.short_th, Award.short_en, Slot.starts_at, Slot.state,
                Slot.opened_at, Slot.closed_at,
                *(length.label(f"length{number}") for number, length in enumerate(lengths)),
            )
            .join(Adoption, Adoption.id == Slot.adoption_id)
            .join(Award, Award.id == Adoption.award_id)
            .where(Slot.session_id.in_(self.session_ids))
            .order_by(Slot.starts_at, Adoption.position, Slot.id)
        ).all()  # fmt: skip
        slot_ids = [row.id for row in rows]
        phases, counts = self._phases(slot_ids), self._counts(slot_ids)
        asks = self._asks(slot_ids)
        slots: dict[int, list[SlotWatched]] = defaultdict(list)
        for row in rows:
            minutes = [row.length0, row.length1, row.length2]
            planned = None if None in minutes else sum(minutes) * MINUTE
            phase, at, ends_at = phases.get(row.id, ("", None, None))
            cards, done = self.cards[row.id]
            slots[row.session_id].append(
                SlotWatched(
                    row.id, row.short_th, row.short_en, row.starts_at, row.state, row.opened_at, row.closed_at,
                    planned, phase, at, ends_at, cards, done, *counts.get(row.id, (0, 0)), asks=asks.get(row.id, 0),
                )
            )  # fmt: skip
        return slots

    def _phases(self, slot_ids: Collection[int]) -> dict[int, tuple[str, datetime, datetime | None]]:
        newest = select(func.max(Phase.id)).where(Phase.slot_id.in_(slot_ids)).group_by(Phase.slot_id)
        rows = self.db.execute(select(Phase.slot_id, Phase.phase, Phase.at, Phase.seconds).where(Phase.id.in_(newest)))
        return {
            row.slot_id: (row.phase, row.at, None if row.seconds is None else row.at + timedelta(seconds=row.seconds))
            for row in rows
        }

    def _counts(self, slot_ids: Collection[int]) -> dict[int, tuple[int, int]]:
        """Slot → entries that were not presented, sheets from paper that wait to be confirmed."""
        absent = case((Entry.state == "not_presented", Entry.id))
        rows = self.db.execute(
            select(
                Assignment.slot_id,
                func.count(absent.distinct()).label("not_presented"),
                func.sum(case((Assignment.paper == "unconfirmed", 1), else_=0)).label("paper"),
            )
            .join(Entry, Entry.id == Assignment.entry_id)
            .where(Assignment.slot_id.in_(slot_ids))
            .group_by(Assignment.slot_id)
        )
        return {row.slot_id: (row.not_presented, row.paper) for row in rows}

    def _asks(self, slot_ids: Collection[int]) -> dict[int, int]:
        rows = self.db.execute(
            select(Assignment.slot_id, func.count().label("asks"))
            .join(ReopeningRequest, ReopeningRequest.assignment_id == Assignment.id)
            .where(Assignment.slot_id.in_(slot_ids), ReopeningRequest.answered_at.is_(None))
            .group_by(Assignment.slot_id)
        )
        return {row.slot_id: row.asks for row in rows}


_DONE = func.sum(case((Assignment.state == "sent", 1), (Assignment.excused != "", 1), else_=0))
