"""What a province does with an entry: begin, save; and what the organizer does: open it again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from award.actions.merging import Merged, merge
from award.actions.news import tell_entry
from award.actions.unit import Unit, unit
from award.actions.writable import check_returned, check_time, checked_key, entry_to_change, entry_to_organize
from award.answers.codes import list_fields
from award.answers.plain import clean_text
from award.answers.private_numbers import REASON, refuse_national_ids
from award.answers.tidy import tidy_changes, tidy_label
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Entry, EntryRevision
from award.db.ledger import Private, Receipt, find_text
from award.db.people import Province
from award.errors import N_, Invalid, Locked, NotFound, Stale
from award.evaluation import rules_of, sha256_of
from award.policy import Actor, is_in_time, may_write_for
from award.queries.cycles import AwardCycle, find_award_cycle
from award.queries.entries import (
    MOST_ID,
    FoundEntry,
    has_scoring_begun,
)
from award.queries.office import find_version
from scoring_rules.rules import Category
from scoring_rules.words import Words

MOST_WITHDRAWN = 5  # entries of a province in a category; each stays in the record, so they are not begun without end
LABEL = "@label"  # among the changes: the name of who stands for the entry; no field code begins with @
OFFICE_ENTRANT = "province_office"  # stands for itself under its own name, which nobody types
OFFICE = "สำนักงานพัฒนาชุมชนจังหวัด{}"
STILL_TIME = N_("There is still time until %(at)s: nothing needs to be asked.")
VERBS = {"submitted": "return_entry", "draft": "extend_entry", "withdrawn": "reopen_entry"}  # of opening it again
# Limits that rules count over several provinces: what these have in common, and what it is called.
SHARED = {"zone": Province.zone_number, "region": Province.region_th}
PER = {
    "zone": Words("เขตตรวจราชการ", "inspection zone"),
    "region": Words("ภาค", "region"),
    "cycle": Words("รอบการคัดเลือก", "round"),
}


@dataclass(frozen=True, slots=True)
class Saved:
    """An acknowledged save: the entry's new revision, its receipt, and the fields that lost invisible characters."""

    revision: int
    receipt: str
    at: datetime
    entry: FoundEntry | None = None  # as it is now; None for a repeat
    cleaned: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()  # codes that others changed since `base_revision`


def begin_entry(
    database: Database, clock: Clock, *, actor: Actor, adoption_id: int, category: str, province_code: str, label: str,
    key: str,
) -> int:  # fmt: skip
    """The id of a new, empty entry. A provincial office stands for itself; any other entrant is named by `label`.

    Raises NotFound outside the person's provinces and for unknown awards, Locked outside the round's time, Invalid
    where there are already as many entries in the category as the rules allow.
    """
    sent = ("begin_entry", adoption_id, category, province_code, label)
    with unit(database, clock, actor=actor, key=checked_key(key), about=sent) as u:
        if u.repeated:
            return int(u.repeated.body["id"])
        if not may_write_for(actor, province_code):
            raise NotFound
        body = insert_entry(u, adoption_id=adoption_id, category=category, province_code=province_code, label=label)
        u.record("begin_entry", body, log=u.log_of(adoption_id))
        return int(body["id"])


def insert_entry(
    u: Unit, *, adoption_id: int, category: str, province_code: str, label: str, late: bool = False
) -> dict[str, Any]:
    """Begins the entry and answers what its line in the ledger says. The caller has asked who may. `late`: only after
    the deadline, so that more time can be asked for.

    Raises as `begin_entry` does."""
    award_cycle = find_award_cycle(u.db, adoption_id) if adoption_id <= MOST_ID else None
    rules = rules_of(award_cycle.rules_text) if award_cycle else None
    codes = [each.code for each in rules.categories] if rules else []
    if award_cycle is None or rules is None or category not in codes:
        raise NotFound
    if not late:
        check_time(u.now, opens_at=award_cycle.opens_at, closes_at=award_cycle.deadline_at)
    elif is_in_time(u.now, award_cycle.deadline_at):
        raise Locked(STILL_TIME, at=award_cycle.deadline_at)
    asked = rules.category(category)
    number = _next_number(u, award_cycle, asked, province_code)
    if asked.entrant == OFFICE_ENTRANT:
        name = u.db.execute(select(Province.name_th).where(Province.code == province_code)).scalar_one()
        label = OFFICE.format(name)
    letter = f"-{chr(ord('a') + codes.index(category))}" if len(codes) > 1 else ""
    code = f"{_initials(award_cycle.code)}{letter}-{province_code}{f'-{number}' if number > 1 else ''}"
    if u.db.execute(select(exists().where(Entry.code == code))).scalar_one():
        code = f"{code}-{award_cycle.year}"  # the province's entry of an earlier cycle has the short one
    entry_id = u.db.execute(
        insert(Entry)
        .values(
            code=code, adoption_id=adoption_id, category=category, province_code=province_code, number=number,
            label=tidy_label(label), invented=award_cycle.invented,
        )
        .returning(Entry.id)
    ).scalar_one()  # fmt: skip
    return {"entry": code, "id": int(entry_id), "category": category, "province": province_code}


