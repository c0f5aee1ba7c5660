"""A plan changes: a slot is moved in time, a session to another day, and what nothing happened in is dropped."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, insert, update

from award.actions.agenda import SESSIONS, SLOTS, Call, add_session, day_to_change, slot_to_change
from award.actions.news import tell_session
from award.actions.unit import Unit, unit
from award.clock import BANGKOK, Clock
from award.db.agenda import DroppedSlot, PracticeCard, SlotMove
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.live import Ready, Sighting
from award.db.scoring import Assignment
from award.errors import N_, Forbidden, Invalid, Locked, NotFound
from award.policy import Actor, may_drop_slot, may_move_slot
from award.queries.agenda import (
    PlannedDay,
    PlannedSlot,
    find_planned_of_slot,
    has_declarations,
    has_happened,
    is_chaired_by,
    list_planned,
)

MOVES, DROPPED = cast(Table, SlotMove.__table__), cast(Table, DroppedSlot.__table__)
ASSIGNMENTS, PRACTICE = cast(Table, Assignment.__table__), cast(Table, PracticeCard.__table__)
READY, SIGHTINGS = cast(Table, Ready.__table__), cast(Table, Sighting.__table__)
LEAST_REASON = 3  # letters: "ไฟดับ" says all there is to say


def move_slot(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, starts_at: datetime, reason: str, key: str
) -> Receipt:
    """The slot begins at another time of its day; everybody who looks on sees it.

    Raises NotFound, Forbidden (neither an organizer nor the panel's chair on the day), Locked (closed) and Invalid (no
    reason, another day, or the time it has).
    """
    asked = ("move_slot", slot_id, starts_at.isoformat(), reason)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        day, slot = _slot_to_move(u, slot_id, today=clock.today())
        if u.repeated:
            return u.repeated
        why = _checked(reason)
        if slot.state == "closed":
            raise Locked(N_("This slot is closed, so its time stays as it was."))
        if starts_at.astimezone(BANGKOK).date() != day.day:
            raise Invalid(N_("A slot moves within its day; to another day the whole day moves."), details=_AT_TIME)
        if starts_at == slot.starts_at:
            raise Invalid(N_("The slot stands at this time already."), details=_AT_TIME)
        body = _move(u, slot, starts_at, why)
        tell_session(u, day.id)
        return u.record("move_slot", body, log=u.log_of(slot.adoption_id))


_AT_TIME = {"field": "time"}


def _slot_to_move(u: Unit, slot_id: int, *, today: date) -> tuple[PlannedDay, PlannedSlot]:
    found = find_planned_of_slot(u.db, slot_id)
    if found is None:
        raise NotFound
    slot = found.slot(slot_id)
    if not may_move_slot(u.actor, is_chairing=is_chaired_by(u.db, u.actor, slot_id), day=found.day, today=today):
        raise Forbidden
    return found, slot


def _move(u: Unit, slot: PlannedSlot, starts_at: datetime, reason: str) -> dict[str, Any]:
    """Writes the move inside a unit; answers what the award's log says of it."""
    u.db.execute(update(SLOTS).where(SLOTS.c.id == slot.id).values(starts_at=starts_at))
    about = {"slot_id": slot.id, "was_at": slot.starts_at, "starts_at": starts_at, "reason": reason}
    u.db.execute(insert(MOVES).values(**about, at=u.now, by_id=u.actor.user_id))
    return {
        "slot": slot.id, "was": slot.starts_at.isoformat(), "starts_at": starts_at.isoformat(),
        "reason": Private(reason),
    }  # fmt: skip


def move_session(
    database: Database, clock: Clock, *, actor: Actor, session_id: int, day: date, reason: str, key: str
) -> int:
    """The id of the scoring session that its planned slots belong to on another day, each at the hour it had.

    Where some were held already, only the others move, and they become a session of their own. Raises NotFound,
    Forbidden, Locked (a slot is open, or all were held) and Invalid (no reason, the same day, or a day that the
    province has already).
    """
    asked = ("move_session", session_id, day.isoformat(), reason)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        found = day_to_change(u, session_id)
        if u.repeated:
            return int(u.repeated.body["session"])
        why = _checked(reason)
        planned = [slot for slot in found.slots if slot.state == "planned"]
        if any(slot.state == "open" for slot in found.slots):
            raise Locked(N_("A slot of this day is open. Close it first, or move it within the day."))
        if not planned:
            raise Locked(N_("Every slot of this day was held, so it stays where it was."))
        if day == found.day:
            raise Invalid(N_("The session stands on this day already."), details={"field": "day"})
        others = [each for each in list_planned(u.db, panel_ids=(found.panel_id,)) if each.day == day]
        if any(each.province_code == found.province_code for each in others):
            raise Invalid(N_("The province has a session on that day already."), details={"field": "day"})
        target = _put_on(u, found, day, planned)
        u.record("change_session", {"session": target})
        for slot in planned:
            body = _move(u, slot, slot.starts_at + timedelta(days=(day - found.day).days), why)
            u.also("move_slot", body, log=u.log_of(slot.adoption_id))
        tell_session(u, found.id)
        if target != found.id:
            tell_session(u, target)
        return target


