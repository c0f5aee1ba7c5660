"""An entry's form as a workbook: filled with what is known, sent to districts, brought back filled.

One sheet for each part of the form, questions down, so that a district fills its lines on a phone; one for each table.
Everything but the yellow cells is locked (without a password: it guards against slips). Lists, numbers and days are
asked for as such; texts stay texts, whatever they begin with. The last sheet says which entry the file is of and from
which revision it was made; nothing in the file is hidden.
"""

from collections.abc import Mapping
from decimal import Decimal

from exports.entry_book_cells import FIGURE, SHUT, draw_input, expected_of, number_of
from exports.entry_book_layout import (
    ABOUT,
    ANSWER,
    BRING_BACK,
    CHECK_KEY,
    CODE,
    COLUMN_CODES,
    COLUMN_EXPECTED,
    COLUMN_HEADS,
    EXPECTED,
    FIRST_COLUMN,
    FIRST_ROW,
    FORMAT,
    FORMAT_KEY,
    HEADS,
    KEYS,
    NUMBER,
    QUESTION,
    EntryBook,
    Line,
    PartPage,
    TablePage,
)
from exports.form_book import FormBook, FormSheet
from exports.looks import (
    ALERT,
    CENTRED,
    GROUP_FILL,
    HEADER,
    INK,
    MUTED,
    PART,
    PLAIN,
    SUBTITLE,
    TEXT,
    TITLE,
    WARNING_LINE,
    Look,
)
from exports.text_width import lines_needed
from exports.thai import date_text, time_text
from exports.wording import INVENTED, PROPOSED
from exports.workbook import letter_of
from scoring_rules.exact import plain
from scoring_rules.rules import Field, Indicator
from scoring_rules.words import Words

__all__ = ["EntryBook", "entry_book"]

WIDTHS = (16.0, 46.0, 70.0, 40.0)
COLUMN_WIDTHS = {"yes_no": 11.0, "integer": 16.0, "decimal": 18.0, "date": 22.0, "link": 46.0, "long_text": 48.0}
SMALL_CODE = Look(size=11, colour=MUTED, vertical="top")
HINT = Look(size=13, colour=MUTED)
FILL_IN = Words(
    "กรอกเฉพาะช่องสีเหลือง อย่าแทรก ลบ หรือย้ายแถวและคอลัมน์ ช่องที่ลบให้ว่างคือลบคำตอบนั้น",
    "Fill the yellow cells only. Do not insert, delete or move rows or columns. A cleared cell clears that answer.",
)
NO_IDS = Words(
    "ห้ามใส่เลขประจำตัวประชาชนในช่องใด ๆ ระบบจะไม่รับ", "Write no national ID number anywhere: it would be refused."
)
ATTACHED = Words("แนบแฟ้มในระบบ ไม่ใช่ในแฟ้มนี้", "Files are attached on the site, not in this workbook.")


def entry_book(book: EntryBook) -> bytes:
    """The workbook (.xlsx): the parts asked for, with what is stored so far, and whose it is.

    Raises CannotWrite for an answer that no cell can hold."""
    made = FormBook(title=f"{book.say(book.award)} {book.cycle}", made_by=book.say(book.made_by), made_at=book.made_at)
    sheets = {page.name: page for page in book.pages}
    for page in book.pages:
        if isinstance(page, PartPage):
            _draw_part(
                made, book, page, {each.field.code: each for each in sheets.values() if isinstance(each, TablePage)}
            )
        else:
            _draw_table(made, book, page)
    _draw_about(made, book)
    return made.finish()


def _head(page: FormSheet, book: EntryBook, title: str) -> None:
    page.put(1, 1, title, TITLE)
    whom = f" · {book.say(KEYS['for_whom'])} {book.for_whom}" if book.for_whom else ""
    page.put(2, 1, f"{book.entry} · {book.label}{whom} · {book.say(FILL_IN)}", SUBTITLE)
    told = [INVENTED] if book.invented else []
    told += [PROPOSED] if book.proposed else []
    page.put(3, 1, " · ".join(book.say(each) for each in [*told, NO_IDS]), WARNING_LINE)


def _running(book: EntryBook) -> str:
    return f"{book.entry} · {book.say(book.award)} {book.cycle}"


# The sheet of a part --------------------------------------------------------------------------------------------------


