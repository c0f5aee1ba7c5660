"""A filled score sheet read back: what it would change, cell by cell, or every reason why it is refused whole."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from award.tables import book_file, extent, refusing
from exports.material import Member
from exports.score_sheet import Kept
from tests.award.filled_sheets import (
    ABOUT,
    BLANKS,
    NOTE,
    OFFICE,
    PLAN,
    RESULT,
    TAMBON,
    WEB,
    changed,
    changes_of,
    example_sheet,
    filled,
    read,
    refusal,
    written,
)

SAVED = Path(__file__).parent.parent / "data" / "score_sheets"
PROGRAMS = ("xlsx", "ods", "xls")
# What was typed in LibreOffice into the example's sheet before it was saved in each of its formats.
TYPED = [
    ("trat", "d1/plan", "E8", "5", ""),
    ("trat", "d1/result", "E9", "4", "3"),
    ("loei", "d1/plan", "H8", "", "2"),
    ("loei", "note:d1/plan", "J8", "", "เหตุผลของเลย"),
    ("loei", "d2/web", "H11", "", "1"),
    ("t1", "d4", "E14", "", "4"),
]


def test_a_sheet_that_was_not_touched_changes_nothing() -> None:
    preview = read(written())
    assert changes_of(preview) == []
    assert [each.entry.code for each in preview.entries] == ["trat", "loei", "chan", "t1"]
    assert preview.not_in_file == ()


def test_every_changed_cell_is_shown_with_its_place_and_both_values() -> None:
    data = filled(written(), {f"E{PLAN}": 3, f"H{RESULT}": "๕", f"H{WEB}": 1, f"J{PLAN}": "เขียนใหม่"})
    data = filled(data, {"E8": 4}, page=TAMBON)
    assert changes_of(read(data)) == [
        ("trat", "d1/plan", "E8", "5", "3"),
        ("loei", "note:d1/plan", "J8", "", "เขียนใหม่"),
        ("loei", "d1/result", "H9", "", "5"),
        ("loei", "d2/web", "H11", "", "1"),
        ("t1", "d1/plan", "E8", "", "4"),
    ]
    trat = read(data).changed[0]
    assert trat.as_typed() == {"d1/plan": "3"}
    assert trat.changes[0].label.en == "Criterion d1/plan"


def test_a_cleared_cell_takes_the_mark_back_and_is_never_zero() -> None:
    data = filled(written(), {f"E{PLAN}": None, f"G{PLAN}": None})
    assert changes_of(read(data)) == [
        ("trat", "d1/plan", "E8", "5", ""),
        ("trat", "note:d1/plan", "G8", NOTE, ""),
    ]


def test_a_zero_is_a_mark() -> None:
    assert changes_of(read(filled(written(), {f"H{PLAN}": 0}))) == [("loei", "d1/plan", "H8", "", "0")]


def test_a_ticked_box_of_google_sheets_is_a_tick() -> None:
    assert changes_of(read(filled(written(), {f"H{WEB}": True}))) == [("loei", "d2/web", "H11", "", "1")]


def test_a_sheet_in_english_is_read_by_a_thai_site() -> None:
    data = filled(written(example_sheet(language="en")), {f"E{PLAN}": 1}, page="Provincial office")
    assert changes_of(read(data)) == [("trat", "d1/plan", "E8", "5", "1")]


def test_a_card_saved_since_is_a_conflict_and_an_entry_that_came_later_is_told() -> None:
    data = filled(written(), {f"E{PLAN}": 3})
    now = example_sheet()
    later = replace(now.entries[1], code="nan")
    now = replace(now, entries=(replace(now.entries[0], revision="4"), *now.entries[1:], later))
    preview = read(data, now)
    assert [each.entry.code for each in preview.conflicts] == ["trat"]
    assert [each.code for each in preview.not_in_file] == ["nan"]


def test_what_the_file_leaves_as_it_was_is_no_change_and_only_what_was_saved_since_is_overwritten() -> None:
    data = filled(written(), {f"E{PLAN}": 3, f"E{RESULT}": 2, f"G{RESULT}": "ใหม่"})
    now = example_sheet()
    trat = now.entries[0]
    then = Kept(trat.marks, trat.notes)
    saved = replace(
        trat,
        revision="4",
        marks={**trat.marks, "d1/plan": 1, "d4": 0},
        notes={"d1/plan": "แก้ในระบบ"},
        as_of=lambda revision: then if revision == "3" else None,
    )
    (found, *_) = read(data, replace(now, entries=(saved, *now.entries[1:]))).entries
    assert [(change.name, change.old, change.new, change.overwrites) for change in found.changes] == [
        ("d1/plan", "1", "3", True),
        ("d1/result", "4", "2", False),
        ("note:d1/result", "", "ใหม่", False),
    ]
    assert [(change.name, change.old) for change in found.kept] == [("note:d1/plan", "แก้ในระบบ"), ("d4", "0")]


def test_what_was_unlocked_and_typed_for_a_recused_entry_is_shown_as_shut() -> None:
    preview = read(filled(written(), {f"K{PLAN}": 4}))
    assert [each.entry.code for each in preview.shut] == ["chan"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (6, "mark filled.xlsx: สำนักงานพัฒนาชุมชนจังหวัด!H8: A mark of 6 is not on the scale: it must be from 0 to 5"),
        (2.5, 'A mark of 2.5 is not on the scale: it must be from 0 to 5 in steps of 1. Mend "2.5"'),
        ("ดีมาก", "“ดีมาก” is not a number: it must be from 0 to 5 in steps of 1"),
        (True, "“TRUE” is not a number"),
        ("=2+2", "formula filled.xlsx: สำนักงานพัฒนาชุมชนจังหวัด!H8: A cell to fill holds a formula"),
    ],
)
def test_what_cannot_be_a_mark_is_refused_in_its_cell(typed: Any, expected: str) -> None:
    problems = refusal(filled(written(), {f"H{PLAN}": typed}))
    assert len(problems) == 1
    assert expected in problems[0]


def test_every_problem_of_a_file_is_told_at_once_in_thai_and_nothing_of_it_counts() -> None:
    data = filled(written(), {f"E{PLAN}": 9, f"H{PLAN}": "=1+1", f"H{WEB}": 2, f"J{PLAN}": "ก" * 2001})
    data = filled(data, {"E8": "x"}, page=TAMBON)
    assert refusal(data, language="th") == [
        f"mark filled.xlsx: {OFFICE}!E8: คะแนน 9 ไม่อยู่ในมาตรวัด ต้องเป็น 0 ถึง 5 ทีละ 1 แก้ “9” หรือลบให้ช่องว่าง",
        f"formula filled.xlsx: {OFFICE}!H8: พบสูตรในช่องที่กรอก (ค่า “”) พิมพ์ค่าแทนสูตร",
        f"note_too_long filled.xlsx: {OFFICE}!J8: บันทึกยาว 2001 ตัวอักษร เขียนได้ไม่เกิน 2000 ตัวอักษร ย่อข้อความ",
        f"mark filled.xlsx: {OFFICE}!H11: ค่า 2 ใช้กับรายการตรวจไม่ได้ ต้องเป็น 1 (มี) หรือ 0 (ไม่มี) แก้ “2” หรือลบให้ช่องว่าง",
        f"mark filled.xlsx: {TAMBON}!E8: “x” ไม่ใช่ตัวเลข ต้องเป็น 0 ถึง 5 ทีละ 1 แก้ “x” หรือลบให้ช่องว่าง",
    ]


def test_an_error_value_is_no_blank() -> None:
    assert refusal(filled(written(), {f"H{PLAN}": "#N/A"}))[0].startswith("formula_error ")


OTHERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "cycle": (
        lambda sheet: replace(sheet, rules=replace(sheet.rules, cycle=2565)),
        'other_cycle filled.xlsx: ข้อมูลแฟ้ม: Cycle (Buddhist Era) of the file is "2565"; "2564" is needed.',
    ),
    "rule set": (
        lambda sheet: replace(sheet, rules=replace(sheet.rules, id="example/2564-r2")),
        'other_rule_set filled.xlsx: ข้อมูลแฟ้ม: Rule set of the file is "example/2564-r2"; "example/2564-r1" is needed.',
    ),
    "rules' bytes": (
        lambda sheet: replace(sheet, rules=replace(sheet.rules, sha256="b2" * 32)),
        'other_rules_sha256 filled.xlsx: ข้อมูลแฟ้ม: Fingerprint of the rules (SHA-256) of the file is "b2b2',
    ),
    "stage": (
        lambda sheet: replace(sheet, stage=sheet.rules.stages[1]),
        'other_stage filled.xlsx: ข้อมูลแฟ้ม: Stage of the file is "national"; "zone" is needed.',
    ),
    "member": (
        lambda sheet: replace(sheet, member=Member("m1", "ประธาน")),
        'other_member filled.xlsx: ข้อมูลแฟ้ม: Member code of the file is "m1"; "m3" is needed.',
    ),
    "entry": (
        lambda sheet: replace(sheet, entries=(replace(sheet.entries[0], code="rayong"), *sheet.entries[1:])),
        'entry_unknown filled.xlsx: ข้อมูลแฟ้ม: The entry "rayong" is not one you have to mark.',
    ),
    "category of an entry": (
        lambda sheet: replace(sheet, entries=(replace(sheet.entries[0], category="tambon"), *sheet.entries[1:])),
        'entry_unknown filled.xlsx: ข้อมูลแฟ้ม: The entry "trat" is not one you have to mark.',
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_sheet_of_another_is_refused(what: str) -> None:
    make, expected = OTHERS[what]
    problems = refusal(written(make(example_sheet())))
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_another_member_of_another_cycle_is_told_both() -> None:
    other = example_sheet(member=Member("m1", "ประธาน"))
    codes = [line.split()[0] for line in refusal(written(replace(other, rules=replace(other.rules, cycle=2565))))]
    assert codes == ["other_cycle", "other_member"]


def on_page(change: Callable[[Worksheet], object]) -> Callable[[Workbook], object]:
    return lambda book: change(book[OFFICE])


def cleared(cell: str) -> Callable[[Workbook], object]:
    return on_page(lambda page: page.__setitem__(cell, None))


def swapped(page: Worksheet) -> None:
    for column in range(1, 14):
        one, two = page.cell(PLAN, column), page.cell(RESULT, column)
        one.value, two.value = two.value, one.value


# openpyxl moves cells but not formulas' references, as little as somebody does who cuts and pastes values.
MOVED: dict[str, tuple[Callable[[Workbook], object], list[str]]] = {
    "a row inserted": (
        on_page(lambda page: page.insert_rows(RESULT)),
        ['moved A10: "d1/result" belongs in row 9 but is in 10: something was inserted, deleted or moved.'],
    ),
    "a row deleted": (
        on_page(lambda page: page.delete_rows(RESULT)),
        ['moved A9: The row "d1/result" is missing.', 'moved A9: "d2" belongs in row 10 but is in 9'],
    ),
    "rows swapped": (
        on_page(swapped),
        ['moved A9: "d1/plan" belongs in row 8 but is in 9', 'moved A8: "d1/result" belongs in row 9 but is in 8'],
    ),
    "a row above": (
        on_page(lambda page: page.insert_rows(1)),
        [
            'moved A7: The row code "รหัส" is not',
            'moved A8: "d1" belongs in row 7',
            "moved E5: The codes of the columns",
        ],
    ),
    "a column inserted": (
        on_page(lambda page: page.insert_cols(8)),
        ['moved I5: "loei" belongs in column H but is in I'],
    ),
    "a column before all": (
        on_page(lambda page: page.insert_cols(1)),
        [
            "moved A7: The codes of the rows are not where they were.",
            'moved F5: "trat" belongs in column E but is in F',
        ],
    ),
    "an entry's code gone": (cleared("H5"), ['moved H5: The column "loei" is missing.']),
    "an entry's code twice": (
        on_page(lambda page: page.__setitem__("H5", "trat")),
        ['moved H5: The column "trat" is there twice.', 'moved H5: The column "loei" is missing.'],
    ),
    "a code not known": (
        on_page(lambda page: page.__setitem__("A8", "d1/other")),
        ['moved A8: The row code "d1/other" is not known.', 'moved A8: The row "d1/plan" is missing.'],
    ),
}


@pytest.mark.parametrize("what", MOVED)
def test_rows_and_columns_that_moved_are_refused(what: str) -> None:
    change, expected = MOVED[what]
    problems = [line.replace(f" filled.xlsx: {OFFICE}!", " ") for line in refusal(changed(written(), change))]
    assert len(problems) == len(expected), problems
    assert [line[: len(wanted)] for line, wanted in zip(problems, expected, strict=True)] == expected


def test_what_was_typed_outside_the_yellow_cells_does_not_pass_for_read() -> None:
    data = filled(written(), {"E7": 5, f"P{PLAN}": 5, "B30": "ดูที่นี่", f"F{PLAN}": 20, f"E{BLANKS}": "x"})
    assert [line.split(":")[0] + line.split("!")[1][:4] for line in refusal(data)] == [
        "typed_elsewhere filled.xlsxE7: ",
        "typed_elsewhere filled.xlsxP8: ",
        "typed_elsewhere filled.xlsxB30:",
        "formula_replaced filled.xlsxF8: ",
        "formula_replaced filled.xlsxE16:",
    ]


def test_a_sheet_renamed_or_added_is_refused() -> None:
    def rename(book: Workbook) -> None:
        book[OFFICE].title = "ของฉัน"

    assert [line.split()[0] for line in refusal(changed(written(), rename))] == ["sheet_unknown", "sheet_missing"]


DAMAGED: dict[str, Callable[[Worksheet], object]] = {
    "the member": lambda page: page.__setitem__("C14", "m1"),
    "an entry's revision": lambda page: page.__setitem__("E18", "4"),
    "an entry left out": lambda page: page.delete_rows(19),
    "a value gone": lambda page: page.__setitem__("C10", None),
    "the check digits": lambda page: page.__setitem__("C15", "0" * 16),
    "said twice": lambda page: page.__setitem__("B30", "member"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_identity_is_refused_before_anything_is_read(what: str) -> None:
    problems = refusal(changed(written(), lambda book: DAMAGED[what](book[ABOUT])))
    assert [line.split()[0] for line in problems] == ["identity_damaged"]


def test_the_identity_stands_where_these_tests_damage_it() -> None:
    page = load_workbook(io.BytesIO(written()))[ABOUT]
    found = [page[cell].value for cell in ("B10", "C10", "B14", "C14", "B15", "C18", "E18", "C19", "B30")]
    assert found == ["cycle", "2564", "member", "m3", "check", "trat", "3", "loei", None]


def test_another_workbook_and_another_format_are_told_apart() -> None:
    assert refusal(changed(written(), lambda book: book.remove(book[ABOUT])))[0].startswith("not_a_score_sheet ")
    newer = changed(written(), lambda book: book[ABOUT].__setitem__("C8", "award-score-sheet/2"))
    assert refusal(newer)[0].startswith("format_unknown ")


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


ODS = (
    '<office:document-content xmlns:office="o" xmlns:table="t"><table:table table:name="s">'
    '<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="float" '
    'table:number-columns-repeated="{columns}"/></table:table-row></table:table></office:document-content>'
)


def test_what_is_no_workbook_or_a_bomb_is_refused_before_room_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def code(data: bytes) -> str:
        return refusal(data)[0].split()[0]

    whole = written()
    assert code(b"") == "not_a_workbook"
    assert code(b"entry,mark\ne1,5\n") == "not_a_workbook"
    assert code(b"PK\x03\x04 torn") == "xlsx_damaged"
    assert code(whole[:5000]) == "xlsx_damaged"
    assert code((SAVED / "filled.xls").read_bytes()[:6000]) == "xls_damaged"
    assert code((SAVED / "filled.ods").read_bytes()[:6000]) == "ods_damaged"
    assert code(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)) == "xls_damaged"
    bomb = {"content.xml": b"<x>" + b" " * 9_000_000 + b"</x>"}
    assert code(zipped(**bomb)) == "file_too_large"
    for rows, columns in ((1_000_000, 1), (1, 16_384), (4_000, 4_000)):
        far = {"content.xml": ODS.format(rows=rows, columns=columns).encode()}
        assert code(zipped(**far)) == "sheet_too_large"
    assert code(filled(whole, {"A6000": 1})) == "sheet_too_large"
    monkeypatch.setattr(book_file, "MAX_BYTES", 1000)
    assert code(whole) == "file_too_large"
    assert refusing.MAX_BYTES == 20 * 1024 * 1024


def test_an_old_workbook_that_reaches_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "MOST_ROWS", 5)
    assert refusal((SAVED / "filled.xls").read_bytes())[0].startswith("sheet_too_large ")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_file_saved_by_libreoffice_is_read_alike(program: str) -> None:
    assert changes_of(read((SAVED / f"filled.{program}").read_bytes())) == TYPED


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_formula_is_found_in_every_kind_of_file(program: str) -> None:
    problems = refusal((SAVED / f"formula.{program}").read_bytes())
    assert [line.split()[0] for line in problems] == ["formula"]
    assert f"{OFFICE}!H8" in problems[0] and '(value "4")' in problems[0]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_a_sheet_of_today_survives_being_saved_by_libreoffice(tmp_path: Path) -> None:
    (tmp_path / "sheet.xlsx").write_bytes(filled(written(), {f"H{PLAN}": 3}))
    for program in ("ods", "xls"):
        outcome = subprocess.run(
            ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
             "--convert-to", program, "--outdir", str(tmp_path / "out"), str(tmp_path / "sheet.xlsx")],
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        assert outcome.returncode == 0, outcome.stderr
        saved = (tmp_path / "out" / f"sheet.{program}").read_bytes()
        assert changes_of(read(saved)) == [("loei", "d1/plan", "H8", "", "3")]


def test_a_workbook_with_a_password_is_told_apart_from_a_damaged_one() -> None:
    old = (SAVED / "filled.xls").read_bytes()
    name, locked = "Workbook".encode("utf-16-le").ljust(40, b"\0"), "EncryptedPackage".encode("utf-16-le")
    at = old.index(name)
    renamed = old[:at] + locked.ljust(40, b"\0") + old[at + 40 :]
    renamed = renamed[: at + 64] + (len(locked) + 2).to_bytes(2, "little") + renamed[at + 66 :]
    assert refusal(renamed)[0].startswith("xlsx_old_or_locked filled.xlsx: This file has a password.")
