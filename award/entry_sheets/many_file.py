"""A workbook of many entries as a file: which sheets and columns there are, and what is not as it was made."""

from collections.abc import Sequence

from award.entry_sheets.many import Section, fingerprint_of
from award.entry_sheets.problems import Problems
from award.score_sheets.problems import cell_name
from award.tables.book_file import Book, BookSheet
from exports.entry_book_layout import ABOUT, COLUMN_CODES, FIRST_ROW, FORMAT_KEY
from exports.entry_book_many import CYCLE_KEY, ENTRY, FORMAT, PLACES, REVISION, RULES_KEY, SHEET_KEY
from scoring_rules.fact_tables import brief
from scoring_rules.rules import Field
from scoring_rules.words import Words

TEMPLATE = Words("ดาวน์โหลดแฟ้มแม่แบบใหม่ แล้วคัดลอกข้อมูลลงช่องเดิม", "Download the template again and copy the data into it.")


def revisions_of(book: Book, sections: Sequence[Section]) -> set[tuple[int, int]]:
    """Which earlier versions the file was made from: (entry, revision), as far as it can be read."""
    found: set[tuple[int, int]] = set()
    by_code = {entry.code: entry for section in sections for entry in section.entries}
    for page in book.sheets:
        columns = columns_in(page)
        for row in range(FIRST_ROW, len(page.rows) + 1) if {ENTRY, REVISION} <= set(columns) else ():
            entry, revision = by_code.get(page.at(row, columns[ENTRY])), page.at(row, columns[REVISION])
            if entry is not None and revision.isascii() and revision.isdigit() and len(revision) < 9:
                found.add((entry.id, int(revision)))
    return found


def sheet_names(book: Book, sections: Sequence[Section], cycle: int, problems: Problems) -> dict[str, str]:
    """The name of each sheet by its key, as the file says; what is not a file of this round is noted."""
    page = next((each for each in book.sheets if each.name in (ABOUT.th, ABOUT.en)), None)
    told: dict[str, list[tuple[str, str]]] = {}
    for row in range(1, len(page.rows) + 1 if page else 1):
        if page and (key := page.at(row, 2)):
            told.setdefault(key, []).append((page.at(row, 3), page.at(row, 4)))
    if [value for value, _ in told.get(FORMAT_KEY, [])] != [FORMAT]:
        says = Words("ไฟล์นี้ไม่ใช่แฟ้มนำเข้าผลงานของระบบนี้", "This is not an import workbook of this system.")
        problems.add("", "", "not_an_import_book", says, TEMPLATE)
        return {}
    wanted = {CYCLE_KEY: str(cycle), RULES_KEY: fingerprint_of(sections)}
    for key, value in wanted.items():
        if [each for each, _ in told.get(key, [])] != [value]:
            says = Words("แฟ้มนี้ทำจากรอบหรือเกณฑ์อื่น", "This file was made for another round, or by other rules.")
            problems.add(page.name if page else "", "", f"other_{key}", says, TEMPLATE)
    names = dict(told.get(SHEET_KEY, []))
    keys = [key for section in sections for key in section.keys]
    if not problems.found and (sorted(names) != sorted(keys) or len(set(names.values())) < len(names)):
        says = Words("รายชื่อแผ่นในแฟ้มถูกแก้", "The list of sheets in the file was changed.")
        problems.add(page.name if page else "", "", "identity_damaged", says, TEMPLATE)
    ours = {ABOUT.th, ABOUT.en, PLACES.th, PLACES.en, *names.values()}
    for each in book.sheets if not problems.found else ():
        if each.name not in ours and any(any(row) for row in each.rows):
            says = Words("แผ่นนี้ไม่ใช่ของแฟ้มนำเข้า และจะไม่ถูกอ่าน", "This sheet is not part of the import and is not read.")
            remedy = Words("ลบแผ่นนี้ หรือเปลี่ยนชื่อกลับ", "Delete it, or give it its old name back.")
            problems.add(each.name, "", "sheet_unknown", says, remedy)
    return names


def columns_in(page: BookSheet) -> dict[str, int]:
    """The columns by their codes; of one that is there twice, the first."""
    width = max((len(row) for row in page.rows), default=0)
    codes = [(page.at(COLUMN_CODES, column), column) for column in range(1, width + 1)]
    return {code: column for code, column in reversed(codes) if code}


def check_columns(page: BookSheet, wanted: Sequence[Field], problems: Problems) -> bool:
    """Whether the row of column codes is whole: none unknown, none twice, none missing."""
    before = len(problems.found)
    seen: dict[str, int] = {}
    width = max((len(row) for row in page.rows), default=0)
    known = dict.fromkeys(each.code for each in wanted)
    for column in range(1, width + 1):
        code = page.at(COLUMN_CODES, column)
        if code and code not in known:
            says = Words(f"ไม่รู้จักรหัสคอลัมน์ “{brief(code)}”", f'The column code "{brief(code)}" is not known.')
            problems.add(page.name, cell_name(COLUMN_CODES, column), "column_unknown", says, TEMPLATE)
        elif code and code in seen:
            first = cell_name(COLUMN_CODES, seen[code])
            says = Words(f"คอลัมน์ “{code}” ซ้ำกับ {first}", f'The column "{code}" is there twice; first in {first}.')
            problems.add(page.name, cell_name(COLUMN_CODES, column), "column_twice", says, TEMPLATE)
        elif code:
            seen[code] = column
    for code in known:
        if code not in seen:
            says = Words(f"ไม่มีคอลัมน์ “{code}”", f'The column "{code}" is missing.')
            problems.add(page.name, "", "column_missing", says, TEMPLATE)
    return len(problems.found) == before
