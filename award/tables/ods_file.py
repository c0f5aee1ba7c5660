"""ODS: where formulas and errors are, and that nothing is repeated without measure."""

import io
import zipfile
import zlib
from collections.abc import Callable
from xml.parsers import expat

from award.tables.xlsx_file import check_measure, damaged, local, parse

Places = set[tuple[int, int]]
Found = dict[str, tuple[Places, Places]]


def scan_ods(data: bytes, check: Callable[[int, int], None]) -> Found:
    """(formulas, errors) by sheet. `check(rows, columns)` is asked for every filled cell. Raises Wrong."""
    scan = _Scan(check)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            check_measure(package, data)
            parse(package, "content.xml", scan.start)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, RuntimeError, expat.ExpatError) as error:
        raise damaged(error) from None
    return scan.found


class _Scan:
    """Counts rows and cells as they are repeated; what is blank at the end of a row or a sheet takes no room."""

    def __init__(self, check: Callable[[int, int], None]):
        self.check = check
        self.found: Found = {}
        self.formulas: Places = set()
        self.errors: Places = set()
        self.row = self.rows_here = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        given = {local(name): value for name, value in attributes.items()}
        tag = local(tag)
        if tag == "table":
            self.formulas, self.errors = self.found.setdefault(given.get("name", ""), (set(), set()))
            self.row = self.rows_here = 0
        elif tag == "table-row":
            self.row += self.rows_here
            self.rows_here, self.column = _times(given.get("number-rows-repeated")), 0
        elif tag in ("table-cell", "covered-table-cell"):
            first, times = self.column + 1, _times(given.get("number-columns-repeated"))
            self.column += times
            if "formula" in given or "value-type" in given:
                self.check(self.row + self.rows_here, self.column)
                self._note(given, first)

    def _note(self, given: dict[str, str], first: int) -> None:
        if "formula" not in given and given["value-type"] != "error":
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


def _times(text: str | None) -> int:
    times = int(text or 1)
    if times < 1:
        raise ValueError(f"repeated {times} times")
    return times
