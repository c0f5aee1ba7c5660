"""What a member does with a card of their own: record marks, send it, step back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update

from award.actions.news import tell_slot
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.ledger import card as card_alias
from award.db.scoring import Assignment, Mark
from award.errors import N_, Foreign, Incomplete, Invalid, Locked, NotFound, Stale
from award.evaluation import (
    adopted_rules,
    as_stored,
    blank_places,
    card_gaps,
    card_total,
    mark_text,
    names_of_card,
    needs_answers,
    read_typed,
    shown_total,
)
from award.policy import Actor, barrier_to_marking, is_on, may_write_for
from award.queries.cards import StoredCard, find_card, get_answers
from award.queries.declarations import get_sending
from scoring_rules.exact import Number, exact_text
from scoring_rules.rules import Category

# Plain tables and statements built once: on the hot path, building a statement costs more than running it.
MARKS, ASSIGNMENTS = cast(Table, Mark.__table__), cast(Table, Assignment.__table__)
_ADD_MARKS = insert(MARKS)
_SET_REVISION = update(ASSIGNMENTS).where(ASSIGNMENTS.c.id == bindparam("card")).values(revision=bindparam("to"))

BARRIERS = {
    "closed": N_(
        "The chair closed this slot on %(closed_at)s. Only the chair can open it again, with a written reason."
    ),
    "recused": N_("You are recorded as recused from this entry: %(reason)s. The chair can take that back."),
    "absent": N_("You are recorded as absent: %(reason)s. The chair can take that back."),
    "sent": N_(
        "You sent this card on %(sent_at)s (receipt %(receipt)s). To change a mark, ask the chair to open it again."
    ),
    "own": N_(
        "You work in this province's office, so you do not mark its entries. Step back from this one, with the reason."
    ),
    "unsent": N_("The province has not sent this entry yet, so it cannot be marked."),
    "gone": N_("This entry was withdrawn or not presented, so it is not marked."),
    "planned": N_("This slot is not open yet. It is planned for %(starts_at)s; the chair of the panel opens it."),
}

# What keeps a whole card from being sent, while its draft is saved all the same.
HOLDS = {
    "undeclared": N_(
        "Before you send a card of this province, declare whether you have an interest in it. Your marks are kept."
    ),
    "interest": N_(
        "You declared an interest in this province, so its cards cannot be sent. Ask the chair where that has changed."
    ),
    "missed": N_(
        "You are recorded as having missed the presentation. Your marks are kept; the card can be sent once the chair "
        "has written down why."
    ),
}

TOO_MUCH = N_("This is more than one card can hold. Reload the page and save again.")


@dataclass(frozen=True, slots=True)
class Saved:
    """A committed save: the card's new revision, the member's own total so far, and how many places are blank."""

    receipt: Receipt
    revision: int
    total: str
    blanks: int


def barrier_of(card: StoredCard, *, actor: Actor) -> str:
    """What keeps the member of this card from marking now; "" for nothing. Its sentence is in BARRIERS."""
    return barrier_to_marking(
        entry_state=card.entry_state, slot_state=card.slot_state, card_state=card.state, excused=card.excused,
        is_own=may_write_for(actor, card.province_code),
    )  # fmt: skip


def barrier_values(card: StoredCard) -> dict[str, Any]:
    """What the sentences of BARRIERS name."""
    return {
        "closed_at": card.closed_at, "sent_at": card.sent_at, "receipt": card.receipt or "",
        "reason": card.excused_reason, "starts_at": card.starts_at,
    }  # fmt: skip


def is_own(actor: Actor, card: StoredCard, *, today: date) -> bool:
    """Whether the card is the actor's, through a duty held today."""
    held = card.duty_state == "confirmed" and is_on(today, card.duty_from, card.duty_to)
    return held and card.duty_user_id == actor.user_id


