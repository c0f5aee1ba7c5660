"""What a filled cell says: its text as the form would take it, a stored answer as people read it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from award.answers.percentages import is_percentage_field
from award.answers.plain import clean_text, plain_number
from award.answers.tidy import tidy_changes, tidy_label
from award.entry_sheets.problems import MEND, Problems, Speak, says_of
from award.entry_sheets.questions import LABEL
from award.errors import Invalid
from award.score_sheets.preview import same_note
from award.score_sheets.problems import cell_name
from award.tables.book_file import BookSheet
from award.tables.refusing import TURNED
from exports.entry_book_cells import expected_of
from exports.entry_book_layout import NO, YES
from exports.thai import date_text
from scoring_rules.exact import parse_number, plain
from scoring_rules.fact_tables import brief
from scoring_rules.operations import times
from scoring_rules.rules import Category, Field
from scoring_rules.words import Words

TICKS = {
    **dict.fromkeys(("TRUE", "1", "yes", YES.th, "มี", "/", "✓", "✔"), "yes"),
    **dict.fromkeys(("FALSE", "0", "no", NO.th, "ไม่มี"), "no"),
}


class Reader:
    """Reads single cells of one file; what is wrong with one is noted where it stands."""

    def __init__(self, category: Category, problems: Problems, speak: Speak):
        self.category, self.problems, self.speak = category, problems, speak

    def text(self, page: BookSheet, row: int, column: int, field: Field | None = None) -> str | None:
        """The text of a cell to fill; None (noted) where it holds a formula, an error or what nobody sees, or where a
        number shows as 85% and the question (`field`) does not tell whether 85 or 0.85 is meant."""
        text, found = page.at(row, column), None
        at = (row, column)
        if at in page.formulas:
            says = Words(
                f"พบสูตรในช่องที่กรอก (ค่า “{brief(text)}”)", f'A cell to fill holds a formula (value "{brief(text)}").'
            )
            found = "formula", says, Words("พิมพ์ค่าแทนสูตร", "Type the value instead.")
        elif at in page.errors:
            says = Words("ช่องนี้แสดงข้อผิดพลาด เช่น #N/A", "This cell shows an error such as #N/A.")
            found = "formula_error", says, Words("พิมพ์ค่าแทน", "Type the value instead.")
        elif turned := TURNED.search(text):
            code = f"U+{ord(turned[0]):04X}"
            says = Words(f"พบอักขระที่มองไม่เห็น ({code})", f"Found a character that nobody sees ({code}).")
            found = "invisible_character", says, Words("พิมพ์ช่องนี้ใหม่", "Type this cell anew.")
        elif at in page.percents and plain_number(text) is not None:
            shown = plain(times(100, parse_number(plain_number(text) or "")))
            if field is None or field.type not in ("integer", "decimal"):
                return f"{shown}%"  # as people see it
            if is_percentage_field(self.category, field.code):
                return shown
            found = "percent", *_asked_of_percent(shown, held=text)
        if found:
            self.problems.add(page.name, cell_name(row, column), *found)
            return None
        return clean_text(text, lines=True)[0]

    def value(self, field: Field, text: str, page: BookSheet, row: int, column: int, *, in_table: bool = False) -> Any:
        """The text as the form would store it; None (noted) where it cannot be stored at all."""
        typed = self._coded(field, text, in_table=in_table)
        if typed is None:
            says = Words(f"“{brief(text)}” ไม่ใช่ตัวเลือกของช่องนี้", f'"{brief(text)}" is not one of the choices here.')
            expected = expected_of(field, in_table=in_table)
            remedy = Words(f"ใส่ {expected.th}", f"Write {expected.in_language('en')}.")
            self.problems.add(page.name, cell_name(row, column), "not_a_choice", says, remedy)
            return None
        try:
            if field.code == LABEL:
                return tidy_label(typed)
            return typed if in_table else tidy_changes(self.category, {field.code: typed}).values[field.code]
        except Invalid as refusal:
            self.problems.add(page.name, cell_name(row, column), refusal.id, says_of(self.speak, refusal), MEND)
            return None

    def rows(
        self, table: Field, rows: Mapping[int, Mapping[str, str]], page: BookSheet, columns: Mapping[str, int]
    ) -> Any:
        """The filled rows (by their row on the sheet) as the form stores them; None (noted) where one cannot be."""
        try:
            return tidy_changes(self.category, {table.code: list(rows.values())}).values[table.code]
        except Invalid as whole:
            before = len(self.problems.found)
            for row, cells in rows.items():
                for code, text in cells.items():
                    try:
                        tidy_changes(self.category, {table.code: [{code: text}]})
                    except Invalid as refusal:
                        at = cell_name(row, columns[code])
                        self.problems.add(page.name, at, refusal.id, says_of(self.speak, refusal), MEND)
            if len(self.problems.found) == before:
                self.problems.add(page.name, "", whole.id, says_of(self.speak, whole), MEND)
            return None

    def _coded(self, field: Field, text: str, *, in_table: bool) -> str | None:
        if not text or field.type not in ("yes_no", "choice"):
            return text
        if field.type == "choice":
            return next(
                (each.code for each in field.options if text in (each.code, each.label.th, each.label.en)), None
            )
        said = TICKS.get(text) or TICKS.get(text.lower())
        return "" if in_table and said == "no" else said


def _asked_of_percent(shown: str, *, held: str) -> tuple[Words, Words]:
    says = Words(
        f"ช่องนี้แสดงเป็น {shown}% ซึ่งโปรแกรมเก็บเป็น {held} จึงไม่ทราบว่าหมายถึง {shown} หรือ {held}",
        f"This cell shows {shown}%, kept as {held}: it does not tell whether {shown} or {held} is meant.",
    )
    remedy = Words(
        f"เปลี่ยนรูปแบบเซลล์เป็นตัวเลข แล้วพิมพ์ {shown} หรือ {held}",
        f"Format the cell as a number, then type {shown} or {held}.",
    )
    return says, remedy


def still_says(field: Field, text: str, stored: str) -> bool:
    """Whether a cell still says what is stored: programs differ in how they end lines and keep blanks and zeros."""
    if field.type in ("integer", "decimal") and (number := plain_number(text)) is not None:
        return number == plain_number(stored)
    shown = {stored, *(spoken(field, stored, language=language) for language in ("th", "en"))}
    return any(same_note(each, text) for each in shown)


def spoken(field: Field, text: str, *, language: str) -> str:
    """A stored answer as people read it."""
    if field.type == "yes_no":
        return {"yes": YES, "no": NO}[text].in_language(language) if text in ("yes", "no") else text
    if field.type == "choice":
        return next((each.label.in_language(language) for each in field.options if each.code == text), text)
    if field.type == "date":
        try:
            return date_text(date.fromisoformat(text), language=language)
        except ValueError:
            return text
    return text
