"""The cells of a workbook as it lies in the file: texts, numbers, and the values that formulas left. Nothing is run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple, Union
from xml.etree import ElementTree

from exports.verifier.said import brief, fail

MOST_OF_WORKBOOK = 300_000_000  # of everything in the workbook, unpacked
MOST_PARTS = 1_000
MOST_SHEETS = 400
Value = Union[str, Fraction]  # noqa: UP007 - older Pythons read it too
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN_FORMAT = re.compile(r"General|@|[#0,]+(?:\.[#0]+)?")
_PLAIN_FORMATS = (
    "0",
    "1",
    "2",
    "3",
    "4",
    "49",
)  # as every spreadsheet knows them: General, 0, 0.00, #,##0, #,##0.00, @
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"


class Sheet(NamedTuple):
    """A worksheet: its name and its cells by (row, column), from 1; empty ones are not there."""

    name: str
    cells: dict[tuple[int, int], Value]
    formulas: int
    dressed: frozenset[tuple[int, int]]  # cells whose number format could show something else than their value

    def text(self, row: int, column: int) -> str:
        """The text of a cell; empty where it is empty or a number."""
        found = self.cells.get((row, column))
        return found if isinstance(found, str) else ""

    @property
    def last_row(self) -> int:
        """The last row that holds anything."""
        return max((row for row, _ in self.cells), default=0)


def cell_name(row: int, column: int) -> str:
    """`B7`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def read_workbook(data: bytes, *, name: str = "ranking.xlsx") -> list[Sheet]:
    """The sheets in their order. Raises Failed for what is no plain workbook, too large, or declares XML entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            if len(set(names)) != len(names) or len(names) > MOST_PARTS:
                fail(f"{name}: ส่วนในไฟล์ซ้ำหรือมากเกินไป", f"{name}: parts come twice, or there are too many")
            if sum(info.file_size for info in infos) > MOST_OF_WORKBOOK:
                fail(f"{name}: ใหญ่เกินกำหนดเมื่อแตกออก", f"{name}: it is too large when unpacked")
            return _sheets(archive, name)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, ElementTree.ParseError) as error:
        fail(f"{name}: อ่านไม่ได้ ({brief(str(error))})", f"{name}: it cannot be read ({brief(str(error))})")


def _part(archive: zipfile.ZipFile, part: str, name: str) -> bytes:
    """A part's XML, with the length its directory states and without any declaration that could make it grow."""
    info = archive.getinfo(part)
    with archive.open(info) as stream:
        data = stream.read(info.file_size + 1)
    if len(data) != info.file_size:
        fail(f"{name}: {brief(part)} ยาวกว่าที่แจ้ง", f"{name}: {brief(part)} is longer than it says")
    if b"<!" in data.replace(b"<!--", b"") or b"\0" in data[:200]:
        fail(f"{name}: {brief(part)} มีคำประกาศ XML ที่ห้ามใช้", f"{name}: {brief(part)} has a forbidden XML declaration")
    return data


def _sheets(archive: zipfile.ZipFile, name: str) -> list[Sheet]:
    book = ElementTree.fromstring(_part(archive, "xl/workbook.xml", name))  # noqa: S314 - declarations are refused
    links = ElementTree.fromstring(_part(archive, "xl/_rels/workbook.xml.rels", name))  # noqa: S314
    targets = {each.get("Id"): str(each.get("Target")) for each in links.iter(f"{_PACKAGE}Relationship")}
    shared, odd = _shared(archive, name), _odd_looks(archive, name)
    found = []
    for each in book.iter(f"{_MAIN}sheet"):
        target = targets.get(each.get(_REL), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found.append(_sheet(_part(archive, part, name), str(each.get("name")), shared, odd))
        if len(found) > MOST_SHEETS:
            fail(f"{name}: มีแผ่นงานมากเกินไป", f"{name}: it has too many sheets")
    return found


def _shared(archive: zipfile.ZipFile, name: str) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = ElementTree.fromstring(_part(archive, "xl/sharedStrings.xml", name))  # noqa: S314
    return [_text_of(each) for each in root.iter(f"{_MAIN}si")]


def _odd_looks(archive: zipfile.ZipFile, name: str) -> frozenset[str]:
    """The numbers of the looks whose format is more than digits, commas and a point. Raises Failed for a conditional
    look that changes how numbers show."""
    root = ElementTree.fromstring(_part(archive, "xl/styles.xml", name))  # noqa: S314
    codes = {each.get("numFmtId"): str(each.get("formatCode")) for each in root.iter(f"{_MAIN}numFmt")}
    if any(look.find(f"{_MAIN}numFmt") is not None for look in root.iter(f"{_MAIN}dxf")):
        fail(f"{name}: รูปแบบตามเงื่อนไขเปลี่ยนตัวเลขที่แสดง", f"{name}: a conditional look changes how numbers show")
    looks = root.find(f"{_MAIN}cellXfs")
    odd = set()
    for number, look in enumerate(looks if looks is not None else ()):
        code = look.get("numFmtId", "0")
        plain = _PLAIN_FORMAT.fullmatch(codes[code]) if code in codes else code in _PLAIN_FORMATS
        if not plain:
            odd.add(str(number))
    return frozenset(odd)


def _text_of(element: Any) -> str:
    return "".join(each.text or "" for each in element.iter(f"{_MAIN}t"))


def _sheet(data: bytes, name: str, shared: list[str], odd: frozenset[str]) -> Sheet:
    cells: dict[tuple[int, int], Value] = {}
    dressed = set()
    formulas = 0
    for element in _cells(data):
        if element.find(f"{_MAIN}f") is not None:
            formulas += 1
        value = _value(element, shared)
        match = _CELL.fullmatch(element.get("r") or "")
        if match is None:
            fail(f"{name}: เซลล์ไม่มีที่อยู่", f"{name}: a cell has no address")
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        at = int(match[2]), column
        if at in cells:
            fail(f"{name}!{match[0]}: เซลล์ซ้ำ", f"{name}!{match[0]}: the cell is there twice")
        if value not in (None, ""):
            cells[at] = value
            if element.get("s", "0") in odd:
                dressed.add(at)
    return Sheet(name, cells, formulas, frozenset(dressed))


def _cells(data: bytes) -> Iterator[Any]:
    for _, element in ElementTree.iterparse(io.BytesIO(data), events=("end",)):  # noqa: S314
        if element.tag == f"{_MAIN}c":
            yield element
        elif element.tag == f"{_MAIN}row":
            element.clear()


def _value(element: Any, shared: list[str]) -> Value | None:
    kind, held = element.get("t", "n"), element.find(f"{_MAIN}v")
    if kind == "inlineStr":
        return _text_of(element)
    text = held.text if held is not None else None
    if text is None:
        return None
    if kind == "s":
        return shared[int(text)] if text.isdigit() and int(text) < len(shared) else text
    return Fraction(text) if kind == "n" and _NUMBER.fullmatch(text) else str(text)


_NOT_FOR_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")


def as_cell(text: str) -> str:
    """A text as a cell of the workbook holds it: what XML forbids stands as a picture."""
    if not _NOT_FOR_XML.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_FOR_XML.sub(lambda found: _shown_instead(found[0]), text)


def _shown_instead(found: str) -> str:
    if found == "_x":
        return "_x005F_x"
    return chr(0x2400 + ord(found)) if found < " " else "\ufffd"
