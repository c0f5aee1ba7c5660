"""How what is wrong with a filled sheet is noted: file, sheet, cell, what was found, what to do."""

from exports.workbook import letter_of
from scoring_rules.problems import Problem
from scoring_rules.words import Words

FETCH_AGAIN = Words(
    "ดาวน์โหลดใบให้คะแนนใหม่ แล้วคัดลอกคะแนนลงช่องเดิม",
    "Download the score sheet again and copy your marks into the same cells.",
)


class Problems:
    """Every problem of one file, in the order of its sheets and cells."""

    def __init__(self, file: str):
        self.file = file
        self.found: list[Problem] = []

    def add(self, sheet: str, cell: str, code: str, says: Words, remedy: Words) -> None:
        """Note one; `cell` is blank for a sheet as a whole, `sheet` for the file as a whole."""
        place = f"{sheet}!{cell}" if cell else sheet
        self.found.append(Problem(self.file, 0, 0, place, code, says, remedy))


def cell_name(row: int, column: int) -> str:
    """`E12`."""
    return f"{letter_of(column)}{row}"
