"""A member asks the chair to open a card again; the chair opens it (`slots.reopen_card`), or says why not."""

from datetime import datetime

from sqlalchemy import insert, update

from award import policy
from award.actions.news import tell_slot
from award.actions.scoring import own_card
from award.actions.slots import LEAST_REASON, chaired
from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.ledger import card as card_alias
from award.db.live import ReopeningRequest
from award.errors import N_, Invalid, Locked, NotFound
from award.policy import Actor
from award.queries.requests import find_request, list_requests

MOST_CHANGES = 500  # no card holds as many


def ask_reopening(
    database: Database, clock: Clock, *, actor: Actor, assignment_id: int, changes: int, reason: str, key: str
) -> Receipt:
    """Asks the chair to open the member's own sent or closed card again. `changes`: how many did not arrive in time, 0
    where the member wants to change something. No mark is told.

    Raises NotFound (not the actor's card), Locked (it is open as it is; the member stepped back; one request waits) and
    Invalid without a reason.
    """
    asked = ("ask_reopening", assignment_id, changes, reason)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        card, _ = own_card(u, clock, assignment_id)
        if u.repeated:
            return u.repeated
        if not policy.may_ask_reopening(slot_state=card.slot_state, card_state=card.state, excused=card.excused):
            raise Locked(N_("This card need not be opened again. Reload the page to see how it stands."))
        for each in list_requests(u.db, card.id):
            if each.is_open:
                raise Locked(
                    N_("You asked the chair on %(at)s already. The answer will stand on this page."), at=each.at
                )
        if not 0 <= changes <= MOST_CHANGES:
            raise Invalid(N_("Reload the page and ask again."), details={"field": "changes"})
        if not reason.strip():
            raise Invalid(N_("Write for the chair why the card should be opened again."), details={"field": "reason"})
        u.db.execute(
            insert(ReopeningRequest).values(
                assignment_id=card.id, changes=changes, reason=reason.strip(), at=u.now, by_id=actor.user_id, answer=""
            )
        )
        tell_slot(u, card.slot_id)
        body = {
            "slot": card.slot_id, "card": card_alias(card.id), "changes": changes, "reason": Private(reason.strip()),
        }  # fmt: skip
        return u.record("ask_reopening", body, log=u.log_of(card.adoption_id))


def decline_reopening(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, request_id: int, reason: str,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """The chair of the slot leaves a card as it is, and writes to the member why.

    Raises NotFound, Forbidden, Locked (answered already; the slot was passed on) and Invalid without a reason.
    """
    asked = ("decline_reopening", slot_id, request_id, reason)
    with unit(database, clock, actor=actor, key=key, about=asked, until=until) as u:
        slot = chaired(u, slot_id).slot
        found = find_request(u.db, request_id)
        if found is None or found.slot_id != slot_id:
            raise NotFound
        if u.repeated:
            return u.repeated
        if not found.is_open:
            raise Locked(N_("This request was answered already. Reload the page to see how it stands."))
        if len(reason.strip()) < LEAST_REASON:
            raise Invalid(
                N_("Write the reason in at least %(least)s letters: the member reads it, and it stands in the record."),
                details={"field": "reason"}, least=LEAST_REASON,
            )  # fmt: skip
        u.change(
            update(ReopeningRequest)
            .where(ReopeningRequest.id == request_id)
            .values(answered_at=u.now, answer=reason.strip())
        )
        tell_slot(u, slot_id)
        body = {"slot": slot_id, "card": card_alias(found.assignment_id), "reason": Private(reason.strip())}
        return u.record("decline_reopening", body, log=u.log_of(slot.adoption_id))
