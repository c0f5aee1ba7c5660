"""What a panel sees once a slot is closed: all marks side by side."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from award.actions.slots import HIDDEN
from award.comparison.compare import compare_slot
from award.comparison.pictures import rows_of
from award.errors import Locked
from award.policy import may_compare, may_see_days
from award.queries.seats import list_panel_seatings
from award.views.context import current_actor, reading
from award.views.guard import guard
from award.views.scoring import SlotOfDay, find_seen_slot, sitting

pages = Blueprint("comparison", __name__, url_prefix="/s")
WIDEST = "widest"  # the one other order of criteria


@pages.get("/slot/<int:slot>/compare")
@guard(may_see_days, slot=find_seen_slot)
def compare(slot: SlotOfDay) -> ResponseReturnValue:
    """All members side by side, once the slot is closed. Before that nobody sees another's marks: Locked."""
    if not may_compare(slot_state=slot.slot.state):
        raise Locked(HIDDEN)
    db = reading()
    return render_template(
        "scoring/compare.html", sitting=sitting(db, current_actor(), slot.day), slot=slot.slot,
        comparison=compare_slot(
            db, slot.day, slot.slot, actor=current_actor(), seatings=list_panel_seatings(db, slot.day.panel_id)
        ),
        widest_first=request.args.get("order") == WIDEST, rows_of=rows_of,
    )  # fmt: skip
