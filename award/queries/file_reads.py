"""Who opened an evidence file: the log of reads, asked for one file or one person."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from award.db.entries import Entry, Evidence
from award.db.log_files import lines_of
from award.db.people import User
from award.policy import Actor, may_see_runs

LOG = "reads"
MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """An evidence file whose readers a person may see."""

    id: int
    entry_id: int
    entry_code: str
    title: str
    added_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Read:
    """One opening of a file. The titles are those of now, empty where the account is gone."""

    at: datetime
    user_id: int
    title_th: str
    title_en: str


def find_watched_file(db: Session, actor: Actor, evidence_id: int) -> WatchedFile | None:
    """The file, also a removed one: for organizer and auditor any, for an officer those of the own province's entries;
    None for others, for links, and where there is none."""
    if evidence_id > MOST_ID:
        return None
    whose = true() if may_see_runs(actor) else Entry.province_code.in_(actor.provinces)
    row = db.execute(
        select(Evidence.id, Evidence.entry_id, Entry.code, Evidence.title, Evidence.added_at, Evidence.removed_at)
        .join(Entry, Entry.id == Evidence.entry_id)
        .where(Evidence.id == evidence_id, Evidence.kind == "file", whose)
    ).first()
    return None if row is None else WatchedFile(*row)


def list_reads_of_file(db: Session, logs: Path, evidence_id: int) -> list[Read]:
    """Every opening of the file that is still on record, the newest first, in one statement."""
    found = lines_of(logs, LOG, holding=(f'"file":{evidence_id},',))
    lines = [line for line in found if line.get("file") == evidence_id]
    numbers = {_number(line["user"]) for line in lines}
    people = {
        row.id: row for row in db.execute(select(User.id, User.title_th, User.title_en).where(User.id.in_(numbers)))
    }
    reads = []
    for line in lines:
        number = _number(line["user"])
        person = people.get(number)
        at = datetime.fromisoformat(line["read_at"])
        reads.append(Read(at, number, person.title_th if person else "", person.title_en if person else ""))
    return reads[::-1]


def list_reads_by_person(logs: Path, user_id: int) -> list[dict[str, Any]]:
    """Every opening of a file, or of a paper sheet's photo, by the person that is still on record, the oldest first."""
    code = f"u{user_id}"
    lines = lines_of(logs, LOG, holding=(f'"user":"{code}"',))
    return [
        {"at": line["read_at"], "file": line.get("file", f"paper {line.get('paper')}"), "entry": line["entry"]}
        for line in lines
        if line["user"] == code
    ]


def _number(code: str) -> int:
    return int(code.removeprefix("u") or 0)
