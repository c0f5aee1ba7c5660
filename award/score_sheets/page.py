"""One sheet of a filled file against its layout: is everything in place, and what was typed."""

from collections.abc import Iterator

from award.answers.plain import clean_text
from award.score_sheets.places import misplaced
from award.score_sheets.preview import Change, mark_text, same_note
from award.score_sheets.problems import FETCH_AGAIN, Problems, cell_name
from award.tables.book_file import BookSheet
from exports.score_sheet_layout import (
    CODE,
    COLUMN_HEADS,
    ENTRY_CODES,
    FIRST_ENTRY,
    FIRST_LINE,
    FROM_INDICATORS,
    MARK,
    POINTS,
    Layout,
    Line,
    SheetEntry,
)
from scoring_rules.cards import NOTE, read_changes
from scoring_rules.fact_tables import brief
from scoring_rules.words import Words

MOST_STRAYS = 1_000  # noted of one sheet
TICKS = {"TRUE": "1", "FALSE": "0"}


class Page:
    """One sheet of the file against its layout."""

    def __init__(self, page: BookSheet, layout: Layout, problems: Problems):
        self.page, self.layout, self.problems = page, layout, problems

    def _note(self, row: int, column: int, code: str, says: Words, remedy: Words) -> None:
        self.problems.add(self.layout.name, cell_name(row, column), code, says, remedy)

    def is_in_place(self) -> bool:
        """Whether every row and column stands where it was written; each that does not is noted."""
        layout, before = self.layout, len(self.problems.found)
        wanted_rows = {line.code: line.row for line in layout.lines}
        wanted_columns = {code: layout.column(number) for number, code in enumerate(layout.entries)}
        height = len(self.page.rows)
        width = max((len(row) for row in self.page.rows), default=0)
        rows = [(row, self.page.at(row, CODE)) for row in range(FIRST_LINE, height + 1)]
        columns = [(column, self.page.at(ENTRY_CODES, column)) for column in range(FIRST_ENTRY, width + 1)]
        for place, code, says in misplaced(rows, wanted_rows, Words("แถว", "row"), FIRST_LINE):
            self._note(place, CODE, code, says, FETCH_AGAIN)
        lettered = Words("คอลัมน์", "column")
        for place, code, says in misplaced(columns, wanted_columns, lettered, FIRST_ENTRY):
            self._note(ENTRY_CODES, place, code, says, FETCH_AGAIN)
        return len(self.problems.found) == before

    def note_strays(self) -> None:
        """Note what was typed where nothing is read, and formulas of ours that are gone."""
        layout = self.layout
        inputs = {
            (line.row, column) for number in range(len(layout.entries)) for _, line, column in layout.inputs(number)
        }
        live = set(self._formulas())
        read, noted = inputs | live, len(self.problems.found)
        for row in range(FIRST_LINE, len(self.page.rows) + 1):
            for column in range(CODE, len(self.page.rows[row - 1]) + 1):
                text = self.page.at(row, column)
                if text and (row, column) not in read and not self._is_ours(row, column, text):
                    says = Words(
                        f"พบ “{brief(text)}” นอกช่องที่กรอกได้", f'Found "{brief(text)}" outside the cells to fill.'
                    )
                    remedy = Words("ย้ายไปช่องสีเหลือง หรือลบออก", "Move it to a yellow cell, or delete it.")
                    self._note(row, column, "typed_elsewhere", says, remedy)
                    if len(self.problems.found) - noted >= MOST_STRAYS:
                        return  # a million of them would only take time and room
        for row, column in sorted(live - self.page.formulas):
            text = brief(self.page.at(row, column))
            says = Words(f"สูตรของแฟ้มถูกแทนที่ พบ “{text}”", f'A formula of the sheet was replaced; found "{text}".')
            self._note(row, column, "formula_replaced", says, FETCH_AGAIN)

    def _formulas(self) -> Iterator[tuple[int, int]]:
        for number in range(len(self.layout.entries)):
            points = self.layout.column(number, POINTS)
            yield from ((line.row, points) for line in self.layout.lines if line.kind in ("mark", "checklist"))
            yield self.layout.total_row, points
            yield self.layout.total_row + 1, self.layout.column(number, MARK)

    def _is_ours(self, row: int, column: int, text: str) -> bool:
        """Whether the sheet itself says something here, besides what is live."""
        if column < FIRST_ENTRY:
            return row <= self.layout.last_row
        if row == self.layout.total_row and text.rpartition(" ")[0] in (FROM_INDICATORS.th, FROM_INDICATORS.en):
            return True
        given = {line.row for line in self.layout.lines if line.kind == "given"}
        points = {self.layout.column(number, POINTS) for number in range(len(self.layout.entries))}
        return row <= COLUMN_HEADS or (row in given and column in points)

    def changes(self, number: int, entry: SheetEntry) -> Iterator[Change]:
        """Every cell of the entry that is not what is stored; what cannot be a mark or a note is noted."""
        for name, line, column in self.layout.inputs(number):
            place = (line.row, column)
            text, _ = clean_text(self.page.at(*place), lines=True)  # as on the card: nothing that nobody sees
            if place in self.page.formulas:
                says = Words(
                    f"พบสูตรในช่องที่กรอก (ค่า “{brief(text)}”)", f'A cell to fill holds a formula (value "{brief(text)}").'
                )
                self._note(*place, "formula", says, Words("พิมพ์ค่าแทนสูตร", "Type the value instead."))
                continue
            if place in self.page.errors:
                says = Words("ช่องนี้แสดงข้อผิดพลาด เช่น #N/A", "This cell shows an error such as #N/A.")
                self._note(*place, "formula_error", says, Words("พิมพ์ค่าแทน", "Type the value instead."))
                continue
            if place in self.page.percents and not name.startswith(NOTE):
                says = Words(
                    "ช่องนี้แสดงเป็น % (แสดง 85% แต่เก็บค่า 0.85)", "This cell shows a percentage (85% is kept as 0.85)."
                )
                remedy = Words("เปลี่ยนรูปแบบเซลล์เป็นตัวเลข แล้วพิมพ์คะแนน", "Format it as a number, then type the mark.")
                self._note(*place, "percent", says, remedy)
                continue
            if line.kind == "item":
                text = TICKS.get(text, text)
            change = self._change(name, line, text, entry)
            if isinstance(change, Words):
                self._note(*place, "note_too_long" if name.startswith(NOTE) else "mark", change, _remedy(name, text))
            elif change is not None:
                old, new = change
                yield Change(name, line.label, self.layout.name, cell_name(*place), old, new)

    def _change(self, name: str, line: Line, text: str, entry: SheetEntry) -> tuple[str, str] | Words | None:
        """(old, new) where they differ; what is wrong with the text; None where nothing changes."""
        typed = read_changes(self.layout.category, {name: text})
        if name in typed.problems:
            return typed.problems[name]
        if name.startswith(NOTE):
            path = name.removeprefix(NOTE)
            old, new = entry.notes.get(path, ""), typed.notes[path]
            return None if same_note(old, new) else (old, new)
        before, after = entry.marks.get(name), typed.marks[name]
        return None if before == after else (mark_text(before), mark_text(after))


def _remedy(name: str, text: str) -> Words:
    if name.startswith(NOTE):
        return Words("ย่อข้อความ", "Shorten it.")
    return Words(f"แก้ “{brief(text)}” หรือลบให้ช่องว่าง", f'Mend "{brief(text)}", or clear the cell.')
