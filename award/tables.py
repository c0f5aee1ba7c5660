"""A CSV or XLSX file to a table of text, or every reason why it cannot be one.

Sizes are bounded before anything is unpacked. Numbers of a workbook become exact plain decimals as Excel itself
shows them (15 significant digits, no float noise); a formula or an error is refused, never read as blank.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.parsers import expat

import python_calamine

from scoring_rules.fact_tables import Table, brief
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 20_000_000
MAX_CELL = 100_000  # characters
MAX_TEXT = 1_000_000_000  # characters of all cells
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
Row = tuple[int, Sequence[str]]


class _Wrong(Exception):
    """One reason why a file cannot be read any further."""

    def __init__(self, code: str, says: Words, remedy: Words, *, line: int = 0, column: int = 0):
        super().__init__(says.en)
        self.code, self.says, self.remedy, self.line, self.column = code, says, remedy, line, column


def read_table(path: Path, *, name: str | None = None) -> Table:
    """The table in the file. `name` is how problems call it (default: the path). Raises FactsRefused."""
    name = name or str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_large()
        data = path.read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        code = "file_missing" if missing else "file_unreadable"
        says = Words("ไม่พบไฟล์นี้", "There is no such file.") if missing else Words(
            f"เปิดไฟล์ไม่ได้ ({error.strerror})", f"The file cannot be opened ({error.strerror})."
        )
        remedy = Words("ตรวจชื่อไฟล์ โฟลเดอร์ และสิทธิ์", "Check the name, the folder and the permissions.")
        raise FactsRefused([Problem(name, 0, 0, "", code, says, remedy)]) from None
    except _Wrong as wrong:
        raise FactsRefused([_problem(name, wrong)]) from None
    return table_from(data, name=name)


def table_from(data: bytes, *, name: str) -> Table:
    """The table in the bytes of a CSV or XLSX file, told apart by content. Raises FactsRefused."""
    problems: list[Problem] = []

    def note(wrong: _Wrong) -> None:
        problems.append(_problem(name, wrong))

    try:
        if len(data) > MAX_BYTES:
            raise _too_large()
        rows = _xlsx_rows(data, note) if data.startswith(b"PK\x03\x04") else _csv_rows(data, note)
        table = _table(rows, name)
    except _Wrong as wrong:
        note(wrong)
    if problems:
        raise FactsRefused(problems)
    return table


def _problem(name: str, wrong: _Wrong) -> Problem:
    return Problem(name, wrong.line, wrong.column, "", wrong.code, wrong.says, wrong.remedy)


def _too_large() -> _Wrong:
    return _Wrong(
        "file_too_large",
        Words(f"ไฟล์ใหญ่เกิน {MAX_BYTES // 2**20} MB", f"The file is larger than {MAX_BYTES // 2**20} MB."),
        Words("แบ่งเป็นหลายไฟล์ หรือลบสิ่งที่ไม่ใช่ข้อมูล", "Split it, or remove what is not data."),
    )


def _too_many() -> _Wrong:
    return _Wrong(
        "table_too_large",
        Words(
            f"ตารางใหญ่เกิน {MAX_ROWS:,} แถว หรือ {MAX_COLUMNS:,} คอลัมน์",
            f"The table has more than {MAX_ROWS:,} lines or {MAX_COLUMNS:,} columns.",
        ),
        Words("แบ่งเป็นหลายไฟล์ หรือลบเซลล์ที่อยู่ไกลจากตาราง", "Split it, or delete cells far from the table."),
    )


def _table(rows: list[Row], name: str) -> Table:
    """First row that is not blank: the header; blank rows and blank cells beyond the header are left out."""
    if not rows:
        raise _Wrong(
            "file_empty",
            Words("ไฟล์ว่าง", "The file is empty."),
            Words("ใส่หัวตารางในแถวแรกและข้อมูลในแถวถัดไป", "Put the header in the first line and data below it."),
        )
    (header_line, header), body = rows[0], rows[1:]
    names = _without_tail(header, 0)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise _Wrong(
            "not_by_commas",
            Words("คอลัมน์ไม่ได้คั่นด้วยจุลภาค", "Columns are not separated by commas."),
            Words("บันทึกเป็น CSV ที่คั่นด้วยจุลภาค หรือ XLSX", "Save as CSV with commas, or as XLSX."),
            line=header_line,
            column=1,
        )
    width = len(names)
    return Table(name, tuple(names), [(line, _without_tail(cells, width)) for line, cells in body], header_line)


def _without_tail(cells: Sequence[str], width: int) -> Sequence[str]:
    """The cells without blank ones at the end beyond `width`."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells if end == len(cells) else cells[:end]


