"""Who holds the seats of a panel, since when and until when; handing one over to a stand-in, and back."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import seats as actions
from award.errors import Invalid, Locked, Refusal, Stale
from award.forms.scoring import read_key, read_reason
from award.policy import is_organizer, may_see_runs
from award.queries.seats import (
    Holding,
    PanelSeats,
    PlannedDate,
    Seating,
    SeatLine,
    find_seats_page,
    list_candidates,
    list_seatings,
)
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard, row_id
from award.views.language import said

pages = Blueprint("seats", __name__, url_prefix="/agenda")


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A seat as the page shows it. `held`: who held it when, the last one first. `back`: whose it could be again."""

    seat: SeatLine
    without: tuple[PlannedDate, ...]
    candidates: tuple[Holding, ...]
    held: tuple[tuple[Seating, Holding], ...]
    back: int


@pages.get("/<int:panel>/seats")
@guard(may_see_runs, panel=find_seats_page)
def page(panel: PanelSeats) -> ResponseReturnValue:
    """All seats of the panel."""
    return _show(panel)


@pages.post("/<int:panel>/seats")
@guard(is_organizer, panel=find_seats_page)
@fresh
def hand_over(panel: PanelSeats) -> ResponseReturnValue:
    """Another duty holds the seat from now on."""
    form, seat = request.form, request.form.get("seat", 0, row_id)
    try:
        actions.hand_over(
            site().database, site().clock, actor=current_actor(), panel_id=panel.id, seat_id=seat,
            was=form.get("was", 0, row_id), duty_id=form.get("duty", 0, row_id), reason=read_reason(form),
            key=read_key(form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked, Stale) as refusal:
        return _show(find_seats_page(reading(), current_actor(), panel.id) or panel, refusal=refusal)
    return redirect(url_for("seats.page", panel=panel.id, done=seat, _anchor=f"seat-{seat}"), 303)


def _show(panel: PanelSeats, *, refusal: Refusal | None = None) -> ResponseReturnValue:
    db, today = reading(), site().clock.today()
    day = panel.next_day(today)
    seatings, free = list_seatings(db, panel), list_candidates(db, zone_number=panel.zone_number, day=day)
    page = render_template(
        "seats/seats.html",
        panel=panel, seats=[_seat(panel, seat, seatings, free) for seat in panel.seats], day=day, today=today,
        refused=said(refusal) if refusal else "", field=refusal.details.get("field", "") if refusal else "",
        at=request.form.get("seat", 0, row_id) if refusal else 0, typed=request.form,
        done=request.args.get("done", ""), key=new_key,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _seat(panel: PanelSeats, seat: SeatLine, seatings: list[Seating], free: list[Holding]) -> SeatShown:
    """The seat with who may take it: nobody who holds another one, and for the chair's seat only chairs."""
    others = {each.held.user_id for each in panel.seats if each.id != seat.id}
    candidates = tuple(
        duty
        for duty in free
        if duty.duty_id != seat.held.duty_id and duty.user_id not in others
        and (seat.kind != "chair" or duty.role == "chair")
    )  # fmt: skip
    held: list[tuple[Seating, Holding]] = []
    for seating in seatings:
        who = seating.seats.get(seat.code)
        if who is not None and (not held or held[-1][1].duty_id != who.duty_id):
            held.append((seating, who))
    held.reverse()
    able = {duty.duty_id for duty in candidates}
    back = next((who.duty_id for _, who in held if who.duty_id in able), 0)
    return SeatShown(seat, panel.without_holder(seat), candidates, tuple(held), back)
