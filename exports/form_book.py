"""The second door to Excel: workbooks that people fill in.

`exports.workbook` streams: a row is written and forgotten, which is right for results that only grow. A form needs what
a stream cannot give, since it is about cells already passed: remarks on cells, lists to choose from, cells that may be
typed into on a sheet that is locked otherwise. So this module, and only this one beside `exports.workbook`, knows
openpyxl (the contract in setup.cfg names both). Texts, sheet names and looks are those of the first door.
"""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Protection
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break, ColBreak
from openpyxl.writer.excel import ExcelWriter

from exports.archive import StableArchive
from exports.cell_text import CannotWrite, cell_text, legal_sheet_name
from exports.cell_xml import escaped
from exports.looks import LINE_HEIGHT, NEXT_LINE, Look
from exports.thai import in_bangkok
from exports.workbook import dress, lay_out, letter_of, write_in_thai

MOST_PROMPT, MOST_TITLE, MOST_LIST = 255, 32, 255  # letters that Excel holds
Value = str | int | Decimal | date
LIVE = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v ?/></c>')  # a formula as openpyxl writes it


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an input takes: one of the texts of `choices` or of the cells `listed_at`, or whatever makes `formula` true
    of the `{cell}`. Not `firm`: the program asks, and takes it where the person says so."""

    choices: tuple[str, ...] = ()
    formula: str = ""
    listed_at: str = ""
    firm: bool = True
    title: str = ""
    prompt: str = ""
    refusal: str = ""

    @property
    def is_list(self) -> bool:
        """Whether it can be a list to choose from."""
        few = bool(self.choices) and len(",".join(self.choices)) <= MOST_LIST
        return bool(self.listed_at) or (few and not any(mark in each for each in self.choices for mark in ',"'))


class FormSheet:
    """A locked sheet, filled cell by cell; rows and columns count from 1."""

    def __init__(self, worksheet: Any, book: "FormBook"):
        self._worksheet, self._book = worksheet, book
        self._asked: dict[tuple[Allowed, str], DataValidation] = {}
        self._kept: dict[str, Value] = {}  # what formulas come to, by cell

    @property
    def name(self) -> str:
        """The sheet's name as Excel accepted it."""
        return str(self._worksheet.title)

    def put(self, row: int, column: int, value: Value | None, look: Look) -> None:
        """A locked cell: a text is always a text, never a formula; numbers and days are true ones, never floats."""
        self._fill(row, column, value, look)

    def formula(self, row: int, column: int, text: str, look: Look, *, value: Value) -> None:
        """A locked live cell; `text` without `=`. `value` is what it comes to now: a preview on a phone shows it."""
        cell = self._style(row, column, look)
        cell.value, cell.data_type = f"={text}", "f"
        self._kept[cell.coordinate] = value

    def with_values(self, xml: str) -> str:
        """The sheet's XML with its values beside the formulas: openpyxl writes one or the other.

        Raises CannotWrite where a formula is not found.
        """
        kept = dict(self._kept)

        def beside(found: re.Match[str]) -> str:
            at, look, text = found.groups()
            value = kept.pop(at)
            kind = ' t="str"' if isinstance(value, str) else ""
            shown = escaped(cell_text(value)) if isinstance(value, str) else value
            return f'<c r="{at}"{look}{kind}><f>{text}</f><v>{shown}</v></c>'

        xml = LIVE.sub(beside, xml)
        if kept:
            raise CannotWrite(f"{self.name}: no formula in {', '.join(kept)}")
        return xml

    def input(self, row: int, column: int, value: Value | None, look: Look) -> None:
        """A cell that may be typed into, with what stands in it so far."""
        self._fill(row, column, value, look, locked=False)

    def allow(self, row: int, column: int, allowed: Allowed, *, rows: int = 1) -> None:
        """Let the program that opens the sheet refuse what does not fit here (or in `rows` rows), and say what does."""
        letter = letter_of(column)
        cell = f"{letter}{row}"
        if allowed.is_list:
            formula = allowed.listed_at or f'"{",".join(allowed.choices)}"'
        else:
            formula = allowed.formula.replace("{cell}", cell) or "TRUE"  # then it only says what is expected
        rule = self._asked.get((allowed, formula))
        if rule is None:
            rule = DataValidation("list" if allowed.is_list else "custom", formula1=formula, allow_blank=True)
            rule.showErrorMessage = bool(allowed.refusal)
            rule.errorStyle = None if allowed.firm else "warning"
            rule.showInputMessage = bool(allowed.prompt)
            rule.errorTitle = rule.promptTitle = _cut(allowed.title, MOST_TITLE)
            rule.error, rule.prompt = _cut(allowed.refusal, MOST_PROMPT), _cut(allowed.prompt, MOST_PROMPT)
            self._asked[allowed, formula] = rule
            self._worksheet.add_data_validation(rule)
        rule.add(cell if rows == 1 else f"{cell}:{letter}{row + rows - 1}")

    def remark(self, row: int, column: int, text: str) -> None:
        """A remark that shows when the pointer rests on the cell."""
        remark = Comment(cell_text(text), "")
        remark.width, remark.height = 420, 40 + 20 * (text.count("\n") + 1 + len(text) // 60)
        self._worksheet.cell(row, column).comment = remark

    def merge(self, row: int, first: int, last: int) -> None:
        """Join the cells of a row from one column to another."""
        if last > first:
            self._worksheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)

    def height(self, row: int, lines: float) -> None:
        """Make the row so many lines high."""
        self._worksheet.row_dimensions[row].height = min(LINE_HEIGHT + NEXT_LINE * (lines - 1), 409.0)

    def column_break(self, column: int) -> None:
        """Print what is right of this column on another page."""
        if not isinstance(self._worksheet.col_breaks, ColBreak):
            self._worksheet.col_breaks = ColBreak()
        self._worksheet.col_breaks.append(Break(id=column))

    def _fill(self, row: int, column: int, value: Value | None, look: Look, *, locked: bool = True) -> None:
        if not (value is None or type(value) in (str, int, Decimal, date)):
            raise CannotWrite(f"{type(value).__name__} is not for a cell of a form: text, int, Decimal or date are")
        cell = self._style(row, column, look, locked=locked)
        if isinstance(value, str):
            cell.value = cell_text(value) or None
            if cell.value is not None:
                cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
        else:
            cell.value = value

    def _style(self, row: int, column: int, look: Look, *, locked: bool = True) -> Any:
        """The cell, dressed: once for each look of a book, for openpyxl takes its time over it."""
        cell, known = self._worksheet.cell(row, column), self._book.dressed.get((look, locked))
        if known is None:
            dress(cell, look)
            if not locked:
                cell.protection = Protection(locked=False)
            self._book.dressed[look, locked] = copy(cell._style)
        else:
            cell._style = copy(known)
        return cell


