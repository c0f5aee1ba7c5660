"""A whole workbook in: every cell of every sheet as text, and which cells hold a formula or an error.

.xlsx (Excel, LibreOffice, Google Sheets), .ods and the old .xls are told apart by content. calamine reads the values of
all three; formulas and errors it does not tell, so each kind is also scanned for them, before any room is made:
XLSX and ODS in their XML, XLS in its records.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import python_calamine

from award.tables.ods_file import scan_ods
from award.tables.refusing import MAX_BYTES, Wrong, too_large
from award.tables.xls_file import OLD_EXCEL, scan_xls
from award.tables.xlsx_file import Scan, cell_value, check_package, damaged
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

MOST_ROWS, MOST_COLUMNS = 5_000, 5_000
MOST_CELLS = 2_000_000  # rows × columns of a sheet
Kind = Literal["xlsx", "xls", "ods"]


@dataclass(frozen=True, slots=True)
class BookSheet:
    """One sheet: rows of text as far as they are filled. Rows and columns count from 1."""

    name: str
    rows: Sequence[Sequence[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    errors: frozenset[tuple[int, int]] = frozenset()

    def at(self, row: int, column: int) -> str:
        """The text of a cell; blank where there is none."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return cells[column - 1] if column <= len(cells) else ""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as read. Formulas and errors are known of every kind of file."""

    name: str
    kind: Kind
    sheets: Sequence[BookSheet]

    def sheet(self, name: str) -> BookSheet | None:
        """The sheet of that name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


@dataclass
class Seen:
    """What a scan saw on one sheet."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)


def read_book(data: bytes, *, name: str) -> Book:
    """The workbook in these bytes. Raises FactsRefused where it is none, or larger than a sheet to fill in can be."""
    try:
        if len(data) > MAX_BYTES:
            raise too_large()
        kind, seen = _scanned(data)
        sheets = _values(data, seen)
    except Wrong as wrong:
        problem = Problem(name, wrong.line, wrong.column, "", wrong.code, wrong.says, wrong.remedy)
        raise FactsRefused([problem]) from None
    return Book(name, kind, sheets)


def _scanned(data: bytes) -> tuple[Kind, Callable[[int, str], Seen]]:
    """The kind of file, and what its scan saw of each sheet (by its place and its name)."""
    if data.startswith(OLD_EXCEL):
        found = scan_xls(data, _too_wide)
        return "xls", lambda place, name: Seen(*found.get(name, (set(), set())))
    if not data.startswith(b"PK\x03\x04"):
        raise _no_workbook()
    if _is_ods(data):
        seen = scan_ods(data, _too_wide)
        return "ods", lambda place, name: Seen(*seen.get(name, (set(), set())))
    by_place: dict[int, Seen] = {}

    def scan_of(sheet: int | None) -> Scan:
        if sheet is None:
            return Scan(None)
        by_place[sheet] = Seen()
        return _SmallScan(_noting(by_place[sheet]))

    check_package(data, scan_of)
    return "xlsx", lambda place, name: by_place.get(place, Seen())


def _noting(seen: Seen) -> Callable[[Wrong], None]:
    def note(wrong: Wrong) -> None:
        (seen.formulas if wrong.code == "formula" else seen.errors).add((wrong.line, wrong.column))

    return note


class _SmallScan(Scan):
    """Refuses cells farther out than a sheet to fill in can reach."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        _too_wide(self.line, max(self.widest, 1))


def _too_wide(rows: int, columns: int) -> None:
    """Raises Wrong where a sheet reaches farther than any score sheet."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise Wrong(
            "sheet_too_large",
            Words(
                f"แผ่นงานยาวถึงแถว {rows:,} คอลัมน์ {columns:,} เกินที่ใบให้คะแนนมีได้",
                f"A sheet reaches row {rows:,}, column {columns:,}: more than a score sheet has.",
            ),
            Words("ใช้ไฟล์ใบให้คะแนนที่ดาวน์โหลด", "Use the score sheet that was downloaded."),
        )


def _is_ods(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return "content.xml" in package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(error) from None


def _no_workbook() -> Wrong:
    return Wrong(
        "not_a_workbook",
        Words("ไฟล์นี้ไม่ใช่สมุดงาน Excel หรือ LibreOffice", "This is no Excel or LibreOffice workbook."),
        Words("เลือกไฟล์ .xlsx .ods หรือ .xls ที่กรอกแล้ว", "Choose the filled .xlsx, .ods or .xls file."),
    )


def _values(data: bytes, seen: Callable[[int, str], Seen]) -> list[BookSheet]:
    sheets: list[BookSheet] = []
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            for place, name in enumerate(book.sheet_names):
                sheet = book.get_sheet_by_index(place)
                _too_wide(sheet.total_height, sheet.total_width)
                found = seen(place, name)
                rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
                sheets.append(BookSheet(name, rows, frozenset(found.formulas), frozenset(found.errors)))
    except python_calamine.PasswordError as error:
        raise damaged(error) from None
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise damaged(error) from None
    return sheets


_YES_NO: Mapping[bool, str] = {True: "TRUE", False: "FALSE"}


def _text(value: Any) -> str:
    """As `xlsx_file` reads values; yes and no stay words, for on most scales they are no mark."""
    if isinstance(value, bool):
        return _YES_NO[value]
    return value.strip() if isinstance(value, str) else cell_value(value)
