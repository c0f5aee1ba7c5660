"""Files and links beside a question: attach, remove. A removed piece stays in the record, marked."""

from typing import IO

from sqlalchemy import insert, update

from award.actions.unit import Unit, unit
from award.actions.writable import entry_to_change
from award.answers.files import check_file
from award.answers.plain import clean_text, is_web_address
from award.clock import Clock
from award.db.engine import Database
from award.db.entries import Evidence
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import Private
from award.errors import N_, Invalid, NotFound
from award.evaluation import rules_of
from award.policy import Actor
from award.queries.entries import MOST_ID, EvidenceItem, FoundEntry, list_evidence
from scoring_rules.rules import Field

MOST_LINKS = 10  # beside one question


def attach_file(
    database: Database, clock: Clock, files: EvidenceFiles, *, actor: Actor, entry_id: int, field: str, name: str,
    title: str, stream: IO[bytes],
) -> None:  # fmt: skip
    """Keeps the file under its SHA-256 and puts it beside the question.

    Raises Invalid, saying what to do, where it is empty, too large, too many, there already, or not what its name
    says; Locked after sending and after the deadline. Then nothing is stored.
    """
    with database.reading() as db:  # who may not is refused before anything is written
        asked = _field(entry_to_change(db, actor, entry_id, now=clock.now()), field)
    with files.receive(stream) as incoming:
        media_type = check_file(asked, name=name, path=incoming.path, size=incoming.size)
        with unit(database, clock, actor=actor) as u:
            found = entry_to_change(u.db, actor, entry_id, now=u.now)
            there = [each for each in list_evidence(u.db, entry_id) if each.field == field]
            if any(each.sha256 == incoming.sha256 for each in there):
                raise Invalid(N_("This file is already attached here."))
            _check_count(there, "file", asked.max_files)
            _put(u, found, field, title, kind="file", sha256=incoming.sha256, size=incoming.size, media_type=media_type)
            files.keep(incoming)
            body = {"entry": found.code, "field": field, "sha256": incoming.sha256}
            u.record("attach_file", body, log=u.log_of(found.adoption_id))


def attach_link(
    database: Database, clock: Clock, *, actor: Actor, entry_id: int, field: str, url: str, title: str
) -> None:
    """Puts a link beside the question. Raises Invalid where it is no web address, there already, or one too many."""
    address, _ = clean_text(url)
    with unit(database, clock, actor=actor) as u:
        found = entry_to_change(u.db, actor, entry_id, now=u.now)
        _field(found, field)
        if not is_web_address(address):
            raise Invalid(N_("Only addresses of web pages are possible. They begin with https:// or http://."))
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


def _check_count(there: list[EvidenceItem], kind: str, most: int | None) -> None:
    if most is not None and sum(each.kind == kind for each in there) >= most:
        raise Invalid(
            N_("There are already %(most)s here, which is the most that is possible. Remove one first."), most=most
        )


def _put(u: Unit, found: FoundEntry, field: str, title: str, **piece: object) -> None:
    said, _ = clean_text(title)
    u.db.execute(
        insert(Evidence).values(
            entry_id=found.id, field=field, title=said[:200], added_at=u.now, added_by_id=u.actor.user_id, **piece
        )
    )
