"""An entry as it was sent last, where the organizer returned it since: what its line says, and what is still kept."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from award.db.entries import EntryRevision, Evidence
from award.db.ledger import LedgerLine, is_act, read_log
from award.queries.entries import FoundEntry

ENDING = ("withdraw_entry", "reopen_entry")  # acts after which nothing of before can be taken up again


@dataclass(frozen=True, slots=True)
class SentVersion:
    """What an entry was sent with. `pieces` are the numbers of its evidence, in their order; `answers` is the stored
    text."""

    at: datetime
    label: str
    answers: str
    revision: int
    fingerprint: str
    pieces: tuple[int, ...]


def find_sent_version(db: Session, found: FoundEntry) -> SentVersion | None:
    """The version that was sent last, where the organizer returned it and the province did not withdraw it since; None
    for what was never sent, is sent, was withdrawn in between, or whose version is no longer kept."""
    if found.state != "draft" or found.first_submitted_at is None:
        return None
    row = _last_sending(db, found)
    if row is None:
        return None
    body = json.loads(row.line)["body"]
    kept = db.execute(
        select(EntryRevision.answers).where(
            EntryRevision.entry_id == found.id, EntryRevision.revision == body["revision"]
        )
    ).scalar_one_or_none()
    if kept is None:
        return None
    pieces = (
        select(Evidence.id)
        .where(
            Evidence.entry_id == found.id,
            Evidence.added_at <= row.at,
            or_(Evidence.removed_at.is_(None), Evidence.removed_at > row.at),
        )
        .order_by(Evidence.id)
    )
    return SentVersion(
        at=row.at, label=str(body["label"]), answers=kept, revision=int(body["revision"]),
        fingerprint=str(body.get("fingerprint", "")), pieces=tuple(db.execute(pieces).scalars()),
    )  # fmt: skip


def _last_sending(db: Session, found: FoundEntry) -> Any:
    """The line of the last sending of an entry in its award's log, unless a later one ended what it began."""
    log = read_log(db, found.adoption_id).name
    about = func.instr(LedgerLine.line, f'"entry":"{found.code}"') > 0
    row = db.execute(
        select(LedgerLine.at, LedgerLine.line)
        .where(LedgerLine.log == log, about, is_act("submit_entry", *ENDING))
        .order_by(LedgerLine.seq.desc())
        .limit(1)
    ).first()
    return row if row is not None and json.loads(row.line)["act"] == "submit_entry" else None