def _put_on(u: Unit, found: PlannedDay, day: date, planned: Sequence[PlannedSlot]) -> int:
    if len(planned) == len(found.slots):
        u.db.execute(update(SESSIONS).where(SESSIONS.c.id == found.id).values(day=day))
        return found.id
    call = Call(found.channel, found.call_url, found.call_id, found.call_passcode)
    target = add_session(u, found.panel_id, found.province_code, day=day, call=call)
    moved = [slot.id for slot in planned]
    u.db.execute(update(SLOTS).where(SLOTS.c.id.in_(moved)).values(session_id=target))
    return target


def drop_slot(database: Database, clock: Clock, *, actor: Actor, slot_id: int, reason: str, key: str) -> Receipt:
    """Takes a planned slot out, and its session with the last one. Nothing may have happened in it.

    Raises NotFound, Forbidden, Locked and Invalid without a reason.
    """
    with unit(database, clock, actor=actor, key=key, about=("drop_slot", slot_id, reason)) as u:
        if u.repeated:
            return u.repeated
        day, slot = slot_to_change(u, slot_id)
        why = _checked(reason)
        _refuse_what_happened(u, day, [slot])
        receipt = u.record("drop_slot", _dropped(slot, why), log=u.log_of(slot.adoption_id))
        _drop(u, day, [slot], why)
        return receipt


def drop_session(database: Database, clock: Clock, *, actor: Actor, session_id: int, reason: str, key: str) -> Receipt:
    """Takes a scoring session out with all its slots. Raises as `drop_slot`."""
    with unit(database, clock, actor=actor, key=key, about=("drop_session", session_id, reason)) as u:
        if u.repeated:
            return u.repeated
        day = day_to_change(u, session_id)
        why = _checked(reason)
        _refuse_what_happened(u, day, day.slots)
        receipt = u.record("change_session", {"session": session_id})
        for slot in day.slots:
            u.also("drop_slot", _dropped(slot, why), log=u.log_of(slot.adoption_id))
        _drop(u, day, day.slots, why)
        return receipt


def _dropped(slot: PlannedSlot, reason: str) -> dict[str, Any]:
    return {"slot": slot.id, "reason": Private(reason)}


def _refuse_what_happened(u: Unit, day: PlannedDay, slots: Sequence[PlannedSlot]) -> None:
    happened = has_happened(u.db, [slot.id for slot in slots])
    if not all(may_drop_slot(slot_state=slot.state, has_happened=happened) for slot in slots):
        raise Locked(N_("Something was recorded in this slot already, so it is not dropped. It can be moved."))
    if len(slots) == len(day.slots) and has_declarations(u.db, day.id):
        raise Locked(N_("Members have declared their interests for this day already. Move it instead of dropping it."))
    if day.rehearsed_from is not None:
        raise Locked(N_("A rehearsal of this day is going on. End it first."))


def _drop(u: Unit, day: PlannedDay, slots: Sequence[PlannedSlot], reason: str) -> None:
    for slot in slots:
        about = {"session_id": day.id, "panel_id": day.panel_id, "province_code": day.province_code}
        u.db.execute(
            insert(DROPPED).values(
                id=slot.id, adoption_id=slot.adoption_id, starts_at=slot.starts_at, moves=len(slot.moves),
                reason=reason, at=u.now, by_id=u.actor.user_id, **about,
            )
        )  # fmt: skip
    gone = [slot.id for slot in slots]
    for table in (MOVES, ASSIGNMENTS, PRACTICE, READY):
        _delete(u, table, "slot_id", gone)
    _delete(u, SLOTS, "id", gone)
    if len(slots) == len(day.slots):
        _delete(u, SIGHTINGS, "session_id", [day.id])
        _delete(u, SESSIONS, "id", [day.id])
    else:
        tell_session(u, day.id)


def _delete(u: Unit, table: Table, column: str, numbers: Collection[int]) -> None:
    u.db.execute(delete(table).where(table.c[column].in_(numbers)))


def _checked(reason: str) -> str:
    text = reason.strip()
    if len(text) < LEAST_REASON:
        raise Invalid(N_("Write the reason: the province and the panel read it."), details={"field": "reason"})
    return text
