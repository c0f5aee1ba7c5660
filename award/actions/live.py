"""What the chair sets in motion while a slot goes on, and who says that they are ready. None of it decides a mark."""

from datetime import datetime, time, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, select, update

from award import policy
from award.actions.news import tell_slot
from award.actions.rehearsals import record_unless_rehearsed, refuse_in_rehearsal
from award.actions.slots import LEAST_REASON, Chaired, chaired, is_recused, refuse_recused
from award.actions.unit import Unit, unit
from award.clock import BANGKOK, Clock
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.ledger import seat as seat_alias
from award.db.live import ATTENDANCE, PHASES, Attendance, MinutesNote, Phase, Ready
from award.db.scoring import Slot
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Stale
from award.policy import Actor
from award.queries.live import find_place_of_slot, map_attendance
from award.queries.scoring import Day, SeatHeld, SlotLine, find_day_of_slot

SLOTS, ATTENDED = cast(Table, Slot.__table__), cast(Table, Attendance.__table__)
MOST_MINUTES = 600
MEANWHILE = {
    "": N_("Meanwhile the tick of this member was taken away. Look how it stands, then tick again."),
    "present": N_("Meanwhile this member was ticked as present. Look how it stands, then tick again."),
    "late": N_("Meanwhile this member was ticked as late. Look how it stands, then tick again."),
    "absent": N_("Meanwhile this member was ticked as absent. Look how it stands, then tick again."),
}


