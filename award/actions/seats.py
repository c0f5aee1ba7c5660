"""A seat is handed over to another duty: a stand-in takes it, and gives it back the same way."""

from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from award import policy
from award.actions.news import tell_session
from award.actions.unit import unit
from award.clock import Clock
from award.db.cycles import Adoption, Seat
from award.db.engine import Database
from award.db.ledger import Private, Receipt, Unordered, holder
from award.db.ledger import seat as seat_alias
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Stale
from award.policy import Actor
from award.queries.people import find_actor_by_id
from award.queries.seats import PanelSeats, SeatLine, find_holding, find_panel_seats, has_been_there

SEATS = cast(Table, Seat.__table__)
LEAST_REASON = 10  # letters: "." explains nothing to an auditor


def hand_over(
    database: Database, clock: Clock, *, actor: Actor, panel_id: int, seat_id: int, was: int, duty_id: int,
    reason: str, key: str,
) -> Receipt:  # fmt: skip
    """From now on the seat is held through another duty; the panel is seated anew in the log of every award.

    `was`: the duty that the page showed. The cards stay with the seat. Raises NotFound, Forbidden (no organizer),
    Stale (somebody else handed it over), Locked (its holder has marked in a slot that is open: nobody takes over
    another's marks before the panel sees them; or was there for a presentation that others missed) and Invalid
    (`details["field"]`: duty or reason).
    """
    asked = ("hand_over", panel_id, seat_id, was, duty_id, reason)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        now = find_actor_by_id(u.db, actor.user_id, today=clock.today())
        if now is None or not policy.is_organizer(now):
            raise Forbidden
        panel = find_panel_seats(u.db, panel_id)
        seat = next((each for each in panel.seats if each.id == seat_id), None) if panel else None
        if panel is None or seat is None:
            raise NotFound
        if u.repeated:
            return u.repeated
        if seat.held.duty_id != was:
            raise Stale(N_("Somebody else handed this seat over in between. Look again who holds it."))
        if len(reason.strip()) < LEAST_REASON:
            raise Invalid(
                N_("Write in at least %(least)s letters why the seat changes hands: it stands in the record."),
                details={"field": "reason"}, least=LEAST_REASON,
            )  # fmt: skip
        _check_duty(u.db, panel, seat, duty_id, today=clock.today())
        if seat.is_marking:
            raise Locked(
                N_(
                    "The holder of this seat has marked in a slot that is open now, and nobody takes over marks that "
                    "the panel has not seen. First the chair closes the slot; whoever had to leave is recorded as "
                    "absent for the entries left."
                )
            )
        if has_been_there(u.db, seat_id):
            raise Locked(
                N_(
                    "The holder of this seat was there for a presentation whose slot is not closed, or was let send "
                    "without it. Nobody takes that over: first the chair records the member as absent there, or closes "
                    "the slot."
                )
            )
        u.db.execute(update(SEATS).where(SEATS.c.id == seat_id).values(duty_id=duty_id))
        for session_id in dict.fromkeys(each.session_id for each in panel.dates):
            tell_session(u, session_id)
        held = {each.code: duty_id if each.id == seat_id else each.held.duty_id for each in panel.seats}
        body: dict[str, Any] = {
            "panel": panel.id, "stage": panel.stage, "zone": panel.zone_number, "reason": Private(reason.strip()),
            "members": Unordered([seat_alias(code) for code in held]),
            "holders": Unordered([[seat_alias(code), holder(code, duty)] for code, duty in held.items()]),
        }  # fmt: skip
        first, *others = u.db.execute(
            select(Adoption.id).where(Adoption.cycle_id == panel.cycle_id).order_by(Adoption.position, Adoption.id)
        ).scalars()
        receipt = u.record("seat_panel", body, log=u.log_of(first))
        for adoption in others:
            u.also("seat_panel", body, log=u.log_of(adoption))
        return receipt


def _check_duty(db: Session, panel: PanelSeats, seat: SeatLine, duty_id: int, *, today: date) -> None:
    found, field = find_holding(db, duty_id), {"field": "duty"}
    day = panel.next_day(today)
    if found is None or found[1] != panel.zone_number or found[0].role not in policy.MARKING or not found[0].counts:
        raise Invalid(N_("Choose a confirmed duty of a member or chair of this zone."), details=field)
    duty = found[0]
    if not duty.is_held(day):
        raise Invalid(
            N_("This duty is not held on %(day)s, the next day on which the panel sits."), details=field, day=day
        )
    if seat.kind == "chair" and duty.role != "chair":
        raise Invalid(N_("The chair's seat needs the duty of a chair. Propose that duty first."), details=field)
    others = [each for each in panel.seats if each.id != seat.id]
    if duty.duty_id == seat.held.duty_id:
        raise Invalid(N_("The seat is held through this duty already."), details=field)
    if any(duty.user_id == each.held.user_id for each in others):
        raise Invalid(N_("This person holds another seat of the panel. Nobody marks twice."), details=field)
