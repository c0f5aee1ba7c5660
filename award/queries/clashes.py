"""What stands in each other's way on an agenda: warned about, never refused."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.cycles import Seat
from award.db.people import Duty
from award.policy import is_on
from award.queries.agenda import PlannedDay


@dataclass(frozen=True, slots=True)
class Sitter:
    """A person who sits on a panel from a day to a day, under the position held there."""

    panel_id: int
    user_id: int
    title_th: str
    title_en: str
    from_day: date
    to_day: date | None


@dataclass(frozen=True, slots=True)
class At:
    """A turn on the agenda: whose day it is and when it begins. `until` is None where nobody said how long."""

    session_id: int
    slot_id: int
    panel_id: int
    zone_number: int
    province_code: str
    name_th: str
    name_en: str
    day: date
    starts_at: datetime
    until: datetime | None
    call_url: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two turns that stand in each other's way. `is_certain`: they overlap by the lengths that are planned.

    kind: person (one person must be at both), province (it is heard twice at once), panel (it hears two at once), call
    (one link for two sessions), twice (the province has two days; nothing overlaps).
    """

    kind: str
    one: At
    other: At
    is_certain: bool
    title_th: str = ""  # of the person
    title_en: str = ""

    @property
    def session_ids(self) -> frozenset[int]:
        """The scoring sessions that meet here."""
        return frozenset((self.one.session_id, self.other.session_id))


def list_sitters(db: Session, *, panel_ids: Collection[int]) -> list[Sitter]:
    """Everybody who holds a confirmed duty's seat on these panels, in the order of seats."""
    rows = db.execute(
        select(Seat.panel_id, Duty.user_id, Duty.title_th, Duty.title_en, Duty.from_day, Duty.to_day)
        .join(Duty, Duty.id == Seat.duty_id)
        .where(Seat.panel_id.in_(panel_ids), Duty.state == "confirmed")
        .order_by(Seat.panel_id, Seat.position)
    )
    return [Sitter(*row) for row in rows]


def find_clashes(days: Sequence[PlannedDay], sitters: Sequence[Sitter]) -> tuple[Clash, ...]:
    """Every clash among these days, in time order; one line for each pair of sessions, kind and person."""
    turns = list(_turns(days))
    found: dict[tuple[object, ...], Clash] = {}
    for one, other in combinations(turns, 2):
        for clash in _between(one, other, sitters):
            about = (clash.kind, clash.session_ids, clash.title_th)
            known = found.get(about)
            if known is None or (clash.is_certain and not known.is_certain):
                found[about] = clash
    return tuple(sorted(found.values(), key=lambda each: (each.one.starts_at, each.kind, each.one.slot_id)))


def _turns(days: Sequence[PlannedDay]) -> Iterator[At]:
    """Each slot with its end: by its planned minutes, else when the panel's next one of the day begins, else open."""
    starts: dict[tuple[int, date], list[datetime]] = defaultdict(list)
    for day in days:
        starts[day.panel_id, day.day] += [slot.starts_at for slot in day.slots]
    for day in days:
        for slot in day.slots:
            until = None if slot.minutes is None else slot.starts_at + timedelta(minutes=slot.minutes)
            if until is None:
                until = min((each for each in starts[day.panel_id, day.day] if each > slot.starts_at), default=None)
            yield At(
                day.id, slot.id, day.panel_id, day.zone_number, day.province_code, day.name_th, day.name_en, day.day,
                slot.starts_at, until, day.call_url,
            )  # fmt: skip


def _between(one: At, other: At, sitters: Sequence[Sitter]) -> Iterator[Clash]:
    if other.starts_at < one.starts_at:
        one, other = other, one
    same = one.session_id == other.session_id
    if one.province_code == other.province_code and not same and one.day != other.day:
        yield Clash("twice", one, other, True)
    if one.day != other.day:
        return
    overlap = _overlap(one, other)
    if overlap is None:
        return
    if one.panel_id == other.panel_id:
        if overlap:
            yield Clash("panel", one, other, overlap)
    else:
        for person in _at_both(one, other, sitters):
            yield Clash("person", one, other, overlap, person.title_th, person.title_en)
    if same:
        return
    if one.province_code == other.province_code and one.panel_id != other.panel_id:
        yield Clash("province", one, other, overlap)
    if one.call_url and one.call_url == other.call_url:
        yield Clash("call", one, other, overlap)


def _overlap(one: At, other: At) -> bool | None:
    """True: they do. False: they may, since nobody said how long the first one lasts. None: they do not."""
    if one.starts_at == other.starts_at:
        return True
    if one.until is None:
        return False
    return True if other.starts_at < one.until else None


def _at_both(one: At, other: At, sitters: Sequence[Sitter]) -> Iterator[Sitter]:
    there = {each.user_id for each in sitters if each.panel_id == other.panel_id and _holds(each, other.day)}
    for each in sitters:
        if each.panel_id == one.panel_id and each.user_id in there and _holds(each, one.day):
            yield each


def _holds(sitter: Sitter, day: date) -> bool:
    return is_on(day, sitter.from_day, sitter.to_day)
