"""Every refusal, word for word: what the readers say of a broken file, where, and what to do, in Thai and in English.

A sentence that the readers can say and that no case here shows fails the last test.
"""

import ast
import zipfile
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from award.tables import read_table, table_from
from award.tables.book_file import read_book
from scoring_rules.problems import Refused
from scoring_rules.reader import read_rules
from tests.refusals import FACT_CASES, REFUSED, RULE_FILES, expected, problems_of_facts, problems_of_rules, told

ROOT = Path(__file__).parent.parent
THAI = range(0x0E00, 0x0E80)


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_a_broken_rule_file_is_refused_with_the_text_beside_it(path: Path) -> None:
    assert told(problems_of_rules(path)) == expected(path).read_text(encoding="utf-8") != ""


@pytest.mark.parametrize("case", FACT_CASES, ids=lambda case: case.name)
def test_broken_facts_are_refused_with_the_text_beside_them(case: Path) -> None:
    assert told(problems_of_facts(case)) == expected(case).read_text(encoding="utf-8") != ""


def test_there_are_enough_broken_files_and_every_expected_text_has_one() -> None:
    assert len(RULE_FILES) >= 60
    assert len(FACT_CASES) >= 40
    assert {path.stem for path in RULE_FILES} == {path.stem for path in (REFUSED / "rules").glob("*.txt")}


# What is too large to keep as a file, or no text, is made here. ------------------------------------------------------


def saved(*rows: Sequence[object], error: str = "", percent: str = "") -> bytes:
    """A workbook; the cell named `error` shows an error, the one named `percent` shows a percentage."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if error:
        sheet[error].data_type = "e"
    if percent:
        sheet[percent].number_format = "0%"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


HEADER: list[object] = ["entry", "member", "criterion", "mark"]
MADE_RULES: dict[str, tuple[bytes, str, str]] = {
    "too_large": (
        b"x" * 1_000_001,
        "rules: ไฟล์มีขนาด 1,000,001 ไบต์ เกิน 1,000,000 ไบต์ ตรวจว่าเลือกไฟล์ถูก",
        "rules: The file has 1,000,001 bytes, more than 1,000,000. Check that it is the right file.",
    ),
    "too_many_problems": (
        "".join(f"k{number}: 1\n" for number in range(3000)).encode(),
        "rules: พบปัญหา 1000 ข้อ จึงหยุดอ่าน ตรวจว่าเลือกไฟล์ถูก",
        "rules: 1000 problems found, the rest was not read. Check that it is the right file.",
    ),
    "not_utf8": (
        "award: {th: รางวัล}\n".encode("cp874"),
        "rules:1:13: พบไบต์ 0xc3 ซึ่งไม่ใช่รหัสอักขระ UTF-8 เปิดในโปรแกรมแก้ไขข้อความแล้วบันทึกใหม่เป็น UTF-8",
        "rules:1:13: Found the byte 0xc3, which is not UTF-8. Save the file again with the encoding UTF-8.",
    ),
}


def laid_out(*, merged: str = "", hidden: int = 0, again: bool = False) -> bytes:
    """A workbook in which cells are merged, a row is hidden, or a second sheet goes on."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for each in (sheet, *([book.create_sheet("เขต 10")] if again else [])):
        each.append(HEADER)
        each.append(["v1", "m1", "saving", 3])
    if merged:
        sheet.merge_cells(merged)
    if hidden:
        sheet.row_dimensions[hidden].hidden = True
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A workbook with a part changed or added."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(saved(HEADER))) as package, zipfile.ZipFile(made, "w") as new:
        for part in package.namelist():
            if part != name:
                new.writestr(part, package.read(part))
        new.writestr(name, content)
    return made.getvalue()


