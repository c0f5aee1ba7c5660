"""A member asks the chair to open a card again, and the chair's no, with the reason; the yes is opening the card."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from award.actions import requests as actions
from award.errors import Invalid, Locked
from award.forms.scoring import read_changes, read_key, read_reason
from award.policy import is_committee
from award.queries.cards import StoredCard
from award.views.context import current_actor, site
from award.views.guard import guard
from award.views.language import said
from award.views.panel import act, find_chaired_slot
from award.views.scoring import SlotOfDay, find_own_card, show_card

pages = Blueprint("requests", __name__, url_prefix="/s")


@pages.post("/card/<int:card>/ask")
@guard(is_committee, card=find_own_card)
def ask(card: StoredCard) -> ResponseReturnValue:
    """Asks the chair; what is wrong with it comes back on the card's page."""
    try:
        actions.ask_reopening(
            site().database, site().clock, actor=current_actor(), assignment_id=card.id,
            changes=read_changes(request.form), reason=read_reason(request.form), key=read_key(request.form.get("key")),
        )  # fmt: skip
    except (Invalid, Locked) as refusal:
        return show_card(card, status=refusal.status, refused=said(refusal), asked=request.form.get("reason", ""))
    return redirect(url_for("scoring.card", card=card.id, _anchor="asked"), 303)


@pages.post("/slot/<int:slot>/requests/<int:ask>/decline")
@guard(is_committee, slot=find_chaired_slot)
def decline(slot: SlotOfDay, ask: int) -> ResponseReturnValue:
    """The card stays as it is; the member reads why."""
    return act(slot, actions.decline_reopening, request_id=ask, reason=read_reason(request.form))
