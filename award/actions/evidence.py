"""Files and links beside a question: attach, remove. A removed piece stays in the record, marked."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from award.actions.unit import Unit, unit
from award.actions.writable import check_returned, entry_to_change
from award.answers.plain import clean_text, is_web_address
from award.answers.private_numbers import (
    FILE_TITLE,
    GIVEN_BY,
    LINK,
    checked_name,
    list_in_document,
    refuse_national_ids,
)
from award.clock import Clock
from award.config import Uploads
from award.db.engine import Database
from award.db.entries import Evidence
from award.db.evidence_files import EvidenceFiles, Incoming
from award.db.ledger import Private
from award.errors import N_, Invalid, NotFound
from award.evaluation import rules_of
from award.policy import Actor
from award.queries.entries import MOST_ID, EvidenceItem, FoundEntry, list_evidence
from award.queries.stored_files import find_sent_file, held_by_entry, held_by_province
from award.uploads.kinds import EXTENSIONS, MB, in_mb, kind_named, shown_kinds
from award.uploads.look import Taken, look_at
from award.uploads.refusals import refused
from scoring_rules.rules import Field

MOST_LINKS = 10  # beside one question
MOST_GIVEN_BY = 120  # letters


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a piece goes and what the officer says of it."""

    entry_id: int
    field: str
    title: str = ""
    given_by: str = ""  # a district, or whoever else handed it to the officer


def attach_file(
    database: Database, clock: Clock, files: EvidenceFiles, *, actor: Actor, entry_id: int, field: str, name: str,
    title: str, stream: IO[bytes], uploads: Uploads, given_by: str = "",
) -> None:  # fmt: skip
    """Keeps the file under its SHA-256 and puts it beside the question; a picture is painted anew first.

    Raises Invalid with an id of `award.uploads.refusals`, saying what to do, where the file is not taken, is there
    already, or more than the rules or `uploads` allow; Locked after sending and after the deadline. Then nothing is
    stored.
    """
    beside, name = Beside(entry_id, field, title, given_by), checked_name(name)
    with database.reading() as db:  # who may not is refused before anything is written
        _, asked = open_question(db, actor, beside, now=clock.now())
    most_mb = most_mb_of(asked, uploads)
    with (
        files.receive(stream) as came,
        look_at(
            came.path, name=name, size=came.size, accept=asked.accept, most_mb=most_mb, scanner=uploads.scanner
        ) as taken,
    ):  # fmt: skip
        check_numbers(taken)
        put_file(database, clock, files, actor=actor, beside=beside, came=came, taken=taken, uploads=uploads)


def check_numbers(taken: Taken) -> None:
    """Raises Invalid where a document holds what looks like national ID numbers."""
    found = list_in_document(taken.numbers)
    if found:
        raise refused("national_ids", name=taken.name, number=found[0], count=len(found))


def put_file(
    database: Database, clock: Clock, files: EvidenceFiles, *, actor: Actor, beside: Beside, came: Incoming,
    taken: Taken, uploads: Uploads, also: Callable[[Unit, int], None] | None = None,
) -> int:  # fmt: skip
    """Keeps a file that was looked at and puts it beside its question; the id of the evidence. `also` writes what else
    belongs to the same act. Raises as `attach_file`."""
    kept = came if taken.clean == came.path else files.measured(taken.clean)
    painted = {} if kept is came else {"received_sha256": came.sha256}
    if files.is_far:  # what may be slow happens before anybody waits for the write lock
        with database.reading() as db:
            found, asked = open_question(db, actor, beside, now=clock.now())
            check_place(db, found, asked, hashes={came.sha256, kept.sha256}, size=kept.size, uploads=uploads)
        files.send_ahead(kept)
    with unit(database, clock, actor=actor) as u:
        found, asked = open_question(u.db, actor, beside, now=u.now)
        check_place(u.db, found, asked, hashes={came.sha256, kept.sha256}, size=kept.size, uploads=uploads)
        number = _put(
            u, beside, kind="file", sha256=kept.sha256, size=kept.size, media_type=taken.media_type, name=taken.name,
            **painted,
        )  # fmt: skip
        if also is not None:
            also(u, number)
        files.keep(kept)
        body = {"entry": found.code, "field": beside.field, "sha256": kept.sha256, **painted}
        u.record("attach_file", body, log=u.log_of(found.adoption_id))
    return number


def attach_again(
    database: Database, clock: Clock, *, actor: Actor, beside: Beside, evidence_id: int, uploads: Uploads
) -> None:
    """Puts a file that the province has sent already beside another question; its content is stored once.

    Raises NotFound where the file is none of the province's, Invalid where the question takes no such file, has it
    already, or is full."""
    with unit(database, clock, actor=actor) as u:
        found, asked = open_question(u.db, actor, beside, now=u.now)
        sent = find_sent_file(u.db, found.province_code, evidence_id)
        if sent is None:
            raise NotFound
        kinds = {kind_named(each) for each in asked.accept}
        if EXTENSIONS.get(sent.media_type) not in kinds:
            raise refused("kind_not_accepted", kinds=shown_kinds(asked.accept))
        most_mb = most_mb_of(asked, uploads)
        if sent.size > most_mb * MB:
            raise refused("file_too_large", size=in_mb(sent.size), most=most_mb)
        hashes = {each for each in (sent.sha256, sent.received_sha256) if each}
        check_place(u.db, found, asked, hashes=hashes, size=sent.size, uploads=uploads)
        own = {"received_sha256": sent.received_sha256} if sent.received_sha256 else {}
        title, given_by = beside.title.strip() or sent.title, beside.given_by.strip() or sent.given_by
        _put(
            u, replace(beside, title=title, given_by=given_by), kind="file", sha256=sent.sha256, size=sent.size,
            media_type=sent.media_type, name=sent.name, **own,
        )  # fmt: skip
        body = {"entry": found.code, "field": beside.field, "sha256": sent.sha256, **own}
        u.record("attach_file", body, log=u.log_of(found.adoption_id))


