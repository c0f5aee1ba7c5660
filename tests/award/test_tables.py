"""CSV and XLSX in: the same table from every way of saving it, and hostile or damaged files refused."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import Workbook

from award.tables import csv_file, read_table, read_text, refusing, table_from, xlsx_file
from scoring_rules.fact_tables import Table
from scoring_rules.problems import FactsRefused

PLAIN = "entry,label\ne1,หนึ่ง\ne2,สอง\n"


def cells_of(table: Table) -> list[list[str]]:
    return [list(table.header), *(list(cells) for _, cells in table.rows)]


def codes_of(data: bytes) -> list[str]:
    with pytest.raises(FactsRefused) as refused:
        table_from(data, name="x")
    return [f"{problem.line}:{problem.column} {problem.code}" for problem in refused.value.problems]


def xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def as_excel_saves(texts: list[str], rows: list[list[int]]) -> bytes:
    """A workbook as Excel writes it: every text once, in a list of its own, and sheets in any order."""
    cells = [
        "".join(f'<c r="{chr(65 + column)}{line}" t="s"><v>{text}</v></c>' for column, text in enumerate(row))
        for line, row in enumerate(rows, start=1)
    ]
    sheet = "".join(f'<row r="{line}">{row}</row>' for line, row in enumerate(cells, start=1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="ข้อมูล" sheetId="7" r:id="rId9"/>'
        '<sheet name="รวม" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId9" Type="{OFFICE}/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
        f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">'
        '<c r="A1"><f>1+2</f><v>3</v></c></row>'
        "</sheetData></worksheet>",
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r\n").encode("utf-8-sig"),
        PLAIN.rstrip().encode(),
        PLAIN.replace("\n", ",,\n").encode(),
        ("\n" + PLAIN + ",\n\n").encode(),
        'entry,"label"\n" e1 ","หนึ่ง"\ne2, สอง\n'.encode(),
        xlsx([["entry", "label"], ["e1", "หนึ่ง"], ["e2", "สอง"]]),
        as_excel_saves(["label", "entry", "e1", "หนึ่ง", "e2", "สอง"], [[1, 0], [2, 3], [4, 5]]),
        xlsx([[], ["entry", "label"], [], ["e1", "หนึ่ง"], ["e2 ", "สอง"], ["", None]]),
    ],
)
def test_every_way_of_saving_a_table_gives_the_same(data: bytes) -> None:
    assert cells_of(table_from(data, name="x")) == [["entry", "label"], ["e1", "หนึ่ง"], ["e2", "สอง"]]


def test_lines_are_those_of_the_file() -> None:
    text = 'entry,label\n\ne1,"บรรทัดแรก\nบรรทัดสอง"\n\ne2,สอง\n'
    table = table_from(text.encode(), name="x")
    assert table.rows == [(3, ["e1", "บรรทัดแรก\nบรรทัดสอง"]), (6, ["e2", "สอง"])]
    assert [line for line, _ in table_from(xlsx([["entry"], [], ["e1"]]), name="x").rows] == [3]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (97.27, "97.27"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (0.00001, "0.00001"),
        (-2.50, "-2.5"),
        (Decimal("17.5"), "17.5"),
        (True, "1"),
        (False, "0"),
        (date(2021, 7, 19), "2021-07-19"),
        ("๙๗.๒๗", "๙๗.๒๗"),
        ("007", "007"),
    ],
)
def test_a_workbook_value_is_exact_plain_text(value: Any, text: str) -> None:
    assert cells_of(table_from(xlsx([["mark"], [value]]), name="x")) == [["mark"], [text]]


def test_a_formula_or_an_error_is_never_taken_for_its_last_value() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["entry", "mark"])
    sheet.append(["e1", "=1+2"])
    sheet.append(["e2", "#N/A"])
    sheet["B3"].data_type = "e"
    data = rewritten(
        saved(book), SHEET, lambda xml: xml.replace(b"<v></v>", b"<v>3</v>").replace(b"<v />", b"<v>3</v>")
    )
    assert codes_of(data) == ["2:2 formula", "3:2 formula_error"]


def test_formulas_of_other_sheets_do_not_matter() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.append(["entry"])
    first.append(["e1"])
    book.create_sheet("รวม").append(["=1+2"])
    assert cells_of(table_from(saved(book), name="x")) == [["entry"], ["e1"]]


def test_a_table_that_goes_on_in_another_sheet_is_not_read_by_half() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    for sheet in (first, book.create_sheet("เขต 10")):
        sheet.append(["entry", "mark"])
        sheet.append(["e1", 1])
    assert codes_of(saved(book)) == ["0:0 second_sheet"]


def test_cells_that_are_merged_and_rows_that_are_hidden_are_told() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (["entry", "zone"], ["e1", "9"], ["e2"], ["e3", "9"], []):
        sheet.append(line)
    sheet.merge_cells("B2:B3")
    sheet.row_dimensions[4].hidden = sheet.row_dimensions[5].hidden = True
    assert sorted(codes_of(saved(book))) == ["2:2 merged", "4:1 hidden_row"]


def test_a_cell_at_the_end_of_the_world_is_refused_before_room_is_made_for_it() -> None:
    far = rewritten(xlsx([["entry"], ["e1"]]), SHEET, lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'))
    assert codes_of(far) == ["0:0 table_too_large"]


def test_a_workbook_that_unpacks_without_measure_is_refused() -> None:
    bomb = rewritten(xlsx([["entry"], ["e1"]]), SHEET, lambda xml: xml + b" " * 30_000_000)
    assert codes_of(bomb) == ["0:0 file_too_large"]


def test_a_long_text_shared_by_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = as_excel_saves(["entry", "ก" * 1000], [[0], *[[1]] * 20])
    assert len(table_from(data, name="x").rows) == 20
    monkeypatch.setattr(xlsx_file, "MAX_TEXT", 15_000)
    assert codes_of(data) == ["0:0 file_too_large"]


def test_a_document_type_is_refused() -> None:
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    data = rewritten(xlsx([["entry"], ["e1"]]), SHEET, lambda xml: evil + xml)
    assert codes_of(data) == ["0:0 xml_declaration"]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 not really a zip",
        xlsx([["entry"], ["e1"]])[:-200],
        rewritten(xlsx([["entry"], ["e1"]]), SHEET, lambda xml: xml[:-30]),
        rewritten(xlsx([["entry"], ["e1"]]), "xl/workbook.xml", lambda xml: b"<workbook/>"),
        rewritten(xlsx([["entry"], ["e1"]]), "xl/_rels/workbook.xml.rels", lambda xml: b"<Relationships/>"),
    ],
)
def test_a_damaged_workbook_is_refused(data: bytes) -> None:
    assert codes_of(data) == ["0:0 xlsx_damaged"]


def test_a_workbook_with_any_wrong_byte_is_read_or_refused_and_nothing_else() -> None:
    good, chance = as_excel_saves(["entry", "e1"], [[0], [1]]), Random(2564)
    for _ in range(300):
        data = bytearray(good)
        data[chance.randrange(4, len(data))] = chance.randrange(256)
        try:
            assert table_from(bytes(data), name="x").header
        except FactsRefused as refused:
            assert refused.problems


def test_an_old_or_locked_workbook_is_refused() -> None:
    assert codes_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)) == ["0:0 xlsx_old_or_locked"]


def test_the_windows_thai_code_page_is_refused_with_the_place() -> None:
    assert codes_of("entry,label\ne1,หนึ่ง\n".encode("cp874")) == ["2:2 not_utf8"]
    assert codes_of(PLAIN.encode("utf-16")) == ["1:1 not_utf8"]


def test_a_cell_longer_than_excel_holds_is_refused() -> None:
    assert codes_of(f"entry,label\ne1,{'ก' * 32_768}\n".encode()) == ["2:1 csv_broken"]


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"entry\n" + b"e" * refusing.MAX_BYTES)
    with pytest.raises(FactsRefused, match="larger than 20 MB"):
        read_table(file)
    monkeypatch.setattr(csv_file, "MAX_ROWS", 2)
    assert len(table_from(b"entry\n1\n2\n", name="x").rows) == 2
    assert codes_of(b"entry\n1\n2\n3\n") == ["0:0 table_too_large"]
    assert codes_of(b"," * 1000) == ["0:0 file_empty"]
    assert codes_of(b"entry," * 1001) == ["0:0 table_too_large"]


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FactsRefused, match="no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(FactsRefused, match="cannot be opened"):
        read_table(tmp_path)
    with pytest.raises(FactsRefused, match="no such file"):
        read_text(tmp_path / "none.json")
