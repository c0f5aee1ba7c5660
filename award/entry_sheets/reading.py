"""A whole filled workbook against its entry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from award.answers.check import Problem, list_problems, place_of
from award.entry_sheets.cells import Reader, spoken, still_says
from award.entry_sheets.identity import compare, read_identity
from award.entry_sheets.page import filled_rows, is_in_place, note_strays, questions
from award.entry_sheets.preview import Change, Preview, Stored
from award.entry_sheets.problems import MEND, Problems, Speak
from award.entry_sheets.questions import LABEL, parts_in
from award.entry_sheets.rows import Row, merge_rows
from award.entry_sheets.table_changes import Cells, table_changes
from award.evaluation import numbers_in
from award.score_sheets.problems import cell_name
from award.tables.book_file import Book, BookSheet, read_book
from exports.entry_book_layout import ABOUT, EntryBook, Identity, PartPage, TablePage, pages_of
from scoring_rules.problems import FactsRefused
from scoring_rules.rules import Category, Field
from scoring_rules.words import Words

LOCKED = Words(
    "คำถามนี้ล็อกอยู่ ผู้จัดเปิดให้แก้เฉพาะบางข้อ", "This question is locked: the organizer opened single questions only."
)
BEFORE = {"ข้อมูลทั่วไป": "ทั่วไป"}  # what a sheet was called in files that are still out
PUT_BACK = Words("ใส่ค่าเดิมคืน แล้วเลือกไฟล์อีกครั้ง", "Put back what stood there, then choose the file again.")


@dataclass(frozen=True, slots=True)
class OpenedBook:
    """A filled file, and which entry it says it is of."""

    book: Book
    identity: Identity

    @property
    def revision(self) -> int:
        """The revision that it says it was made from."""
        return int(self.identity.revision)


def open_entry_book(data: bytes, *, name: str) -> OpenedBook:
    """The workbook in these bytes. Raises FactsRefused where it is no entry's form."""
    book, problems = read_book(data, name=name), Problems(name)
    identity = read_identity(book, problems)
    if identity is None:
        raise FactsRefused(problems.found)
    return OpenedBook(book, identity)


def read_entry_book(
    opened: OpenedBook, *, category: Category, book: EntryBook, stored: Stored, speak: Speak
) -> Preview:
    """What the filled file would change of the entry, `book` being the same entry's workbook as it would be made now.

    Raises FactsRefused with every problem, each naming its sheet and cell; then nothing of the file counts. A cell that
    still says what is stored is never refused, however wrong it is. `stored.then` is what the file was made from.
    """
    problems = Problems(opened.book.name)
    compare(opened.identity, book.identity, problems)
    if problems.found:
        raise FactsRefused(problems.found)
    reading = _Reading(opened.book, opened.identity, category, stored, problems, speak, language=book.language)
    preview = reading.preview()
    if problems.found:
        raise FactsRefused(problems.found)
    return preview