ODS = ROOT / "tests" / "data" / "score_sheets" / "filled.ods"
MADE_TABLES: dict[str, tuple[bytes, str, str]] = {
    "merged": (
        laid_out(merged="B2:B3"),
        "marks:2:2: member: เซลล์ B2:B3 ถูกผสานกัน ยกเลิกการผสาน แล้วใส่ค่าทุกเซลล์",
        "marks:2:2: member: The cells B2:B3 are merged. Unmerge them and fill each.",
    ),
    "hidden_row": (
        laid_out(hidden=2),
        "marks:2:1: entry: แถวนี้ถูกซ่อน แต่มีข้อมูล แสดงแถว หรือลบ",
        "marks:2:1: entry: This row is hidden but holds data. Show it, or delete it.",
    ),
    "second_sheet": (
        laid_out(again=True),
        "marks: แผ่น “เขต 10” มีหัวตารางเดียวกับแผ่นแรก แต่อ่านเฉพาะแผ่นแรก รวมไว้ในแผ่นแรก หรือลบแผ่นอื่น",
        'marks: The sheet "เขต 10" has the same header as the first; only the first is read. '
        "Put all of it on the first sheet, or delete the others.",
    ),
    "xml_declaration": (
        with_part("xl/workbook.xml", b"<!DOCTYPE x []><workbook/>"),
        "marks: สมุดงานมีคำประกาศ XML ที่ไม่อนุญาต เปิดด้วย Excel แล้วบันทึกใหม่",
        "marks: The workbook contains a forbidden XML declaration. Open it in Excel and save it again.",
    ),
    "links_out": (
        with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
        "marks: สมุดงานเชื่อมโยงไปยังไฟล์อื่นหรือแหล่งข้อมูลอื่น ตัดการเชื่อมโยง (วางเป็นค่า) แล้วบันทึกใหม่",
        "marks: The workbook links to another file or source of data. "
        "Break the links (paste values) and save it again.",
    ),
    "invisible_character": (
        "entry,label\ne1,สำนัก\u202eงาน\n".encode(),
        "marks:2:2: label: พบอักขระที่มองไม่เห็น (U+202E) หลัง “สำนัก” พิมพ์ช่องนี้ใหม่",
        'marks:2:2: label: Found a character that nobody sees (U+202E) after "สำนัก". Type this cell anew.',
    ),
    "formula": (
        saved(HEADER, ["v1", "m1", "saving", "=1+2"]),
        "marks:2:4: mark: พบสูตรในเซลล์นี้ วางเป็นค่า (Paste Values) แทน",
        "marks:2:4: mark: This cell holds a formula. Paste the value instead (Paste Values).",
    ),
    "formula_error": (
        saved(HEADER, ["v1", "m1", "saving", "#N/A"], error="D2"),
        "marks:2:4: mark: เซลล์นี้แสดงข้อผิดพลาด เช่น #N/A วางเป็นค่า (Paste Values) แทน",
        "marks:2:4: mark: This cell shows an error such as #N/A. Paste the value instead (Paste Values).",
    ),
    "percent": (
        saved(HEADER, ["v1", "m1", "saving", 0.85], percent="D2"),
        "marks:2:4: mark: เซลล์นี้แสดงเป็น % (แสดง 85% แต่เก็บค่า 0.85) เปลี่ยนรูปแบบเซลล์เป็นตัวเลข แล้วพิมพ์ค่าที่ต้องการ",
        "marks:2:4: mark: This cell shows a percentage (85% is kept as 0.85). "
        "Format it as a number and type the value that counts.",
    ),
    "xlsx_damaged": (
        b"PK\x03\x04 no workbook",
        "marks: อ่านไฟล์ XLSX นี้ไม่ได้ เปิดด้วย Excel แล้วบันทึกใหม่ หรือบันทึกเป็น CSV UTF-8",
        "marks: This XLSX file cannot be read (File is not a zip file). "
        "Open and save it again in Excel, or save as CSV UTF-8.",
    ),
    "ods_not_taken": (
        ODS.read_bytes(),
        "marks: เป็นไฟล์ ODS ของ LibreOffice ซึ่งอ่านตรงนี้ไม่ได้ บันทึกเป็น .xlsx หรือ CSV UTF-8",
        "marks: This is a LibreOffice file (.ods), which is not read here. Save it as .xlsx, or as CSV UTF-8.",
    ),
    "xlsx_old_or_locked": (
        b"\xd0\xcf\x11\xe0 an old workbook",
        "marks: เป็นไฟล์ .xls แบบเก่า หรือมีรหัสผ่าน บันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน หรือ CSV UTF-8",
        "marks: This is an old .xls file, or one with a password. Save it as .xlsx without password, or as CSV UTF-8.",
    ),
    "not_utf8": (
        "entry,label\ne1,สำนักงาน\n".encode("cp874"),
        "marks:2:2: ไฟล์ไม่ได้บันทึกเป็น UTF-8 ใน Excel เลือกบันทึกเป็น “CSV UTF-8” หรือ XLSX",
        'marks:2:2: The file is not saved as UTF-8. In Excel, save as "CSV UTF-8" or as XLSX.',
    ),
    "file_empty": (
        saved(),
        "marks: ไฟล์ว่าง ใส่หัวตารางในแถวแรกและข้อมูลในแถวถัดไป",
        "marks: The file is empty. Put the header in the first line and data below it.",
    ),
    "file_too_large": (
        b"x" * (20 * 1024 * 1024 + 1),
        "marks: ไฟล์ใหญ่เกิน 20 MB แบ่งเป็นหลายไฟล์ หรือลบสิ่งที่ไม่ใช่ข้อมูล",
        "marks: The file is larger than 20 MB. Split it, or remove what is not data.",
    ),
    "table_too_large": (
        b"x," * 1001,
        "marks: ตารางใหญ่เกิน 1,000,000 แถว หรือ 1,000 คอลัมน์ แบ่งเป็นหลายไฟล์ หรือลบเซลล์ที่อยู่ไกลจากตาราง",
        "marks: The table has more than 1,000,000 lines or 1,000 columns. "
        "Split it, or delete cells far from the table.",
    ),
}
MADE_BOOKS: dict[str, tuple[bytes, str, str]] = {
    "not_a_workbook": (
        b"entry,mark\ne1,5\n",
        "sheet: ไฟล์นี้ไม่ใช่สมุดงาน Excel หรือ LibreOffice เลือกไฟล์ .xlsx .ods หรือ .xls ที่กรอกแล้ว",
        "sheet: This is no Excel or LibreOffice workbook. Choose the filled .xlsx, .ods or .xls file.",
    ),
    "ods_damaged": (
        ODS.read_bytes()[:20_000],
        "sheet: อ่านไฟล์ ODS (LibreOffice) นี้ไม่ได้ เปิดด้วย LibreOffice แล้วบันทึกใหม่ หากเปิดไม่ได้ ให้ดาวน์โหลดแบบกรอกอีกครั้ง",
        "sheet: This LibreOffice file (.ods) cannot be read (File is not a zip file). "
        "Open and save it again in LibreOffice; where that fails, download the form anew.",
    ),
    "xls_damaged": (
        ODS.with_suffix(".xls").read_bytes()[:6000],
        "sheet: อ่านไฟล์นี้ไม่ได้ เป็นไฟล์ .xls แบบเก่าที่เสียหาย หรือสมุดงานที่มีรหัสผ่าน เปิดด้วย Excel แล้วบันทึกเป็น .xlsx ที่ไม่มีรหัสผ่าน",
        "sheet: This file cannot be read ('Book'): it is an old .xls that is damaged, or a workbook with a password. "
        "Open it in Excel and save it as .xlsx without password.",
    ),
    "sheet_too_large": (
        saved(*[["x"]] * 5001),
        "sheet: แผ่นงานยาวถึงแถว 5,001 คอลัมน์ 1 เกินที่แบบกรอกของระบบมีได้ ใช้ไฟล์ที่ดาวน์โหลดจากระบบ",
        "sheet: A sheet reaches row 5,001, column 1: more than a form of this site has. "
        "Use the file that was downloaded.",
    ),
}
MADE_NAMED = {
    "not_a_workbook": (
        b"%PDF-1.4",
        "marks.xlsx: ไฟล์นี้ไม่ใช่สมุดงาน Excel (.xlsx) บันทึกเป็น .xlsx หรือใช้ชื่อ .csv หากเป็น CSV",
        "marks.xlsx: This is not an Excel workbook (.xlsx). Save it as .xlsx, or name it .csv if that is what it is.",
    ),
}
MADE_PATHS = {
    "file_missing": (
        "none.csv",
        "none.csv: ไม่พบไฟล์นี้ ตรวจชื่อไฟล์ โฟลเดอร์ และสิทธิ์",
        "none.csv: There is no such file. Check the name, the folder and the permissions.",
    ),
    "file_unreadable": (
        "folder",
        "folder: เปิดไฟล์ไม่ได้ (Is a directory) ตรวจชื่อไฟล์ โฟลเดอร์ และสิทธิ์",
        "folder: The file cannot be opened (Is a directory). Check the name, the folder and the permissions.",
    ),
}


