"""What the chair of a panel does with a slot: open it, close it, excuse a member, open it again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, update

from award import policy
from award.actions.news import tell_slot
from award.actions.rehearsals import refuse_in_rehearsal
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Private, Receipt, Unordered
from award.db.ledger import card as card_alias
from award.db.live import ReopeningRequest
from award.db.scoring import Assignment, Reopening, Slot
from award.errors import N_, Forbidden, Incomplete, Invalid, Locked, NotFound
from award.evaluation import adopted_rules
from award.policy import Actor
from award.queries.cards import was_closed_before
from award.queries.declarations import find_last_declared, map_declarations
from award.queries.scoring import CardLine, Day, SeatHeld, SlotLine, find_day_of_slot
from scoring_rules.words import Words

ASSIGNMENTS, SLOTS = cast(Table, Assignment.__table__), cast(Table, Slot.__table__)
ENTRIES = cast(Table, Entry.__table__)
REOPENINGS = cast(Table, Reopening.__table__)
ASKED = cast(Table, ReopeningRequest.__table__)
EXCUSES = ("recused", "absent")
LEAST_REASON = 10  # letters, where closed marks are opened again: "." explains nothing to an auditor
SEEN = N_("This slot was closed before, so the panel has seen the marks: who was excused stays so.")
HIDDEN = N_("Marks are shown side by side once the chair has closed this slot. Until then each sees only their own.")


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that keeps a slot from being closed: a catalogue text and its values."""

    says: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chaired:
    """A slot with its day and the chair's own seat, read under the write lock."""

    day: Day
    slot: SlotLine
    seat: SeatHeld

    def seat_of(self, seat_id: int) -> SeatHeld:
        """Raises NotFound for a seat of another panel."""
        for seat in self.day.seats:
            if seat.id == seat_id:
                return seat
        raise NotFound


