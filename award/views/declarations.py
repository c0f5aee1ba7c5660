"""Where a member says, once for each province of a day, whether they have an interest in it; the chair for others."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import declarations as actions
from award.errors import Forbidden, Invalid, Locked, NotFound
from award.forms.scoring import read_key, read_reason
from award.policy import Actor, is_committee, may_declare
from award.queries.declarations import Declared, Post, list_posts_of_seat, map_declarations
from award.queries.scoring import Day, SeatHeld, find_day, list_days_on
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import said

pages = Blueprint("declarations", __name__, url_prefix="/s")


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A scoring session with the actor's own seat."""

    day: Day
    seat: SeatHeld


def find_own_day(db: Session, actor: Actor, session_id: int) -> OwnDay | None:
    """The session, where the actor sits on its panel."""
    day = find_day(db, session_id, duty_ids=actor.duty_ids)
    seat = next((seat for seat in day.seats if seat.duty_id in actor.duty_ids), None) if day else None
    return OwnDay(day, seat) if day and seat else None


@pages.route("/<int:day>/interest", methods=["GET", "POST"])
@guard(is_committee, day=find_own_day)
def own(day: OwnDay) -> ResponseReturnValue:
    """My own declaration for one province; the next one of the day follows."""
    return _answer(day, day.seat)


@pages.route("/<int:day>/interest/<int:seat>", methods=["GET", "POST"])
@guard(is_committee, day=find_own_day)
def of_seat(day: OwnDay, seat: int) -> ResponseReturnValue:
    """What the chair records for a member of the panel."""
    found = next((each for each in day.day.seats if each.id == seat), None)
    if seat != day.seat.id and not actions.chairs(current_actor(), day.day):
        raise Forbidden  # also for a seat that is none: whose it is cannot be told from the answer
    if found is None:
        raise NotFound
    return _answer(day, found)


def _answer(own: OwnDay, seat: SeatHeld) -> ResponseReturnValue:
    refused, status, field = "", 200, ""
    if request.method == "POST":
        try:
            actions.declare_interest(
                site().database, site().clock, actor=current_actor(), session_id=own.day.id, seat_id=seat.id,
                kind=request.form.get("interest", ""), reason=read_reason(request.form),
                key=read_key(request.form.get("key")),
            )  # fmt: skip
        except (Invalid, Locked) as refusal:
            refused, status, field = said(refusal), refusal.status, refusal.details.get("field", "")
        else:
            return redirect(_onward(own, seat), 303)
    return _show(own, seat, refused=refused, field=field), status


def _onward(own: OwnDay, seat: SeatHeld) -> str:
    if seat.id != own.seat.id:
        return url_for("panel.chair", day=own.day.id)
    days = _days(own)
    declared = map_declarations(reading(), [day.id for day in days])
    left = next((day for day in days if (day.id, seat.id) not in declared and not actions.is_over(day)), None)
    return url_for("declarations.own", day=left.id) if left else url_for("scoring.day", day=own.day.id)


def _days(own: OwnDay) -> list[Day]:
    """All provinces that the panel hears on this day."""
    return list_days_on(reading(), panel_ids=[own.day.panel_id], day=own.day.day)


def _show(own: OwnDay, seat: SeatHeld, *, refused: str, field: str) -> str:
    db, days = reading(), _days(own)
    declared = map_declarations(db, [day.id for day in days])
    posts: list[Post] = list_posts_of_seat(db, seat_id=seat.id, province_code=own.day.province_code, day=own.day.day)
    last: Declared | None = declared.get((own.day.id, seat.id))
    is_own, chairs = seat.id == own.seat.id, actions.chairs(current_actor(), own.day)
    begun, over = actions.is_begun(own.day), actions.is_over(own.day)
    may = not over and (chairs or may_declare(declared=last is not None, opened=begun))
    chosen = request.form.get("interest") or (last.kind if last else "former_post" if posts else "")
    return render_template(
        "declarations/declare.html",
        day=own.day, seat=seat, is_own=is_own, posts=posts, last=last, may=may, over=over, chosen=chosen,
        by_chair=not is_own or (last is not None and begun), days=days,
        reason=request.form.get("reason", last.reason if last else ""),
        done={day.id for day in days if (day.id, seat.id) in declared}, refused=refused, field=field, key=new_key(),
    )  # fmt: skip