def said(read: Callable[[], object], code: str) -> tuple[str, str]:
    """What is told of the first problem of that code."""
    with pytest.raises(Refused) as refused:
        read()
    problem = next(each for each in refused.value.problems if each.code == code)
    return problem.sentence("th"), problem.sentence("en")


@pytest.mark.parametrize("code", MADE_RULES)
def test_rule_files_too_large_to_keep(code: str) -> None:
    data, *sentences = MADE_RULES[code]
    assert said(lambda: read_rules(data), code) == tuple(sentences)


@pytest.mark.parametrize("code", MADE_TABLES)
def test_tables_that_are_no_text(code: str) -> None:
    data, *sentences = MADE_TABLES[code]
    assert said(lambda: table_from(data, name="marks"), code) == tuple(sentences)


@pytest.mark.parametrize("code", MADE_NAMED)
def test_tables_whose_name_says_what_they_are_not(code: str) -> None:
    data, *sentences = MADE_NAMED[code]
    assert said(lambda: table_from(data, name="marks.xlsx"), code) == tuple(sentences)


@pytest.mark.parametrize("code", MADE_BOOKS)
def test_workbooks_that_are_no_score_sheet(code: str) -> None:
    data, *sentences = MADE_BOOKS[code]
    assert said(lambda: read_book(data, name="sheet"), code) == tuple(sentences)


