"""An entry's way up its office: sent on, approved by a director, sent by the head; returned with a note, taken back.

The acts stand in the site's log; what decides, the sending itself, in the award's.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from award.actions.mail import queue_mail
from award.actions.sending import Sent, as_seen, check_whole, note_act, refuse_heard, send, sent_already
from award.actions.unit import Unit, unit
from award.actions.writable import check_time, checked_key, entry_of_office, entry_to_change
from award.answers.plain import clean_text
from award.answers.private_numbers import NOTE, refuse_national_ids
from award.approval import deciding_duty, duty_for_step, may_take_back, next_step
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Private
from award.errors import N_, Forbidden, Invalid, Locked, Stale
from award.policy import Actor, HeldDuty
from award.queries.chain import Act, find_last_act, list_acts, list_deciders, standing
from award.queries.entries import FoundEntry, list_evidence

MOST_NOTE = 2000
NOT_WAITING = N_("This entry waits for no approval now. Reload the page to see how it stands.")
CHANGED = N_("This entry was taken back and sent on again since you opened the page. Look at it again, then decide.")
CHANGED_SINCE = N_("The entry was changed since you opened this page. Look at it again, then send it.")
Letter = Callable[[FoundEntry, str], tuple[str, str]]  # of an entry and what became of it: subject and text


@dataclass(frozen=True, slots=True)
class Passed:
    """An acknowledged act: with whom the entry is now ("" its officers, director, chief, or "sent"), and the receipt
    of the entry where it was sent."""

    step: str
    at: datetime
    receipt: str = ""


def send_on(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, key: str, confirmed: Collection[str] = (),
    seen: str = "", letter: Letter | None = None,
) -> Passed:  # fmt: skip
    """Sends a whole entry on: to a director, to the head of the office, or, where nobody else is to be asked, to the
    department. Sent already: where it stands. Whoever is to decide is mailed, where there is a `letter`.

    `seen` is `as_seen` of what the page of the last look showed, so that nobody sends what they have not seen.

    Raises Incomplete with everything missing in details["problems"], Locked after the deadline, while it waits and once
    the panel closed its slot, Stale where somebody changed it since.
    """
    with unit(database, clock, actor=actor, key=checked_key(key), about=("send_on", entry_id)) as u:
        known = sent_already(u, entry_id)
        if known:
            return Passed("sent", known.at, known.receipt)
        if u.repeated:
            return Passed(str(u.repeated.body.get("step", "sent")), u.repeated.at)
        found = entry_to_change(u.db, actor, entry_id, now=u.now)
        if seen and seen != as_seen(found, list_evidence(u.db, entry_id)):
            raise Stale(CHANGED_SINCE)
        deciders = list_deciders(u.db, found.province_code, today=clock.today())
        has_director = any(each.role == "director" for each in deciders)
        step = next_step(
            actor, found.province_code, approval=found.approval, has_director=has_director,
            questions=bool(found.returned),
        )  # fmt: skip
        if step == "sent":
            duty = duty_for_step(actor, found.province_code, "chief") if found.approval == "chain" else None
            return _sent(u, found, send(u, found, confirmed=confirmed, duty=duty), letter)
        refuse_heard(u.db, found)
        check_whole(found, confirmed=confirmed)
        through = duty_for_step(actor, found.province_code, "director")
        _pass(u, found, act="send", step=step, duty=through)
        _mail(u, found, [each.user_id for each in deciders if each.role == step], letter, step)
        told = {"entry": found.code, "revision": found.revision, "step": step}
        u.record("send_on_entry", told | {"duty": through.id if through else None})
        return Passed(step, u.now)


def approve(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, seen: int, key: str, letter: Letter | None = None
) -> Passed:
    """A director passes the entry to the head of the office; the head, or whoever acts for them, sends it. `seen` is
    the last act that the page showed, so that nobody approves what they have not seen.

    Raises NotFound, Forbidden (it waits for others), Locked (it waits for nobody; the deadline is over), Stale, and
    Incomplete where it is not whole any more.
    """
    with unit(database, clock, actor=actor, key=checked_key(key), about=("approve", entry_id, seen)) as u:
        known = sent_already(u, entry_id)
        if known:
            return Passed("sent", known.at, known.receipt)
        if u.repeated:
            return Passed("chief", u.repeated.at)
        found, duty = _to_decide(u, entry_id, seen=seen)
        check_time(u.now, opens_at=found.opens_at, closes_at=found.closes_at)
        if duty.role == "chief":
            return _sent(u, found, send(u, found, confirmed=None, duty=duty), letter)
        refuse_heard(u.db, found)
        check_whole(found, confirmed=None)
        _pass(u, found, act="approve", step="director", duty=duty, to="chief")
        heads = [each for each in list_deciders(u.db, found.province_code, today=clock.today()) if each.role == "chief"]
        _mail(u, found, [each.user_id for each in heads], letter, "chief")
        told = {"entry": found.code, "revision": found.revision, "step": "director", "duty": duty.id}
        u.record("approve_entry", told)
        return Passed("chief", u.now)


def hand_back(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, seen: int, note: str, key: str,
    letter: Letter | None = None,
) -> Passed:  # fmt: skip
    """Returns the entry to its officers, with a note that never leaves the province. Also after the deadline.

    Raises NotFound, Forbidden, Locked, Stale, and Invalid without a note."""
    text, _ = clean_text(note, lines=True)
    with unit(database, clock, actor=actor, key=checked_key(key), about=("hand_back", entry_id, seen, text)) as u:
        if u.repeated:
            return Passed("", u.repeated.at)
        found, duty = _to_decide(u, entry_id, seen=seen)
        refuse_national_ids(text, label=NOTE, field="note")
        if not 1 <= len(text) <= MOST_NOTE:
            raise Invalid(
                N_("Write what is to be mended, in at most 2,000 characters."), details={"field": "note"}
            )  # fmt: skip
        senders = [act.by_id for act in standing(list_acts(u.db, entry_id)) if act.act in ("send", "approve")]
        _pass(u, found, act="return", step=duty.role, duty=duty, to="", note=text)
        _mail(u, found, [each for each in dict.fromkeys(senders) if each != actor.user_id], letter, "returned")
        u.record("hand_back_entry", {"entry": found.code, "step": duty.role, "duty": duty.id, "note": Private(text)})
        return Passed("", u.now)


def take_back(database: Database, clock: Clock, *, actor: Actor, entry_id: int, key: str) -> Passed:
    """Somebody of the office takes an entry back that waits for others, to change it. Also after the deadline.

    Raises NotFound, Forbidden and Locked (it waits for nobody: sent, or with its officers)."""
    with unit(database, clock, actor=actor, key=checked_key(key), about=("take_back", entry_id)) as u:
        if u.repeated:
            return Passed("", u.repeated.at)
        found = entry_of_office(u.db, u.actor, entry_id)
        if not found.step:
            raise Locked(NOT_WAITING)
        if not may_take_back(actor, found.province_code, found.step):
            raise Forbidden(N_("It waits for you: return it with a note instead."))
        _pass(u, found, act="take_back", step=found.step, duty=None, to="")
        u.record("take_back_entry", {"entry": found.code, "step": found.step})
        return Passed("", u.now)


def _to_decide(u: Unit, entry_id: int, *, seen: int) -> tuple[FoundEntry, HeldDuty]:
    found = entry_of_office(u.db, u.actor, entry_id)
    if not found.step:
        raise Locked(NOT_WAITING)
    duty = deciding_duty(u.actor, found.province_code, found.step)
    if duty is None:
        raise Forbidden(N_("This entry waits for the approval of somebody else of your office."))
    last = find_last_act(u.db, entry_id)
    if last is None or last.id != seen:
        raise Stale(CHANGED)
    return found, duty


def _pass(
    u: Unit, found: FoundEntry, *, act: str, step: str, duty: HeldDuty | None, to: str | None = None, note: str = ""
) -> None:
    """Writes the act down and puts the entry to where it goes (`step`, unless `to` says another)."""
    note_act(u, found, act=act, step=step, duty=duty, note=note)
    u.db.execute(update(Entry).where(Entry.id == found.id).values(step=step if to is None else to))


def _sent(u: Unit, found: FoundEntry, sent: Sent, letter: Letter | None) -> Passed:
    """Tells whoever sent it on that it was sent."""
    if found.approval == "chain":
        before: tuple[Act, ...] = standing(list_acts(u.db, found.id))
        _mail(u, found, [act.by_id for act in before if act.by_id != u.actor.user_id], letter, "sent")
    return Passed("sent", sent.at, sent.receipt)


def _mail(u: Unit, found: FoundEntry, people: Collection[int], letter: Letter | None, what: str) -> None:
    if letter is None or not people:
        return
    subject, text = letter(found, what)
    for each in dict.fromkeys(people):
        queue_mail(u, each, subject, text)
