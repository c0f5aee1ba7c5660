"""Rows of a workbook of many entries: whose each is, which rows of tables belong to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from award.entry_sheets.cells import Reader
from award.entry_sheets.many import KnownEntry, Place, Section
from award.entry_sheets.many_file import columns_in
from award.entry_sheets.problems import Problems, Speak
from award.score_sheets.problems import cell_name
from award.tables.book_file import BookSheet
from exports.entry_book_layout import FIRST_ROW
from exports.entry_book_many import ENTRY, PROVINCE, REVISION
from scoring_rules.fact_tables import brief, near
from scoring_rules.rules import Field
from scoring_rules.words import Words

MOST_STRAYS = 100  # noted of one row
Texts = dict[str, tuple[str, int]]  # by column code: text, column


@dataclass
class FoundRow:
    """A row of a category's sheet while it is read, with the rows of its tables by their row on the sheet."""

    number: int
    place: Place | None
    entry: KnownEntry | None
    texts: Texts
    revision: str
    problems: Problems
    tables: dict[str, dict[int, Texts]] = field(default_factory=dict)


class RowFinder:
    """Finds the rows of one category's sheets. What is wrong with a row is noted at it, and refuses no other."""

    def __init__(self, section: Section, provinces: Sequence[Place], file: str, speak: Speak):
        self.section, self.provinces, self.file, self.speak = section, provinces, file, speak
        self.by_code = {entry.code: entry for entry in section.entries}

    def rows(self, page: BookSheet) -> Iterator[FoundRow]:
        """Every row that says something."""
        columns = columns_in(page)
        for number in range(FIRST_ROW, len(page.rows) + 1):
            problems = Problems(self.file)
            self._note_strays(page, number, set(columns.values()), problems)
            texts = self._texts(page, number, columns, problems, self.section.fields)
            entry_code, place_text = (texts.pop(code, ("", 0))[0] for code in (ENTRY, PROVINCE))
            revision = texts.pop(REVISION, ("", 0))[0]
            if not any(text for text, _ in texts.values()) and not entry_code and not problems.found:
                continue  # a province that nobody filled in
            place = self._place(page, number, columns[PROVINCE], place_text, problems)
            entry = self._entry(page, number, columns[ENTRY], entry_code, place, problems)
            yield FoundRow(number, place, entry, texts, revision, problems)

    def _texts(
        self, page: BookSheet, number: int, columns: Mapping[str, int], problems: Problems, fields: Sequence[Field]
    ) -> dict[str, tuple[str, int]]:
        reader = Reader(self.section.category, problems, self.speak)
        asked = {each.code: each for each in fields}
        texts = ((code, reader.text(page, number, column, asked.get(code)), column) for code, column in columns.items())
        return {code: (text, column) for code, text, column in texts if text}

    def _note_strays(self, page: BookSheet, number: int, known: set[int], problems: Problems) -> None:
        for column in range(1, len(page.rows[number - 1]) + 1):
            text = page.at(number, column)
            if text and column not in known and len(problems.found) < MOST_STRAYS:
                says = Words(f"พบ “{brief(text)}” ในคอลัมน์ที่ไม่มีรหัส", f'Found "{brief(text)}" in a column without a code.')
                remedy = Words("ลบ หรือย้ายไปคอลัมน์ที่ถูกต้อง", "Delete it, or move it to its column.")
                problems.add(page.name, cell_name(number, column), "typed_elsewhere", says, remedy)

    def _place(self, page: BookSheet, number: int, column: int, text: str, problems: Problems) -> Place | None:
        wanted = text.removeprefix("จังหวัด").strip().lower()
        for place in self.provinces:
            if wanted in (place.code, place.name_th, place.name_en.lower()):
                return place
        cell = cell_name(number, column)
        if not text:
            says = Words("แถวนี้ไม่มีจังหวัด", "This row names no province.")
            problems.add(page.name, cell, "province_missing", says, Words("ใส่ชื่อจังหวัด", "Write the province's name."))
            return None
        says = Words(f"“{brief(text)}” ไม่ใช่จังหวัด", f'"{brief(text)}" is not a province.')
        known = [name for place in self.provinces for name in (place.name_th, place.name_en)]
        problems.add(page.name, cell, "province_unknown", says, near(text, known))
        return None

    def _entry(
        self, page: BookSheet, number: int, column: int, code: str, place: Place | None, problems: Problems
    ) -> KnownEntry | None:
        cell = cell_name(number, column)
        if code:
            entry = self.by_code.get(code)
            if entry is None:
                says = Words(
                    f"ไม่มีผลงานรหัส “{brief(code)}” ในประเภทนี้", f'There is no entry "{brief(code)}" in this category.'
                )
                problems.add(page.name, cell, "entry_unknown", says, near(code, sorted(self.by_code)))
            elif place is not None and entry.province != place.code:
                says = Words(f"ผลงาน {code} ไม่ใช่ของจังหวัดนี้", f"The entry {code} is not of this province.")
                remedy = Words("แก้รหัสหรือจังหวัด", "Correct the code or the province.")
                problems.add(page.name, cell, "entry_elsewhere", says, remedy)
        else:
            own = [each for each in self.section.entries if place is not None and each.province == place.code]
            entry = own[0] if len(own) == self.section.category.limit == 1 else None
        if entry is not None and not entry.is_open:
            remedy = Words("ลบแถวนี้ออกจากแฟ้ม", "Take this row out of the file.")
            problems.add(page.name, cell, "entry_shut", entry.why_shut, remedy)
        return entry

    def note_twice(self, page: BookSheet, rows: Sequence[FoundRow]) -> None:
        """Two rows of one entry, or more new ones than the rules leave room for."""
        seen: dict[object, int] = {}
        category = self.section.category
        for row in rows:
            if row.place is None or row.problems.found:
                continue
            per_province = category.limit_per == "province" and category.limit == 1
            key: object = row.entry.code if row.entry else (row.place.code, "" if per_province else row.number)
            if key in seen:
                says = Words(
                    f"แถวที่ {seen[key]} และ {row.number} เป็นผลงานเดียวกัน",
                    f"Rows {seen[key]} and {row.number} are the same entry.",
                )
                row.problems.add(
                    page.name,
                    cell_name(row.number, 1),
                    "entry_twice",
                    says,
                    Words("เหลือไว้แถวเดียว", "Keep one of them."),
                )
            seen.setdefault(key, row.number)

    def put_table_rows(self, page: BookSheet, table: Field, rows: Sequence[FoundRow], problems: Problems) -> None:
        """Puts each row of a table to the row that it belongs to; one that belongs to none is noted."""
        columns = columns_in(page)
        for number in range(FIRST_ROW, len(page.rows) + 1):
            own = Problems(self.file)
            texts = self._texts(page, number, columns, own, table.columns)
            code, place_text = (texts.pop(each, ("", 0))[0] for each in (ENTRY, PROVINCE))
            if not texts and not own.found:
                continue
            place = self._place(page, number, columns[PROVINCE], place_text, own)
            found = [row for row in rows if place is not None and row.place == place]
            if code:
                found = [row for row in found if row.entry is not None and row.entry.code == code][:1]
            if len(found) != 1 and not own.found:
                says = Words(
                    "แถวนี้ไม่ตรงกับผลงานใดผลงานหนึ่งในแผ่นของประเภท",
                    "This row belongs to no single row of the category's sheet.",
                )
                remedy = Words(
                    "ใส่จังหวัด และรหัสผลงานหากมีหลายรายการ", "Write the province, and the entry code where it has several."
                )
                own.add(page.name, cell_name(number, columns[PROVINCE]), "row_of_nothing", says, remedy)
            if len(found) == 1:
                found[0].problems.found += own.found
                found[0].tables.setdefault(table.code, {})[number] = texts
            else:
                problems.found += own.found