def record_marks(
    database: Database, clock: Clock, *, actor: Actor, assignment_id: int, changes: Mapping[str, str],
    base_revision: int, key: str,
) -> Saved:  # fmt: skip
    """Appends the changed marks and notes at the card's next revision. All of them or none.

    `changes`: place → mark as typed ("" takes it back), `note:<criterion>` → text. A key acknowledged before answers
    its first receipt. Raises NotFound (not the actor's card), Locked (who can open it), Stale (`details` hold what is
    stored), Foreign (a name that the card does not have), Invalid (`details["problems"]`: by name, what was expected).
    """
    asked = ("record_marks", assignment_id, base_revision, dict(changes))
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        card, category = own_card(u, clock, assignment_id)
        if u.repeated:
            return _saved(u, card, category, u.repeated, revision=u.repeated.body["revision"])
        done = append_changes(u, card, category, changes=changes, base_revision=base_revision)
        receipt = u.record("record_marks", done.body, log=u.log_of(card.adoption_id))
        return _saved(u, card, category, receipt, revision=done.revision, marks=done.marks)


@dataclass(frozen=True, slots=True)
class Appended:
    """What a card holds once its changes are written, and what the ledger keeps of it."""

    revision: int
    marks: Mapping[str, Any]
    body: Mapping[str, Any]


def append_changes(
    u: Unit, card: StoredCard, category: Category, *, changes: Mapping[str, str], base_revision: int
) -> Appended:
    """Writes what was typed on one card inside a unit; the caller records it.

    Raises Locked, Stale, Foreign and Invalid as `record_marks` does.
    """
    _refuse_where_locked(card, u.actor)
    if base_revision != card.revision:
        raise Stale(
            N_("This card was saved from another window or device in between. Choose which version counts."),
            details={"revision": card.revision, "stored": stored_values(card)},
        )
    if not changes.keys() <= names_of_card(category):
        raise Foreign
    typed = read_typed(category, changes)
    if typed.problems:
        raise Invalid(N_("Nothing was saved: some marks do not fit the scale."), details={"problems": typed.problems})
    rows = _changed_rows(card, typed.marks, typed.notes)
    revision = card.revision + 1 if rows else card.revision
    if rows:
        u.db.execute(_ADD_MARKS, [row | {"revision": revision, "at": u.now} for row in rows])
        u.db.execute(_SET_REVISION, {"card": card.id, "to": revision})
    marks = {**card.marks, **{row["criterion"]: row["value"] for row in rows}}
    body = {
        "card": card_alias(card.id), "revision": revision,
        "marks": {row["criterion"]: ten_thousandths(row["value"]) for row in rows},
        "notes": {row["criterion"]: Private(row["note"]) for row in rows if row["note"]},
    }  # fmt: skip
    return Appended(revision, {place: value for place, value in marks.items() if value is not None}, body)


def send_card(
    database: Database, clock: Clock, *, actor: Actor, assignment_id: int, base_revision: int, key: str
) -> Receipt:
    """Sends a whole card; from then on the member cannot change it.

    Raises NotFound, Locked (also where no interest was declared yet, one was, or the presentation was missed), Stale
    (it was changed after the confirm page was made) and Incomplete with `details["gaps"]`: every blank place and every
    note that a mark needs.
    """
    with unit(database, clock, actor=actor, key=key, about=("send_card", assignment_id, base_revision)) as u:
        card, category = own_card(u, clock, assignment_id)
        if u.repeated:
            return u.repeated
        _refuse_where_locked(card, actor)
        hold = get_sending(u.db, card.id).barrier
        if hold:
            raise Locked(HOLDS[hold], id=hold)
        if base_revision != card.revision:
            raise Stale(N_("The card was changed after this page was made. Look at it once more, then send it."))
        answers = get_answers(u.db, card.entry_id)
        gaps = card_gaps(category, marks=card.marks, notes=card.notes, answers=answers)
        if gaps:
            raise Incomplete(N_("The card is not complete, so it was not sent."), details={"gaps": gaps})
        total = card_total(category, card.marks, answers)
        body = {"card": card_alias(card.id), "revision": card.revision, "total": exact_text(total)}
        receipt = u.record("send_card", body, log=u.log_of(card.adoption_id))
        u.db.execute(
            update(ASSIGNMENTS)
            .where(ASSIGNMENTS.c.id == card.id)
            .values(state="sent", sent_at=u.now, receipt=receipt.text, paper="")  # their own, wherever it came from
        )
        tell_slot(u, card.slot_id)
    return receipt


