"""What the organizer plans: a scoring session with its call, rooms and lengths; what its province says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, and_, insert, select, update
from sqlalchemy.orm import Session

from award.actions.news import tell_session, tell_slot
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.cycles import Seat
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Receipt, Unordered, card, seat
from award.db.scoring import Assignment, ScoringSession, Slot
from award.errors import N_, Forbidden, Invalid, Locked, NotFound
from award.policy import Actor, is_organizer, may_write_for
from award.queries.agenda import (
    PanelPlan,
    PlannedDay,
    PlannedSlot,
    find_panel,
    find_planned,
    find_planned_of_slot,
    next_session_id,
    next_slot_id,
)
from scoring_rules.words import Words

SESSIONS, SLOTS = cast(Table, ScoringSession.__table__), cast(Table, Slot.__table__)


@dataclass(frozen=True, slots=True)
class Call:
    """How people meet: the channel as it is called, and what one needs to join."""

    channel: str
    url: str = ""
    id: str = ""
    passcode: str = ""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Planned minutes; None where nobody said how long."""

    presenting: int | None = None
    questions: int | None = None
    scoring: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedTurn:
    """One award's turn to be planned."""

    adoption_id: int
    starts_at: datetime
    place: str = ""
    lengths: Lengths = Lengths()


def plan_session(
    database: Database, clock: Clock, *, actor: Actor, panel_id: int, province_code: str, day: date, call: Call,
    turns: Sequence[PlannedTurn], key: str,
) -> int:  # fmt: skip
    """The id of a new scoring session with its slots, or of that province's session of the day with slots added. Each
    entry already sent gets a card for every seat.

    Raises NotFound, Forbidden, and Invalid where nothing is planned, or an award has its turn for the province already
    (a card belongs to one slot; the slot can be moved).
    """
    asked = ("plan_session", panel_id, province_code, day.isoformat(), [each.adoption_id for each in turns])
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        if u.repeated:
            return int(u.repeated.body["session"])
        panel = _panel_to_plan(u, panel_id)
        _refuse_what_does_not_fit(panel, province_code, turns)
        known = next((each for each in panel.days if (each.province_code, each.day) == (province_code, day)), None)
        session_id = known.id if known else add_session(u, panel_id, province_code, day=day, call=call)
        about = {"session": session_id, "panel": panel_id, "province": province_code, "day": day.isoformat()}
        u.record("plan_session", about)
        for turn in sorted(turns, key=lambda each: each.starts_at):
            _add_slot(u, panel, province_code, session_id, turn)
        tell_session(u, session_id)
        return session_id


def _panel_to_plan(u: Unit, panel_id: int) -> PanelPlan:
    if not is_organizer(u.actor):
        raise Forbidden
    panel = find_panel(u.db, panel_id)
    if panel is None:
        raise NotFound
    return panel


def _refuse_what_does_not_fit(panel: PanelPlan, province_code: str, turns: Sequence[PlannedTurn]) -> None:
    asked = {turn.adoption_id for turn in turns}
    if province_code not in {place.code for place in panel.provinces}:
        raise NotFound
    if not turns or len(asked) != len(turns) or not asked <= {turn.adoption_id for turn in panel.turns}:
        raise Invalid(N_("Choose at least one award and say when its slot begins."), details={"field": "slots"})
    for day in panel.days:
        for slot in day.slots:
            if day.province_code == province_code and slot.adoption_id in asked:
                raise Invalid(
                    N_("“%(award)s” already has its slot for this province on %(at)s. Move that slot instead."),
                    details={"field": f"slot-{slot.adoption_id}"}, at=slot.starts_at,
                    award=Words(slot.short_th, slot.short_en),
                )  # fmt: skip


def add_session(u: Unit, panel_id: int, province_code: str, *, day: date, call: Call) -> int:
    """The id of a new scoring session without slots, inside a unit."""
    session_id = next_session_id(u.db)
    about: dict[str, Any] = {"id": session_id, "panel_id": panel_id, "province_code": province_code, "day": day}
    u.db.execute(insert(SESSIONS).values(**about, **_columns(call)))
    return session_id


def _columns(call: Call) -> dict[str, str]:
    return {"channel": call.channel, "call_url": call.url, "call_id": call.id, "call_passcode": call.passcode}