@pytest.mark.parametrize("code", MADE_PATHS)
def test_paths_without_a_file(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    name, *sentences = MADE_PATHS[code]
    assert said(lambda: read_table(Path(name)), code) == tuple(sentences)


# No refusal without a case -------------------------------------------------------------------------------------------

READERS = [
    ROOT / "scoring_rules" / f"{name}.py"
    for name in (
        *("source", "reading", "reader", "read_criteria", "read_fields", "read_panel"),
        *("fact_tables", "fact_entries", "fact_cards", "fact_files", "fact_sums", "fit", "earlier", "engine"),
    )
] + sorted((ROOT / "award" / "tables").glob("*.py"))
# Where the code stands among the arguments, by the name of what is called and how many arguments it takes.
CODE_AT = {
    ("Problem", 7): 4, ("Problem", 4): 1, ("note", 3): 0, ("expected", 4): 0, ("_note", 5): 2,
    ("xlsx_file._note", 2): 0, ("add", 5): 2, ("_about_header", 5): 2, ("unknown", 5): 2, ("problem", 4): 1,
    ("_problem", 4): 2, ("_problem", 5): 2, ("WrongField", 3): 0, ("Misfit", 2): 0, ("Wrong", 3): 0, ("_unknown", 5): 1,
}  # fmt: skip


def codes_in(path: Path) -> Iterator[str]:
    """The code of every problem that a module can tell; `*` stands for what is only known when it runs."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            count = len(call.args)
            at = CODE_AT.get((f"{path.stem}.{name}", count), CODE_AT.get((name, count)))
            if at is not None:
                yield from codes_of(call.args[at], path)


def codes_of(node: ast.expr, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from codes_of(node.body, path)
        yield from codes_of(node.orelse, path)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    else:
        handed_on = ast.unparse(node)
        assert handed_on in ("code", "wrong.code"), f"{path.name}:{node.lineno}: {handed_on} hides a code"


def shown_codes() -> set[str]:
    texts = [expected(case).read_text(encoding="utf-8") for case in (*RULE_FILES, *FACT_CASES)]
    in_files = {line[1:-1] for text in texts for line in text.splitlines() if line.startswith("[")}
    return in_files | {*MADE_RULES, *MADE_TABLES, *MADE_BOOKS, *MADE_PATHS}


def test_every_refusal_that_the_readers_know_has_a_case() -> None:
    known = {code for path in READERS for code in codes_in(path)}
    assert len(known) > 90
    shown = shown_codes()
    assert sorted(code for code in known if not any(fnmatch(each, code) for each in shown)) == []


def test_every_expected_line_is_thai_once_and_english_once() -> None:
    for case in (*RULE_FILES, *FACT_CASES):
        for block in expected(case).read_text(encoding="utf-8").rstrip("\n").split("\n\n"):
            code, thai, english = block.splitlines()
            assert code == code.strip() and code[0] + code[-1] == "[]"
            assert thai != english and english.endswith((".", "?")), case.name
            assert any(ord(letter) in THAI for letter in thai), case.name
