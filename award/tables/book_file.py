"""A whole workbook in: every cell of every sheet as text, and which cells hold a formula or an error.

.xlsx (Excel, LibreOffice, Google Sheets), .ods and the old .xls are told apart by content. calamine reads the values of
all three; formulas and errors it does not tell, so each kind is also scanned for them, before any room is made:
XLSX and ODS in their XML, XLS in its records.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from award.tables.book_values import book_values, values_apart
from award.tables.extent import Extent
from award.tables.ods_file import is_ods, scan_ods
from award.tables.refusing import MAX_BYTES, Wrong, too_large
from award.tables.xls_file import OLD_EXCEL, scan_xls
from award.tables.xlsx_file import Damaged, Scan, check_measure, check_package, damaged, local
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

MOST_UNPACKED = 60 * 1024 * 1024
MOST_TEXT = 50_000_000  # letters of all cells, each as long as the longest
Kind = Literal["xlsx", "xls", "ods"]


@dataclass(frozen=True, slots=True)
class BookSheet:
    """One sheet: rows of text as far as they are filled. Rows and columns count from 1."""

    name: str
    rows: Sequence[Sequence[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    errors: frozenset[tuple[int, int]] = frozenset()
    percents: frozenset[tuple[int, int]] = frozenset()  # numbers shown as 85% and held as 0.85

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
    percents: set[tuple[int, int]] = field(default_factory=set)


def read_book(data: bytes, *, name: str) -> Book:
    """The workbook in these bytes. Raises FactsRefused where it is none, or larger than a sheet to fill in can be."""
    try:
        if len(data) > MAX_BYTES:
            raise too_large()
        extent = Extent()
        kind, clean, seen = _scanned(data, extent)
        values = values_apart(clean) if kind == "xls" else book_values(clean)
        found = [(name, rows, seen(place, name)) for place, (name, rows) in enumerate(values)]
    except Wrong as found_wrong:
        wrong = _as_what_it_is(found_wrong, data)
        problem = Problem(name, wrong.line, wrong.column, "", wrong.code, wrong.says, wrong.remedy)
        raise FactsRefused([problem]) from None
    sheets = [
        BookSheet(of, rows, frozenset(at.formulas), frozenset(at.errors), frozenset(at.percents))
        for of, rows, at in found
    ]
    return Book(name, kind, sheets)


def _scanned(data: bytes, extent: Extent) -> tuple[Kind, bytes, Callable[[int, str], Seen]]:
    """The kind of file, what of it may be read on, and what its scan saw of each sheet (by its place and its name)."""
    if data.startswith(OLD_EXCEL):
        found = scan_xls(data, extent)
        return "xls", data, lambda place, name: Seen(*found.get(name, ()))
    if not data.startswith(b"PK\x03\x04"):
        raise _no_workbook()
    names = _names(data)
    if "content.xml" in names:
        clean = _only(data, lambda name: name in ("mimetype", "content.xml", "META-INF/manifest.xml"))
        seen = scan_ods(clean, extent)
        return "ods", clean, lambda place, name: Seen(*seen.get(name, ()))
    clean = _only(data, lambda name: name.lower().endswith((".xml", ".rels")))
    by_place: dict[int, Seen] = {}
    scans: list[_SmallScan] = []

    def scan_of(sheet: int | None) -> Scan:
        if sheet is not None:
            by_place[sheet] = Seen()
        scans.append(_SmallScan(extent, None if sheet is None else _noting(by_place[sheet])))
        return scans[-1]

    check_package(clean, scan_of)
    if max(scan.longest for scan in scans) * sum(scan.texts_used for scan in scans) > MOST_TEXT:
        raise too_large()
    return "xlsx", clean, lambda place, name: by_place.get(place, Seen())


def _names(data: bytes) -> list[str]:
    """The parts of a package, which may not be too large. Raises Wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            check_measure(package, data)
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(error) from None
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise too_large()
    names = [part.filename for part in parts]
    if len({name.lower() for name in names}) < len(names):  # calamine does not tell such names apart
        raise damaged("two parts of one name")
    return names


def _only(data: bytes, keep: Callable[[str], bool]) -> bytes:
    """A package made anew of these parts: whatever is read later is what was scanned, and nothing beside it."""
    clean = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(clean, "w") as made:
            for part in package.infolist():
                if keep(part.filename):
                    with package.open(part) as source:  # no more than was announced: reading it whole could unpack all
                        made.writestr(part.filename, source.read(part.file_size))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise damaged(error) from None
    return clean.getvalue()


def _noting(seen: Seen) -> Callable[[Wrong], None]:
    places = {"formula": seen.formulas, "percent": seen.percents}

    def note(wrong: Wrong) -> None:
        places.get(wrong.code, seen.errors).add((wrong.line, wrong.column))

    return note


class _SmallScan(Scan):
    """Refuses cells farther out than a sheet to fill in can reach, and two cells for one place."""

    def __init__(self, extent: Extent, note: Callable[[Wrong], None] | None):
        super().__init__(note)
        self.extent, self.last = extent, (0, 0)
        extent.next_sheet()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.extent.part()
        super().start(tag, attributes)
        if local(tag) == "c":
            self.extent.reach(self.line, self.column)
            if (self.line, self.column) <= self.last:
                raise damaged(f"two cells for one place, row {self.line}")
            self.last = self.line, self.column


def _as_what_it_is(wrong: Wrong, data: bytes) -> Wrong:
    """A damaged file is called by the kind that its bytes say, which they do also where it is torn off."""
    if not isinstance(wrong, Damaged):
        return wrong
    if data.startswith(OLD_EXCEL):
        return Wrong(
            "xls_damaged",
            Words(
                "อ่านไฟล์นี้ไม่ได้ เป็นไฟล์ .xls แบบเก่าที่เสียหาย หรือสมุดงานที่มีรหัสผ่าน",
                f"This file cannot be read ({wrong.why}): it is an old .xls that is damaged, or a workbook with a "
                "password.",
            ),
            Words(
                "เปิดด้วย Excel แล้วบันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน",
                "Open it in Excel and save it as .xlsx without password.",
            ),
        )
    if is_ods(data):
        return Wrong(
            "ods_damaged",
            Words("อ่านไฟล์ ODS (LibreOffice) นี้ไม่ได้", f"This LibreOffice file (.ods) cannot be read ({wrong.why})."),
            Words(
                "เปิดด้วย LibreOffice แล้วบันทึกใหม่ หากเปิดไม่ได้ ให้ดาวน์โหลดแบบกรอกอีกครั้ง",
                "Open and save it again in LibreOffice; where that fails, download the form anew.",
            ),
        )
    return wrong


def _no_workbook() -> Wrong:
    return Wrong(
        "not_a_workbook",
        Words("ไฟล์นี้ไม่ใช่สมุดงาน Excel หรือ LibreOffice", "This is no Excel or LibreOffice workbook."),
        Words("เลือกไฟล์ .xlsx .ods หรือ .xls ที่กรอกแล้ว", "Choose the filled .xlsx, .ods or .xls file."),
    )