# --- CSV -------------------------------------------------------------------------------------------------------


def _csv_rows(data: bytes, note: Callable[[_Wrong], None]) -> list[Row]:
    text = _decoded(data)
    csv.field_size_limit(MAX_CELL)
    suspicious = _CONTROL.search(text) is not None or "=" in text
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    end = 0
    try:
        for raw in reader:
            line, end = end + 1, reader.line_num
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            if len(rows) > MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise _too_many()
            if suspicious:
                _check_cells(line, cells, note)
            rows.append((line, cells))
    except csv.Error as error:
        raise _Wrong(
            "csv_broken",
            Words(
                "เครื่องหมายอัญประกาศไม่ครบคู่ หรือข้อความในช่องยาวเกินไป",
                f"A quotation mark is not closed, or a cell is too long ({error}).",
            ),
            Words("ตรวจเครื่องหมาย \" ตั้งแต่แถวนี้", "Check the quotation marks from this line on."),
            line=end + 1,
            column=1,
        ) from None
    return rows


def _decoded(data: bytes) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _Wrong(
            "xlsx_old_or_locked",
            Words("เป็นไฟล์ .xls แบบเก่า หรือมีรหัสผ่าน", "This is an old .xls file, or one with a password."),
            Words("บันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน หรือ CSV UTF-8", "Save it as .xlsx without password, or as CSV UTF-8."),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise _Wrong(
            "not_utf8",
            Words("ไฟล์ไม่ได้บันทึกเป็น UTF-8", "The file is not saved as UTF-8."),
            Words("ใน Excel เลือกบันทึกเป็น “CSV UTF-8” หรือ XLSX", 'In Excel, save as "CSV UTF-8" or as XLSX.'),
            line=before.count(b"\n") + 1,
            column=before.rpartition(b"\n")[2].count(b",") + 1,
        ) from None


def _check_cells(line: int, cells: Sequence[str], note: Callable[[_Wrong], None]) -> None:
    """Note control characters and texts that a spreadsheet would take for a formula."""
    for number, cell in enumerate(cells, start=1):
        if cell.startswith("="):
            note(
                _Wrong(
                    "formula",
                    Words(f"พบสูตร “{brief(cell)}”", f'Found the formula "{brief(cell)}".'),
                    Words("ใส่ค่าแทนสูตร", "Write the value instead."),
                    line=line,
                    column=number,
                )
            )
        elif _CONTROL.search(cell):
            note(
                _Wrong(
                    "control_character",
                    Words(f"พบอักขระควบคุมใน “{brief(cell)}”", f'Found a control character in "{brief(cell)}".'),
                    Words("พิมพ์ช่องนี้ใหม่", "Type this cell anew."),
                    line=line,
                    column=number,
                )
            )


# --- XLSX ------------------------------------------------------------------------------------------------------


def _damaged(why: object) -> _Wrong:
    return _Wrong(
        "xlsx_damaged",
        Words("อ่านไฟล์ XLSX นี้ไม่ได้", f"This XLSX file cannot be read ({brief(str(why))})."),
        Words("เปิดด้วย Excel แล้วบันทึกใหม่ หรือบันทึกเป็น CSV UTF-8", "Open and save it again in Excel, or save as CSV UTF-8."),
    )


def _xlsx_rows(data: bytes, note: Callable[[_Wrong], None]) -> list[Row]:
    _check_package(data, note)
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            raw = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise _damaged(error) from None
    rows: list[Row] = []
    for line, values in enumerate(raw, start=1):
        cells = [value.strip() if isinstance(value, str) else _text(value) for value in values]
        if any(cells):
            _check_cells(line, cells, note)
            rows.append((line, cells))
    return rows


def _text(value: Any) -> str:
    """A workbook's value as text: numbers plain and exact, dates as 2021-07-19, yes/no as 1 and 0."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        number = Decimal(format(value, ".15g"))
        return format(number.quantize(Decimal(1)) if number == number.to_integral_value() else number, "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _check_package(data: bytes, note: Callable[[_Wrong], None]) -> None:
    """Refuse a workbook that unpacks or spreads without measure; note formulas and errors of its first sheet.

    calamine reads a formula as its last value and an error as blank, makes room for every cell up to the farthest
    one, and copies a shared text into every cell that uses it: so all this is looked for beforehand.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(data):
                raise _too_large()
            first = _first_sheet(package)
            longest = 0
            texts_used = 0
            for part in {first, *(part.filename for part in parts if part.filename.lower().endswith(".xml"))}:
                scan = _Scan(note if part == first else None)
                _parse(package, part, scan.start, scan.text)
                longest, texts_used = max(longest, scan.longest), max(texts_used, scan.texts_used)
            if longest * texts_used > MAX_TEXT:
                raise _too_large()
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, RuntimeError, expat.ExpatError) as error:
        raise _damaged(error) from None