def open_slot(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """From now on the panel may mark. Raises NotFound, Forbidden (not the chair) and Locked."""
    with unit(database, clock, actor=actor, key=key, about=("open_slot", slot_id), until=until) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        refuse_recused(u, found)
        refuse_in_rehearsal(found.day)
        slot = found.slot
        if not policy.may_open_slot(slot_state=slot.state, day=found.day.day, today=clock.today()):
            if slot.state == "planned":
                raise Locked(
                    N_("This slot is planned for %(starts_at)s and cannot be opened before its day."),
                    starts_at=slot.starts_at,
                )
            raise Locked(N_("This slot was opened already. Reload the page to see how it stands."))
        u.db.execute(update(SLOTS).where(SLOTS.c.id == slot.id).values(state="open", opened_at=u.now))
        tell_slot(u, slot.id)
        return u.record("open_slot", {"slot": slot.id}, log=u.log_of(slot.adoption_id))


def close_slot(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Ends the marking and shows the panel its marks.

    Raises NotFound, Forbidden, Locked (not open) and Incomplete with `details["missing"]`: every card that is neither
    sent nor excused, and every entry with fewer members than its quorum.
    """
    with unit(database, clock, actor=actor, key=key, about=("close_slot", slot_id), until=until) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        if not policy.may_close_slot(slot_state=found.slot.state):
            raise Locked(N_("Only an open slot can be closed. Reload the page to see how it stands."))
        refuse_recused(u, found)
        missing = tuple(_what_is_missing(u, found))
        if missing:
            raise Incomplete(N_("The slot cannot be closed yet."), details={"missing": missing})
        u.db.execute(update(SLOTS).where(SLOTS.c.id == found.slot.id).values(state="closed", closed_at=u.now))
        tell_slot(u, found.slot.id)
        return u.record(
            "close_slot",
            {
                "slot": found.slot.id,
                "cards": Unordered(
                    [[card_alias(card.id), card.revision, card.excused or card.state] for card in found.slot.cards]
                ),
            },
            log=u.log_of(found.slot.adoption_id),
        )


def excuse_member(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, seat_id: int, entry_ids: Collection[int],
    kind: str, reason: str, key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Records that a member is recused or absent for entries of a slot, or (kind "") takes part after all.

    Marks given so far stay stored and do not count while the member is excused. Raises NotFound, Forbidden, Locked
    (the slot is closed; or it was, and an excuse would be taken back) and Invalid (no reason, no entry).
    """
    asked = ("excuse_member", slot_id, seat_id, sorted(entry_ids), kind, reason)
    with unit(database, clock, actor=actor, key=key, about=asked, until=until) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        seat = found.seat_of(seat_id)
        refuse_in_rehearsal(found.day)
        if seat != found.seat or kind != "recused":
            refuse_recused(u, found, entry_ids)
        if not policy.may_excuse(slot_state=found.slot.state):
            raise Locked(N_("The slot is closed. Open it again with a reason before you record an absence."))
        if not kind and was_closed_before(u.db, slot_id):
            # Excused, closed, opened again, excused no more: the marks of the others would be in hand.
            raise Locked(SEEN)
        if kind not in (*EXCUSES, ""):
            raise Invalid(N_("Choose recused, absent or taking part."), details={"field": "kind"})
        if not reason.strip():
            raise Invalid(N_("Write the reason."), details={"field": "reason"})
        cards = [card for card in found.slot.cards_of(seat.id) if card.entry_id in entry_ids]
        if not cards:
            raise Invalid(N_("Choose at least one entry."), details={"field": "entries"})
        if kind != "recused" and any(card.excused == "recused" for card in cards):
            _refuse_what_stands(u, found, seat)
        u.db.execute(
            update(ASSIGNMENTS)
            .where(ASSIGNMENTS.c.id.in_([card.id for card in cards]))
            .values(excused=kind, excused_reason=reason.strip() if kind else "")
        )
        tell_slot(u, found.slot.id)
        return u.record(
            "excuse_member",
            {
                "slot": found.slot.id, "cards": Unordered([card_alias(card.id) for card in cards]), "kind": kind,
                "reason": Private(reason.strip()),
            },
            log=u.log_of(found.slot.adoption_id),
        )  # fmt: skip


def record_presence(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, entry_id: int, presented: bool,
    reason: str, key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Records that an entry did not present (it is listed below the ranking, never with a zero), or did after all.

    Marks given so far stay stored and do not count meanwhile. Raises NotFound, Forbidden, Locked (the slot is closed,
    or the entry already stands so) and Invalid without a reason.
    """
    asked = ("record_presence", slot_id, entry_id, presented, reason)
    with unit(database, clock, actor=actor, key=key, about=asked, until=until) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        entry = next((entry for entry in found.slot.entries() if entry.entry_id == entry_id), None)
        if entry is None:
            raise NotFound
        refuse_in_rehearsal(found.day)
        refuse_recused(u, found, [entry_id])
        if not policy.may_record_presence(slot_state=found.slot.state):
            raise Locked(N_("The slot is closed. Open it again with a reason before you record who presented."))
        if entry.entry_state != ("not_presented" if presented else "submitted"):
            raise Locked(N_("The entry stands so already, or was never sent. Reload the page to see how it stands."))
        if not reason.strip():
            raise Invalid(N_("Write the reason."), details={"field": "reason"})
        state = "submitted" if presented else "not_presented"
        u.db.execute(update(ENTRIES).where(ENTRIES.c.id == entry_id).values(state=state))
        tell_slot(u, found.slot.id)
        return u.record(
            "record_presence",
            {"slot": found.slot.id, "entry": entry.code, "presented": presented, "reason": Private(reason.strip())},
            log=u.log_of(found.slot.adoption_id),
        )


def reopen_card(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, card_id: int, reason: str,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Lets a member change a sent card; a closed slot is open again then. Marks so far are kept.

    Raises NotFound, Forbidden, Locked (not sent) and Invalid without a reason.
    """
    with unit(database, clock, actor=actor, key=key, about=("reopen_card", slot_id, card_id, reason), until=until) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        card = next((card for card in found.slot.cards if card.id == card_id), None)
        if card is None:
            raise NotFound
        if not policy.may_reopen_card(slot_state=found.slot.state, card_state=card.state):
            raise Locked(N_("Only a sent card can be opened again."))
        refuse_recused(u, found, [card.entry_id])
        _reopen(u, found, [card], reason)
        body = {"slot": found.slot.id, "card": card_alias(card.id), "reason": Private(reason.strip())}
        return u.record("reopen_card", body, log=u.log_of(found.slot.adoption_id))


def reopen_slot(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, reason: str,
    key: str, until: datetime | None = None,
) -> Receipt:  # fmt: skip
    """Opens a closed slot and all its sent cards again. Marks so far are kept.

    Raises NotFound, Forbidden, Locked (not closed) and Invalid without a reason.
    """
    with unit(database, clock, actor=actor, key=key, about=("reopen_slot", slot_id, reason), until=until) as u:
        found = chaired(u, slot_id)
        if u.repeated:
            return u.repeated
        if not policy.may_reopen_slot(slot_state=found.slot.state):
            raise Locked(N_("Only a closed slot can be opened again."))
        refuse_recused(u, found)
        cards = [card for card in found.slot.cards if card.state == "sent"]
        _reopen(u, found, cards, reason)
        opened = Unordered([card_alias(card.id) for card in cards])
        body = {"slot": found.slot.id, "cards": opened, "reason": Private(reason.strip())}
        return u.record("reopen_slot", body, log=u.log_of(found.slot.adoption_id))


def chaired(u: Unit, slot_id: int) -> Chaired:
    """The slot with its day, for whoever chairs it: the panel's chair, or the seat that the slot was passed to.

    Raises NotFound, Forbidden, and Locked for the panel's chair while somebody else chairs the slot.
    """
    day = find_day_of_slot(u.db, slot_id, duty_ids=u.actor.duty_ids)
    if day is None:
        raise NotFound
    slot = next(slot for slot in day.slots if slot.id == slot_id)
    chair, own = day.chair_of(slot), [seat for seat in day.seats if seat.duty_id in u.actor.duty_ids]
    if chair is not None and chair in own:
        return Chaired(day, slot, chair)
    if chair is not None and any(seat.kind == "chair" for seat in own):
        raise Locked(
            N_("You passed the chair of this slot to %(seat)s. Take it back first."),
            seat=Words(chair.title_th, chair.title_en),
        )
    raise Forbidden


def is_recused(slot: SlotLine, seat: SeatHeld) -> bool:
    """Whether a seat is recused from every entry of a slot."""
    cards = slot.cards_of(seat.id)
    return bool(cards) and all(card.excused == "recused" for card in cards)


def refuse_recused(u: Unit, found: Chaired, entry_ids: Collection[int] = ()) -> None:
    """Raises Locked for a chair who stepped back from the slot, or from one of these entries."""
    own = {card.entry_id for card in found.slot.cards_of(found.seat.id) if card.excused == "recused"}
    declared = map_declarations(u.db, [found.day.id]).get((found.day.id, found.seat.id))
    if is_recused(found.slot, found.seat) or (declared is not None and declared.kind != "none"):
        raise Locked(N_("You are recused from every entry of this slot. Pass the chair of it to another member first."))
    if own.intersection(entry_ids):
        raise Locked(
            N_("You stepped back from this entry, so you decide nothing about it. Pass the chair of the slot first.")
        )


def _refuse_what_stands(u: Unit, found: Chaired, seat: SeatHeld) -> None:
    """Raises Locked where a recusal would be turned into something else that another act, or the marks, stand for."""
    if was_closed_before(u.db, found.slot.id):
        raise Locked(SEEN)
    last = find_last_declared(u.db, session_id=found.day.id, seat_id=seat.id)
    if last is not None and last.kind != "none":
        raise Locked(
            N_("This member declared an interest. Where that has changed, record another declaration instead.")
        )


def _what_is_missing(u: Unit, found: Chaired) -> Iterator[Missing]:
    """Cards that are not done, then entries below their quorum; only entries that were sent and presented need them."""
    slot = found.slot
    rules = adopted_rules(u.db, adoption_id=slot.adoption_id, sha256=slot.rules_sha256)
    for entry in slot.entries():
        if entry.entry_state != "submitted":  # a draft never sent must not hold up the others of the slot
            continue
        cards, panel = slot.cards_for(entry.entry_id), rules.category(entry.category).panel
        for card in cards:
            seat = found.seat_of(card.seat_id)
            who: dict[str, Any] = {"seat_th": seat.title_th, "seat_en": seat.title_en, "entry": entry.label}
            if not card.is_done:
                yield Missing(N_("%(seat)s has not sent the card for %(entry)s."), who)
            elif card.excused and getattr(panel.missing, card.excused) == "refuse":
                yield Missing(N_("The rules do not count %(entry)s without the marks of %(seat)s."), who)
        standing = sum(card.state == "sent" and not card.excused for card in cards)
        left = sum(not card.is_done for card in cards)
        if standing + left < panel.quorum:
            yield Missing(
                N_("%(entry)s: %(standing)s of the panel mark it; at least %(quorum)s must."),
                {"entry": entry.label, "standing": standing + left, "quorum": panel.quorum},
            )


def _reopen(u: Unit, found: Chaired, cards: Collection[CardLine], reason: str) -> None:
    """Opens the cards, and the slot where it was closed; whoever asked for it has their answer."""
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(
            N_("Write the reason in at least %(least)s letters: it stands in the record beside the old and new marks."),
            details={"field": "reason"},
            least=LEAST_REASON,
        )
    rows: list[dict[str, Any]] = [{"assignment_id": card.id, "revision": card.revision} for card in cards]
    if found.slot.state == "closed":
        rows.append({"assignment_id": None, "revision": None})
        u.db.execute(update(SLOTS).where(SLOTS.c.id == found.slot.id).values(state="open", closed_at=None))
    about = {"slot_id": found.slot.id, "reason": reason.strip(), "at": u.now, "by_id": u.actor.user_id}
    u.db.execute(insert(REOPENINGS), [row | about for row in rows])
    u.db.execute(
        update(ASSIGNMENTS)
        .where(ASSIGNMENTS.c.id.in_([card.id for card in cards]))
        .values(state="draft", sent_at=None, receipt=None)
    )
    u.db.execute(
        update(ASKED)
        .where(ASKED.c.assignment_id.in_([card.id for card in cards]), ASKED.c.answered_at.is_(None))
        .values(answered_at=u.now)
    )
    tell_slot(u, found.slot.id)