def attach_link(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, field: str, url: str, title: str,
    given_by: str = "",
) -> None:  # fmt: skip
    """Puts a link beside the question. Raises Invalid where it is no web address, there already, or one too many."""
    beside = Beside(entry_id, field, title, given_by)
    address, _ = clean_text(url)
    with unit(database, clock, actor=actor) as u:
        found, _ = open_question(u.db, actor, beside, now=u.now)
        if not is_web_address(address):
            raise Invalid(
                N_("Only addresses of web pages are possible. They begin with https:// or http://."), id="web_address"
            )
        refuse_national_ids(address, label=LINK)
        there = _there(u.db, beside)
        if any(each.url == address for each in there):
            raise Invalid(N_("This link is already attached here."))
        _check_count(there, "link", MOST_LINKS)
        _put(u, beside, kind="link", url=address)
        body = {"entry": found.code, "field": beside.field, "url": Private(address)}
        u.record("attach_link", body, log=u.log_of(found.adoption_id))


def remove_evidence(database: Database, clock: Clock, *, actor: Actor, entry_id: int, evidence_id: int) -> None:
    """Takes a piece away from its question; it stays in the record, marked. Removed already: nothing happens."""
    with unit(database, clock, actor=actor) as u:
        found = entry_to_change(u.db, actor, entry_id, now=u.now)
        piece = u.db.get(Evidence, evidence_id) if evidence_id <= MOST_ID else None
        if piece is None or piece.entry_id != entry_id:
            raise NotFound
        check_returned(found, (piece.field,))
        if piece.removed_at is None:
            u.db.execute(update(Evidence).where(Evidence.id == evidence_id).values(removed_at=u.now))
            body = {"entry": found.code, "evidence": evidence_id, "field": piece.field, "sha256": piece.sha256}
            u.record("remove_evidence", body, log=u.log_of(found.adoption_id))


def open_question(db: Session, actor: Actor, beside: Beside, *, now: datetime) -> tuple[FoundEntry, Field]:
    """The entry and the question, which the person may change now. Raises NotFound, Forbidden and Locked."""
    found = entry_to_change(db, actor, beside.entry_id, now=now, fields=(beside.field,))
    fields = rules_of(found.rules_text).category(found.category).fields
    field = next((each for each in fields if each.code == beside.field and each.type == "files"), None)
    if field is None:
        raise NotFound
    return found, field


def most_mb_of(asked: Field, uploads: Uploads) -> int:
    """How large one file of the question may be, in MB."""
    return min(asked.max_mb or uploads.file_mb, uploads.file_mb)


def check_place(
    db: Session, found: FoundEntry, asked: Field, *, hashes: Collection[str], size: int, uploads: Uploads
) -> None:
    """Raises Invalid where one of these contents stands beside the question already, or no more files of this `size`
    (bytes) have room there, in the entry, or in the province."""
    there = _there(db, Beside(found.id, asked.code))
    for each in there:
        if each.kind == "file" and not {each.sha256, each.received_sha256}.isdisjoint(hashes):
            raise refused("already_attached", title=each.title or each.name or str(each.number))
    _check_count(there, "file", asked.max_files)
    for id, held, files, mb in (
        ("entry_full", held_by_entry(db, found.id), uploads.entry_files, uploads.entry_mb),
        ("province_full", held_by_province(db, found.province_code), uploads.province_files, uploads.province_mb),
    ):
        if held.files >= files or held.size + size > mb * MB:
            raise refused(id, count=held.files + 1, size=in_mb(held.size + size), files=files, most=mb)


def _there(db: Session, beside: Beside) -> list[EvidenceItem]:
    return [each for each in list_evidence(db, beside.entry_id) if each.field == beside.field]


def _check_count(there: list[EvidenceItem], kind: str, most: int | None) -> None:
    if most is not None and sum(each.kind == kind for each in there) >= most:
        raise refused("too_many_pieces", most=most)


def _put(u: Unit, beside: Beside, **piece: object) -> int:
    said, given_by = (clean_text(text)[0] for text in (beside.title, beside.given_by))
    refuse_national_ids(said, label=FILE_TITLE)
    refuse_national_ids(given_by, label=GIVEN_BY)
    number: int = u.db.execute(
        insert(Evidence)
        .values(
            entry_id=beside.entry_id, field=beside.field, title=said[:200], given_by=given_by[:MOST_GIVEN_BY],
            added_at=u.now, added_by_id=u.actor.user_id, **piece,
        )
        .returning(Evidence.id)
    ).scalar_one()  # fmt: skip
    return number