def _first_sheet(package: zipfile.ZipFile) -> str:
    """The name of the part that holds the first sheet. Raises KeyError or ValueError."""
    sheets: list[str] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            sheets.extend(value for name, value in attributes.items() if ":" in name and _local(name) == "id")

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    _parse(package, "xl/workbook.xml", sheet)
    _parse(package, "xl/_rels/workbook.xml.rels", relation)
    if not sheets:
        raise ValueError("no sheet")
    target = targets[sheets[0]]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _parse(
    package: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start(tag, attributes)` for every element of the part, `text` for its texts; a document type is refused."""

    def refuse(*_: object) -> None:
        raise ValueError("a document type is not allowed")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    if part.lower().endswith("sharedstrings.xml"):
        parser.CharacterDataHandler = text
    with package.open(part) as source:
        parser.ParseFile(source)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Scan:
    """Watches cells go by: how far they reach, how much text they hold, and which are formulas or errors."""

    def __init__(self, note: Callable[[_Wrong], None] | None):
        self.note = note
        self.line = self.column = self.widest = 0
        self.texts_used = self.length = self.longest = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        tag = _local(tag)
        if tag == "c":
            self._cell(attributes)
        elif tag == "row":
            self.line, self.column = int(attributes.get("r", self.line + 1)), 0
        elif tag == "si":
            self.length = 0
        elif tag == "f" and self.note:
            self._note("formula", Words("พบสูตรในเซลล์นี้", "This cell holds a formula."))

    def text(self, text: str) -> None:
        """A piece of a shared text."""
        self.length += len(text)
        self.longest = max(self.longest, self.length)

    def _cell(self, attributes: dict[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        self.line, self.column = (int(place[2]), _column(place[1])) if place else (self.line, self.column + 1)
        self.widest = max(self.widest, self.column)
        if self.line > MAX_ROWS + 1 or self.column > MAX_COLUMNS or self.line * self.widest > MAX_CELLS:
            raise _too_many()
        kind = attributes.get("t")
        self.texts_used += kind == "s"
        if kind == "e" and self.note:
            says = Words("เซลล์นี้แสดงข้อผิดพลาด เช่น #N/A", "This cell shows an error such as #N/A.")
            self._note("formula_error", says)

    def _note(self, code: str, says: Words) -> None:
        if self.note:
            remedy = Words("วางเป็นค่า (Paste Values) แทน", "Paste the value instead (Paste Values).")
            self.note(_Wrong(code, says, remedy, line=self.line, column=self.column))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
