"""A round as an import needs it: every category with its entries and who may still begin one; the workbook of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from award.answers.codes import list_codes
from award.entry_sheets.many import KnownEntry, Place, Section, fingerprint_of, sheets_of
from award.entry_sheets.many_file import revisions_of
from award.entry_sheets.many_plan import Planned
from award.entry_sheets.many_reading import read_many_book
from award.entry_sheets.preview import Version
from award.entry_sheets.problems import Speak
from award.evaluation import rules_of
from award.policy import is_in_time
from award.queries.cycles import AwardCycle, list_award_cycles
from award.queries.imports import ImportRow, list_import_rows, list_province_rows, map_versions
from award.tables.book_file import read_book
from exports.entry_book_many import ManyBook
from scoring_rules.words import Words

MADE_BY = Words("ระบบประเมินและให้คะแนน", "The award scoring system")
SENT = Words("ผลงานนี้ส่งแล้ว จึงแก้ไม่ได้", "This entry is sent, so it cannot be changed.")
ON_ITS_WAY = Words(
    "ผลงานนี้รอการอนุมัติของสำนักงานจังหวัด จึงแก้ไม่ได้", "This entry waits for approval in its office, so it cannot be changed."
)
TOO_LATE = Words("พ้นกำหนดเวลาของผลงานนี้แล้ว", "The time for this entry is over.")


@dataclass(frozen=True, slots=True)
class Round:
    """The newest round: its categories in the order of the day, its provinces."""

    cycle: int
    sections: tuple[Section, ...]
    provinces: tuple[Place, ...]
    invented: bool


def read_round(db: Session, *, now: datetime) -> Round | None:
    """The newest round as it is now; None before the first."""
    awards = list_award_cycles(db)
    awards = [award for award in awards if award.cycle_id == awards[0].cycle_id]
    if not awards:
        return None
    rows = list_import_rows(db, cycle_id=awards[0].cycle_id)
    sections = tuple(
        _section(award, category, rows, now)
        for award in awards
        for category in range(len(rules_of(award.rules_text).categories))
    )
    places = tuple(Place(each.code, each.name_th, each.name_en, each.districts) for each in list_province_rows(db))
    return Round(awards[0].year, sections, places, any(award.invented for award in awards))


def _section(award: AwardCycle, number: int, rows: list[ImportRow], now: datetime) -> Section:
    rules = rules_of(award.rules_text)
    category = rules.categories[number]
    codes = frozenset(("@label", *list_codes(category)))
    known = []
    for row in rows:
        if (row.adoption_id, row.category) != (award.adoption_id, category.code):
            continue
        closes = max(award.deadline_at, row.due_at) if row.due_at else award.deadline_at
        shut = None
        if row.state != "draft":
            shut = SENT
        elif row.step:
            shut = ON_ITS_WAY
        elif now < award.opens_at or not is_in_time(now, closes):
            shut = TOO_LATE
        locked = codes - set(row.returned) if row.returned else frozenset()
        known.append(
            KnownEntry(
                row.id, row.code, row.province_code, row.label, row.revision, shut is None, shut or Words(""),
                row.answers, row.evidence, frozenset(locked),
            )
        )  # fmt: skip
    short = Words(award.short_th, award.short_en)
    return Section(award.adoption_id, award.code, short, rules, category, tuple(known))


def book_of(found: Round, *, made_at: datetime, language: str) -> ManyBook:
    """The workbook to fill in, with what is there."""
    names = (place.name_en if language == "en" else place.name_th for place in found.provinces)
    return ManyBook(
        cycle=found.cycle,
        rules=fingerprint_of(found.sections),
        sheets=sheets_of(found.sections, found.provinces, language=language),
        provinces=tuple(names),
        made_at=made_at,
        made_by=MADE_BY,
        proposed=any(section.rules.basis == "proposed" for section in found.sections),
        invented=found.invented,
        language=language,
    )


def plan_import(
    db: Session, found: Round, data: bytes, *, name: str, speak: Speak, language: str
) -> tuple[Planned, ...]:
    """What the filled workbook would do, row by row. Raises FactsRefused where the file as a whole is refused."""
    book = read_book(data, name=name)
    wanted = revisions_of(book, found.sections)
    return read_many_book(
        book, sections=found.sections, provinces=found.provinces, cycle=found.cycle,
        versions=_versions(db, wanted), speak=speak, language=language,
    )  # fmt: skip


def _versions(db: Session, wanted: set[tuple[int, int]]) -> Mapping[tuple[int, int], Version]:
    stored = {key: Version(json.loads(text), label) for key, (label, text) in map_versions(db, wanted).items()}
    begun = {(entry, revision): Version({}, None) for entry, revision in wanted if revision == 0}
    return begun | stored