class _Archive(StableArchive):
    """The archive of a form: each worksheet with the values of its formulas."""

    def __init__(self, file: Any, sheets: Mapping[str, FormSheet]):
        super().__init__(file)
        self._of = sheets

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        self.writestr(arcname, self._of[arcname].with_values(Path(filename).read_text("utf-8")))


class FormBook:
    """A workbook to be filled in. Its sheets are locked without a password, against slips and not against people."""

    def __init__(self, *, title: str, made_by: str, made_at: datetime):
        book: Any = Workbook()  # what it keeps of fonts and properties has no public type
        book.remove(book.active)
        self._book = book
        self._sheets: list[FormSheet] = []
        self.dressed: dict[tuple[Look, bool], Any] = {}
        write_in_thai(book)
        book.security = WorkbookProtection(lockStructure=True)
        properties = book.properties
        properties.title, properties.creator = cell_text(title), cell_text(made_by)
        properties.created = properties.modified = in_bangkok(made_at).replace(tzinfo=None, microsecond=0)

    def sheet(
        self,
        name: str,
        *,
        widths: Sequence[float],
        header: str = "",
        repeat_rows: tuple[int, int] | None = None,
        repeat_columns: tuple[int, int] | None = None,
        frozen: tuple[int, int] = (0, 0),
        scale: int | None = None,
    ) -> FormSheet:
        """A new locked sheet, A4 landscape; one page wide, or of a `scale` in percent with pages side by side.

        `widths` in letters; `frozen` is how many rows and columns stay in sight, `repeat_…` which are on each page.
        """
        worksheet: Any = self._book.create_sheet(legal_sheet_name(name, self._book.sheetnames))
        lay_out(worksheet, widths=widths, frozen=frozen, repeat=repeat_rows, top=0.6)
        if repeat_columns:
            worksheet.print_title_cols = f"{letter_of(repeat_columns[0])}:{letter_of(repeat_columns[1])}"
        setup = worksheet.page_setup
        if scale is None:
            worksheet.sheet_properties.pageSetUpPr.fitToPage = True
            setup.fitToWidth, setup.fitToHeight = 1, 0
        else:
            setup.scale = scale
        worksheet.oddHeader.right.text = cell_text(header).replace("&", "&&")[:200] or None
        worksheet.oddFooter.center.text = "&P / &N"
        protection = worksheet.protection
        protection.sheet = True
        protection.formatColumns = protection.formatRows = False  # these say what is *not* allowed
        self._sheets.append(FormSheet(worksheet, self))
        return self._sheets[-1]

    def finish(self) -> bytes:
        """The file. The same sheets, made at the same moment, give the same bytes."""
        file = BytesIO()
        self._book.calculation.fullCalcOnLoad = True  # whatever computes does so anew when it opens the file
        sheets = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(self._sheets, 1)}
        ExcelWriter(self._book, _Archive(file, sheets)).save()  # Workbook.save would write the time of day
        return file.getvalue()


def _cut(text: str, most: int) -> str:
    return cell_text(text) if len(text) <= most else cell_text(text)[: most - 1] + "…"
