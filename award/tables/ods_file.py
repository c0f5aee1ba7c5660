"""ODS: where formulas and errors are, and that nothing is repeated without measure."""

import io
import zipfile

from award.tables.extent import Extent
from award.tables.xlsx_file import BROKEN, check_measure, damaged, leads_out, local, parse

Places = set[tuple[int, int]]
Found = dict[str, tuple[Places, Places, Places]]


_SAYS_SO = b"mimetypeapplication/vnd.oasis.opendocument."  # stored first and not packed: it is seen from outside
_CONTENT = b"content.xml"


def is_ods(data: bytes) -> bool:
    """Whether a packed file says that it is one of LibreOffice; also where only its beginning, or its end, is left."""
    return _SAYS_SO in data[:200] or (_CONTENT in data and b"xl/" not in data)


def scan_ods(data: bytes, extent: Extent) -> Found:
    """(formulas, errors, percentages) by sheet; `extent` hears of every filled cell. Raises Wrong."""
    scan = _Scan(extent)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            check_measure(package, data)
            parse(package, "content.xml", scan.start)
    except BROKEN as error:
        raise damaged(error) from None
    return scan.found


class _Scan:
    """Counts rows and cells as they are repeated; what is blank at the end of a row or a sheet takes no room."""

    def __init__(self, extent: Extent):
        self.extent = extent
        self.found: Found = {}
        self.formulas: Places = set()
        self.errors: Places = set()
        self.percents: Places = set()
        self.row = self.rows_here = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.extent.part()
        given = {local(name): value for name, value in attributes.items()}
        tag = local(tag)
        if tag in ("table-source", "dde-source", "dde-link", "database-source-table", "database-source-query"):
            raise leads_out()
        if tag == "table":
            self.extent.next_sheet()
            sheet = self.found.setdefault(given.get("name", ""), (set(), set(), set()))
            self.formulas, self.errors, self.percents = sheet
            self.row = self.rows_here = 0
        elif tag == "table-row":
            self.row += self.rows_here
            self.rows_here, self.column = _times(given.get("number-rows-repeated")), 0
        elif tag in ("table-cell", "covered-table-cell"):
            first, times = self.column + 1, _times(given.get("number-columns-repeated"))
            self.column += times
            if "formula" in given or "value-type" in given:
                self.extent.reach(self.row + self.rows_here, self.column)
                self._note(given, first)

    def _note(self, given: dict[str, str], first: int) -> None:
        if "formula" not in given and given["value-type"] not in ("error", "percentage"):
            return
        places = {
            (row, column)
            for row in range(self.row + 1, self.row + self.rows_here + 1)
            for column in range(first, self.column + 1)
        }
        if "formula" in given:
            self.formulas |= places
        if given.get("value-type") == "error":
            self.errors |= places
        if given.get("value-type") == "percentage":
            self.percents |= places


def _times(text: str | None) -> int:
    times = int(text or 1)
    if times < 1:
        raise ValueError(f"repeated {times} times")
    return times
