"""Who sits on the panels of a round: all of them on one page, one seat more or less on another."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import seating as actions
from award.errors import Invalid, Locked, NotFound, Refusal, Stale
from award.forms.scoring import read_key
from award.forms.seating import read_seats
from award.policy import Actor, is_organizer, may_see_runs
from award.queries.seating import PanelSeating, find_seating, list_seating
from award.views.context import current_actor, new_key, reading, site
from award.views.fresh import fresh
from award.views.guard import guard, row_id
from award.views.language import said

pages = Blueprint("seating", __name__, url_prefix="/agenda")


def find_panel(db: Session, _actor: Actor, panel_id: int) -> PanelSeating | None:
    """Any panel: those who run or audit the round see all."""
    return find_seating(db, panel_id, today=site().clock.today())


@pages.get("/seating")
@guard(may_see_runs)
def page() -> ResponseReturnValue:
    """Every panel: who sits there, or whom the duties propose."""
    return _show()


@pages.post("/seating")
@guard(is_organizer)
@fresh
def seat() -> ResponseReturnValue:
    """Seats the ticked panels."""
    sent = read_seats(request.form, panels=request.form.getlist("panel"))
    chosen = {panel: [actions.Chosen(duty, kind) for duty, kind in some] for panel, some in sent.items()}
    try:
        actions.seat_panels(
            site().database, site().clock, actor=current_actor(), chosen=chosen,
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Stale, NotFound) as refusal:
        return _show(refusal=refusal)
    return redirect(url_for("seating.page", done=len(chosen)), 303)


def _show(*, refusal: Refusal | None = None) -> ResponseReturnValue:
    panels = list_seating(reading(), today=site().clock.today())
    at = refusal.details.get("panel", 0) if refusal else 0
    page = render_template(
        "seats/seating.html", panels=panels, empty=[each for each in panels if not each.seats], key=new_key,
        refused=said(refusal) if refusal else "", at=at, typed=request.form, ticked=request.form.getlist("panel"),
        done=request.args.get("done", ""),
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@pages.get("/<int:panel>/seating")
@guard(may_see_runs, panel=find_panel)
def of_panel(panel: PanelSeating) -> ResponseReturnValue:
    """One panel, to be given a seat more or less."""
    return _show_panel(panel)


@pages.post("/<int:panel>/seating/add")
@guard(is_organizer, panel=find_panel)
@fresh
def add(panel: PanelSeating) -> ResponseReturnValue:
    """One seat more."""
    chosen = actions.Chosen(request.form.get("duty", 0, row_id), request.form.get("kind", ""))
    try:
        actions.add_seat(
            site().database, site().clock, actor=current_actor(), panel_id=panel.id, chosen=chosen,
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked) as refusal:
        return _show_panel(panel, refusal=refusal)
    return redirect(url_for("seating.of_panel", panel=panel.id), 303)


@pages.post("/<int:panel>/seating/remove")
@guard(is_organizer, panel=find_panel)
@fresh
def remove(panel: PanelSeating) -> ResponseReturnValue:
    """One seat less."""
    try:
        actions.remove_seat(
            site().database, site().clock, actor=current_actor(), panel_id=panel.id,
            seat_id=request.form.get("seat", 0, row_id), was=request.form.get("was", 0, row_id),
            key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Locked, Stale) as refusal:
        return _show_panel(find_panel(reading(), current_actor(), panel.id) or panel, refusal=refusal)
    return redirect(url_for("seating.of_panel", panel=panel.id), 303)


def _show_panel(panel: PanelSeating, *, refusal: Refusal | None = None) -> ResponseReturnValue:
    page = render_template(
        "seats/seating_panel.html", panel=panel, key=new_key, kinds=actions.KINDS, typed=request.form,
        refused=said(refusal) if refusal else "", field=refusal.details.get("field", "") if refusal else "",
    )  # fmt: skip
    return page, refusal.status if refusal else 200
