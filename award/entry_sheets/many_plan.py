"""What one row of a workbook of many entries would begin or change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.check import Problem as Fault
from award.answers.check import list_problems, place_of
from award.entry_sheets.cells import Reader, spoken, still_says
from award.entry_sheets.many import KnownEntry, Place, Section
from award.entry_sheets.many_file import columns_in
from award.entry_sheets.many_rows import FoundRow, Texts
from award.entry_sheets.preview import Change, Version
from award.entry_sheets.problems import MEND, Speak
from award.entry_sheets.questions import LABEL, OFFICE_ENTRANT
from award.entry_sheets.rows import Row, merge_rows
from award.entry_sheets.table_changes import Cells, table_changes
from award.evaluation import numbers_in
from award.score_sheets.problems import cell_name
from award.tables.book_file import BookSheet
from exports.entry_book_many import PROVINCE
from scoring_rules.problems import Problem
from scoring_rules.rules import Field
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Planned:
    """What one row would do. `entry` None: a new entry begins. With problems nothing of the row counts."""

    section: Section
    place: Place | None
    sheet: str
    row: int
    entry: KnownEntry | None
    label: str
    changes: tuple[Change, ...]
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]

    @property
    def overwrites(self) -> bool:
        """Whether it would replace something that was saved after the file was made."""
        return any(change.overwrites for change in self.changes)

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported and does something."""
        return not self.problems and (bool(self.changes) or self.entry is None)


