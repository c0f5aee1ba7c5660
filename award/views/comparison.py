"""What a panel sees once a slot is closed: all marks side by side."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from award.actions.slots import HIDDEN
from award.comparison import compare_slot
from award.errors import Locked
from award.policy import may_compare, may_see_days
from award.views.context import current_actor, reading
from award.views.guard import guard
from award.views.scoring import SlotOfDay, find_seen_slot, sitting

pages = Blueprint("comparison", __name__, url_prefix="/s")


@pages.get("/slot/<int:slot>/compare")
@guard(may_see_days, slot=find_seen_slot)
def compare(slot: SlotOfDay) -> ResponseReturnValue:
    """All members side by side, once the slot is closed. Before that nobody sees another's marks: Locked."""
    if not may_compare(slot_state=slot.slot.state):
        raise Locked(HIDDEN)
    db = reading()
    return render_template(
        "scoring/compare.html", sitting=sitting(db, current_actor(), slot.day), slot=slot.slot,
        compared=compare_slot(db, slot.day, slot.slot),
    )  # fmt: skip
