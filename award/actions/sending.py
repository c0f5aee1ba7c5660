"""An entry is sent: whole, fingerprinted, locked, with a card for everybody who is to mark it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from award.actions.news import tell_entry
from award.actions.unit import Unit, unit
from award.actions.writable import checked_key, close_returned, entry_to_change
from award.answers.check import list_problems, list_unusual
from award.approval import duty_for_step
from award.clock import Clock
from award.db.cycles import Panel, Seat
from award.db.engine import Database
from award.db.entries import Entry
from award.db.ledger import Unordered, canonical, card, read_site_log, seat
from award.db.office import Approval
from award.db.scoring import Assignment, ScoringSession, Slot
from award.errors import N_, Forbidden, Incomplete, Locked
from award.evaluation import numbers_in, rules_of, sha256_of
from award.policy import Actor, HeldDuty, is_in_time, may_write_for
from award.queries.entries import EvidenceItem, FoundEntry, find_entry, is_slot_closed, list_evidence
from award.queries.provinces import get_attributes
from scoring_rules.exact import exact_text

BY_THE_CHIEF = N_("In this round the head of the provincial office, or whoever acts for them, sends an entry.")
HEARD = N_(
    "The committee has heard your province and closed the slot, so this entry was not sent. Tell the organizer: the "
    "chair of the panel can open the slot again."
)


@dataclass(frozen=True, slots=True)
class Sent:
    """An acknowledged sending."""

    receipt: str
    at: datetime


def submit_entry(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, key: str, confirmed: Collection[str] = ()
) -> Sent:
    """Sends and locks the entry. Sent already: the receipt it has. `confirmed` names the indicators above 100 % that
    the sender says are right.

    Raises Incomplete with everything missing or wrong in details["problems"], Locked after the deadline and while it
    waits for an approval, Forbidden where the cycle asks for the office's chain and the actor does not head it.
    """
    with unit(database, clock, actor=actor, key=checked_key(key), about=("submit_entry", entry_id)) as u:
        if u.repeated:
            return Sent(u.repeated.text, u.repeated.at)
        known = sent_already(u, entry_id)
        if known:
            return known
        found = entry_to_change(u.db, actor, entry_id, now=u.now)
        duty = None
        if found.approval == "chain":
            duty = duty_for_step(actor, found.province_code, "chief")
            if duty is None:
                raise Forbidden(BY_THE_CHIEF)
        return send(u, found, confirmed=confirmed, duty=duty)


def sent_already(u: Unit, entry_id: int) -> Sent | None:
    """The receipt of an entry of the actor's office that stands as sent."""
    found = find_entry(u.db, u.actor, entry_id)
    if found and may_write_for(u.actor, found.province_code) and found.state == "submitted" and found.receipt:
        return Sent(found.receipt, found.submitted_at or u.now)
    return None


def refuse_heard(db: Session, found: FoundEntry) -> None:
    """Raises Locked where the panel closed the slot of the award and province without this entry: its record is closed,
    with the entry's cards of before it was returned too."""
    stage = rules_of(found.rules_text).stages[0].code
    if is_slot_closed(db, adoption_id=found.adoption_id, province_code=found.province_code, stage=stage):
        raise Locked(HEARD)


def as_seen(found: FoundEntry, evidence: Sequence[EvidenceItem]) -> str:
    """What tells an entry from the same one with another answer, name, file or link."""
    return f"{found.revision}-{fingerprint(found.answers, evidence)[:16]}"


def check_whole(found: FoundEntry, *, confirmed: Collection[str] | None) -> list[str]:
    """The indicators above 100 % that were confirmed (None: all of them were, when it was sent up). Raises Incomplete
    with everything missing, wrong or not confirmed in details."""
    category = rules_of(found.rules_text).category(found.category)
    numbers = numbers_in(category, found.answers)
    problems = list_problems(
        category, found.answers, numbers=numbers, evidence=found.evidence_count, districts=found.districts
    )
    above = list_unusual(category, numbers)
    unusual = [] if confirmed is None else [each for each in above if each.indicator.code not in confirmed]
    if problems or unusual:
        raise Incomplete(
            N_("The entry was not sent. Missing, wrong or not confirmed yet: %(count)s."),
            details={"problems": problems, "unusual": unusual}, count=len(problems) + len(unusual),
        )  # fmt: skip
    return [each.indicator.code for each in above]