def _next_number(u: Unit, award_cycle: AwardCycle, category: Category, province_code: str) -> int:
    """The number of the province's next entry in a category. Raises Invalid where the rules allow no more of them, or
    where many were begun and withdrawn."""
    begun = select(func.count(Entry.id)).where(
        Entry.adoption_id == award_cycle.adoption_id, Entry.category == category.code
    )
    own = begun.where(Entry.province_code == province_code)
    refuse_above_limit(u, category, adoption_id=award_cycle.adoption_id, province_code=province_code)
    withdrawn = u.db.execute(own.where(Entry.state == "withdrawn")).scalar_one()
    if withdrawn >= MOST_WITHDRAWN:
        raise Invalid(
            N_("You have withdrawn %(count)s entries in “%(category)s” already: ask the organizer to open one again."),
            count=withdrawn, category=category.label,
        )  # fmt: skip
    return int(u.db.execute(own).scalar_one()) + 1


def refuse_above_limit(u: Unit, category: Category, *, adoption_id: int, province_code: str) -> None:
    """Raises Invalid where as many entries as the rules allow stand in the province, or in the zone, region or round
    that they count over; withdrawn ones make room."""
    standing = select(func.count(Entry.id)).where(
        Entry.adoption_id == adoption_id, Entry.category == category.code, Entry.state != "withdrawn"
    )
    if category.limit_per in SHARED:
        place = SHARED[category.limit_per]
        here = select(place).where(Province.code == province_code).scalar_subquery()
        standing = standing.join(Province, Province.code == Entry.province_code).where(place == here)
    elif category.limit_per == "province":
        standing = standing.where(Entry.province_code == province_code)
    if u.db.execute(standing).scalar_one() >= category.limit:
        raise _no_more(category)


def _no_more(category: Category) -> Invalid:
    if category.limit_per == "province":
        return Invalid(
            N_("A province may send at most %(limit)s in “%(category)s”: yours is there already. Open it instead."),
            limit=category.limit, category=category.label,
        )  # fmt: skip
    return Invalid(
        N_("“%(category)s” takes at most %(limit)s entries for each %(per)s, and they are there already."),
        category=category.label, limit=category.limit, per=PER[category.limit_per],
    )  # fmt: skip


def _initials(award_code: str) -> str:
    return "".join(word[0] for word in award_code.split("-"))


def save_answers(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, changes: Mapping[str, Any], base_revision: int,
    key: str | None = None, way: str = "form",
) -> Saved:  # fmt: skip
    """Stores the changes as the next revision, in one transaction; a draft may hold what is not valid yet. `way`: how
    they came, one of WAYS.

    Where others saved since `base_revision`, what they changed stays and what this save changes is added. Raises Stale
    with what is stored where both changed one question, Locked after sending, after the deadline and outside the
    questions that were returned, Invalid for what does not belong to the form. A repeat of `key` returns the first
    receipt; without a key, what is stored already is not stored again.
    """
    checked = None if key is None else checked_key(key)
    with unit(database, clock, actor=actor, key=checked, about=("save_answers", entry_id, base_revision)) as u:
        if u.repeated:
            return Saved(int(u.repeated.body["revision"]), u.repeated.text, u.repeated.at)
        found = entry_to_change(u.db, actor, entry_id, now=u.now)
        return store_answers(u, found, changes=changes, base_revision=base_revision, way=way, unless_stored=key is None)


