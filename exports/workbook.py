"""The only door to Excel: streamed rows, styles, page set-up, legal sheet names, stable bytes.

Rows are streamed: a sheet's widths, frozen panes and page set-up are fixed when it is made, then rows are added.
No other module knows openpyxl.
"""

import shutil
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break
from openpyxl.writer.excel import ExcelWriter

from exports.archive import StableArchive
from exports.cell_text import CannotWrite, cell_text, legal_sheet_name, letters
from exports.cell_xml import Formula, Value, cell_xml
from exports.looks import ALERT_FILL, FONT, FONT_SIZE, LINE_HEIGHT, NEXT_LINE, WARNING, Look
from exports.text_width import LINE_IS_FULL_AT, lines_needed
from exports.thai import in_bangkok

__all__ = ["Book", "CannotWrite", "Cell", "Formula", "Running", "Sheet", "Value", "cell_text", "legal_sheet_name"]

Cell = tuple[Value, int] | None
"""What a row is made of: a value with the number of a look (`Book.look`), or nothing."""

MAX_RUNNING = 255  # letters of a printed header or footer with its codes
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_HEIGHT = 409.0  # points
LETTERS = [str(get_column_letter(column)) for column in range(1, MAX_COLUMNS + 1)]
IN_MEMORY = 1 << 16  # bytes of rows; longer sheets go to a temporary file


def letter_of(column: int) -> str:
    """The letters of a column, counted from 1: 27 is AA."""
    return LETTERS[column - 1]


class _Frame(WorksheetWriter):
    """openpyxl's writer of what stands above and below the rows; the rows themselves are written by `Sheet`."""

    def write_rows(self) -> None:
        xml: Any = self.xf.send(True)
        with xml.element("sheetData"):
            pass
        self.xf.send(None)


class _Worksheet(WriteOnlyWorksheet):
    """openpyxl's streaming sheet, whose rows are kept as text in a temporary file of their own."""

    _writer: Any

    def __init__(self, book: Any, title: str):
        super().__init__(book, title)
        self.rows = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - lives until the book is finished

    def _get_writer(self) -> None:
        """Called by openpyxl when the sheet is closed: no other file stands open until then."""
        if self._writer is None:
            self._writer = _Frame(self)
            self._writer.write_top()


class _Archive(StableArchive):
    """The archive of streamed worksheets: each is put together from its frame and its rows."""

    def __init__(self, file: Any, rows: Mapping[str, IO[bytes]]):
        super().__init__(file)
        self._rows = rows  # of worksheets, by name

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """A worksheet: its rows go into its frame."""
        above, end, below = Path(filename).read_bytes().partition(b"</sheetData>")
        if not end:
            raise ValueError(f"{arcname}: a worksheet without room for rows")
        rows = self._rows[arcname]
        rows.seek(0)
        with self.open(self.member(arcname), "w", force_zip64=True) as member:
            member.write(above)
            shutil.copyfileobj(rows, member, 1 << 20)
            member.write(end + below)
        rows.close()


@dataclass(frozen=True, slots=True)
class Running:
    """What stands above and below every printed page; Excel fills in `{page}`, `{pages}`, `{date}`, `{time}`."""

    header: tuple[str, str, str] = ("", "", "")  # left, centre, right
    footer: tuple[str, str, str] = ("", "{page} / {pages}", "")


