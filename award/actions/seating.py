"""Panels are seated from confirmed duties: many at once where nobody sits, one seat more or less before they begin."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select

from award.actions.agenda import assign
from award.actions.news import tell_session
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.cycles import Adoption, Seat
from award.db.engine import Database
from award.db.ledger import Receipt, Unordered, card, holder
from award.db.ledger import seat as seat_alias
from award.db.live import Ready, Sighting
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Stale
from award.policy import Actor, is_organizer
from award.queries.agenda import list_planned
from award.queries.seating import PanelSeating, find_seating, is_seat_used, list_planned_turns
from award.queries.seats import Holding

SEATS = cast(Table, Seat.__table__)
KINDS = ("chair", "member", "secretary")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A seat to be made: held through this duty, as chair, member or secretary."""

    duty_id: int
    kind: str


def seat_panels(
    database: Database, clock: Clock, *, actor: Actor, chosen: Mapping[int, Sequence[Chosen]], key: str
) -> Receipt:
    """Seats panels on which nobody sits; all of them or none. The log of each award tells who sits where; who is to
    mark entries that are planned and sent already gets a card for each.

    Raises Forbidden, NotFound, Stale (somebody sits there already), and Invalid (`details["panel"]`: which) where a
    seat does not fit, a panel has no chair, or nothing was chosen.
    """
    asked = ("seat_panels", sorted((panel, each.duty_id, each.kind) for panel, some in chosen.items() for each in some))
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        _check_organizer(u)
        if u.repeated:
            return u.repeated
        if not chosen:
            raise Invalid(N_("Tick at least one panel."), details={"panel": 0})
        panels = []
        for panel_id, seats in sorted(chosen.items()):
            panel = _panel(u, clock, panel_id)
            if panel.seats:
                raise Stale(
                    N_("Somebody else seated the panel of zone %(zone)s in between. Look again who sits there."),
                    zone=panel.zone_number, details={"panel": panel.id},
                )  # fmt: skip
            _refuse_what_does_not_fit(panel, seats)
            _refuse_not_held(u, clock, panel, seats)
            panels.append((panel, seats))
        receipt = u.record("seat_panels", {"panels": [panel.id for panel, _ in panels]})
        for panel, seats in panels:
            for position, each in enumerate(sorted(seats, key=lambda one: KINDS.index(one.kind)), start=1):
                _put(u, panel, each, position=position)
            _tell(u, panel)
            _deal(u, panel)
        return receipt


def add_seat(database: Database, clock: Clock, *, actor: Actor, panel_id: int, chosen: Chosen, key: str) -> Receipt:
    """One seat more, while no slot of the panel was opened; it gets a card for each entry that is planned and sent.

    Raises NotFound, Forbidden, Locked (a slot was opened) and Invalid (`details["field"]`: duty).
    """
    asked = ("add_seat", panel_id, chosen.duty_id, chosen.kind)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        _check_organizer(u)
        panel = _panel(u, clock, panel_id)
        if u.repeated:
            return u.repeated
        _refuse_begun(panel)
        _check_seat(panel, chosen, kinds=[each.kind for each in panel.seats])
        _refuse_not_held(u, clock, panel, [chosen])
        receipt = u.record("add_seat", {"panel": panel.id, "duty": chosen.duty_id, "kind": chosen.kind})
        _put(u, panel, chosen, position=max((each.position for each in panel.seats), default=0) + 1)
        _tell(u, panel)
        _deal(u, panel)
        return receipt


def remove_seat(
    database: Database, clock: Clock, *, actor: Actor, panel_id: int, seat_id: int, was: int, key: str
) -> Receipt:
    """One seat less, while no slot of the panel was opened and nothing hangs on the seat. `was`: the duty that the page
    showed.

    Raises NotFound, Forbidden, Stale (handed over in between) and Locked (a slot was opened; the seat has cards or a
    declaration: these stand in the record, so the seat is handed over, or its slots are dropped first).
    """
    asked = ("remove_seat", panel_id, seat_id, was)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        _check_organizer(u)
        panel = _panel(u, clock, panel_id)
        if u.repeated:
            return u.repeated
        seat = next((each for each in panel.seats if each.id == seat_id), None)
        if seat is None:
            raise NotFound
        if seat.held.duty_id != was:
            raise Stale(N_("Somebody else handed this seat over in between. Look again who holds it."))
        _refuse_begun(panel)
        if is_seat_used(u.db, seat_id):
            raise Locked(
                N_(
                    "This seat has cards or a declaration already, and these stand in the record. Hand the seat over "
                    "instead, or take the planned slots out of the agenda first."
                )
            )
        receipt = u.record("remove_seat", {"panel": panel.id, "seat": seat.code, "duty": was})
        for table in (Ready, Sighting):
            rows = cast(Table, table.__table__)
            u.db.execute(delete(rows).where(rows.c.seat_id == seat_id))
        u.db.execute(delete(SEATS).where(SEATS.c.id == seat_id))
        _tell(u, panel)
        return receipt


def _check_organizer(u: Unit) -> None:
    if not is_organizer(u.actor):
        raise Forbidden


