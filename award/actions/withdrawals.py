"""A province withdraws an entry for good, before it is marked; the organizer alone opens it again."""

from sqlalchemy import update

from award.actions.news import tell_entry
from award.actions.sending import note_pulled_back
from award.actions.unit import unit
from award.actions.writable import checked_key, close_returned, entry_of_office
from award.answers.plain import clean_text
from award.answers.private_numbers import REASON, refuse_national_ids
from award.approval import may_withdraw
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Private
from award.errors import N_, Forbidden, Invalid, Locked
from award.policy import Actor
from award.queries.entries import has_scoring_begun

LEAST_REASON, MOST_REASON = 10, 2000
MARKED = N_("The committee has begun to hear this entry, so it is not withdrawn any more: tell the chair.")
BY_THE_CHIEF = N_("In this round the head of the provincial office, or whoever acts for them, withdraws an entry.")


def withdraw_entry(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, reason: str, key: str
) -> None:  # fmt: skip
    """Takes an entry out of the round: it keeps its cards, on which nobody marks, and stands below the ranking as
    withdrawn where it had been sent. Also after the deadline. The reason is shown to everybody who reads the entry.

    Raises NotFound, Forbidden (not the office's; not its head, where the round asks for the head's approval), Locked
    (a slot that hears it was opened; withdrawn already) and Invalid for a reason under ten characters.
    """
    why, _ = clean_text(reason, lines=True)
    with unit(database, clock, actor=actor, key=checked_key(key), about=("withdraw_entry", entry_id, why)) as u:
        found = entry_of_office(u.db, actor, entry_id)
        if u.repeated:
            return
        if not may_withdraw(actor, found.province_code, approval=found.approval):
            raise Forbidden(BY_THE_CHIEF)
        if found.state == "withdrawn":
            raise Locked(N_("This entry was withdrawn already."))
        if found.state not in ("draft", "submitted") or has_scoring_begun(u.db, entry_id):
            raise Locked(MARKED)
        if not LEAST_REASON <= len(why) <= MOST_REASON:
            raise Invalid(
                N_("Give a reason of 10 to 2,000 characters: everybody who reads the entry sees it, and it is kept."),
                details={"field": "reason"},
            )
        refuse_national_ids(why, label=REASON, field="reason")
        u.db.execute(
            update(Entry)
            .where(Entry.id == entry_id)
            .values(state="withdrawn", step="", withdrawn_at=u.now, withdrawn_by_id=actor.user_id, withdrawn_reason=why)
        )
        close_returned(u, entry_id)
        tell_entry(u, entry_id)
        body = {"entry": found.code, "reason": Private(why)}
        u.record("withdraw_entry", body, log=u.log_of(found.adoption_id))
        note_pulled_back(u, found)