class Planner:
    """Plans the rows of one category. `versions`: entries as they were, by (id, revision)."""

    def __init__(self, section: Section, versions: Mapping[tuple[int, int], Version], speak: Speak, *, language: str):
        self.section, self.versions, self.speak, self.language = section, versions, speak, language

    def plan(self, page: BookSheet, row: FoundRow, pages: Mapping[str, BookSheet]) -> Planned:
        reader = Reader(self.section.category, row.problems, self.speak)
        stored: Mapping[str, Any] = row.entry.answers if row.entry else {}
        then = self._then(row)
        changes: list[Change] = []
        values: dict[str, Any] = {}
        cells: Cells = {}
        for asked in self.section.fields:
            text, column = row.texts.get(asked.code, ("", 0))
            if not text:
                continue  # blank: an import clears nothing
            cells[place_of(asked.code)] = page.name, cell_name(row.number, column)
            now = (row.entry.label if row.entry else "") if asked.code == LABEL else str(stored.get(asked.code) or "")
            before = (
                None
                if then is None
                else (then.label if asked.code == LABEL else str(then.answers.get(asked.code) or ""))
            )
            if still_says(asked, text, now) or (before is not None and row.entry and still_says(asked, text, before)):
                continue
            value = reader.value(asked, text, page, row.number, column)
            if value is None or value == now:
                continue
            if row.entry is not None and asked.code in row.entry.locked:
                self._locked(page, row, column)
                continue
            old, new = (spoken(asked, each, language=self.language) for each in (now, value))
            at = cell_name(row.number, column)
            since = bool(row.entry and now and before != now)
            changes.append(Change(asked.code, asked.label, page.name, at, old, new, overwrites=since))
            values[asked.code] = value
        for table in self.section.tables:
            if given := row.tables.get(table.code):
                self._plan_table(pages[table.code], table, given, row, then, reader, changes, values, cells)
        label = values.get(LABEL) or (row.entry.label if row.entry else "")
        self._check(page, row, stored, values, cells)
        if not label and self.section.category.entrant != OFFICE_ENTRANT and not row.problems.found:
            says = Words("ผลงานใหม่ต้องมีชื่อผู้เสนอ", "A new entry needs the name of who stands for it.")
            at = cell_name(row.number, columns_in(page).get(LABEL, 1))
            row.problems.add(
                page.name,
                at,
                "label_missing",
                says,
                Words("ใส่ชื่อเต็ม พร้อมอำเภอ", "Write the full name, with the district."),
            )
        if row.entry is None and not row.problems.found and self.section.category.limit_per == "province":
            self._check_room(page, row)
        return Planned(
            self.section, row.place, page.name, row.number, row.entry, str(label), tuple(changes), values,
            tuple(row.problems.found),
        )  # fmt: skip

    def _then(self, row: FoundRow) -> Version | None:
        if row.entry is None:
            return Version({}, "")
        if not (row.revision.isascii() and row.revision.isdigit() and len(row.revision) < 9):
            return None
        if int(row.revision) == row.entry.revision:
            return Version(row.entry.answers, row.entry.label)
        return self.versions.get((row.entry.id, int(row.revision)))

    def _locked(self, page: BookSheet, row: FoundRow, column: int) -> None:
        says = Words(
            "คำถามนี้ล็อกอยู่ เปิดให้แก้เฉพาะข้อที่ส่งกลับ", "This question is locked: only those that were returned are open."
        )
        remedy = Words("ลบช่องนี้ให้ว่าง", "Clear this cell.")
        row.problems.add(page.name, cell_name(row.number, column), "locked", says, remedy)

    def _check_room(self, page: BookSheet, row: FoundRow) -> None:
        assert row.place is not None
        own = [each for each in self.section.entries if each.province == row.place.code]
        if len(own) >= self.section.category.limit:
            says = Words("จังหวัดนี้มีผลงานครบตามจำนวนแล้ว", "The province has as many entries as the rules allow.")
            remedy = Words("ใส่รหัสผลงานที่ต้องการแก้", "Write the code of the entry to change.")
            row.problems.add(page.name, cell_name(row.number, 1), "no_more", says, remedy)

    def _plan_table(
        self, page: BookSheet, table: Field, given: Mapping[int, Texts], row: FoundRow,
        then: Version | None, reader: Reader, changes: list[Change], values: dict[str, Any],
        cells: Cells,
    ) -> None:  # fmt: skip
        columns = columns_in(page)
        typed: dict[int, Row] = {}
        for number, texts in given.items():
            made: Row = {}
            for column in table.columns:
                text, at = texts.get(column.code, ("", 0))
                value = text and reader.value(column, text, page, number, at, in_table=True)
                if value:
                    made[column.code] = value
            typed[number] = made
        if row.problems.found:
            return
        found = reader.rows(table, typed, page, columns)
        if found is None:
            return
        now = [dict(each) for each in (row.entry.answers.get(table.code) or ())] if row.entry else []
        base = None if then is None else [dict(each) for each in then.answers.get(table.code) or ()]
        merged = merge_rows(base, now, found, key=table.columns[0].code)
        if merged.rows == now:
            return
        if row.entry is not None and table.code in row.entry.locked:
            self._locked(page, row, columns[PROVINCE])
            return
        numbered = dict(zip(typed, found, strict=False))
        told, places = table_changes(
            page.name, table, columns, now=now, merged=merged, found=numbered, language=self.language
        )
        changes += told
        cells |= places
        values[table.code] = merged.rows

    def _check(
        self, page: BookSheet, row: FoundRow, stored: Mapping[str, Any], values: Mapping[str, Any],
        cells: Cells,
    ) -> None:  # fmt: skip
        """Notes every new fault of the changed answers that stands at a cell of the row."""
        if not values:
            return
        known = {(each.place, str(each.values.get("typed"))) for each in self._wrong(row, stored)}
        after = {code: value for code, value in {**stored, **values}.items() if value and code != LABEL}
        for each in self._wrong(row, after):
            if (each.place, str(each.values.get("typed"))) not in known:
                sheet, cell = cells.get(each.place, ("", ""))
                if cell:
                    row.problems.add(sheet, cell, "not_acceptable", self.speak(each.says, each.values), MEND)

    def _wrong(self, row: FoundRow, answers: Mapping[str, Any]) -> list[Fault]:
        category = self.section.category
        found = list_problems(
            category, answers, numbers=numbers_in(category, dict(answers)),
            evidence=row.entry.evidence if row.entry else {}, districts=row.place.districts if row.place else None,
        )  # fmt: skip
        return [each for each in found if each.kind == "wrong"]