class Sheet:
    """A sheet being written, from the top down."""

    def __init__(self, worksheet: Any, widths: Sequence[float], wraps: Set[int]):
        self._worksheet = worksheet
        self._widths = widths
        self._wraps = wraps  # the looks that break long texts into lines
        self._rows = 0

    @property
    def name(self) -> str:
        """The sheet's name as Excel accepted it."""
        return str(self._worksheet.title)

    @property
    def quoted(self) -> str:
        """The name as formulas write it."""
        return "'" + self.name.replace("'", "''") + "'"

    @property
    def rows(self) -> int:
        """How many rows stand so far."""
        return self._rows

    def row(self, cells: Sequence[Cell], *, merge: Sequence[tuple[int, int]] = (), lines: float = 1) -> None:
        """Add a row, high enough for its texts. `merge` are (first, last) columns from 1 that are joined across;
        `lines` is the least height in lines."""
        self._rows += 1
        if self._rows > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise CannotWrite(f"{self.name}: more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns")
        widths = self._widths
        if merge:
            widths = list(widths)
            for first, last in merge:
                span = f"{get_column_letter(first)}{self._rows}:{get_column_letter(last)}{self._rows}"
                self._worksheet.merged_cells.append(span)
                widths[first - 1] = sum(self._widths[first - 1 : last])
        for cell, width in zip(cells, widths, strict=False):
            if cell is None:
                continue
            text = cell[0]
            if isinstance(text, Formula):
                text = text.value
            # Most texts are shorter than their column, and counting letters is dear.
            if (
                isinstance(text, str)
                and (len(text) > width * LINE_IS_FULL_AT or "\n" in text)
                and cell[1] in self._wraps
            ):
                lines = max(lines, lines_needed(text, width))
        number, height = self._rows, ""
        if lines > 1:
            # Without openpyxl's customHeight the row still grows when somebody edits it.
            height = f' ht="{min(LINE_HEIGHT + NEXT_LINE * (lines - 1), MAX_HEIGHT):g}"'
        xml = [f'<row r="{number}"{height}>']
        for letter, cell in zip(LETTERS, cells, strict=False):
            if cell is not None:
                try:
                    xml.append(cell_xml(f"{letter}{number}", cell[0], cell[1]))
                except ValueError as error:
                    raise CannotWrite(f"{self.name}!{letter}{number}: {error}") from error
        xml.append("</row>")
        self._worksheet.rows.write("".join(xml).encode())

    def blank(self) -> None:
        """Add an empty row."""
        self.row(())

    def allow(self, cells: Sequence[str], *, least: str, most: str, whole: bool, otherwise: str) -> None:
        """Numbers from `least` to `most` may be typed into the cells; Excel says `otherwise` of anything else."""
        rule = DataValidation("whole" if whole else "decimal", least, most, True, operator="between")
        rule.error, rule.showErrorMessage, rule.sqref = otherwise, True, MultiCellRange(" ".join(cells))
        self._worksheet.data_validations.append(rule)

    def alert(self, cells: str, formula: str) -> None:
        """Show the cells as an alert while the formula holds (said for the first cell, moved along for the others)."""
        font, fill = Font(bold=True, color=WARNING), PatternFill(bgColor=ALERT_FILL)
        rule: Any = FormulaRule
        self._worksheet.conditional_formatting.add(cells, rule([formula], font=font, fill=fill))

    def print_columns(self, count: int) -> None:
        """Print only the first `count` columns of the rows that stand so far."""
        self._worksheet.print_area = f"A1:{letter_of(count)}{self._rows}"

    def page_break(self) -> None:
        """Print what follows on a new page."""
        self._worksheet.row_breaks.append(Break(id=self._rows))


def write_in_thai(book: Any) -> None:
    """Make the font of Thai papers a workbook's first one: column widths are counted in its digits."""
    font = Font(name=FONT, size=FONT_SIZE, family=2, charset=222)
    book._fonts[0] = font
    book._named_styles["Normal"].font = font


def dress(cell: Any, look: Look) -> None:
    """Give a cell its look."""
    side = Side("thin", color="AAB4BE")
    cell.font = Font(name=FONT, size=look.size, bold=look.bold, color=look.colour, family=2, charset=222)
    if look.fill:
        cell.fill = PatternFill("solid", fgColor=look.fill)
    if look.border:
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    cell.alignment = Alignment(look.align, look.vertical, wrap_text=look.wrap, indent=look.indent)
    cell.number_format = look.format


def lay_out(
    worksheet: Any, *, widths: Sequence[float], frozen: tuple[int, int], repeat: tuple[int, int] | None, top: float
) -> None:
    """Columns, the rows and columns that stay in sight, the rows printed on each page, and A4 landscape."""
    for column, width in enumerate(widths, 1):
        worksheet.column_dimensions[letter_of(column)].width = width
    worksheet.sheet_format.defaultRowHeight = LINE_HEIGHT
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_view.zoomScale = 85
    if any(frozen):
        worksheet.freeze_panes = f"{letter_of(frozen[1] + 1)}{frozen[0] + 1}"
    if repeat:
        worksheet.print_title_rows = f"{repeat[0]}:{repeat[1]}"
    worksheet.page_setup.orientation, worksheet.page_setup.paperSize = "landscape", 9
    margins = worksheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = top, 0.6, 0.3, 0.3


