"""What has been kept long enough goes: old log files, ended sign-ins, used links, sent mails, drafts of years ago.

Marks, entries that were sent, and lines of the ledger are never touched. The periods are `Settings.keeping`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from award.actions.privacy import MACHINE
from award.actions.privacy_office import let_go_of_mails
from award.actions.unit import unit
from award.clock import Clock
from award.config import Keeping
from award.db.accounts import FailedSignIn, OneTimeLink, WaitingStep
from award.db.cycles import Adoption, Cycle
from award.db.engine import Database
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import LedgerLine, LedgerText
from award.db.log_files import closed_logs, utc_now
from award.db.mail import MailOut
from award.db.office import Approval, ColleagueNote, Presence, SectionOwner
from award.db.papers import PaperSheet
from award.db.people import SignIn
from award.db.uploads import Upload

DAY, YEAR = timedelta(days=1), timedelta(days=365)
# Folders beside the store, and after how long without being touched a file there goes.
LEFT_BEHIND = {"incoming": DAY, "pieces": 3 * DAY, "previews": 30 * DAY, "fetched": DAY}
EMPTIED = "—"  # stands where a draft's name was


@dataclass(frozen=True, slots=True)
class Old:
    """One kind of thing whose time is over. `names` where they have any, else only `count`."""

    what: str
    count: int
    names: tuple[str, ...] = ()


def tidy(
    database: Database, clock: Clock, *, keeping: Keeping, logs: Path, evidence: EvidenceFiles, dry_run: bool,
    real_now: Callable[[], datetime] = utc_now,
) -> list[Old]:  # fmt: skip
    """Removes what is too old and answers what that was; `dry_run` answers it and removes nothing.

    Log files go by the machine's own time, everything else by the site's. What went from the database leaves one line
    of counts in the ledger.
    """
    if dry_run:
        with database.reading() as db:
            found = _rows(db, clock.now(), keeping) + _drafts(db, clock.now(), keeping)
            return [*_files(logs, keeping, real_now()), *_left_behind(evidence, real_now()), *found]
    olds = _files(logs, keeping, real_now()) + _left_behind(evidence, real_now())
    for old in olds:
        for name in old.names:
            (evidence.folder / old.what if old.what in LEFT_BEHIND else logs).joinpath(name).unlink(missing_ok=True)
    unused: set[str] = set()
    with database.reading() as db:
        due = any(old.count for old in _rows(db, clock.now(), keeping) + _drafts(db, clock.now(), keeping))
    if due:
        with unit(database, clock, actor=MACHINE) as u:
            gone = _rows(u.db, u.now, keeping) + _drafts(u.db, u.now, keeping)
            for table, _what, condition in _too_old(u.now, keeping):
                if table is MailOut:
                    let_go_of_mails(u, condition)
                u.db.execute(delete(table).where(condition))
            unused = _empty_drafts(u.db, u.now, keeping)
            u.record("tidy", {old.what: old.count for old in gone if old.count})
            olds += gone
    for sha256 in unused:  # after the commit: a file without a row is harmless, a row without its file is not
        evidence.remove(sha256)
    return olds


def _files(logs: Path, keeping: Keeping, now: datetime) -> list[Old]:
    """Log files whose last day is too long ago; those of today are never among them."""
    ages = {"reads": keeping.read_years * YEAR}
    old = [each for each in closed_logs(logs) if now.date() - each.day > ages.get(each.log, keeping.log_days * DAY)]
    return [
        Old(log, sum(each.log == log for each in old), tuple(each.name for each in old if each.log == log))
        for log in ("access", "security", "errors", "reads")
    ]


def _left_behind(evidence: EvidenceFiles, now: datetime) -> list[Old]:
    """Uploads that a power cut left half received, that nobody went on with, and copies that nobody asks for."""
    found = []
    for what, age in LEFT_BEHIND.items():
        folder = evidence.folder / what
        names = sorted(
            each.name for each in (folder.iterdir() if folder.is_dir() else ())
            if each.stat().st_mtime < (now - age).timestamp()
        )  # fmt: skip
        found.append(Old(what, len(names), tuple(names)))
    return found


def _too_old(now: datetime, keeping: Keeping) -> list[tuple[Any, str, ColumnElement[bool]]]:
    """Table, what it is called, and which rows."""
    before_link, before_mail = now - keeping.link_days * DAY, now - keeping.mail_days * DAY
    return [
        (SignIn, "sign_ins", SignIn.expires_at < now - keeping.sign_in_days * DAY),
        (
            OneTimeLink,
            "links",
            and_(
                or_(OneTimeLink.used_at < before_link, OneTimeLink.expires_at < before_link),
                # Whoever handed a used one over confirms no duty of that account, however long ago it was.
                or_(OneTimeLink.used_at.is_(None), OneTimeLink.made_by_id.is_(None)),
            ),
        ),
        (WaitingStep, "steps", WaitingStep.expires_at < now - DAY),
        (Upload, "uploads", Upload.last_at < now - LEFT_BEHIND["pieces"]),
        (FailedSignIn, "tries", FailedSignIn.at < now - DAY),
        (MailOut, "mails", and_(MailOut.state != "waiting", MailOut.queued_at < before_mail)),
    ]


def _rows(db: Session, now: datetime, keeping: Keeping) -> list[Old]:
    return [
        Old(what, db.execute(select(func.count()).select_from(table).where(condition)).scalar_one())
        for table, what, condition in _too_old(now, keeping)
    ]


def _old_drafts(db: Session, now: datetime, keeping: Keeping) -> list[Any]:
    """Entries that were never sent nor opened again, of cycles long over, as long as they still hold something."""
    filled = or_(
        select(EntryRevision.id).where(EntryRevision.entry_id == Entry.id).exists(),
        select(Evidence.id).where(Evidence.entry_id == Entry.id).exists(),
    )
    asked = (
        select(Entry.id, Entry.code, Adoption.log)
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .where(
            Entry.state == "draft", Entry.submitted_at.is_(None), Entry.reopened_at.is_(None),
            Cycle.deadline_at < now - keeping.draft_years * YEAR, filled,
        )
        .order_by(Entry.id)
    )  # fmt: skip
    return list(db.execute(asked))


def _drafts(db: Session, now: datetime, keeping: Keeping) -> list[Old]:
    codes = tuple(row.code for row in _old_drafts(db, now, keeping))
    return [Old("drafts", len(codes), codes)]


def _empty_drafts(db: Session, now: datetime, keeping: Keeping) -> set[str]:
    """Takes out what old drafts hold. That they were begun stays, as the ledger says it. Answers the SHA-256 of files
    that no row names any more."""
    held: set[str] = set()
    for entry_id, code, log in _old_drafts(db, now, keeping):
        pieces = select(Evidence.sha256).where(Evidence.entry_id == entry_id, Evidence.sha256.is_not(None))
        held |= {sha256 for sha256 in db.execute(pieces).scalars() if sha256}
        db.execute(delete(Evidence).where(Evidence.entry_id == entry_id))
        db.execute(delete(EntryRevision).where(EntryRevision.entry_id == entry_id))
        for table in (ColleagueNote, SectionOwner, Presence):
            db.execute(delete(table).where(table.entry_id == entry_id))
        db.execute(update(Approval).where(Approval.entry_id == entry_id, Approval.note != "").values(note=EMPTIED))
        db.execute(update(Entry).where(Entry.id == entry_id).values(answers="{}", label=EMPTIED))
        lines = select(LedgerLine.seq).where(
            LedgerLine.log == LedgerText.log, LedgerLine.seq == LedgerText.seq,
            func.json_extract(LedgerLine.line, "$.body.entry") == code,
        )  # fmt: skip
        base = log.partition("#")[0]  # with the log's predecessors from before a restore
        of_award = or_(LedgerText.log == base, LedgerText.log.startswith(f"{base}#", autoescape=True))
        db.execute(delete(LedgerText).where(of_award, lines.exists()))
    if not held:
        return held
    held -= set(db.execute(select(PaperSheet.sha256).where(PaperSheet.sha256.in_(held))).scalars())
    return held - set(db.execute(select(Evidence.sha256).where(Evidence.sha256.in_(held))).scalars())
