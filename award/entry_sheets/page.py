"""One sheet of a filled workbook against its layout: is everything in place, and what was typed."""

from collections.abc import Iterator, Mapping

from award.entry_sheets.problems import FETCH_AGAIN, Problems
from award.score_sheets.places import misplaced
from award.score_sheets.problems import cell_name
from award.tables.book_file import BookSheet
from exports.entry_book_layout import (
    ANSWER,
    CODE,
    COLUMN_CODES,
    COLUMN_HEADS,
    EXPECTED,
    FIRST_COLUMN,
    FIRST_LINE,
    FIRST_ROW,
    NUMBER,
    PartPage,
    TablePage,
)
from scoring_rules.fact_tables import brief
from scoring_rules.rules import Field
from scoring_rules.words import Words

MOST_STRAYS = 100  # noted of one sheet
ROW, COLUMN = Words("แถว", "row"), Words("คอลัมน์", "column")


def is_in_place(page: BookSheet, layout: PartPage | TablePage, problems: Problems) -> bool:
    """Whether every row and column stands where it was written; each that does not is noted."""
    before = len(problems.found)
    height = len(page.rows)
    if isinstance(layout, PartPage):
        rows = [(row, page.at(row, CODE)) for row in range(FIRST_LINE, height + 1)]
        _note(page, misplaced(rows, dict(layout.row_of), ROW, FIRST_LINE), problems, column=CODE)
        return len(problems.found) == before
    numbers = [(row, page.at(row, NUMBER)) for row in range(FIRST_ROW, height + 1)]
    width = max((len(row) for row in page.rows), default=0)
    heads = [(column, page.at(COLUMN_CODES, column)) for column in range(FIRST_COLUMN, width + 1)]
    _note(page, misplaced(numbers, dict(layout.row_of), ROW, FIRST_ROW), problems, column=NUMBER)
    _note(page, misplaced(heads, dict(layout.column_of), COLUMN, FIRST_COLUMN), problems, row=COLUMN_CODES)
    return len(problems.found) == before


def _note(
    page: BookSheet, found: Iterator[tuple[int, str, Words]], problems: Problems, *, row: int = 0, column: int = 0
) -> None:
    for place, code, says in found:
        problems.add(page.name, cell_name(row or place, column or place), code, says, FETCH_AGAIN)


def note_strays(page: BookSheet, layout: PartPage | TablePage, problems: Problems) -> None:
    """Note what was typed where nothing is read: it must not seem to be."""
    noted = 0
    for row in range(FIRST_LINE if isinstance(layout, PartPage) else FIRST_ROW, len(page.rows) + 1):
        for column in range(1, len(page.rows[row - 1]) + 1):
            text = page.at(row, column)
            if not text or _is_ours(layout, row, column):
                continue
            says = Words(f"พบ “{brief(text)}” นอกช่องที่กรอกได้", f'Found "{brief(text)}" outside the cells to fill.')
            remedy = Words("ย้ายไปช่องสีเหลือง หรือลบออก", "Move it to a yellow cell, or delete it.")
            problems.add(page.name, cell_name(row, column), "typed_elsewhere", says, remedy)
            noted += 1
            if noted >= MOST_STRAYS:
                return


def _is_ours(layout: PartPage | TablePage, row: int, column: int) -> bool:
    if isinstance(layout, PartPage):
        return row <= layout.last_row and column <= EXPECTED
    has_sums = layout.field.code[:1] == "@"
    return row <= layout.last_row + has_sums and column < FIRST_COLUMN + len(layout.field.columns)


def questions(layout: PartPage) -> Iterator[tuple[Field, int, int]]:
    """(question, row, column) of every cell of a part to fill."""
    for line in layout.lines:
        if line.kind == "question" and isinstance(line.block, Field):
            yield line.block, line.row, ANSWER


def filled_rows(layout: TablePage) -> Iterator[tuple[int, Mapping[str, int]]]:
    """(row, columns by code) of every row of a table to fill."""
    for row in range(FIRST_ROW, layout.last_row + 1):
        yield row, layout.column_of


__all__ = ["COLUMN_HEADS", "filled_rows", "is_in_place", "note_strays", "questions"]
