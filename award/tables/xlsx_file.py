"""XLSX: the first sheet, its numbers exact; formulas, errors and workbooks without measure refused."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.parsers import expat

import python_calamine

from award.tables.refusing import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_TEXT,
    MAX_UNPACKED,
    Note,
    Row,
    Wrong,
    check_cells,
    one_sara_am,
    too_large,
    too_many,
)
from scoring_rules.fact_tables import brief
from scoring_rules.words import Words

# What reading a package raises where it is not whole; an unknown encoding is a LookupError, as is a missing part.
BROKEN = (zipfile.BadZipFile, zlib.error, LookupError, EOFError, ValueError, OSError, RuntimeError, expat.ExpatError)
_LEADS_OUT = re.compile(r"xl/(externalLinks|queryTables)/|xl/connections", re.I)
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
PERCENT_FORMATS = (9, 10)  # Excel's own number formats 0% and 0.00%
_WRITTEN_OUT = re.compile(r'"[^"]*"|[\\_*].', re.DOTALL)  # in a number format: letters that only stand there


class Damaged(Wrong):
    """A workbook that cannot be read to its end; `why` is what the reader found, in its own words."""

    why = ""


def damaged(why: object) -> Wrong:
    """The refusal, as of an XLSX file; `book_file` calls the other kinds what they are."""
    found = Damaged(
        "xlsx_damaged",
        Words("อ่านไฟล์ XLSX นี้ไม่ได้", f"This XLSX file cannot be read ({brief(str(why))})."),
        Words("เปิดด้วย Excel แล้วบันทึกใหม่ หรือบันทึกเป็น CSV UTF-8", "Open and save it again in Excel, or save as CSV UTF-8."),
    )
    found.why = brief(str(why))
    return found


def xlsx_rows(data: bytes, note: Note) -> list[Row]:
    """The rows of the first sheet that are not blank, as text. Cells that may not be are noted; raises Wrong."""
    check_package(data, lambda sheet: Scan(note if sheet == 0 else None, table=sheet == 0))
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            raw = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
            _check_other_sheets(book, next((row for row in raw if any(row)), []))
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise damaged(error) from None
    rows: list[Row] = []
    for line, values in enumerate(raw, start=1):
        cells = [one_sara_am(value.strip()) if isinstance(value, str) else cell_value(value) for value in values]
        if any(cells):
            check_cells(line, cells, note)
            rows.append((line, cells))
    return rows


def _check_other_sheets(book: Any, header: list[Any]) -> None:
    """Refuses a table that goes on in another sheet. Sums, lists and notes beside it do not matter."""
    wanted = [each for each in header if each != ""]
    for place, name in enumerate(book.sheet_names[1:], start=1):
        top = book.get_sheet_by_index(place).to_python(skip_empty_area=True, nrows=1)
        if wanted and top and [each for each in top[0] if each != ""] == wanted:
            raise Wrong(
                "second_sheet",
                Words(
                    f"แผ่น “{brief(name)}” มีหัวตารางเดียวกับแผ่นแรก แต่อ่านเฉพาะแผ่นแรก",
                    f'The sheet "{brief(name)}" has the same header as the first; only the first is read.',
                ),
                Words("รวมไว้ในแผ่นแรก หรือลบแผ่นอื่น", "Put all of it on the first sheet, or delete the others."),
            )


def cell_value(value: Any) -> str:
    """A workbook's value as text: numbers plain and exact, dates as 2021-07-19, yes/no as 1 and 0."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        number = Decimal(format(value, ".15g"))
        return format(number, "f") if number.is_finite() else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def check_package(data: bytes, scan_of: Callable[[int | None], "Scan"]) -> None:
    """Refuse a workbook that unpacks or spreads without measure. `scan_of` answers who watches the cells of a sheet
    (by its place in the workbook, from 0) or of another part (None).

    calamine reads a formula as its last value and an error as blank, makes room for every cell up to the farthest
    one, and copies a shared text into every cell that uses it: so all this is looked for beforehand.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            check_measure(package, data)
            if len({part.filename.lower() for part in parts}) < len(parts):  # calamine does not tell such names apart
                raise ValueError("two parts of one name")
            if any(_LEADS_OUT.match(part.filename) for part in parts):
                raise leads_out()
            sheets = {part: place for place, part in enumerate(sheet_parts(package))}
            percent = percent_styles(package)
            longest = 0
            texts_used = 0
            of_xml = [part.filename for part in parts if part.filename.lower().endswith(".xml")]
            for part in dict.fromkeys([*sheets, *of_xml]):  # always the same order: always the same words
                scan = scan_of(sheets.get(part))
                scan.percent_styles = percent
                parse(package, part, scan.start, scan.text)
                longest, texts_used = max(longest, scan.longest), max(texts_used, scan.texts_used)
            if longest * texts_used > MAX_TEXT:
                raise too_large()
    except BROKEN as error:
        raise damaged(error) from None


def check_measure(package: zipfile.ZipFile, data: bytes) -> None:
    """Refuse a package that would unpack to more than it may. Raises Wrong."""
    parts = package.infolist()
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise damaged("packed in a way that no spreadsheet packs")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(data):
        raise too_large()


def sheet_parts(package: zipfile.ZipFile) -> list[str]:
    """The names of the parts that hold the sheets, in the workbook's order. Raises KeyError or ValueError."""
    sheets: list[str] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "sheet":
            sheets.extend(value for name, value in attributes.items() if ":" in name and local(name) == "id")

    workbook = _workbook_part(package)
    parse(package, workbook, sheet)
    if not sheets:
        raise ValueError("no sheet")
    targets = _relations(package, workbook)
    return [targets[sheet][1] for sheet in sheets]


