"""A filled score sheet is stored as a whole: every card it changes, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from award.actions.scoring import append_changes, own_card
from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Receipt
from award.errors import N_, Invalid
from award.policy import Actor


@dataclass(frozen=True, slots=True)
class CardChanges:
    """What a sheet changes of one card: by name, as typed, made from that revision."""

    assignment_id: int
    base_revision: int
    changes: Mapping[str, str]


def record_sheet(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, cards: Sequence[CardChanges], key: str
) -> Receipt:
    """Appends the changes of all cards in one transaction and one line of the ledger.

    The rules are those of a single card (`record_marks`): raises NotFound, Locked, Stale and Invalid for the first card
    that cannot be changed, and then none is. Sent again with the same key it answers the first receipt.
    """
    asked = [(each.assignment_id, each.base_revision, dict(each.changes)) for each in cards]
    with unit(database, clock, actor=actor, key=key, about=("record_sheet", slot_id, asked)) as u:
        found = [(each, *own_card(u, clock, each.assignment_id)) for each in cards]
        if u.repeated:
            return u.repeated
        if not cards or any(card.slot_id != slot_id for _, card, _ in found):
            raise Invalid(N_("This sheet changes nothing here."))
        bodies = [
            append_changes(u, card, category, changes=each.changes, base_revision=each.base_revision).body
            for each, card, category in found
        ]
        log = u.log_of(found[0][1].adoption_id)
        return u.record("record_sheet", {"slot": slot_id, "cards": bodies}, log=log)
