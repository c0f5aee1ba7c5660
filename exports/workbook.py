"""The only door to Excel: one careful cell writer, styles, page set-up, legal sheet names, stable bytes.

Rows are streamed: a sheet's widths, frozen panes and page set-up are fixed when it is made, then rows are added.
No other module knows openpyxl.
"""

import shutil
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell._writer import write_cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import Element, SubElement

from exports.cell_text import CannotWrite, cell_text, legal_sheet_name, letters
from exports.looks import FONT, FONT_SIZE, LINE_HEIGHT, NEXT_LINE, Look
from exports.text_width import LINE_IS_FULL_AT, lines_needed
from exports.thai import in_bangkok


class Formula(NamedTuple):
    """A live cell: what the spreadsheet computes (without `=`), and the system's own value, which is kept in the file:
    programs that do not compute, such as previews on a phone, show it, and a recalculation must find the same."""

    text: str
    value: "str | int | Decimal | None"


Value = str | int | Decimal | date | Formula | None
Cell = tuple[Value, int] | None
"""What a row is made of: a value with the number of a look (`Book.look`), or nothing."""

MAX_RUNNING = 255  # letters of a printed header or footer with its codes
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
MAX_HEIGHT = 409.0  # points
MAX_FORMULA = 8_192  # letters
EXACT_DIGITS = 15  # a double keeps this many


def letter_of(column: int) -> str:
    """The letters of a column, counted from 1: 27 is AA."""
    return str(get_column_letter(column))


def _put(pen: "_Pen", value: Value, style: int) -> None:
    """Write one value: a text is always a text, never a formula or an error; numbers and dates are real ones.

    Floats are refused (no binary fraction may decide or show anything), so are moments without a time zone. A number
    with more digits than Excel keeps becomes a text, so that none is lost.
    """
    pen.style_id = style
    kind = type(value)
    if kind is str:
        text = cell_text(value)  # type: ignore[arg-type]
        pen._value = text or None
        pen.data_type = "s" if text else "n"
    elif kind is int or kind is Decimal:
        # As text, so that openpyxl does not make a float of it on the way.
        pen._value = text = str(value)
        pen.data_type = "n"
        if len(text) > EXACT_DIGITS or "E" in text or "N" in text or "I" in text:
            pen._value, pen.data_type = _long_number(value)  # type: ignore[arg-type]
    elif value is None:
        pen._value = None
        pen.data_type = "n"
    elif kind is Formula:
        pen._value, pen.data_type = value, "f"
    elif isinstance(value, datetime):
        pen._value = in_bangkok(value).replace(tzinfo=None, microsecond=0)
        pen.data_type = "d"
    elif isinstance(value, date):
        pen._value = value
        pen.data_type = "d"
    else:
        raise CannotWrite(f"{kind.__name__} is not for a cell: text, int, Decimal, date or datetime are")


def _long_number(value: int | Decimal) -> tuple[str, str]:
    """(digits, data type) of a number that may have more digits than Excel keeps."""
    if isinstance(value, Decimal) and not value.is_finite():
        raise CannotWrite(f"{value} is not a number that can be shown")
    text = format(value, "f" if isinstance(value, Decimal) else "d")
    digits = text.lstrip("-").replace(".", "").strip("0")
    return text, "n" if len(digits) <= EXACT_DIGITS else "s"


class _Pen(ExcelCell):
    """The cell being written; one serves a whole row, since each is streamed at once."""

    __slots__ = ("style_id",)
    has_style = True

    style_id: int
    _value: Any


class _RowWriter(WorksheetWriter):
    """openpyxl's writer of rows, which also keeps the value of a formula."""

    ws: Any

    def write_row(self, xf: Any, row: Iterable[Any], row_idx: int) -> None:
        with xf.element("row", {"r": str(row_idx), **self.ws.row_dimensions.get(row_idx, {})}):
            for cell in row:
                if cell.data_type == "f":
                    xf.write(_formula_element(cell))
                elif cell._value is None:  # with a type, some programs would read it as the number 0
                    xf.write(Element("c", {"r": cell.coordinate, "s": str(cell.style_id)}))
                else:
                    write_cell(xf, self.ws, cell, True)


def _formula_element(cell: "_Pen") -> Any:
    text, value = cell._value
    if len(text) > MAX_FORMULA:
        raise CannotWrite(f"a formula of {len(text):,} letters; Excel reads {MAX_FORMULA:,}")
    about = {"r": cell.coordinate, "s": str(cell.style_id)}
    if isinstance(value, str):
        about["t"] = "str"
    element = Element("c", about)
    SubElement(element, "f").text = text
    if value is not None:
        SubElement(element, "v").text = cell_text(str(value))
    return element


