"""The entries of a round as an import finds them, and the versions that a file was made from."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from award.db.checking import ReturnedQuestion
from award.db.cycles import Adoption
from award.db.entries import Entry, EntryRevision, Evidence
from award.db.people import Province


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An entry of the round; answers and evidence of drafts only. `returned`: the only questions open, none: all."""

    id: int
    code: str
    adoption_id: int
    category: str
    province_code: str
    label: str
    state: str
    step: str
    revision: int
    due_at: datetime | None
    answers: dict[str, Any]
    evidence: dict[str, int]
    returned: tuple[str, ...]


def list_import_rows(db: Session, *, cycle_id: int) -> list[ImportRow]:
    """Every entry of the cycle that was not withdrawn, in the order it was begun, in three statements."""
    here = select(Entry.id).join(Adoption, Adoption.id == Entry.adoption_id)
    drafts = here.where(Adoption.cycle_id == cycle_id, Entry.state == "draft")
    evidence: dict[int, Counter[str]] = defaultdict(Counter)
    pieces = select(Evidence.entry_id, Evidence.field).where(
        Evidence.entry_id.in_(drafts), Evidence.removed_at.is_(None)
    )
    for entry_id, field in db.execute(pieces):
        evidence[entry_id][field] += 1
    returned: dict[int, list[str]] = defaultdict(list)
    questions = select(ReturnedQuestion.entry_id, ReturnedQuestion.field).where(
        ReturnedQuestion.entry_id.in_(drafts), ReturnedQuestion.closed_at.is_(None)
    )
    for entry_id, field in db.execute(questions.order_by(ReturnedQuestion.id)):
        returned[entry_id].append(field)
    rows = db.execute(
        select(
            Entry.id, Entry.code, Entry.adoption_id, Entry.category, Entry.province_code, Entry.label, Entry.state,
            Entry.step, Entry.revision, Entry.due_at,
            case((Entry.state == "draft", Entry.answers), else_="{}").label("answers"),
        )
        .join(Adoption, Adoption.id == Entry.adoption_id)
        .where(Adoption.cycle_id == cycle_id, Entry.state != "withdrawn")
        .order_by(Entry.id)
    )  # fmt: skip
    return [
        ImportRow(*row[:10], json.loads(row.answers), dict(evidence[row.id]), tuple(returned[row.id])) for row in rows
    ]


def map_versions(db: Session, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], tuple[str | None, str]]:
    """Label and answers (as JSON) of these versions, by (entry, revision)."""
    if not wanted:
        return {}
    asked = select(EntryRevision.entry_id, EntryRevision.revision, EntryRevision.label, EntryRevision.answers).where(
        EntryRevision.entry_id.in_({entry for entry, _ in wanted}),
        EntryRevision.revision.in_({revision for _, revision in wanted}),
    )
    return {
        (row.entry_id, row.revision): (row.label, row.answers)
        for row in db.execute(asked)
        if (row.entry_id, row.revision) in wanted
    }


@dataclass(frozen=True, slots=True)
class ProvinceRow:
    """A province as an import names it."""

    code: str
    name_th: str
    name_en: str
    districts: int


def list_province_rows(db: Session) -> list[ProvinceRow]:
    """All provinces, by zone, in dictionary order."""
    asked = select(Province.code, Province.name_th, Province.name_en, Province.districts).order_by(
        Province.zone_number, Province.sort, Province.code
    )
    return [ProvinceRow(*row) for row in db.execute(asked)]
