"""Entries, their versions and their evidence beside what the lines say of them."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.entries import Entry, EntryRevision, Evidence
from award.db.ledger import Log, canonical
from award.db.people import Province
from award.ledger_check.found import EMPTIED, Found, differing, now, unmatched
from award.ledger_check.returns import compare_returned, map_returned
from award.ledger_check.told import Told, ToldEntry

Actor = Callable[[str, int | None], str]  # verb and person to the alias that stands in a line; "" for nobody


def compare_entries(
    db: Session, adoption: int, log: Log, told: Told, *, actor: Actor, emptied: set[str], erasures: bool
) -> Iterator[Found]:
    """Everything of `adoption` that provinces sent; the codes of drafts that were emptied go to `emptied`."""
    pieces, versions, returned = _evidence(db, adoption), _versions(db, adoption), map_returned(db, adoption)
    attributes = _attributes(db)
    seen = set()
    for row in db.execute(select(Entry.__table__).where(Entry.adoption_id == adoption).order_by(Entry.id)):
        seen.add(row.code)
        known = told.entries.get(row.code)
        if known is None:
            yield Found(log.name, None, f"entry {row.code}: no line tells of it")
            continue
        if not known.ever_sent and known.until is None and (row.label, row.answers) == (EMPTIED, "{}"):
            emptied.add(row.code)  # by `award tidy`, years later: how many those may be, its lines tell
            yield from _begun(log, row, known)
            continue
        yield from _begun(log, row, known)
        yield from _content(log, row, known, told, actor=actor, erasures=erasures)
        yield from _revisions(log, row.code, versions[row.id], known, told, actor=actor)
        yield from compare_returned(log, row.code, returned[row.id], known, actor=actor, erasures=erasures)
        if known.sent is not None:
            yield from _sent(log, row, known.sent, pieces[row.id], attributes[row.province_code])
    for code in sorted(told.entries.keys() - seen):
        yield Found(log.name, None, f"entry {code}: a line tells of it, and the table lacks it")
    yield from _pieces(log, pieces, told, emptied)


def _begun(log: Log, row: Any, known: ToldEntry) -> Iterator[Found]:
    stored: dict[str, object] = {"id": row.id, "category": row.category, "province": row.province_code}
    begun = {name: known.begun[name] for name in stored if name in known.begun}
    yield from differing(log.name, f"entry {row.code}", stored, begun)
    yield from differing(log.name, f"entry {row.code}", {"state": row.state}, {"state": known.state})


def _content(log: Log, row: Any, known: ToldEntry, told: Told, *, actor: Actor, erasures: bool) -> Iterator[Found]:
    what = f"entry {row.code}"
    if known.was_saved or not told.is_invented:
        if hashlib.sha256(row.answers.encode()).hexdigest() != known.answers:
            yield Found(log.name, None, f"{what}: its answers are not those that were recorded")
        yield from differing(log.name, what, {"revision": row.revision}, {"revision": known.revision})
    if not known.label.fits(row.label, erasures=False):
        yield Found(log.name, None, f"{what}: its label is not the one that was recorded")
    if row.due_at != known.until:
        yield Found(log.name, None, f"{what}, deadline: {now(row.due_at, known.until)}")
    if not known.reopened.fits(row.reopened_reason, erasures=erasures):
        yield Found(log.name, None, f"{what}: why it was opened again is not what was recorded")
    withdrawer = actor("withdraw_entry", row.withdrawn_by_id)
    if (row.withdrawn_at is not None, withdrawer) != (bool(known.withdrawer), known.withdrawer):
        yield Found(log.name, None, f"{what}: who withdrew it, or that it was withdrawn, is not what was recorded")
    if not known.withdrawn.fits(row.withdrawn_reason, erasures=erasures):
        yield Found(log.name, None, f"{what}: why it was withdrawn is not what was recorded")
    sender = actor("submit_entry", row.submitted_by_id)
    if (row.submitted_at is not None, sender) != (known.sent is not None, known.sender if known.sent else ""):
        yield Found(log.name, None, f"{what}: who sent it, or that it was sent, is not what was recorded")


def _revisions(
    log: Log, code: str, stored: dict[int, Any], known: ToldEntry, told: Told, *, actor: Actor
) -> Iterator[Found]:
    recorded = {number: each for number, each in known.revisions.items() if number}
    untold = {1} if told.is_invented else set()  # the loader's own first version
    for number in sorted((stored.keys() | recorded.keys()) - (untold - recorded.keys())):
        if number not in stored or number not in recorded:
            what = "nothing" if number not in stored else "a version that no line tells of"
            yield Found(log.name, None, f"entry {code}, revision {number}: the table holds {what}")
            continue
        answers_sha256, saver = recorded[number]
        same = hashlib.sha256(stored[number].answers.encode()).hexdigest() == answers_sha256
        if not same or saver not in (None, actor("save_answers", stored[number].saved_by_id)):
            yield Found(log.name, None, f"entry {code}, revision {number}: it is not the version that was recorded")


def _sent(log: Log, row: Any, sent: dict[str, Any], pieces: list[Any], attributes: dict[str, str]) -> Iterator[Found]:
    """What an entry was sent with: category, the province's zone and region, and answers with evidence as one."""
    what = f"entry {row.code}"
    yield from differing(log.name, what, {"category": row.category}, {"category": sent["category"]})
    yield from differing(log.name, what, attributes, sent["attributes"])
    standing = [each for each in pieces if each.removed_at is None]
    files = sorted(each.sha256 for each in standing if each.sha256)
    named = [{"field": each.field, "is": each.sha256 or each.url} for each in standing]
    # Only lines of demo rounds of before had no fingerprint.
    same = "fingerprint" not in sent or _fingerprint(row.answers, named) == sent["fingerprint"]
    if files != sent["files"] or not same:
        yield Found(log.name, None, f"{what}: answers and evidence are not those that it was sent with")


