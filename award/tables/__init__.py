"""A CSV or XLSX file to a table of text, or every reason why it cannot be one.

Sizes are bounded before anything is unpacked. Numbers of a workbook become exact plain decimals as Excel itself
shows them (15 significant digits, no float noise); a formula or an error is refused, never read as blank.
"""

from collections.abc import Sequence
from pathlib import Path

from award.tables.csv_file import OLD, csv_bytes, csv_rows, decoded
from award.tables.ods_file import is_ods
from award.tables.refusing import MAX_BYTES, Row, Wrong, too_large
from award.tables.xlsx_file import xlsx_rows
from scoring_rules.fact_tables import Table, brief
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.words import Words

__all__ = ["csv_bytes", "read_bytes", "read_table", "read_text", "table_from"]


def read_table(path: Path) -> Table:
    """The table in the file. Raises FactsRefused."""
    return table_from(read_bytes(path), name=str(path))


def read_text(path: Path) -> str:
    """The UTF-8 text of the file, without a BOM. Raises FactsRefused."""
    try:
        return decoded(read_bytes(path))
    except Wrong as wrong:
        raise FactsRefused([_problem(str(path), wrong)]) from None


def read_bytes(path: Path) -> bytes:
    """The bytes of the file, at most MAX_BYTES. Raises FactsRefused."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise too_large()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        says = (
            Words("ไม่พบไฟล์นี้", "There is no such file.")
            if missing
            else Words(f"เปิดไฟล์ไม่ได้ ({error.strerror})", f"The file cannot be opened ({error.strerror}).")
        )
        remedy = Words("ตรวจชื่อไฟล์ โฟลเดอร์ และสิทธิ์", "Check the name, the folder and the permissions.")
        raise FactsRefused(
            [Problem(str(path), 0, 0, "", "file_missing" if missing else "file_unreadable", says, remedy)]
        ) from None
    except Wrong as wrong:
        raise FactsRefused([_problem(str(path), wrong)]) from None
    return data


def table_from(data: bytes, *, name: str) -> Table:
    """The table in the bytes of a CSV or XLSX file, told apart by content. Raises FactsRefused."""
    wrongs: list[Wrong] = []
    rows: list[Row] = []
    try:
        if len(data) > MAX_BYTES:
            raise too_large()
        if not data.startswith(b"PK\x03\x04") and name.lower().endswith(".xlsx") and not data.startswith(OLD):
            raise _not_a_workbook()
        if data.startswith(b"PK\x03\x04") and is_ods(data):
            raise _another_program()
        rows = xlsx_rows(data, wrongs.append) if data.startswith(b"PK\x03\x04") else csv_rows(data, wrongs.append)
        table = _table(rows, name)
    except Wrong as wrong:
        wrongs.append(wrong)
    if wrongs:
        columns = dict(enumerate(rows[0][1], start=1)) if rows else {}
        raise FactsRefused(_problem(name, wrong, columns.get(wrong.column, "")) for wrong in wrongs)
    return table


def _another_program() -> Wrong:
    return Wrong(
        "ods_not_taken",
        Words("เป็นไฟล์ ODS ของ LibreOffice ซึ่งอ่านตรงนี้ไม่ได้", "This is a LibreOffice file (.ods), which is not read here."),
        Words("บันทึกเป็น .xlsx หรือ CSV UTF-8", "Save it as .xlsx, or as CSV UTF-8."),
    )


def _not_a_workbook() -> Wrong:
    return Wrong(
        "not_a_workbook",
        Words("ไฟล์นี้ไม่ใช่สมุดงาน Excel (.xlsx)", "This is not an Excel workbook (.xlsx)."),
        Words("บันทึกเป็น .xlsx หรือใช้ชื่อ .csv หากเป็น CSV", "Save it as .xlsx, or name it .csv if that is what it is."),
    )


def _problem(name: str, wrong: Wrong, column: str = "") -> Problem:
    return Problem(name, wrong.line, wrong.column, brief(column), wrong.code, wrong.says, wrong.remedy)


def _table(rows: list[Row], name: str) -> Table:
    """First row that is not blank: the header; blank rows and blank cells beyond the header are left out."""
    if not rows:
        raise Wrong(
            "file_empty",
            Words("ไฟล์ว่าง", "The file is empty."),
            Words("ใส่หัวตารางในแถวแรกและข้อมูลในแถวถัดไป", "Put the header in the first line and data below it."),
        )
    (header_line, header), body = rows[0], rows[1:]
    names = _without_tail(header, 0)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise Wrong(
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
