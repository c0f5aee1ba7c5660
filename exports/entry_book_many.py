"""Many entries in one workbook, for the organizer: a sheet for each category, a row for each entry, tables beside.

Made with what is there: a row for each entry that is begun and still open, and one with nothing but the province for
each that could be begun. The same workbook is read back by `award.entry_sheets`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from exports.cell_text import legal_sheet_name
from exports.entry_book import FILL_IN, NO_IDS, SMALL_CODE
from exports.entry_book_cells import SHUT, allowed_in, draw_input, expected_of
from exports.entry_book_layout import ABOUT, COLUMN_CODES, COLUMN_EXPECTED, COLUMN_HEADS, FIRST_ROW, FORMAT_KEY
from exports.form_book import Allowed, FormBook, FormSheet
from exports.looks import HEADER, INK, MUTED, PLAIN, SUBTITLE, TEXT, TITLE, WARNING_LINE, Look
from exports.text_width import lines_needed
from exports.thai import date_text, time_text
from exports.wording import INVENTED, PROPOSED
from scoring_rules.rules import Field
from scoring_rules.words import Words

FORMAT = "award-entry-import/1"
PLACES = Words("จังหวัด", "Provinces")
ENTRY, REVISION, PROVINCE = "entry", "revision", "province"  # columns of every sheet, before the answers
SHEET_KEY, CYCLE_KEY, RULES_KEY, LANGUAGE_KEY = "sheet", "cycle", "rules", "language"
SPARE_ROWS = 10
HINT = Look(size=13, colour=MUTED)
WIDTHS = {"yes_no": 11.0, "integer": 16.0, "decimal": 18.0, "date": 20.0, "link": 40.0, "long_text": 48.0}
KEY_FIELDS = {
    ENTRY: Field(ENTRY, Words("รหัสผลงาน", "Entry code"), "text", required=False, max_chars=40),
    REVISION: Field(REVISION, Words("ครั้งที่บันทึก", "Revision"), "text", required=False),
    PROVINCE: Field(PROVINCE, Words("จังหวัด", "Province"), "text", required=True),
}
HOW = Words(
    "หนึ่งแถวต่อหนึ่งผลงาน ช่องว่างคือไม่เปลี่ยน (การนำเข้าไม่ลบคำตอบ) รหัสผลงานเว้นว่างได้เมื่อเป็นผลงานใหม่ อย่าเปลี่ยนแถวรหัสคอลัมน์",
    "One row for each entry. A blank cell changes nothing (an import clears no answer). The entry code may stay blank "
    "for a new entry. Do not change the row of column codes.",
)


@dataclass(frozen=True, slots=True)
class ManySheet:
    """One sheet: the entries of a category, or the rows of one of its tables. `key` names it: `award/category`, or
    `award/category/table`. `rows` hold texts by column code."""

    key: str
    label: Words
    columns: tuple[Field, ...]
    rows: Sequence[Mapping[str, str]]
    spare: int = SPARE_ROWS


@dataclass(frozen=True)
class ManyBook:
    """The workbook of a round; `rules` is the fingerprint of all its rule sets together."""

    cycle: int
    rules: str
    sheets: tuple[ManySheet, ...]
    provinces: tuple[str, ...]
    made_at: datetime
    made_by: Words
    proposed: bool
    invented: bool
    language: str = "th"

    def say(self, said: Words | str) -> str:
        """The text in the book's language."""
        return said if isinstance(said, str) else said.in_language(self.language)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The name of each sheet, by its key."""
        taken = [each for words in (ABOUT, PLACES) for each in (words.th, words.en)]
        made: dict[str, str] = {}
        for sheet in self.sheets:
            made[sheet.key] = legal_sheet_name(self.say(sheet.label).partition(" (")[0], [*taken, *made.values()])
        return made


def many_book(book: ManyBook) -> bytes:
    """The workbook (.xlsx) to fill in. Raises CannotWrite for an answer that no cell can hold."""
    made = FormBook(title=f"{book.say(TITLE_OF)} {book.cycle}", made_by=book.say(book.made_by), made_at=book.made_at)
    for sheet in book.sheets:
        _draw(made, book, sheet)
    places = made.sheet(book.say(PLACES), widths=(30.0,))
    for row, name in enumerate(book.provinces, 1):
        places.put(row, 1, name, TEXT)
    _about(made, book)
    return made.finish()


TITLE_OF = Words("นำเข้าผลงานหลายรายการ", "Import of many entries")


def _head(page: FormSheet, book: ManyBook, title: str) -> None:
    page.put(1, 1, title, TITLE)
    page.put(2, 1, f"{book.say(HOW)}", SUBTITLE)
    told = ([INVENTED] if book.invented else []) + ([PROPOSED] if book.proposed else [])
    page.put(3, 1, " · ".join(book.say(each) for each in [*told, NO_IDS]), WARNING_LINE)


def _draw(made: FormBook, book: ManyBook, sheet: ManySheet) -> None:
    widths = [_width(column) for column in sheet.columns]
    frozen = sum(column.code in KEY_FIELDS for column in sheet.columns)
    page = made.sheet(
        book.names[sheet.key], widths=widths, repeat_rows=(COLUMN_HEADS, COLUMN_HEADS), frozen=(COLUMN_HEADS, frozen)
    )
    _head(page, book, f"{book.say(TITLE_OF)} {book.cycle} · {book.say(sheet.label)}")
    in_table = sheet.key.count("/") > 1
    for place, column in enumerate(sheet.columns, 1):
        page.put(COLUMN_EXPECTED, place, book.say(expected_of(column, in_table=in_table)), HINT)
        page.put(COLUMN_CODES, place, column.code, SMALL_CODE)
        page.put(COLUMN_HEADS, place, book.say(column.label), HEADER)
    page.height(COLUMN_EXPECTED, 3)
    page.height(
        COLUMN_HEADS, max(lines_needed(book.say(c.label), w) for c, w in zip(sheet.columns, widths, strict=True))
    )
    count = len(sheet.rows) + sheet.spare
    for number in range(count):
        there = sheet.rows[number] if number < len(sheet.rows) else {}
        for place, column in enumerate(sheet.columns, 1):
            text = there.get(column.code, "")
            if column.code == REVISION:
                page.put(FIRST_ROW + number, place, text, SHUT)
            else:
                draw_input(page, FIRST_ROW + number, place, column, text, language=book.language, asks=False)
    for place, column in enumerate(sheet.columns, 1):
        if column.code not in (REVISION, ENTRY):
            page.allow(FIRST_ROW, place, _allowed(book, column, in_table=in_table), rows=count)


def _allowed(book: ManyBook, column: Field, *, in_table: bool) -> Allowed:
    if column.code != PROVINCE:
        return allowed_in(column, language=book.language, in_table=in_table)
    listed = f"'{book.say(PLACES)}'!$A$1:$A${len(book.provinces)}"
    refusal = book.say(Words("ไม่มีจังหวัดนี้ในรายชื่อ", "This province is not on the list."))
    return Allowed(listed_at=listed, firm=False, title=book.say(column.label), refusal=refusal)


def _width(column: Field) -> float:
    return {ENTRY: 16.0, REVISION: 9.0, PROVINCE: 22.0}.get(column.code, WIDTHS.get(column.type, 32.0))


def _about(made: FormBook, book: ManyBook) -> None:
    page = made.sheet(book.say(ABOUT), widths=(52.0, 14.0, 72.0, 40.0))
    _head(page, book, f"{book.say(ABOUT)} · {book.say(TITLE_OF)} {book.cycle}")
    made_at = f"{date_text(book.made_at, language=book.language)} {time_text(book.made_at, language=book.language)}"
    told = (Words(f"ทำเมื่อ {made_at}", f"Made {made_at}"), FILL_IN)
    for row, line in enumerate(told, 4):
        page.put(row, 1, book.say(line), PLAIN.but(wrap=False, colour=INK))
    keyed = [
        (FORMAT_KEY, FORMAT, ""),
        (LANGUAGE_KEY, book.language, ""),
        (CYCLE_KEY, str(book.cycle), ""),
        (RULES_KEY, book.rules, ""),
        *((SHEET_KEY, key, name) for key, name in book.names.items()),
    ]
    for row, (key, value, name) in enumerate(keyed, 7):
        page.put(row, 2, key, SMALL_CODE)
        page.put(row, 3, value, TEXT)
        page.put(row, 4, name, TEXT)