class Book:
    """A workbook being written. Use as a context manager: half-written temporary files are removed on an error."""

    def __init__(self, *, title: str, made_by: str, made_at: datetime, subject: str = ""):
        # What streams, and the first font, have no public name in openpyxl: hence Any here and below.
        book: Any = Workbook(write_only=True)
        self._book = book
        self._looks: dict[Look, int] = {}
        self._wraps: set[int] = set()
        write_in_thai(self._book)
        self._proto = WriteOnlyCell(WriteOnlyWorksheet(self._book, "styles"))
        made = in_bangkok(made_at).replace(tzinfo=None, microsecond=0)
        properties = self._book.properties
        properties.title, properties.creator, properties.subject = map(cell_text, (title, made_by, subject))
        properties.created = properties.modified = made
        self._book.calculation.fullCalcOnLoad = True  # Excel computes every formula anew when it opens the file

    def __enter__(self) -> "Book":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worksheet in self._book.worksheets:
            worksheet.rows.close()
            if worksheet._writer is not None and Path(worksheet._writer.out).exists():
                worksheet._writer.close()
                worksheet._writer.cleanup()

    @property
    def names(self) -> list[str]:
        """The names of the sheets so far."""
        return list(self._book.sheetnames)

    def arrange(self, names: Sequence[str]) -> None:
        """Put the sheets of these names first, in this order; the others follow as they were made."""
        place = {name: number for number, name in enumerate(names)}
        self._book._sheets.sort(key=lambda sheet: place.get(sheet.title, len(place)))

    def look(self, look: Look) -> int:
        """The number by which cells of this book name `look`."""
        known = self._looks.get(look)
        if known is None:
            known = self._looks[look] = self._style(look)
            if look.wrap:
                self._wraps.add(known)
        return known

    def _style(self, look: Look) -> int:
        cell = WriteOnlyCell(self._proto.parent)
        dress(cell, look)
        return int(cell.style_id)

    def sheet(
        self,
        name: str,
        *,
        widths: Sequence[float],
        running: Running,
        repeat: tuple[int, int] | None = None,
        frozen_rows: int = 0,
        frozen_columns: int = 0,
        one_page: bool = False,
        pages_wide: int = 1,
    ) -> Sheet:
        """A new sheet, A4 landscape and one page wide (and high, for `one_page`), or as many pages as it needs at full
        size (`pages_wide` 0). `widths` in letters; `repeat` = (first, last) row printed on each page."""
        worksheet: Any = _Worksheet(self._book, legal_sheet_name(name, self.names))
        self._book._add_sheet(worksheet)
        worksheet.merged_cells = []  # a list keeps its order; openpyxl's own set does not
        lay_out(worksheet, widths=widths, frozen=(frozen_rows, frozen_columns), repeat=repeat, top=0.7)
        worksheet.sheet_properties.pageSetUpPr.fitToPage = pages_wide > 0
        setup = worksheet.page_setup
        setup.fitToWidth, setup.fitToHeight = pages_wide, int(one_page)
        if not pages_wide:
            setup.scale = 60
        worksheet.print_options.horizontalCentered = True
        _run(worksheet.oddHeader, running.header)
        _run(worksheet.oddFooter, running.footer)
        return Sheet(worksheet, widths, self._wraps)

    def finish(self) -> bytes:
        """The file. The same sheets, made at the same moment, give the same bytes."""
        buffer = BytesIO()
        rows = {f"xl/worksheets/sheet{number}.xml": each.rows for number, each in enumerate(self._book.worksheets, 1)}
        ExcelWriter(self._book, _Archive(buffer, rows)).save()
        return buffer.getvalue()


def _run(item: Any, texts: tuple[str, str, str]) -> None:
    """Fill a header or footer; the longest text gives way where Excel would refuse them together."""
    left = [cell_text(text).replace("\n", " ") for text in texts]
    while sum(len("&L&12 ") + letters(text) + text.count("&") for text in left) > MAX_RUNNING:
        longest = max(range(len(left)), key=lambda place: len(left[place]))
        left[longest] = left[longest][:-1]
    for part, text in zip((item.left, item.center, item.right), left, strict=True):
        if not text:
            continue
        coded = text.replace("&", "&&")
        for word, code in (("{page}", "&P"), ("{pages}", "&N"), ("{date}", "&D"), ("{time}", "&T")):
            coded = coded.replace(word, code)
        part.text, part.size = coded, 12