def percent_styles(package: zipfile.ZipFile) -> frozenset[str]:
    """The numbers of the cell styles that show a number as a percentage: such a cell holds 0.85 and shows 85%."""
    formats: set[int] = set(PERCENT_FORMATS)
    styles: list[int] = []
    place = ""

    def style(tag: str, attributes: dict[str, str]) -> None:
        nonlocal place
        tag = local(tag)
        if tag in ("numFmts", "cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            place = tag
        elif tag == "numFmt" and place == "numFmts" and is_percent_format(attributes.get("formatCode", "")):
            formats.add(int(attributes["numFmtId"]))
        elif tag == "xf" and place == "cellXfs":
            styles.append(int(attributes.get("numFmtId", 0)))

    for kind, target in _relations(package, _workbook_part(package)).values():
        if kind.endswith("/styles"):
            parse(package, target, style)
    return frozenset(str(number) for number, numbered in enumerate(styles) if numbered in formats)


def is_percent_format(code: str) -> bool:
    """Whether a number format shows a hundred times what the cell holds."""
    return "%" in _WRITTEN_OUT.sub("", code)


def _workbook_part(package: zipfile.ZipFile) -> str:
    workbooks = [target for kind, target in _relations(package, "").values() if kind.endswith("/officeDocument")]
    if len(workbooks) != 1:
        raise ValueError("no workbook")
    return workbooks[0]


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """What a part (the package itself: "") refers to: (kind, name of the part) by id."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "Relationship":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            found[attributes["Id"]] = (attributes["Type"], target.lstrip("/"))

    parse(package, posixpath.join(folder, "_rels", f"{name}.rels"), relation)
    return found


def parse(
    package: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start(tag, attributes)` for every element of the part, `text` for its texts; a document type is refused."""

    def refuse(*_: object) -> None:
        raise _declared()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    if part.lower().endswith("sharedstrings.xml"):
        parser.CharacterDataHandler = text
    with package.open(part) as source:
        parser.ParseFile(source)


def _declared() -> Wrong:
    return Wrong(
        "xml_declaration",
        Words("สมุดงานมีคำประกาศ XML ที่ไม่อนุญาต", "The workbook contains a forbidden XML declaration."),
        Words("เปิดด้วย Excel แล้วบันทึกใหม่", "Open it in Excel and save it again."),
    )


def shown_as_percent(line: int, column: int) -> Wrong:
    """A cell that shows 85% and holds 0.85: which of the two was meant is not guessed."""
    return Wrong(
        "percent",
        Words("เซลล์นี้แสดงเป็น % (แสดง 85% แต่เก็บค่า 0.85)", "This cell shows a percentage (85% is kept as 0.85)."),
        Words("เปลี่ยนรูปแบบเซลล์เป็นตัวเลข แล้วพิมพ์ค่าที่ต้องการ", "Format it as a number and type the value that counts."),
        line=line, column=column,
    )  # fmt: skip


def leads_out() -> Wrong:
    """The values of a workbook that looks elsewhere may be others tomorrow."""
    return Wrong(
        "links_out",
        Words("สมุดงานเชื่อมโยงไปยังไฟล์อื่นหรือแหล่งข้อมูลอื่น", "The workbook links to another file or source of data."),
        Words("ตัดการเชื่อมโยง (วางเป็นค่า) แล้วบันทึกใหม่", "Break the links (paste values) and save it again."),
    )


def local(name: str) -> str:
    return name.rpartition(":")[2]


class Scan:
    """Watches cells go by: how far they reach, how much text they hold, and which are formulas or errors.

    `table`: it is the sheet that is read as a table, in which nothing may be merged and no filled row hidden.
    """

    def __init__(self, note: Note | None, *, table: bool = False):
        self.note, self.table = note, table
        self.line = self.column = self.widest = self.deepest = 0
        self.texts_used = self.length = self.longest = 0
        self.hidden = self.percent = False
        self.percent_styles: frozenset[str] = frozenset()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        tag = local(tag)
        if tag == "c":
            self._cell(attributes)
        elif tag == "row":
            self.line, self.column = int(attributes.get("r", self.line + 1)), 0
            self.hidden = self.table and attributes.get("hidden") in ("1", "true")
        elif tag == "si":
            self.length = 0
        elif tag == "f" and self.note:
            self._note("formula", Words("พบสูตรในเซลล์นี้", "This cell holds a formula."))
        elif tag in ("v", "is") and self.hidden:
            self._hidden()
        elif tag == "v" and self.percent and self.note:
            self.note(shown_as_percent(self.line, self.column))
        elif tag == "mergeCell" and self.table:
            self._merged(attributes.get("ref", ""))
        elif tag == "ddeLink":
            raise leads_out()

    def _hidden(self) -> None:
        self.hidden = False  # told once of a row
        says = Words("แถวนี้ถูกซ่อน แต่มีข้อมูล", "This row is hidden but holds data.")
        if self.note:
            remedy = Words("แสดงแถว หรือลบ", "Show it, or delete it.")
            self.note(Wrong("hidden_row", says, remedy, line=self.line, column=1))

    def _merged(self, reference: str) -> None:
        place = _REFERENCE.match(reference)
        if place and self.note:
            says = Words(f"เซลล์ {brief(reference)} ถูกผสานกัน", f"The cells {brief(reference)} are merged.")
            remedy = Words("ยกเลิกการผสาน แล้วใส่ค่าทุกเซลล์", "Unmerge them and fill each.")
            self.note(Wrong("merged", says, remedy, line=int(place[2]), column=_column(place[1])))

    def text(self, text: str) -> None:
        """A piece of a shared text."""
        self.length += len(text)
        self.longest = max(self.longest, self.length)

    def _cell(self, attributes: dict[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        self.line, self.column = (int(place[2]), _column(place[1])) if place else (self.line, self.column + 1)
        self.widest, self.deepest = max(self.widest, self.column), max(self.deepest, self.line)
        if self.line > MAX_ROWS + 1 or self.column > MAX_COLUMNS or self.deepest * self.widest > MAX_CELLS:
            raise too_many()
        kind = attributes.get("t")
        self.percent = kind in (None, "n") and attributes.get("s") in self.percent_styles
        self.texts_used += kind == "s"
        if kind == "e" and self.note:
            says = Words("เซลล์นี้แสดงข้อผิดพลาด เช่น #N/A", "This cell shows an error such as #N/A.")
            self._note("formula_error", says)

    def _note(self, code: str, says: Words) -> None:
        if self.note:
            remedy = Words("วางเป็นค่า (Paste Values) แทน", "Paste the value instead (Paste Values).")
            self.note(Wrong(code, says, remedy, line=self.line, column=self.column))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