class _Worksheet(WriteOnlyWorksheet):
    """openpyxl's streaming sheet, fed with (value, look) pairs instead of bare values."""

    _writer: Any

    def _get_writer(self) -> None:
        if self._writer is None:
            self._writer = _RowWriter(self)
            self._writer.write_top()

    def _values_to_row(self, values: Sequence[Cell], row_idx: int) -> Iterable[_Pen]:
        pen = _Pen(self, row_idx, 1)
        for column, cell in enumerate(values, 1):
            if cell is None:
                continue
            pen.column = column
            try:
                _put(pen, cell[0], cell[1])
            except ValueError as error:
                raise CannotWrite(f"{self.title}!{get_column_letter(column)}{row_idx}: {error}") from error
            yield pen


class _StableArchive(ZipFile):
    """A ZIP whose members carry a fixed date, so that the same input gives the same bytes."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(self._member(zinfo_or_arcname), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.open(self._member(arcname), "w", force_zip64=True) as member:
            shutil.copyfileobj(source, member, 1 << 20)

    @staticmethod
    def _member(name: Any) -> ZipInfo:
        info = ZipInfo(str(name), (1980, 1, 1, 0, 0, 0))
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return info


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
        if lines > 1:
            height = min(LINE_HEIGHT + NEXT_LINE * (lines - 1), MAX_HEIGHT)
            # Without openpyxl's customHeight the row still grows when somebody edits it.
            self._worksheet.row_dimensions[self._rows] = {"ht": f"{height:g}"}
        self._worksheet.append(cells)

    def blank(self) -> None:
        """Add an empty row."""
        self.row(())

    def print_columns(self, count: int) -> None:
        """Print only the first `count` columns of the rows that stand so far."""
        self._worksheet.print_area = f"A1:{letter_of(count)}{self._rows}"

    def page_break(self) -> None:
        """Print what follows on a new page."""
        self._worksheet.row_breaks.append(Break(id=self._rows))


class Book:
    """A workbook being written. Use as a context manager: half-written temporary files are removed on an error."""

    def __init__(self, *, title: str, made_by: str, made_at: datetime, subject: str = ""):
        # What streams, and the first font, have no public name in openpyxl: hence Any here and below.
        book: Any = Workbook(write_only=True)
        self._book = book
        self._looks: dict[Look, int] = {}
        self._wraps: set[int] = set()
        font = Font(name=FONT, size=FONT_SIZE, family=2, charset=222)
        # Column widths are counted in digits of the workbook's first font.
        self._book._fonts[0] = font
        self._book._named_styles["Normal"].font = font
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
            if worksheet._writer is not None and Path(worksheet._writer.out).exists():
                if worksheet._rows is not None:
                    worksheet._rows.close()
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
        side = Side("thin", color="AAB4BE")
        cell = WriteOnlyCell(self._proto.parent)
        cell.font = Font(name=FONT, size=look.size, bold=look.bold, color=look.colour, family=2, charset=222)
        if look.fill:
            cell.fill = PatternFill("solid", fgColor=look.fill)
        if look.border:
            cell.border = Border(left=side, right=side, top=side, bottom=side)
        cell.alignment = Alignment(look.align, look.vertical, wrap_text=look.wrap, indent=look.indent)
        cell.number_format = look.format
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
        for column, width in enumerate(widths, 1):
            worksheet.column_dimensions[get_column_letter(column)].width = width
        worksheet.sheet_format.defaultRowHeight = LINE_HEIGHT
        worksheet.sheet_view.showGridLines = False
        worksheet.sheet_view.zoomScale = 85
        if frozen_rows or frozen_columns:
            worksheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}{frozen_rows + 1}"
        if repeat:
            worksheet.print_title_rows = f"{repeat[0]}:{repeat[1]}"
        worksheet.sheet_properties.pageSetUpPr.fitToPage = pages_wide > 0
        setup = worksheet.page_setup
        setup.orientation, setup.paperSize = "landscape", 9
        setup.fitToWidth, setup.fitToHeight = pages_wide, int(one_page)
        if not pages_wide:
            setup.scale = 60
        margins = worksheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.header, margins.footer = 0.7, 0.6, 0.3, 0.3
        worksheet.print_options.horizontalCentered = True
        _run(worksheet.oddHeader, running.header)
        _run(worksheet.oddFooter, running.footer)
        return Sheet(worksheet, widths, self._wraps)

    def finish(self) -> bytes:
        """The file. The same sheets, made at the same moment, give the same bytes."""
        buffer = BytesIO()
        ExcelWriter(self._book, _StableArchive(buffer, "w", ZIP_DEFLATED, allowZip64=True)).save()
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
