"""Panels, slots, cards, marks and reopenings beside what the lines say of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Integer, select, type_coerce
from sqlalchemy.orm import Session

from award.db.cycles import Panel, Seat
from award.db.entries import Entry
from award.db.ledger import Log, holder
from award.db.people import Province
from award.db.scoring import Assignment, Mark, Reopening, ScoringSession, Slot
from award.ledger_check.entries import Actor
from award.ledger_check.found import NO_TEXT, Found, Text, differing, now
from award.ledger_check.told import Told
from award.ledger_check.told_marking import ToldCard


def compare_marking(
    db: Session, adoption: int, log: Log, told: Told, *, actor: Actor, erasures: bool
) -> Iterator[Found]:
    """Everything of `adoption` that panels did."""
    yield from _panels(db, log, told)
    yield from _slots(db, adoption, log, told)
    aliases = {
        number: log.alias(f"card {number}")
        for (number,) in db.execute(select(Assignment.id).join(Slot).where(Slot.adoption_id == adoption))
    }
    yield from _cards(db, adoption, log, told, aliases, erasures=erasures)
    yield from _marks(db, adoption, log, told, aliases, erasures=erasures)
    yield from _reopenings(db, adoption, log, told, aliases, actor=actor, erasures=erasures)


def _panels(db: Session, log: Log, told: Told) -> Iterator[Found]:
    """Who sits where, and through which duty: that of nobody else."""
    seats: dict[int, list[Any]] = defaultdict(list)
    for seat in db.execute(select(Seat.panel_id, Seat.code, Seat.duty_id).order_by(Seat.id)):
        seats[seat.panel_id].append(seat)
    stored = {row.id: row for row in db.execute(select(Panel.id, Panel.stage, Panel.zone_number))}
    for number, panel in sorted(told.panels.items()):
        row, what = stored.get(number), f"panel {number}"
        if row is None:
            yield Found(log.name, None, f"{what}: a line tells of it, and the table lacks it")
            continue
        about = {"stage": panel["stage"], "zone": panel["zone"]}
        yield from differing(log.name, what, {"stage": row.stage, "zone": row.zone_number}, about)
        if sorted(log.member(seat.code) for seat in seats[number]) != panel["members"]:
            yield Found(log.name, None, f"{what}: its seats are not those that were recorded")
        holders = {tuple(each) for each in panel.get("holders", ())}
        for seat in seats[number] if holders else ():
            if (log.member(seat.code), log.alias(holder(seat.code, seat.duty_id).what)) not in holders:
                says = f"seat {seat.code}: it is held through duty {seat.duty_id}, which no line gave it to"
                yield Found(log.name, None, says)


def _slots(db: Session, adoption: int, log: Log, told: Told) -> Iterator[Found]:
    asked = (
        select(
            Slot.id, Slot.state, ScoringSession.panel_id, Panel.stage, ScoringSession.province_code,
            Province.zone_number,
        )
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Province, Province.code == ScoringSession.province_code)
        .where(Slot.adoption_id == adoption)
        .order_by(Slot.id)
    )  # fmt: skip
    seen = set()
    for row in db.execute(asked):
        seen.add(row.id)
        slot = told.slots.get(row.id)
        if slot is None:
            yield Found(log.name, None, f"slot {row.id}: no line tells of it")
            continue
        stored = {"panel": row.panel_id, "stage": row.stage, "province": row.province_code, "zone": row.zone_number}
        planned = {name: slot.planned[name] for name in stored}
        yield from differing(log.name, f"slot {row.id}", stored, planned)
        yield from differing(log.name, f"slot {row.id}", {"state": row.state}, {"state": slot.state})
    for number in sorted(told.slots.keys() - seen):
        yield Found(log.name, None, f"slot {number}: a line tells of it, and the table lacks it")


def _cards(
    db: Session, adoption: int, log: Log, told: Told, aliases: dict[int, str], *, erasures: bool
) -> Iterator[Found]:
    asked = (
        select(
            Assignment.id, Assignment.slot_id, Entry.code, Seat.code.label("seat"), Assignment.state,
            Assignment.revision, Assignment.excused, Assignment.excused_reason,
        )
        .join(Slot, Slot.id == Assignment.slot_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Slot.adoption_id == adoption)
        .order_by(Assignment.id)
    )  # fmt: skip
    members: dict[str, str] = {}
    seen = set()
    for row in db.execute(asked):
        alias = aliases[row.id]
        seen.add(alias)
        card = told.cards.get(alias)
        if card is None:
            yield Found(log.name, None, f"card {row.id} ({alias}): no line tells of it")
            continue
        member = members.get(row.seat) or members.setdefault(row.seat, log.member(row.seat))
        stored = (row.slot_id, row.code, member, row.state, row.revision, row.excused)
        if stored != (recorded := _standing(card)):
            yield Found(log.name, None, f"card {row.id} ({alias}): {now(stored, recorded)}")
        if not card.why.fits(row.excused_reason, erasures=erasures):
            yield Found(log.name, None, f"card {row.id} ({alias}): why it is excused is not what was recorded")
    for alias in sorted(told.cards.keys() - seen):
        yield Found(log.name, None, f"card {alias} of {told.cards[alias].entry}: the table lacks it")


def _standing(card: ToldCard) -> tuple[object, ...]:
    return card.slot, card.entry, card.member, card.state, card.revision, card.excused


def _marks(
    db: Session, adoption: int, log: Log, told: Told, aliases: dict[int, str], *, erasures: bool
) -> Iterator[Found]:
    asked = (
        select(Mark.assignment_id, Mark.revision, Mark.criterion, type_coerce(Mark.value, Integer), Mark.note)
        .join(Assignment, Assignment.id == Mark.assignment_id)
        .join(Slot, Slot.id == Assignment.slot_id)
        .where(Slot.adoption_id == adoption)
        .execution_options(yield_per=5000)
    )
    nothing: tuple[object, Text, int | None] = ("nothing", NO_TEXT, None)
    left, wrong = set(told.marks), []
    for card, revision, path, value, note in db.execute(asked):
        place = (aliases[card], revision, path)
        left.discard(place)
        recorded, said, seq = told.marks.get(place, nothing)
        if value != recorded:
            wrong.append((place, seq, now(value, recorded)))
        elif not said.fits(note, erasures=erasures):
            wrong.append((place, seq, "its note is not the one that was recorded"))
    wrong += [(place, told.marks[place][2], now("nothing", told.marks[place][0])) for place in left]
    for (alias, revision, path), seq, says in sorted(wrong, key=str):
        yield Found(log.name, seq, f"mark of card {alias}, revision {revision}, {path}: {says}")


def _reopenings(
    db: Session, adoption: int, log: Log, told: Told, aliases: dict[int, str], *, actor: Actor, erasures: bool
) -> Iterator[Found]:
    """Each row against the line of its slot and card, in their order."""
    recorded: dict[tuple[int, str | None, int | None], list[tuple[str, Text]]] = defaultdict(list)
    for slot, alias, revision, who, why in told.reopenings:
        recorded[slot, alias, revision].append((who, why))
    asked = select(Reopening.__table__).join(Slot, Slot.id == Reopening.slot_id).where(Slot.adoption_id == adoption)
    for row in db.execute(asked.order_by(Reopening.id)):
        alias = None if row.assignment_id is None else aliases.get(row.assignment_id, "")
        lines = recorded[row.slot_id, alias, row.revision]
        what = f"slot {row.slot_id}, opened again (row {row.id})"
        if not lines:
            yield Found(log.name, None, f"{what}: no line tells of it")
            continue
        who, why = lines.pop(0)
        if who not in (actor("reopen_card", row.by_id), actor("reopen_slot", row.by_id)):
            yield Found(log.name, None, f"{what}: who did it is not what was recorded")
        if not why.fits(row.reason, erasures=erasures):
            yield Found(log.name, None, f"{what}: its reason is not the one that was recorded")
    for (slot, alias, _), lines in recorded.items():
        if lines:
            yield Found(log.name, None, f"slot {slot}, card {alias}: it was opened again, and the table lacks it")