def begin_phase(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, phase: str, minutes: int | None, after: int,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Sets a part of a slot in motion. Its countdown lasts `minutes`, else as long as was planned; without both it has
    none. `after`: the id of the phase that the chair saw last, 0 for none.

    Raises NotFound, Forbidden, Locked (not in this state of the slot; before its day, but for a rehearsal), Stale
    (somebody pressed in between) and Invalid.
    """
    with unit(
        database, clock, actor=actor, key=key, about=("begin_phase", slot_id, phase, minutes, after), until=until
    ) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        slot = found.slot
        if phase not in PHASES or not (minutes is None or 1 <= minutes <= MOST_MINUTES):
            raise Invalid(
                N_("A part of a slot lasts from 1 to %(most)s minutes."),
                details={"field": "minutes"},
                most=MOST_MINUTES,
            )
        if found.day.day > clock.today() and found.day.rehearsed_from is None:
            raise Locked(N_("Nothing of this slot begins before its day."))
        if not policy.may_begin_phase(phase=phase, slot_state=slot.state):
            raise Locked(N_("That does not fit this slot as it stands. Reload the page to see how it stands."))
        last = u.db.execute(select(func.coalesce(func.max(Phase.id), 0)).where(Phase.slot_id == slot_id)).scalar_one()
        if last != after:
            raise Stale(N_("This was begun at the same moment on another device. The page shows how it stands now."))
        seconds = None if minutes is None else minutes * 60
        if minutes is None and (planned := planned_minutes(slot, phase)) is not None:
            seconds = planned * 60
        u.db.execute(insert(Phase).values(slot_id=slot_id, phase=phase, seconds=seconds, at=u.now, by_id=actor.user_id))
        tell_slot(u, slot_id)
        body = {"slot": slot_id, "phase": phase, "seconds": seconds}
        return record_unless_rehearsed(u, "begin_phase", body, day=found.day, adoption_id=slot.adoption_id)


def planned_minutes(slot: SlotLine, phase: str) -> int | None:
    """How long a part of a slot is planned to last; nobody planned a discussion."""
    planned = {
        "presenting": slot.presenting_minutes, "questions": slot.questions_minutes, "scoring": slot.scoring_minutes,
    }  # fmt: skip
    return planned.get(phase)


def record_attendance(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, seat_id: int, state: str,
    arrived: time | None = None, was: str | None = None, key: str,
) -> Receipt:  # fmt: skip
    """Ticks a member of a slot as present, late or absent. `arrived`: when who was late came, in Bangkok; now without.
    `was`: how the page that was pressed on showed the member, "" for not ticked yet; without it nothing is compared.

    Raises NotFound, Forbidden, Locked (before the day, but for a rehearsal), Invalid, and Stale with what was recorded
    meanwhile: a tick that waited for the network passes over no later one.
    """
    asked = ("record_attendance", slot_id, seat_id, state, None if arrived is None else arrived.isoformat())
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        seat = found.seat_of(seat_id)
        if state not in ATTENDANCE:
            raise Invalid(N_("Choose present, late or absent."), details={"field": "state"})
        if found.day.day > clock.today() and found.day.rehearsed_from is None:
            raise Locked(N_("Who is there is recorded on the day."))
        arrived_at = _arrival(u, found, arrived) if state == "late" else None
        known = map_attendance(u.db, [slot_id]).get((slot_id, seat.id))
        stands = "" if known is None else known.state
        if was is not None and stands not in (was, state):
            raise Stale(MEANWHILE[stands], details={"stored": stands})
        row = {
            "state": state, "arrived_at": arrived_at, "at": u.now, "by_id": actor.user_id,
            "allowed_reason": known.allowed_reason if known and state != "present" else "",
        }  # fmt: skip
        if known is None:
            u.db.execute(insert(ATTENDED).values(slot_id=slot_id, seat_id=seat.id, **row))
        else:
            u.change(update(ATTENDED).where(_of(slot_id, seat)).values(**row))
        tell_slot(u, slot_id)
        body = {
            "slot": slot_id, "member": seat_alias(seat.code), "state": state,
            "arrived_at": None if arrived_at is None else arrived_at.isoformat(),
        }  # fmt: skip
        return record_unless_rehearsed(u, "record_attendance", body, day=found.day, adoption_id=found.slot.adoption_id)


def _arrival(u: Unit, found: Chaired, arrived: time | None) -> datetime:
    if arrived is None:
        return u.now
    moment = datetime.combine(found.day.day, arrived, BANGKOK)
    if moment > u.now + timedelta(minutes=1):
        raise Invalid(N_("That time has not come yet. Write when the member arrived."), details={"field": "arrived"})
    return moment


def allow_member(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, seat_id: int, reason: str,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Lets a member who missed the presentation send cards all the same, with the chair's written reason.

    Raises NotFound, Forbidden, Locked (the member is not recorded as late or absent) and Invalid without a reason.
    """
    with unit(
        database, clock, actor=actor, key=key, about=("allow_member", slot_id, seat_id, reason), until=until
    ) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        seat = found.seat_of(seat_id)
        refuse_recused(u, found)
        known = map_attendance(u.db, [slot_id]).get((slot_id, seat.id))
        if known is None or not policy.may_allow_member(attendance=known.state):
            raise Locked(N_("Only a member who is recorded as late or absent needs to be let send cards."))
        if len(reason.strip()) < LEAST_REASON:
            raise Invalid(
                N_("Write in at least %(least)s letters why the member may send cards: it stands in the record."),
                details={"field": "reason"}, least=LEAST_REASON,
            )  # fmt: skip
        u.change(update(ATTENDED).where(_of(slot_id, seat)).values(allowed_reason=reason.strip()))
        tell_slot(u, slot_id)
        body = {"slot": slot_id, "member": seat_alias(seat.code), "reason": Private(reason.strip())}
        return record_unless_rehearsed(u, "allow_member", body, day=found.day, adoption_id=found.slot.adoption_id)


def _of(slot_id: int, seat: SeatHeld) -> ColumnElement[bool]:
    return and_(ATTENDED.c.slot_id == slot_id, ATTENDED.c.seat_id == seat.id)


def set_ready(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, ready: bool, province: bool = False
) -> None:
    """A member of the panel, or an officer for the province (`province`), is ready for a slot, or not after all.

    It decides nothing, so no line is written, and saying it twice changes nothing. Raises NotFound (neither a seat nor
    the province is the actor's) and Locked (the slot is closed).
    """
    with unit(database, clock, actor=actor) as u:
        place = find_place_of_slot(u.db, slot_id, duty_ids=actor.duty_ids)
        if place is None:
            raise NotFound
        seat_id = None if province else place.seat_id
        if seat_id is None and not (province and place.province_code in actor.provinces):
            raise NotFound
        if not policy.may_set_ready(slot_state=place.state):
            raise Locked(N_("This slot is closed already."))
        mine = Ready.seat_id.is_(None) if seat_id is None else Ready.seat_id == seat_id
        there = u.db.execute(select(Ready.id).where(Ready.slot_id == slot_id, mine)).first() is not None
        if ready == there:
            return
        if ready:
            u.db.execute(insert(Ready).values(slot_id=slot_id, seat_id=seat_id, at=u.now, by_id=actor.user_id))
        else:
            u.change(delete(Ready).where(Ready.slot_id == slot_id, mine))
        tell_slot(u, slot_id)


def pass_chair(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, seat_id: int | None, reason: str,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Passes the chair of one slot to another seat, or (None) back to the panel's chair: by either of the two.

    Raises NotFound, Forbidden, Locked (it stands so already) and Invalid (no reason; a seat recused from the slot).
    """
    with unit(database, clock, actor=actor, key=key, about=("pass_chair", slot_id, seat_id, reason), until=until) as u:
        day, slot = _passing(u, slot_id)
        if u.repeated:
            return u.repeated
        refuse_in_rehearsal(day)
        chair = next((seat for seat in day.seats if seat.kind == "chair"), None)
        found = None if seat_id is None else next((seat for seat in day.seats if seat.id == seat_id), None)
        if seat_id is not None and found is None:
            raise NotFound
        target = None if found == chair else found
        if (None if target is None else target.id) == slot.chaired_by_id:
            raise Locked(N_("The chair of this slot stands so already. Reload the page to see it."))
        if target is not None and is_recused(slot, target):
            raise Invalid(N_("This member is recused from the slot: choose another."), details={"field": "seat"})
        if target is not None and not reason.strip():
            raise Invalid(N_("Write the reason."), details={"field": "reason"})
        u.change(update(SLOTS).where(SLOTS.c.id == slot_id).values(chaired_by_id=None if target is None else target.id))
        tell_slot(u, slot_id)
        member = None if target is None else seat_alias(target.code)
        body = {"slot": slot_id, "member": member, "reason": Private(reason.strip())}
        return u.record("pass_chair", body, log=u.log_of(slot.adoption_id))


def _passing(u: Unit, slot_id: int) -> tuple[Day, SlotLine]:
    """The day and the slot, for the panel's chair and whoever chairs the slot now."""
    day = find_day_of_slot(u.db, slot_id, duty_ids=u.actor.duty_ids)
    if day is None:
        raise NotFound
    slot = next(slot for slot in day.slots if slot.id == slot_id)
    own = [seat for seat in day.seats if seat.duty_id in u.actor.duty_ids]
    if day.chair_of(slot) not in own and not any(seat.kind == "chair" for seat in own):
        raise Forbidden
    return day, slot


def note_minutes(database: Database, clock: Clock, *, actor: Actor, slot_id: int, text: str, key: str) -> Receipt:
    """Adds what the minutes of a slot shall say. Raises NotFound, Forbidden and Invalid without a text."""
    with unit(database, clock, actor=actor, key=key, about=("note_minutes", slot_id, text)) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        if not text.strip():
            raise Invalid(N_("Write what the minutes shall say."), details={"field": "text"})
        u.db.execute(insert(MinutesNote).values(slot_id=slot_id, text=text.strip(), at=u.now, by_id=actor.user_id))
        tell_slot(u, slot_id)
        body = {"slot": slot_id, "text": Private(text.strip())}
        return record_unless_rehearsed(u, "note_minutes", body, day=found.day, adoption_id=found.slot.adoption_id)
