"""Why a file cannot be a table, and the bounds it must keep."""

import re
from collections.abc import Callable, Sequence

from scoring_rules.fact_tables import brief
from scoring_rules.words import Words

# Codes of what hardly comes about by itself in a workbook that somebody sends.
HOSTILE = frozenset({
    "xml_declaration", "links_out", "xlsx_damaged", "ods_damaged", "xls_damaged", "formula", "identity_damaged",
})  # fmt: skip
MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 20_000_000
MAX_CELL = 32_767  # characters; what a cell of a workbook holds
MAX_TEXT = 1_000_000_000  # characters of all cells
# What turns the direction of writing, and halves of letters: a text with one does not say what it seems to.
TURNED = re.compile("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
Row = tuple[int, Sequence[str]]


class Wrong(Exception):
    """One reason why a file cannot be read any further."""

    def __init__(self, code: str, says: Words, remedy: Words, *, line: int = 0, column: int = 0):
        super().__init__(says.en)
        self.code, self.says, self.remedy, self.line, self.column = code, says, remedy, line, column


Note = Callable[[Wrong], None]


def too_large() -> Wrong:
    """More bytes than MAX_BYTES."""
    return Wrong(
        "file_too_large",
        Words(f"ไฟล์ใหญ่เกิน {MAX_BYTES // 2**20} MB", f"The file is larger than {MAX_BYTES // 2**20} MB."),
        Words("แบ่งเป็นหลายไฟล์ หรือลบสิ่งที่ไม่ใช่ข้อมูล", "Split it, or remove what is not data."),
    )


def too_many() -> Wrong:
    """More rows or columns than fit."""
    return Wrong(
        "table_too_large",
        Words(
            f"ตารางใหญ่เกิน {MAX_ROWS:,} แถว หรือ {MAX_COLUMNS:,} คอลัมน์",
            f"The table has more than {MAX_ROWS:,} lines or {MAX_COLUMNS:,} columns.",
        ),
        Words("แบ่งเป็นหลายไฟล์ หรือลบเซลล์ที่อยู่ไกลจากตาราง", "Split it, or delete cells far from the table."),
    )


def one_sara_am(text: str) -> str:
    """Sara am typed as two characters looks the same and compares apart: it becomes one."""
    return text.replace("\u0e4d\u0e32", "\u0e33")


def check_cells(line: int, cells: Sequence[str], note: Note) -> None:
    """Note characters that no text has, and texts that a spreadsheet would take for a formula."""
    for number, cell in enumerate(cells, start=1):
        if cell.startswith("="):
            note(
                Wrong(
                    "formula",
                    Words(f"พบสูตร “{brief(cell)}”", f'Found the formula "{brief(cell)}".'),
                    Words("ใส่ค่าแทนสูตร", "Write the value instead."),
                    line=line,
                    column=number,
                )
            )
        elif found := TURNED.search(cell):
            code, before = f"U+{ord(found[0]):04X}", brief(cell[: found.start()][-20:])
            note(
                Wrong(
                    "invisible_character",
                    Words(
                        f"พบอักขระที่มองไม่เห็น ({code}) หลัง “{before}”",
                        f'Found a character that nobody sees ({code}) after "{before}".',
                    ),
                    Words("พิมพ์ช่องนี้ใหม่", "Type this cell anew."),
                    line=line,
                    column=number,
                )
            )
        elif CONTROL.search(cell):
            note(
                Wrong(
                    "control_character",
                    Words(f"พบอักขระควบคุมใน “{brief(cell)}”", f'Found a control character in "{brief(cell)}".'),
                    Words("พิมพ์ช่องนี้ใหม่", "Type this cell anew."),
                    line=line,
                    column=number,
                )
            )