def _fingerprint(answers: str, evidence: list[dict[str, str]]) -> str:
    """As `award.actions.sending.fingerprint` makes it; "" for answers that no program could have stored."""
    try:
        whole = canonical({"answers": json.loads(answers), "evidence": evidence})
    except ValueError:
        return ""
    return hashlib.sha256(whole.encode()).hexdigest()


def _pieces(log: Log, stored: dict[int, list[Any]], told: Told, emptied: set[str]) -> Iterator[Found]:
    """Each file and link against the line that attached it, and the one that removed it."""
    rows = [each for pieces in stored.values() for each in pieces]
    files = Counter((each.code, each.field, each.sha256, each.received_sha256) for each in rows if each.kind == "file")
    recorded = Counter({key: count for key, count in told.attached.items() if key[0] not in emptied})
    for code, field, sha256, _ in sorted((files - recorded).keys(), key=str):
        yield Found(log.name, None, f"entry {code}, {field}: no line tells of the file {sha256}")
    for code, field, sha256, _ in sorted((recorded - files).keys(), key=str):
        yield Found(log.name, None, f"entry {code}, {field}: the file {sha256} was attached, and the table lacks it")
    kept = Counter((each.code, each.field, each.url) for each in rows if each.kind == "link")
    linked = Counter((code, field, url.text) for code, field, url in told.linked if code not in emptied and url.text)
    for code, field, _ in sorted((linked - kept).keys(), key=str):
        yield Found(log.name, None, f"entry {code}, {field}: a link was attached, and the table lacks it")
    if not told.is_invented:
        for code, field, _ in sorted((kept - linked).keys(), key=str):
            yield Found(log.name, None, f"entry {code}, {field}: no line tells of a link")
    gone = [(each.id, each.code, each.field, each.sha256) for each in rows if each.removed_at is not None]
    removed = [(number, *each) for number, each in told.removed.items() if each[0] not in emptied]
    yield from unmatched(log.name, "removed evidence", gone, removed)


def _evidence(db: Session, adoption: int) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    asked = (
        select(
            Evidence.id, Evidence.entry_id, Entry.code, Evidence.field, Evidence.kind, Evidence.sha256, Evidence.url,
            Evidence.received_sha256, Evidence.removed_at,
        )
        .join(Entry, Entry.id == Evidence.entry_id)
        .where(Entry.adoption_id == adoption)
        .order_by(Evidence.id)
    )  # fmt: skip
    for row in db.execute(asked):
        found[row.entry_id].append(row)
    return found


def _versions(db: Session, adoption: int) -> dict[int, dict[int, Any]]:
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    asked = (
        select(EntryRevision.entry_id, EntryRevision.revision, EntryRevision.answers, EntryRevision.saved_by_id)
        .join(Entry, Entry.id == EntryRevision.entry_id)
        .where(Entry.adoption_id == adoption)
    )
    for row in db.execute(asked):
        found[row.entry_id][row.revision] = row
    return found


def _attributes(db: Session) -> dict[str, dict[str, str]]:
    asked = select(Province.code, Province.zone_number, Province.name_th, Province.region_th)
    rows = db.execute(asked)
    return {code: {"zone": str(zone), "province": name, "region": region} for code, zone, name, region in rows}