def _draw_part(made: FormBook, book: EntryBook, page: PartPage, tables: Mapping[str, TablePage]) -> None:
    sheet = made.sheet(
        page.name, widths=WIDTHS, header=_running(book), repeat_rows=(HEADS, HEADS), frozen=(HEADS, QUESTION)
    )
    _head(sheet, book, f"{book.say(book.award)} {book.cycle} · {book.say(page.part.label)}")
    heads = (
        (CODE, Words("รหัส", "Code")),
        (QUESTION, Words("คำถาม", "Question")),
        (ANSWER, Words("คำตอบ", "Answer")),
        (EXPECTED, Words("สิ่งที่ต้องการ", "What is expected")),
    )
    for column, head in heads:
        sheet.put(HEADS, column, book.say(head), HEADER)
    for line in page.lines:
        label = book.say(line.label)
        if line.kind == "heading":
            for column in (CODE, ANSWER, EXPECTED):
                sheet.put(line.row, column, None, PART)
            sheet.put(line.row, QUESTION, label, PART)
            sheet.height(line.row, lines_needed(label, WIDTHS[1]))
            continue
        sheet.put(line.row, CODE, line.code, SMALL_CODE)
        sheet.put(line.row, QUESTION, label, TEXT.but(vertical="top"))
        shown, expected = _answer(sheet, book, page, line, tables)
        sheet.put(line.row, EXPECTED, expected, HINT.but(vertical="top"))
        lines = lines_needed(label, WIDTHS[1]), lines_needed(shown, WIDTHS[2]), lines_needed(expected, WIDTHS[3] * 1.2)
        roomy = isinstance(line.block, Field) and line.block.type == "long_text"
        sheet.height(line.row, max(*lines, 4 if roomy else 1))


def _answer(
    sheet: FormSheet, book: EntryBook, page: PartPage, line: Line, tables: Mapping[str, TablePage]
) -> tuple[str, str]:
    """Draws the answer's cell; what stands in it and what is expected."""
    block = line.block
    if isinstance(block, Indicator):
        return _result(sheet, book, page, line, block), book.say(Words("คำนวณให้เอง", "worked out by itself"))
    if not isinstance(block, Field):
        return "", ""
    if block.type == "files":
        count = book.files.get(block.code, 0)
        said = book.say(Words(f"แนบแล้ว {count}", f"attached so far: {count}"))
        sheet.put(line.row, ANSWER, said, SHUT)
        return said, book.say(ATTACHED)
    if block.type == "table":
        there = len(book.answers.get(block.code) or ())
        name = tables[block.code].name
        said = book.say(
            Words(f"กรอกในแผ่น “{name}” (มีแล้ว {there} แถว)", f'Fill the sheet "{name}" (rows so far: {there})')
        )
        sheet.put(line.row, ANSWER, said, SHUT)
        return said, ""
    stored = str(book.answers.get(block.code) or "")
    draw_input(sheet, line.row, ANSWER, block, stored, language=book.language, locked=block.code in book.locked)
    required = book.say(Words("จำเป็น", "required")) if block.required else ""
    texts = (required, book.say(expected_of(block)), book.say(block.help) if block.help else "")
    return stored, "\n".join(text for text in texts if text)


def _result(sheet: FormSheet, book: EntryBook, page: PartPage, line: Line, indicator: Indicator) -> str:
    """The live value of a ratio whose two numbers stand on this sheet, else what it was."""
    now = book.results.get(indicator.code, "")
    look = Look(format="#,##0.######", align="right", colour=MUTED, fill=GROUP_FILL)
    rows = [page.row_of.get(code) for code in indicator.ratio or ()]
    if len(rows) != 2 or None in rows:
        sheet.put(line.row, ANSWER, now, look)
        return now
    top, bottom = (f"{letter_of(ANSWER)}{row}" for row in rows)
    value = f"{top}/{bottom}*{plain(indicator.times)}"
    if indicator.round:
        value = f"ROUND({value},{indicator.round.places})"
    text = f'IF(AND(ISNUMBER({top}),ISNUMBER({bottom})),IF({bottom}=0,"",{value}),"")'
    sheet.formula(line.row, ANSWER, text, look, value=number_of(now))
    return now


# The sheet of a table -------------------------------------------------------------------------------------------------


