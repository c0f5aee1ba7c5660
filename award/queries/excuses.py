"""Who was excused from marking what, when, by whom, why: read from the record, which keeps what was taken back too."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.cycles import Panel, Seat
from award.db.entries import Entry
from award.db.ledger import LedgerLine, LedgerText, card, is_act, read_log
from award.db.people import Duty, User
from award.db.scoring import Assignment, ScoringSession, Slot
from award.policy import MARKING

VERBS = ("excuse_member", "recuse", "declare_interest", "record_interest")


@dataclass(frozen=True, slots=True)
class Excused:
    """A card of which its member was excused ("recused" or "absent"), or that they mark after all (""). `reason` is
    None where its text was erased."""

    at: datetime
    title_th: str  # of whoever recorded it
    title_en: str
    entry: str
    seat: str
    kind: str
    reason: str | None


def list_excuses_at(db: Session, *, adoption_id: int, stage: str, at: datetime) -> list[Excused]:
    """Every excuse of an award's cards at a stage that was recorded until `at`, in time order; in four statements."""
    log = read_log(db, adoption_id)
    cards: Sequence[Any] = db.execute(
        select(Assignment.id, Entry.code, Seat.code)
        .join(Slot, Slot.id == Assignment.slot_id)
        .join(ScoringSession, ScoringSession.id == Slot.session_id)
        .join(Panel, Panel.id == ScoringSession.panel_id)
        .join(Entry, Entry.id == Assignment.entry_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Slot.adoption_id == adoption_id, Panel.stage == stage)
        .order_by(Assignment.id)
    ).all()
    known = {log.alias(card(row[0]).what): (row[1], row[2]) for row in cards}
    people: Sequence[Any] = db.execute(
        select(User.id, User.title_th, User.title_en)
        .where(User.id.in_(select(Duty.user_id).where(Duty.role.in_(MARKING))))
        .order_by(User.id)
    ).all()
    who = {log.actor(verb, f"u{row[0]}"): (row[1], row[2]) for verb in VERBS for row in people}
    lines: Sequence[Any] = db.execute(
        select(LedgerLine.at, LedgerLine.line, LedgerText.text)
        .outerjoin(
            LedgerText,
            (LedgerText.log == LedgerLine.log) & (LedgerText.seq == LedgerLine.seq) & (LedgerText.path == "reason"),
        )
        .where(LedgerLine.log == log.name, LedgerLine.at <= at, is_act(*VERBS))
        .order_by(LedgerLine.seq)
    ).all()
    found = []
    for moment, line, reason in lines:
        told = json.loads(line)
        by = who.get(told["actor"], ("", ""))
        of_line = [(*known[alias], kind) for alias, kind in _excused(told["act"], told["body"]) if alias in known]
        found += [Excused(moment, *by, entry, seat, kind, reason) for entry, seat, kind in sorted(of_line)]
    return found


def _excused(verb: str, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(card, kind) of what a line changes."""
    if verb == "recuse":
        yield body["card"], "recused"
    elif verb == "excuse_member":
        yield from ((each, body["kind"]) for each in body["cards"])
    else:
        again = set(body["cards"])
        yield from ((each, "recused") for each in body["cards"])
        yield from ((each, "") for each in body["freed"] if each not in again)