def recuse(database: Database, clock: Clock, *, actor: Actor, assignment_id: int, reason: str, key: str) -> Receipt:
    """The member steps back from an entry, with the written reason; marks given so far stay stored and do not count.

    Raises NotFound, Locked (closed or sent: then the chair records it) and Invalid without a reason.
    """
    with unit(database, clock, actor=actor, key=key, about=("recuse", assignment_id, reason)) as u:
        card, _ = own_card(u, clock, assignment_id)
        if u.repeated:
            return u.repeated
        barrier = barrier_of(card, actor=actor)
        if barrier in ("closed", "sent", "recused", "absent"):
            raise Locked(BARRIERS[barrier], **barrier_values(card))
        if not reason.strip():
            raise Invalid(N_("Write the reason why you step back from this entry."), details={"field": "reason"})
        u.db.execute(
            update(ASSIGNMENTS)
            .where(ASSIGNMENTS.c.id == card.id)
            .values(excused="recused", excused_reason=reason.strip())
        )
        tell_slot(u, card.slot_id)
        body = {"card": card_alias(card.id), "reason": Private(reason.strip())}
        return u.record("recuse", body, log=u.log_of(card.adoption_id))


def ten_thousandths(mark: Decimal | None) -> int | None:
    """A mark as the ledger keeps it: a whole number of ten-thousandths; None where it was taken back."""
    return None if mark is None else int(mark * 10_000)


def stored_values(card: StoredCard) -> dict[str, str]:
    """What is stored of a card, under the names that changes use."""
    notes = {f"note:{path}": note for path, note in card.notes.items()}
    return {place: mark_text(value) for place, value in card.marks.items()} | notes


def own_card(u: Unit, clock: Clock, assignment_id: int) -> tuple[StoredCard, Category]:
    """A card of the actor's own, with the rules of its category. Raises NotFound."""
    card = find_card(u.db, assignment_id)
    if card is None or not is_own(u.actor, card, today=clock.today()):
        raise NotFound
    rules = adopted_rules(u.db, adoption_id=card.adoption_id, sha256=card.rules_sha256)
    return card, rules.category(card.category)


def _refuse_where_locked(card: StoredCard, actor: Actor) -> None:
    barrier = barrier_of(card, actor=actor)
    if barrier:
        raise Locked(BARRIERS[barrier], **barrier_values(card))


def _changed_rows(
    card: StoredCard, marks: Mapping[str, Number | None], notes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One row for each place whose mark or note is not what is stored."""
    rows: list[dict[str, Any]] = []
    for place in dict.fromkeys((*marks, *notes)):
        value = as_stored(marks[place]) if place in marks else card.marks.get(place)
        note = notes.get(place, card.notes.get(place, ""))
        if value != card.marks.get(place) or note != card.notes.get(place, ""):
            rows.append({"assignment_id": card.id, "criterion": place, "value": value, "note": note})
    return rows


def _saved(
    u: Unit, card: StoredCard, category: Category, receipt: Receipt, *, revision: int,
    marks: Mapping[str, Any] | None = None,
) -> Saved:  # fmt: skip
    given = card.marks if marks is None else marks
    answers = get_answers(u.db, card.entry_id) if needs_answers(category) else "{}"
    total = shown_total(category, card_total(category, given, answers))
    return Saved(receipt, revision, total, len(blank_places(category, given)))
