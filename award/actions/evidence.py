"""Files and links beside a question: attach, remove. A removed piece stays in the record, marked."""

from typing import IO

from sqlalchemy import insert, update

from award.actions.unit import Unit, unit
from award.actions.writable import check_returned, entry_to_change
from award.answers.plain import clean_text, is_web_address
from award.clock import Clock
from award.config import Uploads
from award.db.engine import Database
from award.db.entries import Evidence
from award.db.evidence_files import EvidenceFiles, Incoming
from award.db.ledger import Private
from award.errors import N_, Invalid, NotFound
from award.evaluation import rules_of
from award.policy import Actor
from award.queries.entries import (
    MOST_ID,
    EvidenceItem,
    FoundEntry,
    list_evidence,
)
from award.queries.stored_files import held_by_entry, held_by_province
from award.uploads.kinds import MB, in_mb
from award.uploads.look import look_at
from award.uploads.refusals import refused
from scoring_rules.rules import Field

MOST_LINKS = 10  # beside one question


def attach_file(
    database: Database, clock: Clock, files: EvidenceFiles, *, actor: Actor, entry_id: int, field: str, name: str,
    title: str, stream: IO[bytes], uploads: Uploads,
) -> None:  # fmt: skip
    """Keeps the file under its SHA-256 and puts it beside the question; a picture is painted anew first.

    Raises Invalid with an id of `award.uploads.refusals`, saying what to do, where the file is not taken, is there
    already, or more than the rules or `uploads` allow; Locked after sending and after the deadline. Then nothing is
    stored.
    """
    with database.reading() as db:  # who may not is refused before anything is written
        asked = _field(entry_to_change(db, actor, entry_id, now=clock.now(), fields=(field,)), field)
    most_mb = min(asked.max_mb or uploads.file_mb, uploads.file_mb)
    with (
        files.receive(stream) as came,
        look_at(
            came.path, name=name, size=came.size, accept=asked.accept, most_mb=most_mb, scanner=uploads.scanner
        ) as taken,
    ):  # fmt: skip
        kept = came if taken.clean == came.path else files.measured(taken.clean)
        with unit(database, clock, actor=actor) as u:
            found = entry_to_change(u.db, actor, entry_id, now=u.now, fields=(field,))
            there = [each for each in list_evidence(u.db, entry_id) if each.field == field]
            _check_new(there, came, kept)
            _check_count(there, "file", asked.max_files)
            _check_room(u, found, kept, uploads)
            painted = {} if kept is came else {"received_sha256": came.sha256}
            _put(
                u, found, field, title, kind="file", sha256=kept.sha256, size=kept.size,
                media_type=taken.media_type, name=taken.name, **painted,
            )  # fmt: skip
            files.keep(kept)
            body = {"entry": found.code, "field": field, "sha256": kept.sha256, **painted}
            u.record("attach_file", body, log=u.log_of(found.adoption_id))


def attach_link(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, field: str, url: str, title: str
) -> None:
    """Puts a link beside the question. Raises Invalid where it is no web address, there already, or one too many."""
    address, _ = clean_text(url)
    with unit(database, clock, actor=actor) as u:
        found = entry_to_change(u.db, actor, entry_id, now=u.now, fields=(field,))
        _field(found, field)
        if not is_web_address(address):
            raise Invalid(
                N_("Only addresses of web pages are possible. They begin with https:// or http://."), id="web_address"
            )
        there = [each for each in list_evidence(u.db, entry_id) if each.field == field]
        if any(each.url == address for each in there):
            raise Invalid(N_("This link is already attached here."))
        _check_count(there, "link", MOST_LINKS)
        _put(u, found, field, title, kind="link", url=address)
        body = {"entry": found.code, "field": field, "url": Private(address)}
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


def _field(found: FoundEntry, code: str) -> Field:
    fields = rules_of(found.rules_text).category(found.category).fields
    field = next((each for each in fields if each.code == code and each.type == "files"), None)
    if field is None:
        raise NotFound
    return field


def _check_new(there: list[EvidenceItem], came: Incoming, kept: Incoming) -> None:
    hashes = {came.sha256, kept.sha256}
    for each in there:
        if each.kind == "file" and hashes & {each.sha256, each.received_sha256}:
            raise refused("already_attached", title=each.title or each.name or str(each.number))


def _check_count(there: list[EvidenceItem], kind: str, most: int | None) -> None:
    if most is not None and sum(each.kind == kind for each in there) >= most:
        raise refused("too_many_pieces", most=most)


def _check_room(u: Unit, found: FoundEntry, kept: Incoming, uploads: Uploads) -> None:
    for id, held, files, mb in (
        ("entry_full", held_by_entry(u.db, found.id), uploads.entry_files, uploads.entry_mb),
        ("province_full", held_by_province(u.db, found.province_code), uploads.province_files, uploads.province_mb),
    ):
        if held.files >= files or held.size + kept.size > mb * MB:
            raise refused(id, count=held.files + 1, size=in_mb(held.size + kept.size), files=files, most=mb)


def _put(u: Unit, found: FoundEntry, field: str, title: str, **piece: object) -> None:
    said, _ = clean_text(title)
    u.db.execute(
        insert(Evidence).values(
            entry_id=found.id, field=field, title=said[:200], added_at=u.now, added_by_id=u.actor.user_id, **piece
        )
    )
