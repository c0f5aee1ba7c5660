"""Which seats a person held, and when: what stands under a seat is theirs only while they held it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Panel, Seat
from award.db.ledger import LedgerLine, alias, holder, is_act
from award.db.people import Duty
from award.db.scoring import Assignment

ALWAYS = datetime(1000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tenure:
    """A seat held from `since` until before `until`."""

    seat_id: int
    code: str
    since: datetime
    until: datetime

    @property
    def is_whole(self) -> bool:
        """Nobody else ever held the seat, as far as the record tells."""
        return (self.since, self.until) == ALWAYS

    def covers(self, moment: datetime) -> bool:
        """Whether the seat was held then."""
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class Tenures:
    """All seats that a person held."""

    all: tuple[Tenure, ...]

    def of_seats(self, table: Any) -> ColumnElement[bool]:
        """Rows of a table that name a seat, as far as they are of the person's time there."""
        return _any(and_(table.seat_id == each.seat_id, *_within(table, each)) for each in self.all)

    def of_cards(self, table: Any) -> ColumnElement[bool]:
        """Rows of a table that name a card, as far as they are of the person's time in its seat."""
        return _any(
            and_(
                table.assignment_id.in_(select(Assignment.id).where(Assignment.seat_id == each.seat_id)),
                *_within(table, each),
            )
            for each in self.all
        )


def _any(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(false(), *conditions)


def _within(table: Any, tenure: Tenure) -> tuple[ColumnElement[bool], ...]:
    """By the row's own time, where it has one and the seat had several holders."""
    moment = getattr(table, "at", None)
    if tenure.is_whole or moment is None:
        return ()
    return moment >= tenure.since, moment < tenure.until


def list_tenures(db: Session, user_id: int) -> Tenures:
    """By what the logs say of who was seated; a seat that no line gave to anybody is its holder's of today."""
    duties = set(db.execute(select(Duty.id).where(Duty.user_id == user_id)).scalars())
    rows = db.execute(
        select(Seat.id, Seat.code, Seat.duty_id, Panel.cycle_id)
        .join(Panel, Panel.id == Seat.panel_id)
        .order_by(Seat.id)
    ).all()
    told = {cycle: _seatings(db, cycle) for cycle in {row.cycle_id for row in rows}}
    found: list[Tenure] = []
    for row in rows:
        history = told[row.cycle_id].get(row.code, [])
        if len({duty for _, duty in history}) < 2:
            if row.duty_id in duties:
                found.append(Tenure(row.id, row.code, *ALWAYS))
            continue
        begins = [ALWAYS[0], *(at for at, _ in history[1:]), ALWAYS[1]]
        found += [
            Tenure(row.id, row.code, begins[place], begins[place + 1])
            for place, (_, duty) in enumerate(history)
            if duty in duties
        ]
    return Tenures(tuple(found))


def _seatings(db: Session, cycle_id: int) -> dict[str, list[tuple[datetime, int]]]:
    """By seat: when it was given to which duty, from the log of the cycle's first award."""
    first = db.execute(
        select(Adoption.log, Adoption.seal)
        .where(Adoption.cycle_id == cycle_id)
        .order_by(Adoption.position, Adoption.id)
        .limit(1)
    ).first()
    if first is None or not first.seal:
        return {}
    lines = db.execute(
        select(LedgerLine.at, LedgerLine.line)
        .where(LedgerLine.log == first.log, is_act("seat_panel"))
        .order_by(LedgerLine.seq)
    ).all()
    codes = db.execute(select(Seat.code).order_by(Seat.code)).scalars().all()
    numbers = db.execute(select(Duty.id).order_by(Duty.id)).scalars().all()
    held = [(at, held_alias) for at, line in lines for _, held_alias in json.loads(line)["body"].get("holders", ())]
    wanted = {each for _, each in held}
    known = {
        made: (code, duty)
        for code in codes for duty in numbers
        if (made := alias(first.seal, holder(code, duty).what)) in wanted
    }  # fmt: skip
    found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for at, made in held:
        if made in known:
            code, duty = known[made]
            if not found[code] or found[code][-1][1] != duty:
                found[code].append((at, duty))
    return found