def _draw_table(made: FormBook, book: EntryBook, page: TablePage) -> None:
    columns = page.field.columns
    widths = (6.0, *(COLUMN_WIDTHS.get(column.type, 34.0) for column in columns))
    sheet = made.sheet(
        page.name, widths=widths, header=_running(book), repeat_rows=(COLUMN_HEADS, COLUMN_HEADS),
        frozen=(COLUMN_HEADS, FIRST_COLUMN),
    )  # fmt: skip
    _head(sheet, book, f"{book.say(book.award)} {book.cycle} · {book.say(page.field.label)}")
    sheet.put(COLUMN_HEADS, NUMBER, book.say(Words("ที่", "No.")), HEADER)
    lines = [1]
    for column in columns:
        place, width = page.column_of[column.code], widths[page.column_of[column.code] - 1]
        expected, label = book.say(expected_of(column, in_table=True)), book.say(column.label)
        sheet.put(COLUMN_EXPECTED, place, expected, HINT)
        sheet.put(COLUMN_CODES, place, column.code, SMALL_CODE)
        sheet.put(COLUMN_HEADS, place, label, HEADER)
        lines.append(lines_needed(label, width))
        sheet.height(COLUMN_EXPECTED, 2)
    sheet.height(COLUMN_HEADS, max(lines))
    stored = list(book.answers.get(page.field.code) or ())
    for number, row in page.row_of.items():
        sheet.put(row, NUMBER, number, CENTRED)
        answers = stored[int(number) - 1] if int(number) <= len(stored) else {}
        for column in columns:
            place = page.column_of[column.code]
            draw_input(
                sheet, row, place, column, answers.get(column.code, ""), language=book.language,
                locked=page.field.code in book.locked, in_table=True,
            )  # fmt: skip
        heights = [lines_needed(answers.get(each.code, ""), widths[page.column_of[each.code] - 1]) for each in columns]
        sheet.height(row, max([1, *heights]))
    _sums(sheet, book, page)


def _sums(sheet: FormSheet, book: EntryBook, page: TablePage) -> None:
    """Under rows by district: what they add up to, to be held against the province's own number."""
    if page.field.code[:1] != "@":
        return
    row = page.last_row + 1
    sheet.put(row, NUMBER, None, PART)
    for column in page.field.columns:
        place = page.column_of[column.code]
        if column.type not in ("integer", "decimal"):
            sheet.put(row, place, book.say(Words("รวม", "Sum")), PART)
            continue
        letter = letter_of(place)
        texts = [each.get(column.code, "") for each in book.answers.get(page.field.code) or ()]
        values = [each for each in map(number_of, texts) if isinstance(each, Decimal)]
        look = FIGURE.but(fill=GROUP_FILL, bold=True)
        sheet.formula(
            row, place, f"SUM({letter}{FIRST_ROW}:{letter}{page.last_row})", look, value=sum(values, Decimal(0))
        )


# The last sheet -------------------------------------------------------------------------------------------------------


def _draw_about(made: FormBook, book: EntryBook) -> None:
    """Which entry this file is of: people read the first column, the program the second and third."""
    sheet = made.sheet(book.say(ABOUT), widths=(52.0, 16.0, 72.0))
    _head(sheet, book, f"{book.say(ABOUT)} · {book.say(book.award)} {book.cycle}")
    made_at = f"{date_text(book.made_at, language=book.language)} {time_text(book.made_at, language=book.language)}"
    whose = f"{book.entry} {book.label}"
    told = [
        Words(
            f"แบบกรอกผลงานของ {whose} ({book.province.th}) ทำเมื่อ {made_at}",
            f"The form of {whose} ({book.province.in_language('en')}), made {made_at}",
        ),
        *([book.due] if book.due.th else []),
        BRING_BACK,
        Words(
            "ข้อมูลต่อไปนี้บอกว่าแฟ้มเป็นของผลงานใด ถ้าแก้ ระบบจะไม่รับแฟ้ม",
            "What follows says which entry this file is of. If it is changed, the file is refused.",
        ),
    ]
    row = 4
    for line in told:
        sheet.put(row, 1, book.say(line), PLAIN.but(wrap=False, colour=INK))
        row += 1
    keyed = [(FORMAT_KEY, Words("รูปแบบของแฟ้ม", "Format of the file"), FORMAT)]
    keyed += [(key, label, getattr(book.identity, key)) for key, label in KEYS.items()]
    keyed.append((CHECK_KEY, Words("เลขตรวจ", "Check digits"), book.identity.check))
    for key, label, value in keyed:
        row += 1
        sheet.put(row, 1, book.say(label), TEXT)
        sheet.put(row, 2, key, SMALL_CODE)
        sheet.put(row, 3, value, ALERT.but(bold=False, colour=INK, fill=None))
