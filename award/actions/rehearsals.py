"""Rehearsing a scoring session: everything works as on the day, and the end of the rehearsal takes all of it away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, cast

from sqlalchemy import Table, delete, insert, select, update

from award.actions.news import tell_session
from award.actions.unit import Unit, unit
from award.clock import Clock
from award.db.agenda import PracticeCard
from award.db.cycles import Seat
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.live import Attendance, MinutesNote, Phase, Ready
from award.db.scoring import ScoringSession, Slot
from award.errors import N_, Forbidden, Foreign, Incomplete, Invalid, Locked, NotFound, Stale
from award.evaluation import (
    adopted_rules,
    as_stored,
    blank_places,
    card_gaps,
    card_total,
    mark_text,
    names_of_card,
    read_typed,
    shown_total,
)
from award.policy import Actor, is_organizer, may_rehearse
from award.queries.agenda import PlannedDay, find_planned, sits_on
from award.queries.rehearsals import KEY, Practice, chairs_session, find_practice
from scoring_rules.cards import NOTE
from scoring_rules.rules import Category

SESSIONS, PRACTICE = cast(Table, ScoringSession.__table__), cast(Table, PracticeCard.__table__)
REHEARSED = (Phase, Attendance, Ready, MinutesNote)  # what a rehearsal writes beside the practice cards


class Rehearsable(Protocol):
    """A day that may be rehearsed just now."""

    @property
    def rehearsed_from(self) -> datetime | None:
        """Since when it is; None while it is not."""


def record_unless_rehearsed(
    u: Unit, verb: str, body: Mapping[str, Any], *, day: Rehearsable, adoption_id: int
) -> Receipt:
    """The act's line in its award's log; of a rehearsed act no line is written, and its receipt is number 0 of none."""
    if day.rehearsed_from is None:
        return u.record(verb, body, log=u.log_of(adoption_id))
    return Receipt(0, "", u.now, body, log="")


def refuse_in_rehearsal(day: Rehearsable) -> None:
    """Raises Locked for an act that the end of a rehearsal could not take away."""
    if day.rehearsed_from is not None:
        raise Locked(N_("A rehearsal of this day is going on, and this would count for good. End the rehearsal first."))


@dataclass(frozen=True, slots=True)
class SavedPractice:
    """A practice card as it is now."""

    revision: int
    at: datetime
    total: str
    blanks: int


def begin_rehearsal(database: Database, clock: Clock, *, actor: Actor, session_id: int, key: str) -> Receipt:
    """From now on phases, attendance, ready flags and notes of the session are only rehearsed, and each member has a
    practice card in each slot.

    Raises NotFound, Forbidden (neither an organizer nor the chair) and Locked (the session has begun, its day is over,
    or it is being rehearsed).
    """
    with unit(database, clock, actor=actor, key=key, about=("begin_rehearsal", session_id)) as u:
        day = _to_rehearse(u, session_id)
        if u.repeated:
            return u.repeated
        slots = [slot.id for slot in day.slots]
        if day.rehearsed_from is not None:
            raise Locked(N_("A rehearsal of this day is going on already."))
        if day.day < clock.today():
            raise Locked(N_("This day is over, so there is nothing left to rehearse."))
        if any(slot.state != "planned" for slot in day.slots) or _has_begun(u, slots):
            raise Locked(N_("This day has begun, so it can no longer be rehearsed."))
        u.db.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(rehearsed_from=u.now))
        cards = select(Slot.id, Seat.id).join(Seat, Seat.panel_id == day.panel_id).where(Slot.id.in_(slots))
        u.db.execute(insert(PRACTICE).from_select(["slot_id", "seat_id"], cards.order_by(Slot.id, Seat.position)))
        tell_session(u, session_id)
        return u.record("begin_rehearsal", {"session": session_id})


def _has_begun(u: Unit, slot_ids: list[int]) -> bool:
    """Whether anything of the day is on record, other than who was recused beforehand."""
    tables = (Phase, Attendance, MinutesNote)
    there = (select(table.slot_id).where(table.slot_id.in_(slot_ids)).limit(1) for table in tables)
    return any(u.db.execute(each).first() is not None for each in there)


def end_rehearsal(database: Database, clock: Clock, *, actor: Actor, session_id: int, key: str) -> Receipt:
    """Takes away everything that the rehearsal wrote. Raises NotFound, Forbidden and Locked (there is none)."""
    with unit(database, clock, actor=actor, key=key, about=("end_rehearsal", session_id)) as u:
        day = _to_rehearse(u, session_id)
        if u.repeated:
            return u.repeated
        if day.rehearsed_from is None:
            raise Locked(N_("No rehearsal of this day is going on."))
        slots = [slot.id for slot in day.slots]
        for table in REHEARSED:
            u.db.execute(delete(table).where(table.slot_id.in_(slots), table.at >= day.rehearsed_from))
        u.db.execute(delete(PRACTICE).where(PRACTICE.c.slot_id.in_(slots)))
        u.db.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(rehearsed_from=None))
        tell_session(u, session_id)
        return u.record("end_rehearsal", {"session": session_id})


def _to_rehearse(u: Unit, session_id: int) -> PlannedDay:
    day = find_planned(u.db, session_id)
    if day is None or not (is_organizer(u.actor) or sits_on(u.db, u.actor, day.panel_id)):
        raise NotFound
    chairing = chairs_session(u.db, session_id, duty_ids=u.actor.duty_ids)
    if not may_rehearse(u.actor, is_chairing=chairing):
        raise Forbidden
    return day


def save_practice(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, category: str, answers: str,
    changes: Mapping[str, str], base_revision: int, key: str,
) -> SavedPractice:  # fmt: skip
    """Keeps changed marks and notes on the actor's own practice card, as `record_marks` does on a real one; no line is
    written. `answers` are those of the invented entry.

    Raises NotFound (no rehearsal, or no seat), Locked (sent), Stale, Foreign and Invalid (`details["problems"]`).
    """
    with unit(database, clock, actor=actor) as u:
        card, rules = _own(u, slot_id, category)
        if key == card.last_key:  # its answer was lost: this is it
            return _saved(card.values, rules, answers, revision=card.revision, at=u.now)
        if card.sent_at is not None:
            raise Locked(N_("You sent this practice card. On the day only the chair could open it again."))
        if base_revision != card.revision:
            raise Stale(
                N_("This card was saved from another window or device in between. Choose which version counts."),
                details={"revision": card.revision, "stored": dict(card.values)},
            )
        if not changes.keys() <= names_of_card(rules):
            raise Foreign
        typed = read_typed(rules, changes)
        if typed.problems:
            says = N_("Nothing was saved: some marks do not fit the scale.")
            raise Invalid(says, details={"problems": typed.problems})
        marks = {place: as_stored(given) for place, given in typed.marks.items()}
        read = {place: mark_text(mark) for place, mark in marks.items() if mark is not None}
        notes = {NOTE + path: note for path, note in typed.notes.items() if note}
        values = {name: text for name, text in card.values.items() if name not in changes} | read | notes
        _keep(u, card, marks=json.dumps(values | {KEY: key}, ensure_ascii=False), revision=card.revision + 1)
        return _saved(values, rules, answers, revision=card.revision + 1, at=u.now)


def send_practice(
    database: Database, clock: Clock, *, actor: Actor, slot_id: int, category: str, answers: str, base_revision: int
) -> None:
    """Sends the actor's own practice card; the chair sees that, and nothing else of it.

    Raises NotFound, Stale and Incomplete with `details["gaps"]`, as `send_card` does.
    """
    with unit(database, clock, actor=actor) as u:
        card, rules = _own(u, slot_id, category)
        if card.sent_at is not None:
            return
        if base_revision != card.revision:
            raise Stale(N_("The card was changed after this page was made. Look at it once more, then send it."))
        marks, notes = parted(card.values)
        gaps = card_gaps(rules, marks=marks, notes=notes, answers=answers)
        if gaps:
            raise Incomplete(N_("The card is not complete, so it was not sent."), details={"gaps": gaps})
        _keep(u, card, sent_at=u.now)
        tell_session(u, card.session_id)


def parted(values: Mapping[str, str]) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Marks by place and notes by criterion, of a practice card's values."""
    marks = {name: Decimal(text) for name, text in values.items() if not name.startswith(NOTE)}
    return marks, {name.removeprefix(NOTE): text for name, text in values.items() if name.startswith(NOTE)}


def _own(u: Unit, slot_id: int, category: str) -> tuple[Practice, Category]:
    card = find_practice(u.db, slot_id, duty_ids=u.actor.duty_ids)
    if card is None:
        raise NotFound
    return card, adopted_rules(u.db, adoption_id=card.adoption_id, sha256=card.rules_sha256).category(category)


def _keep(u: Unit, card: Practice, **values: Any) -> None:
    u.db.execute(update(PRACTICE).where(PRACTICE.c.id == card.id).values(**values))


def _saved(values: Mapping[str, str], rules: Category, answers: str, *, revision: int, at: datetime) -> SavedPractice:
    marks, _ = parted(values)
    total = shown_total(rules, card_total(rules, marks, answers))
    return SavedPractice(revision, at, total, len(blank_places(rules, marks)))