class _Reading:
    def __init__(
        self, book: Book, identity: Identity, category: Category, stored: Stored, problems: Problems, speak: Speak, *,
        language: str,
    ):  # fmt: skip
        self.book, self.identity, self.category, self.stored = book, identity, category, stored
        self.problems, self.speak, self.language = problems, speak, language
        self.reader = Reader(category, problems, speak)
        self.changes: list[Change] = []
        self.values: dict[str, Any] = {}
        self.kept: list[Words] = []
        self.cells: Cells = {}

    def preview(self) -> Preview:
        """Reads every sheet; problems are noted as they are found."""
        asked = self.identity.parts.split()
        parts = [part for part in parts_in(self.category) if part.code in asked]
        layouts = pages_of(parts, self.identity.row_counts, language=self.identity.language)
        self._note_other_sheets(layouts)
        for layout in layouts:
            page = self.book.sheet(layout.name) or self.book.sheet(BEFORE.get(layout.name, layout.name))
            if page is None:
                says = Words(f"ไม่มีแผ่น “{layout.name}”", f'There is no sheet "{layout.name}".')
                remedy = Words("อย่าลบหรือเปลี่ยนชื่อแผ่น", "Do not delete or rename sheets.")
                self.problems.add(layout.name, "", "sheet_missing", says, remedy)
            elif is_in_place(page, layout, self.problems):
                note_strays(page, layout, self.problems)
                if isinstance(layout, TablePage):
                    self._table(page, layout)
                else:
                    for field, row, column in questions(layout):
                        self._question(page, field, row, column)
        unfinished = tuple(self._check())
        return Preview(tuple(self.changes), self.values, tuple(self.kept), unfinished, self.identity.for_whom)

    def _note_other_sheets(self, layouts: Sequence[PartPage | TablePage]) -> None:
        names = [each.name for each in layouts]
        ours = {ABOUT.th, ABOUT.en, *names, *(BEFORE.get(name, name) for name in names)}
        for page in self.book.sheets:
            if page.name not in ours and any(any(row) for row in page.rows):
                says = Words("แผ่นนี้ไม่ใช่ของแบบ และจะไม่ถูกอ่าน", "This sheet is not part of the form and is not read.")
                remedy = Words("ลบแผ่นนี้ หรือเปลี่ยนชื่อกลับ", "Delete it, or give it its old name back.")
                self.problems.add(page.name, "", "sheet_unknown", says, remedy)

    # One question -----------------------------------------------------------------------------------------------------

    def _question(self, page: BookSheet, field: Field, row: int, column: int) -> None:
        self.cells[place_of(field.code)] = page.name, cell_name(row, column)
        text = self.reader.text(page, row, column, field)
        now, then = self._stored(field.code), self._then(field.code)
        if text is None or still_says(field, text, now):
            return
        if then is not None and still_says(field, text, then):
            self.kept.append(field.label)
            return
        value = self.reader.value(field, text, page, row, column)
        if value is None or value == now:
            return
        if field.code in self.stored.locked:
            self.problems.add(page.name, cell_name(row, column), "locked", LOCKED, PUT_BACK)
            return
        old, new = (spoken(field, each, language=self.language) for each in (now, value))
        changed = Change(field.code, field.label, page.name, cell_name(row, column), old, new, overwrites=then != now)
        self.changes.append(changed)
        self.values[field.code] = value

    def _stored(self, code: str) -> str:
        return self.stored.label if code == LABEL else str(self.stored.answers.get(code) or "")

    def _then(self, code: str) -> str | None:
        """What stood there when the file was made; None where that is not known."""
        if self.stored.then is None:
            return None
        return self.stored.then.label if code == LABEL else str(self.stored.then.answers.get(code) or "")

    # One table --------------------------------------------------------------------------------------------------------

    def _table(self, page: BookSheet, layout: TablePage) -> None:
        table, before = layout.field, len(self.problems.found)
        texts: dict[int, Row] = {}
        for row, columns in filled_rows(layout):
            cells: Row = {}
            for column in table.columns:
                text = self.reader.text(page, row, columns[column.code], column)
                value = text and self.reader.value(column, text, page, row, columns[column.code], in_table=True)
                if value:
                    cells[column.code] = value
            if cells:
                texts[row] = cells
        if len(self.problems.found) > before:
            return
        found = self.reader.rows(table, texts, page, layout.column_of)
        if found is None:
            return
        now = self._rows(self.stored.answers, table)
        base = None if self.stored.then is None else self._rows(self.stored.then.answers, table)
        key = table.columns[0].code
        merged = merge_rows(base, now, found, key=key)
        if merged.rows == now:
            if found != now:
                self.kept.append(table.label)
            return
        if table.code in self.stored.locked:
            self.problems.add(page.name, "", "locked", LOCKED, PUT_BACK)
            return
        numbered = dict(zip(texts, found, strict=False))
        changes, places = table_changes(
            page.name, table, layout.column_of, now=now, merged=merged, found=numbered, language=self.language
        )
        self.changes += changes
        self.cells |= places
        self.values[table.code] = merged.rows

    def _rows(self, answers: Mapping[str, Any], table: Field) -> list[Row]:
        return [dict(row) for row in answers.get(table.code) or ()]

    # The whole --------------------------------------------------------------------------------------------------------

    def _check(self) -> Iterator[Words]:
        """Notes every new fault of the changed answers at its cell; answers those that stand at no single cell, which
        may be stored and are to be mended before sending."""
        now = {code: value for code, value in self.stored.answers.items() if value}
        known = {(each.place, str(each.values.get("typed"))) for each in self._wrong(now)}
        after = {code: value for code, value in {**now, **self.values}.items() if value and code != LABEL}
        for each in self._wrong(after) if self.values else ():
            if (each.place, str(each.values.get("typed"))) in known:
                continue
            says, (sheet, cell) = self.speak(each.says, each.values), self.cells.get(each.place, ("", ""))
            if cell:
                self.problems.add(sheet, cell, "not_acceptable", says, MEND)
            else:
                yield says

    def _wrong(self, answers: Mapping[str, Any]) -> list[Problem]:
        numbers = numbers_in(self.category, dict(answers))
        found = list_problems(
            self.category, answers, numbers=numbers, evidence=self.stored.evidence, districts=self.stored.districts
        )
        return [each for each in found if each.kind == "wrong"]
