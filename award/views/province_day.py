"""A province's page of its day: when and where, what was moved, how to join, what it says of itself, ready or not."""

from collections import defaultdict
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from award.actions import agenda as actions
from award.errors import Locked
from award.forms.agenda import Errors, read_presentation
from award.forms.scoring import read_key
from award.policy import Actor, is_officer, may_see_runs, may_use_entries
from award.queries.agenda import HeardEntry, PlannedDay, find_planned, find_planned_of_slot, list_heard
from award.queries.live import list_slot_statuses, slot_next, slot_now
from award.queries.scoring import within
from award.views.agenda import SlotAt
from award.views.context import current_actor, new_key, reading, site
from award.views.guard import guard
from award.views.language import said

pages = Blueprint("province_day", __name__, url_prefix="/s")


def find_own_day(db: Session, actor: Actor, session_id: int) -> PlannedDay | None:
    """The day, for officers of its province and for those who see all."""
    return find_planned(db, session_id, scope=within(provinces=actor.provinces, everywhere=may_see_runs(actor)))


def find_own_slot(db: Session, actor: Actor, slot_id: int) -> SlotAt | None:
    """A slot of such a day, for officers of its province."""
    day = find_planned_of_slot(db, slot_id, scope=within(provinces=actor.provinces))
    return None if day is None else SlotAt(day, day.slot(slot_id))


@pages.get("/<int:day>/province")
@guard(may_use_entries, day=find_own_day)
def page(day: PlannedDay) -> ResponseReturnValue:
    """The province's turns in time order. No mark, and no count of what the panel has sent."""
    return _show(day)


def _show(
    day: PlannedDay, *, slot_id: int = 0, typed: Mapping[str, str] | None = None, errors: Errors | None = None,
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    db, heard = reading(), defaultdict[int, list[HeardEntry]](list)
    for entry in list_heard(db, day.id):
        heard[entry.slot_id].append(entry)
    statuses = list_slot_statuses(db, [day.id])
    page = render_template(
        "agenda/province.html", day=day, heard=heard, now_slot=slot_now(statuses), next_slot=slot_next(statuses),
        statuses={each.id: each for each in statuses}, typed=typed or {}, errors=errors or {}, at=slot_id,
        summary=[(f"{name.removesuffix('_url')}-{slot_id}", says) for name, says in (errors or {}).items()],
        key=new_key, is_own=day.province_code in current_actor().provinces, today=site().clock.today(),
    )  # fmt: skip
    return page, status


@pages.post("/slot/<int:slot>/presentation")
@guard(is_officer, slot=find_own_slot)
def presentation(slot: SlotAt) -> ResponseReturnValue:
    """Says who presents and where the exhibition can be seen, until the slot opens."""
    presenters, exhibition, errors = read_presentation(request.form)
    if errors:
        return _show(slot.day, slot_id=slot.slot.id, typed=request.form, errors=errors, status=422)
    try:
        actions.describe_presentation(
            site().database, site().clock, actor=current_actor(), slot_id=slot.slot.id, presenters=presenters,
            exhibition_url=exhibition, key=read_key(request.form.get("key")),
        )  # fmt: skip
    except Locked as refusal:
        errors = {"presenters": said(refusal)}
        return _show(slot.day, slot_id=slot.slot.id, typed=request.form, errors=errors, status=refusal.status)
    return redirect(url_for("province_day.page", day=slot.day.id, _anchor=f"slot-{slot.slot.id}"), 303)
