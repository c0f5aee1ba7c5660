"""What a receipt's number stands for in the record."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.cycles import Adoption, Award, Cycle
from award.db.entries import Entry
from award.db.ledger import LedgerLine
from award.db.people import Province
from award.queries.entries import is_late

_WRITTEN = re.compile(r"#?\s*([0-9]{1,15})\s*[·.,:/ -]?\s*([0-9a-f]{4})\s*([0-9a-f]{4})")
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


@dataclass(frozen=True, slots=True)
class FoundReceipt:
    """An act on record: the line, when it was written, and, where it sent an entry, which one and how that stands.

    `stands`: the entry is as this receipt says; else `state` tells what it is now."""

    log: str
    seq: int
    at: datetime
    act: str
    leaf: str
    entry: str = ""
    province_th: str = ""
    province_en: str = ""
    award_th: str = ""
    award_en: str = ""
    year: int = 0
    fingerprint: str = ""
    late: bool = False
    state: str = ""
    stands: bool = False


def read_number(typed: str) -> tuple[int, str] | None:
    """Line number and the beginning of its hash, from `#1234 · 7f3a 91c0` however it was typed; None for no number."""
    found = _WRITTEN.fullmatch(" ".join(typed.translate(_DIGITS).lower().split()))
    return (int(found[1]), found[2] + found[3]) if found else None


def find_receipts(db: Session, *, seq: int, begins: str) -> list[FoundReceipt]:
    """Every line with that number whose hash begins so: one, but for a chance of one in four thousand million."""
    lines = db.execute(
        select(LedgerLine.log, LedgerLine.seq, LedgerLine.at, LedgerLine.leaf, LedgerLine.line)
        .where(LedgerLine.leaf >= begins, LedgerLine.leaf < begins + "g", LedgerLine.seq == seq)
        .order_by(LedgerLine.log)
    ).all()
    found = []
    for log, number, at, leaf, text in lines:
        line = json.loads(text)
        about = _entry(db, log, line["body"], receipt=f"#{number} · {leaf[:4]} {leaf[4:8]}")
        sent = about if line["act"] == "submit_entry" else {}
        found.append(FoundReceipt(log=log, seq=number, at=at, act=line["act"], leaf=leaf, **sent))
    return found


def _entry(db: Session, log: str, body: dict[str, Any], *, receipt: str) -> dict[str, Any]:
    row = db.execute(
        select(
            Entry.code, Entry.state, Entry.receipt, Entry.submitted_at, Entry.first_submitted_at,
            Province.name_th, Province.name_en, Award.name_th.label("award_th"), Award.name_en.label("award_en"),
            Cycle.year, Cycle.deadline_at,
        )
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .join(Award, Award.id == Adoption.award_id)
        .join(Cycle, Cycle.id == Adoption.cycle_id)
        .join(Province, Province.code == Entry.province_code)
        .where(Adoption.log == log, Entry.code == str(body.get("entry", "")))
    ).first()  # fmt: skip
    if row is None:
        return {}
    stands = row.receipt == receipt and row.state in ("submitted", "not_presented")
    return {
        "entry": row.code, "province_th": row.name_th, "province_en": row.name_en, "award_th": row.award_th,
        "award_en": row.award_en, "year": row.year, "fingerprint": str(body.get("fingerprint", "")),
        "late": is_late(row.submitted_at, row.first_submitted_at, row.deadline_at), "state": row.state,
        "stands": stands,
    }  # fmt: skip
