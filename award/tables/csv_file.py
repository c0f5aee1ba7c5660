"""CSV: UTF-8 with or without BOM, any line ends, quoted line breaks."""

import csv
import io

from award.tables.refusing import (
    CONTROL,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    TURNED,
    Note,
    Row,
    Wrong,
    check_cells,
    one_sara_am,
    too_many,
)
from scoring_rules.fact_tables import Table
from scoring_rules.words import Words

OLD = b"\xd0\xcf\x11\xe0"  # how an old .xls begins, and a newer workbook with a password


def csv_rows(data: bytes, note: Note) -> list[Row]:
    """The lines of a CSV file that are not blank, cells trimmed. Cells that may not be are noted; raises Wrong."""
    text = one_sara_am(decoded(data))
    csv.field_size_limit(MAX_CELL)
    suspicious = CONTROL.search(text) is not None or TURNED.search(text) is not None or "=" in text
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
                raise too_many()
            if suspicious:
                check_cells(line, cells, note)
            rows.append((line, cells))
    except csv.Error as error:
        raise Wrong(
            "csv_broken",
            Words(
                "เครื่องหมายอัญประกาศไม่ครบคู่ หรือข้อความในช่องยาวเกินไป",
                f"A quotation mark is not closed, or a cell is too long ({error}).",
            ),
            Words('ตรวจเครื่องหมาย " ตั้งแต่แถวนี้', "Check the quotation marks from this line on."),
            line=end + 1,
            column=1,
        ) from None
    return rows


def csv_bytes(table: Table) -> bytes:
    """The table as CSV that Excel opens with its Thai whole: UTF-8 with BOM, CRLF.

    A cell that a spreadsheet would take for a formula is written behind an apostrophe (negative numbers are not one).
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.header)
    writer.writerows([_no_formula(cell) for cell in cells] for _, cells in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "@")) or (cell[:1] == "-" and not cell[1:2].isdigit()) else cell


def decoded(data: bytes) -> str:
    """The text of a UTF-8 file without its byte order mark. Raises Wrong, saying what the file seems to be."""
    if data.startswith(OLD):
        raise Wrong(
            "xlsx_old_or_locked",
            Words("เป็นไฟล์ .xls แบบเก่า หรือมีรหัสผ่าน", "This is an old .xls file, or one with a password."),
            Words("บันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน หรือ CSV UTF-8", "Save it as .xlsx without password, or as CSV UTF-8."),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        raise Wrong(
            "not_utf8",
            Words("ไฟล์ไม่ได้บันทึกเป็น UTF-8", "The file is not saved as UTF-8."),
            Words("ใน Excel เลือกบันทึกเป็น “CSV UTF-8” หรือ XLSX", 'In Excel, save as "CSV UTF-8" or as XLSX.'),
            line=before.count(b"\n") + 1,
            column=before.rpartition(b"\n")[2].count(b",") + 1,
        ) from None