def send(u: Unit, found: FoundEntry, *, confirmed: Collection[str] | None, duty: HeldDuty | None) -> Sent:
    """Sends an entry that may be sent, inside the unit of whoever does so: `duty` is the one through which the head of
    the office approves it, where the cycle asks for that. Raises Incomplete, and Locked where the panel closed the slot
    without it."""
    refuse_heard(u.db, found)
    above = check_whole(found, confirmed=confirmed)
    rules = rules_of(found.rules_text)
    numbers = numbers_in(rules.category(found.category), found.answers)
    evidence, log = list_evidence(u.db, found.id), u.log_of(found.adoption_id)
    cards = _assign(u.db, found.id, stage=rules.stages[0].code)
    body = {
        "entry": found.code, "category": found.category, "label": found.label,
        "attributes": get_attributes(u.db, found.province_code),
        "fields": {code: exact_text(value) for code, value in numbers.items()},
        "answers_sha256": sha256_of(json.dumps(found.answers, ensure_ascii=False)),
        "files": sorted(item.sha256 for item in evidence if item.sha256),
        "fingerprint": fingerprint(found.answers, evidence), "late": not is_in_time(u.now, found.deadline_at),
        "over_100": above, "revision": found.revision,
        "cards": Unordered([[row.slot_id, card(row.id), seat(row.code)] for row in cards]),
    }  # fmt: skip
    receipt = u.record("submit_entry", body, log=log)
    u.db.execute(
        update(Entry).where(Entry.id == found.id).values(
            state="submitted", step="", submitted_at=u.now, submitted_by_id=u.actor.user_id, receipt=receipt.text,
            first_submitted_at=found.first_submitted_at or u.now,
        )
    )  # fmt: skip
    if duty is not None:
        note_act(u, found, act="approve", step="chief", duty=duty)
        told = {"entry": found.code, "revision": found.revision, "step": "chief", "duty": duty.id}
        u.also("approve_entry", told, log=read_site_log(u.db))
    close_returned(u, found.id)
    tell_entry(u, found.id)
    return Sent(receipt.text, u.now)


def note_act(u: Unit, found: FoundEntry, *, act: str, step: str, duty: HeldDuty | None, note: str = "") -> None:
    """Writes down one act on the entry's way up, with the duty that it was done through."""
    u.db.execute(
        insert(Approval).values(
            entry_id=found.id, revision=found.revision, step=step, act=act, note=note, at=u.now,
            by_id=u.actor.user_id, duty_id=None if duty is None else duty.id,
        )
    )  # fmt: skip


def note_pulled_back(u: Unit, found: FoundEntry) -> None:
    """Another act, recorded before in the award's log, ends the entry's way up: what was approved of it on that way no
    longer stands. Nothing for an entry that was on none."""
    if found.step:
        note_act(u, found, act="take_back", step=found.step, duty=None)
        u.also("take_back_entry", {"entry": found.code, "step": found.step}, log=read_site_log(u.db))


def _assign(db: Session, entry_id: int, *, stage: str) -> Sequence[Row]:
    """Gives every seat of the panel that hears the province a card for the entry, where it has none yet; answers the
    new ones (slot_id, id, code of the seat). Whether the slot is closed was asked before."""
    before = select(func.coalesce(func.max(Assignment.id), 0)).where(Assignment.entry_id == entry_id)
    last = db.execute(before).scalar_one()
    missing = (
        select(Slot.id, Entry.id, Seat.id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Seat, Seat.panel_id == Panel.id)
        .join(Entry, (Entry.adoption_id == Slot.adoption_id) & (Entry.province_code == ScoringSession.province_code))
        .outerjoin(Assignment, (Assignment.entry_id == Entry.id) & (Assignment.seat_id == Seat.id))
        .where(Entry.id == entry_id, Panel.stage == stage, Assignment.id.is_(None))
        .order_by(Seat.position)
    )
    db.execute(insert(Assignment).from_select(["slot_id", "entry_id", "seat_id"], missing))
    return db.execute(
        select(Assignment.slot_id, Assignment.id, Seat.code)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Assignment.entry_id == entry_id, Assignment.id > last)
        .order_by(Assignment.id)
    ).all()


def fingerprint(answers: Mapping[str, Any], evidence: Sequence[EvidenceItem]) -> str:
    """The SHA-256 of the answers together with the SHA-256 or address of each piece of evidence."""
    pieces = [{"field": item.field, "is": item.sha256 or item.url} for item in evidence]
    return sha256_of(canonical({"answers": answers, "evidence": pieces}))