def store_answers(
    u: Unit, found: FoundEntry, *, changes: Mapping[str, Any], base_revision: int, way: str, unless_stored: bool = False
) -> Saved:
    """Appends the changes as the next revision and records it. The caller has asked who may change the entry, and
    when. `unless_stored`: nothing is appended where everything is stored already.

    Raises Stale, Locked and Invalid as `save_answers` does."""
    changed, category = dict(changes), rules_of(found.rules_text).category(found.category)
    is_named = LABEL in changed and category.entrant != OFFICE_ENTRANT
    named = {LABEL: tidy_label(changed.pop(LABEL))} if is_named else {}
    tidied = tidy_changes(category, changed)
    merged = _merged(u.db, found, {**tidied.values, **named}, base_revision=base_revision)
    check_returned(found, _changed(found, merged.mine))
    if unless_stored and not _changed(found, merged.mine):
        return Saved(found.revision, "", found.saved_at or u.now, found)
    label = merged.mine.pop(LABEL, found.label)
    answers = {code: value for code, value in {**found.answers, **merged.mine}.items() if value}
    text = json.dumps(answers, ensure_ascii=False)
    revision = found.revision + 1
    u.db.execute(
        update(Entry).where(Entry.id == found.id).values(answers=text, label=label, revision=revision, saved_at=u.now)
    )
    u.db.execute(
        insert(EntryRevision).values(
            entry_id=found.id, revision=revision, answers=text, saved_at=u.now, saved_by_id=u.actor.user_id,
            label=label, way=way,
        )
    )  # fmt: skip
    body = {"answers_sha256": sha256_of(text), "entry": found.code, "revision": revision}
    renamed = {"label": Private(label)} if label != found.label else {}
    receipt = u.record("save_answers", body | renamed, log=u.log_of(found.adoption_id))
    stored = replace(found, answers=answers, label=label, revision=revision, saved_at=u.now)
    return Saved(revision, receipt.text, u.now, stored, tidied.cleaned, merged.theirs)


def _merged(db: Session, found: FoundEntry, sent: Mapping[str, Any], *, base_revision: int) -> Merged:
    """What a save that was made on `base_revision` changes now. Raises Stale where somebody else changed the same
    question in between, and for a version that was never stored."""
    stored = {**found.answers, LABEL: found.label}
    if base_revision == found.revision:
        return Merged(dict(sent), (), ())
    before = find_version(db, found.id, base_revision) if base_revision < found.revision else None
    fields = list_fields(rules_of(found.rules_text).category(found.category))
    keys = {field.code: field.columns[0].code for field in fields if field.type == "table"}
    merged = None if before is None else merge({LABEL: before.label or "", **before.answers}, stored, sent, keys=keys)
    if merged is None or merged.disputed:
        raise Stale(
            N_("Somebody saved another version of this entry in between. Both are shown; choose which one counts."),
            details={
                "revision": found.revision, "stored": stored, "disputed": list(merged.disputed if merged else sent),
                "mine": dict(merged.mine if merged else sent),
            },
        )  # fmt: skip
    return merged


def _changed(found: FoundEntry, values: Mapping[str, Any]) -> list[str]:
    """The codes whose values are others than what is stored."""
    stored = {**found.answers, LABEL: found.label}
    return [code for code, value in values.items() if (value or "") != (stored.get(code) or "")]


def reopen_entry(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, reason: str, until: datetime, key: str
) -> None:
    """The organizer opens an entry for its province until a moment: a sent one is returned for correction, a draft
    whose time is over gets more (one that waits for an approval still does), a withdrawn one is a draft again. The
    reason is shown on the entry and kept in the ledger.

    Raises Invalid for a reason under ten characters, a moment that is past, and a withdrawn entry in whose place
    others came; Locked once it is being marked.
    """
    why, _ = clean_text(reason, lines=True)
    with unit(database, clock, actor=actor, key=checked_key(key), about=("reopen_entry", entry_id)) as u:
        if u.repeated and find_text(u.db, u.repeated, "reason") == why and _is_until(u.repeated, until):
            return
        if u.repeated:
            raise Stale(N_("This page was used before. Reload it and write the reason again."))
        found = entry_to_organize(u.db, actor, entry_id)
        if found.state not in ("draft", "submitted", "withdrawn") or has_scoring_begun(u.db, entry_id):
            raise Locked(N_("The committee has begun to mark this entry, so it can no longer be changed."))
        if not 10 <= len(why) <= 2000:
            raise Invalid(N_("Give a reason of 10 to 2,000 characters: the province reads it, and it is kept."))
        refuse_national_ids(why, label=REASON)
        if until <= u.now:
            raise Invalid(N_("The new deadline must lie in the future."))
        if found.state == "withdrawn":
            asked = rules_of(found.rules_text).category(found.category)
            refuse_above_limit(u, asked, adoption_id=found.adoption_id, province_code=found.province_code)
        u.db.execute(
            update(Entry).where(Entry.id == entry_id).values(
                state="draft", submitted_at=None, submitted_by_id=None, receipt=None,
                due_at=until, reopened_at=u.now, reopened_reason=why,
                withdrawn_at=None, withdrawn_by_id=None, withdrawn_reason="",
            )
        )  # fmt: skip
        tell_entry(u, entry_id)
        verb = VERBS[found.state]
        body = {"entry": found.code, "reason": Private(why), "until": until.isoformat()}
        u.record(verb, body, log=u.log_of(found.adoption_id))


def _is_until(receipt: Receipt, until: datetime) -> bool:
    return bool(receipt.body.get("until") == until.isoformat())