def _panel(u: Unit, clock: Clock, panel_id: int) -> PanelSeating:
    panel = find_seating(u.db, panel_id, today=clock.today())
    if panel is None:
        raise NotFound
    return panel


def _refuse_begun(panel: PanelSeating) -> None:
    if panel.opened:
        raise Locked(
            N_("A slot of this panel was opened: its seats stay. A seat can still be handed over to another duty.")
        )


def _refuse_what_does_not_fit(panel: PanelSeating, seats: Sequence[Chosen]) -> None:
    kinds: list[str] = []
    people: set[int] = set()
    for each in seats:
        duty = _check_seat(panel, each, kinds=kinds, people=people)
        kinds.append(each.kind)
        people.add(duty.user_id)
    if "chair" not in kinds:
        raise Invalid(
            N_("The panel of zone %(zone)s needs a chair: only a chair opens and closes slots."),
            details={"panel": panel.id, "field": "duty"}, zone=panel.zone_number,
        )  # fmt: skip


def _check_seat(panel: PanelSeating, chosen: Chosen, *, kinds: Sequence[str], people: Iterable[int] = ()) -> Holding:
    """The duty of a seat that fits beside those of `kinds`."""
    where = {"panel": panel.id, "field": "duty"}
    duty = next((each.duty for each in panel.offered if each.duty.duty_id == chosen.duty_id), None)
    if duty is None or chosen.kind not in KINDS:
        raise Invalid(N_("Choose a confirmed duty of a member or chair of this zone."), details=where)
    if chosen.kind == "chair" and duty.role != "chair":
        raise Invalid(N_("The chair's seat needs the duty of a chair. Propose that duty first."), details=where)
    if chosen.kind in ("chair", "secretary") and chosen.kind in kinds:
        raise Invalid(
            N_("The panel of zone %(zone)s would have two chairs or two secretaries: it has one of each at most."),
            details=where, zone=panel.zone_number,
        )  # fmt: skip
    if duty.user_id in set(people):
        raise Invalid(N_("This person holds another seat of the panel. Nobody marks twice."), details=where)
    return duty


def _refuse_not_held(u: Unit, clock: Clock, panel: PanelSeating, seats: Sequence[Chosen]) -> None:
    """Nobody gets a seat through a duty that is not held on the next day on which the panel sits."""
    today = clock.today()
    day = min((each.day for each in list_planned(u.db, panel_ids=(panel.id,)) if each.day >= today), default=None)
    duties = {each.duty.duty_id: each.duty for each in panel.offered}
    if day is not None and not all(duties[each.duty_id].is_held(day) for each in seats):
        raise Invalid(
            N_("This duty is not held on %(day)s, the next day on which the panel sits."),
            details={"panel": panel.id, "field": "duty"}, day=day,
        )  # fmt: skip


def _put(u: Unit, panel: PanelSeating, chosen: Chosen, *, position: int) -> None:
    """A seat with a code that is free on the panel: z9-chair, z9-member, z9-member2."""
    taken = set(u.db.execute(select(Seat.code).where(Seat.panel_id == panel.id)).scalars())
    name = f"z{panel.zone_number}-{chosen.kind}"
    code = next(each for each in (name, *(f"{name}{number}" for number in range(2, 1000))) if each not in taken)
    about = {"panel_id": panel.id, "duty_id": chosen.duty_id, "kind": chosen.kind, "position": position, "code": code}
    u.db.execute(insert(SEATS).values(**about))


def _tell(u: Unit, panel: PanelSeating) -> None:
    """How the panel is seated now, in the log of every award; the pages of its days are told, too."""
    held = u.db.execute(select(Seat.code, Seat.duty_id).where(Seat.panel_id == panel.id).order_by(Seat.position)).all()
    body: dict[str, Any] = {
        "panel": panel.id, "stage": panel.stage, "zone": panel.zone_number,
        "members": Unordered([seat_alias(row.code) for row in held]),
        "holders": Unordered([[seat_alias(row.code), holder(row.code, row.duty_id)] for row in held]),
    }  # fmt: skip
    asked = select(Adoption.id).where(Adoption.cycle_id == panel.cycle_id).order_by(Adoption.position, Adoption.id)
    for adoption_id in u.db.execute(asked).scalars().all():
        u.also("seat_panel", body, log=u.log_of(adoption_id))
    for day in list_planned(u.db, panel_ids=(panel.id,)):
        tell_session(u, day.id)


def _deal(u: Unit, panel: PanelSeating) -> None:
    """Cards of the panel's seats for entries that were sent and are planned; a slot that gains some is told again, and
    a later line of a slot may only add cards."""
    for turn in list_planned_turns(u.db, panel.id):
        rows = assign(u.db, turn.id, adoption_id=turn.adoption_id, province_code=turn.province_code, panel_id=panel.id)
        if not rows:
            continue
        body = {
            "slot": turn.id, "panel": panel.id, "stage": panel.stage, "province": turn.province_code,
            "zone": panel.zone_number,
            "cards": Unordered([[card(row[0]), row[1], seat_alias(row[2])] for row in rows]),
        }  # fmt: skip
        u.also("plan_slot", body, log=u.log_of(turn.adoption_id))