def _add_slot(u: Unit, panel: PanelPlan, province_code: str, session_id: int, turn: PlannedTurn) -> None:
    """The slot, a card of each seat for each entry that was sent already, and the line in the award's log."""
    slot_id = next_slot_id(u.db)
    about = {"id": slot_id, "session_id": session_id, "adoption_id": turn.adoption_id, "starts_at": turn.starts_at}
    u.db.execute(insert(SLOTS).values(**about, place_th=turn.place, **_minutes(turn.lengths)))
    cards = assign(u.db, slot_id, adoption_id=turn.adoption_id, province_code=province_code, panel_id=panel.id)
    body = {
        "slot": slot_id, "panel": panel.id, "stage": panel.stage, "province": province_code,
        "zone": panel.zone_number, "starts_at": turn.starts_at.isoformat(),
        "cards": Unordered([[card(row[0]), row[1], seat(row[2])] for row in cards]),
    }  # fmt: skip
    u.also("plan_slot", body, log=u.log_of(turn.adoption_id))


def _minutes(lengths: Lengths) -> dict[str, int | None]:
    return {
        "presenting_minutes": lengths.presenting, "questions_minutes": lengths.questions,
        "scoring_minutes": lengths.scoring,
    }  # fmt: skip


def assign(db: Session, slot_id: int, *, adoption_id: int, province_code: str, panel_id: int) -> Sequence[Any]:
    """Gives every seat a card for each entry already sent, where it has none; answers all cards of the slot (id,
    entry's code, seat's code). Entries sent later get theirs when they are sent."""
    missing = (
        select(Slot.id, Entry.id, Seat.id)
        .select_from(Slot)
        .join(Entry, and_(Entry.adoption_id == adoption_id, Entry.province_code == province_code))
        .join(Seat, Seat.panel_id == panel_id)
        .outerjoin(Assignment, and_(Assignment.entry_id == Entry.id, Assignment.seat_id == Seat.id))
        .where(Slot.id == slot_id, Entry.state.in_(("submitted", "not_presented")), Assignment.id.is_(None))
        .order_by(Entry.id, Seat.position)
    )
    db.execute(insert(Assignment).from_select(["slot_id", "entry_id", "seat_id"], missing))
    return db.execute(
        select(Assignment.id, Entry.code, Seat.code)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Assignment.slot_id == slot_id)
        .order_by(Assignment.id)
    ).all()


def change_session(database: Database, clock: Clock, *, actor: Actor, session_id: int, call: Call, key: str) -> Receipt:
    """Gives a scoring session another call. Raises NotFound and Forbidden."""
    with unit(database, clock, actor=actor, key=key, about=("change_session", session_id)) as u:
        day_to_change(u, session_id)
        if u.repeated:
            return u.repeated
        u.db.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(**_columns(call)))
        tell_session(u, session_id)
        return u.record("change_session", {"session": session_id})


def describe_slot(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, place: str, lengths: Lengths, key: str
) -> Receipt:
    """Says where a slot is and how long its parts are planned. Raises NotFound, Forbidden, Locked (it was closed)."""
    with unit(database, clock, actor=actor, key=key, about=("describe_slot", slot_id)) as u:
        slot = slot_to_change(u, slot_id)[1]
        if u.repeated:
            return u.repeated
        if slot.state == "closed":
            raise Locked(N_("This slot is closed: its room and its lengths stay as they were."))
        u.db.execute(update(SLOTS).where(SLOTS.c.id == slot_id).values(place_th=place, **_minutes(lengths)))
        tell_slot(u, slot_id)
        return u.record("describe_slot", {"slot": slot_id})


def describe_presentation(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, presenters: str, exhibition_url: str, key: str
) -> Receipt:
    """The province says who presents (positions) and where its exhibition can be seen, until the slot opens.

    Raises NotFound (not an officer of the province) and Locked.
    """
    with unit(database, clock, actor=actor, key=key, about=("describe_presentation", slot_id)) as u:
        found = find_planned_of_slot(u.db, slot_id)
        if found is None or not may_write_for(actor, found.province_code):
            raise NotFound
        if u.repeated:
            return u.repeated
        if found.slot(slot_id).state != "planned":
            raise Locked(N_("The slot was opened, so presenters and exhibition stay as the panel has seen them."))
        about: Mapping[str, str] = {"presenters": presenters, "exhibition_url": exhibition_url}
        u.db.execute(update(SLOTS).where(SLOTS.c.id == slot_id).values(**about))
        tell_slot(u, slot_id)
        return u.record("describe_slot", {"slot": slot_id})


def day_to_change(u: Unit, session_id: int) -> PlannedDay:
    """A scoring session, for an organizer. Raises NotFound and Forbidden."""
    if not is_organizer(u.actor):
        raise Forbidden
    found = find_planned(u.db, session_id)
    if found is None:
        raise NotFound
    return found


def slot_to_change(u: Unit, slot_id: int) -> tuple[PlannedDay, PlannedSlot]:
    """A slot with its day, for an organizer. Raises NotFound and Forbidden."""
    if not is_organizer(u.actor):
        raise Forbidden
    found = find_planned_of_slot(u.db, slot_id)
    if found is None:
        raise NotFound
    return found, found.slot(slot_id)
