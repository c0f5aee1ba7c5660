"""The offline score sheet: what a member may fill, what helps them, what it says of itself, what it calculates."""

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from exports.cell_text import CannotWrite
from exports.form_book import Allowed, FormBook
from exports.looks import TEXT
from exports.score_sheet import ScoreSheet
from scoring_rules.exact import Rounding
from scoring_rules.facts import Card
from scoring_rules.marks import running_total
from scoring_rules.rules import MarksSource, Roundings, Scale
from scoring_rules.words import Words
from tests.award.filled_sheets import (
    ABOUT,
    BLANKS,
    BOARD,
    GIVEN,
    LASTING,
    NOTE,
    OFFICE,
    PAPERS,
    PLAN,
    RESULT,
    TAMBON,
    TOTAL,
    WEB,
    changed,
    example_sheet,
    filled,
    written,
)
from tests.exports import example
from tests.recalculate import by_ironcalc


def page_of(name: str = OFFICE, sheet: ScoreSheet | None = None) -> Worksheet:
    return load_workbook(BytesIO(written(sheet)))[name]


def texts(page: Worksheet) -> str:
    return "\n".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None)


def test_criteria_go_down_and_the_entries_of_the_member_across() -> None:
    page = page_of()
    assert [page.cell(row, 1).value for row in range(PLAN - 1, LASTING + 1)] == [
        "d1", "d1/plan", "d1/result", "d2", "d2/web", "d2/board", "d3", "d4",
    ]  # fmt: skip
    assert [page[f"{column}5"].value for column in "EHK"] == ["trat", "loei", "chan"]
    assert [page[f"{column}6"].value for column in "ABCDEFG"] == [
        "รหัส", "เกณฑ์", "เต็ม", "มาตรวัด", "คะแนน", "ได้", "เหตุผลหรือบันทึก",
    ]  # fmt: skip
    assert page.freeze_panes == "E7"
    assert page_of(TAMBON)["E5"].value == "t1"


def test_marks_and_notes_given_so_far_are_filled_in_and_the_rest_is_blank() -> None:
    page = page_of()
    assert [page[f"E{row}"].value for row in (PLAN, RESULT, WEB, BOARD, LASTING)] == [5, 4, 0, 0, 4]
    assert page[f"G{PLAN}"].value == NOTE
    assert [page[f"H{row}"].value for row in (PLAN, RESULT, WEB, BOARD, LASTING)] == [None] * 5


def test_only_marks_and_notes_of_open_entries_may_be_typed_and_no_password_is_needed() -> None:
    page = page_of()
    open_cells = {cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked}
    marks = {f"{column}{row}" for column in "EH" for row in (PLAN, RESULT, WEB, BOARD, LASTING)}
    notes = {f"{column}{row}" for column in "GJ" for row in (PLAN, RESULT, PAPERS, LASTING)}
    assert open_cells == marks | notes
    for sheet in load_workbook(BytesIO(written())):
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert sheet.sheet_state == "visible"


def test_an_entry_that_is_not_marked_says_why_and_is_locked() -> None:
    page = page_of()
    assert page["K4"].value == "สำนักงานพัฒนาชุมชนจังหวัดจันทบุรี\nถอนตัว: เคยปฏิบัติงานที่จังหวัดนี้"
    assert all(page[f"K{row}"].protection.locked for row in (PLAN, RESULT, WEB, LASTING))
    english = page_of("Provincial office", example_sheet(language="en"))
    assert str(english["K4"].value).endswith("Recused: held a post here")


def rules_on(page: Worksheet) -> dict[str, Any]:
    return {str(cell): rule for rule in page.data_validations.dataValidation for cell in rule.sqref}


def test_a_short_scale_is_a_list_to_choose_from_with_what_the_levels_mean() -> None:
    page = page_of()
    rules = rules_on(page)
    found = {cell: rules[cell] for block in rules for cell in [block] if block.startswith(f"E{PLAN}")}
    rule = found[f"E{PLAN}"]
    assert (rule.type, rule.formula1, rule.allow_blank) == ("list", '"0,1,2,3,4,5"', True)
    assert rule.prompt.startswith("0 ถึง 5 ทีละ 1\n5 = ระดับที่ 5")
    assert rule.error == "ใส่ได้เฉพาะ 0 ถึง 5 ทีละ 1 หรือเว้นว่าง"
    remark = page[f"B{PLAN}"].comment
    assert remark is not None and "3 = ระดับที่ 3 ของการดำเนินงาน" in remark.text


def test_what_the_system_suggests_stands_on_the_cell_of_its_entry() -> None:
    remark = page_of()[f"H{RESULT}"].comment
    assert remark is not None
    assert remark.text == "ระบบเสนอ 4 จากตัวชี้วัด ถ้าให้ต่างจากนี้ต้องเขียนเหตุผล"


def with_scale(scale: Scale) -> ScoreSheet:
    """The example with another scale on d4, which then is the only thing marked of the tambon."""
    sheet = example_sheet()
    rules = sheet.rules
    d4 = rules.categories[1].criteria[3]
    d4 = replace(d4, source=MarksSource(scale, "share_of_range"))
    tambon = replace(rules.categories[1], criteria=(d4,), fields=(), indicators=(), eligibility=(), tie_breaks=())
    return replace(sheet, rules=replace(rules, categories=(rules.categories[0], tambon)))


@pytest.mark.parametrize(
    ("scale", "formula"),
    [
        (Scale(0, 100, 1), "AND(ISNUMBER(E7),E7>=0,E7<=100,ABS((E7-0)-ROUND((E7-0),0))<0.000001)"),
        (
            Scale(Fraction(1, 2), 10, Fraction(1, 4)),
            "AND(ISNUMBER(E7),E7>=0.5,E7<=10,ABS((E7-0.5)*4/1-ROUND((E7-0.5)*4/1,0))<0.000001)",
        ),
    ],
)
def test_a_long_scale_is_checked_by_a_formula(scale: Scale, formula: str) -> None:
    rule = rules_on(page_of(TAMBON, with_scale(scale)))["E7"]
    assert (rule.type, rule.formula1) == ("custom", formula)


def test_every_sheet_warns_of_invented_data_and_proposed_points_as_long_as_they_are() -> None:
    for page in load_workbook(BytesIO(written())):
        assert "ข้อมูลสมมติ · คะแนนและเกณฑ์เป็นข้อเสนอ" in texts(page), page.title
    confirmed = example_sheet(rules=example.rule_set(basis="confirmed", codes=("office", "tambon")), invented=False)
    for page in load_workbook(BytesIO(written(confirmed))):
        assert "ข้อเสนอ" not in texts(page)
        assert "สมมติ" not in texts(page)


def test_the_file_says_in_words_and_by_keys_whose_it_is_and_of_what() -> None:
    page = page_of(ABOUT)
    told = {row[1].value: (row[0].value, row[2].value) for row in page.iter_rows(min_row=8, max_row=15)}
    assert told["format"] == ("รูปแบบของแฟ้ม", "award-score-sheet/1")
    assert told["rule_set"] == ("เกณฑ์ฉบับที่", "example/2564-r1")
    assert told["rules_sha256"][1] == "a1" * 32
    assert told["stage"] == ("รอบ", "zone")
    assert told["member"] == ("รหัสกรรมการ", "m3")
    entries = [[cell.value for cell in row[1:]] for row in page.iter_rows(min_row=18, max_row=21)]
    assert entries[0] == ["entry", "trat", "office", "3"]
    assert [entry[1] for entry in entries] == ["trat", "loei", "chan", "t1"]
    assert "นักวิชาการพัฒนาชุมชนชำนาญการ" in texts(page)


def test_levels_can_be_read_on_paper_and_there_is_room_to_sign() -> None:
    guide = texts(load_workbook(BytesIO(written()))["คำอธิบายระดับ"])
    assert guide.count("ระดับที่ 3 ของการดำเนินงาน") == 6, "three criteria with levels in each of two categories"
    page = page_of()
    assert "ลงชื่อ ......" in texts(page)
    assert page.print_title_rows == "$1:$6"
    assert page.print_title_cols == "$A:$D"
    assert [mark.id for mark in page.col_breaks.brk] == [10], "two entries on a page"
    fit = page_of(TAMBON).sheet_properties.pageSetUpPr
    assert fit is not None and fit.fitToPage


def calculate(data: bytes) -> dict[tuple[str, str], Any]:
    """Every formula calculated. The engine cannot open remarks, and takes an empty cell of stated type for a zero."""

    def without_remarks(book: Workbook) -> None:
        for page in book:
            for row in page.iter_rows():
                for cell in row:
                    if cell.comment is not None:
                        cell.comment = None

    file = BytesIO()
    with ZipFile(BytesIO(changed(data, without_remarks))) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b' t="n"/>', b"/>").replace(b' t="n" />', b"/>"))
    return by_ironcalc(file.getvalue())


@pytest.mark.parametrize("points", [None, Rounding(1, "half_up"), Rounding(1, "half_even"), Rounding(0, "down")])
def test_the_members_own_total_is_live_and_is_the_engines(points: Rounding | None) -> None:
    sheet = example_sheet()
    categories = tuple(
        replace(each, rounding=Roundings(None, points, example.HUNDREDTHS, "rounded"))
        for each in sheet.rules.categories
    )
    sheet = replace(sheet, rules=replace(sheet.rules, categories=categories))
    calculated = calculate(written(sheet))
    trat = sheet.entries[0]
    total, blanks = running_total(categories[0], Card("m3", marks=trat.marks), trat.fields)
    assert blanks == 0
    assert calculated[OFFICE, f"F{TOTAL}"] == pytest.approx(float(total), abs=1e-9)
    assert calculated[OFFICE, f"E{BLANKS}"] == 0
    assert calculated[OFFICE, f"H{BLANKS}"] == 5
    # Nothing is marked on Loei: what its indicator gives is not the member's, and no mark counts as zero.
    assert calculated[OFFICE, f"I{TOTAL}"] == "–"
    assert calculated[OFFICE, f"I{PLAN}"] == "–"
    so_far, _ = running_total(categories[0], Card("m3", marks={"d1/plan": 0}), sheet.entries[1].fields)
    begun = calculate(filled(written(sheet), {f"H{PLAN}": 0}))
    assert begun[OFFICE, f"I{TOTAL}"] == pytest.approx(float(so_far))


def test_what_comes_from_indicators_is_told_beside_the_total() -> None:
    page = page_of()
    assert page[f"G{TOTAL}"].value == "รวมคะแนนจากตัวชี้วัด 6"
    english = page_of("Provincial office", example_sheet(language="en"))
    assert english[f"G{TOTAL}"].value == "Including points from indicators: 6"


def test_a_recused_entry_says_so_and_has_neither_blanks_nor_a_total() -> None:
    sheet = example_sheet()
    calculated = calculate(written(sheet))
    assert calculated[OFFICE, f"K{BLANKS}"] == "ถอนตัว"
    assert calculated[OFFICE, f"L{TOTAL}"] == ""
    assert page_of()[f"M{TOTAL}"].value is None, "nothing adds up, so nothing is said of indicators"
    locked = replace(sheet.entries[1], shut=Words("ส่งแล้ว", "Sent"))
    sent = calculate(written(replace(sheet, entries=(sheet.entries[0], locked))))
    assert sent[OFFICE, f"H{BLANKS}"] == 5, "a card that is only locked still says what is blank"


def formulas_of(data: bytes) -> dict[tuple[str, str], Any]:
    """The value kept beside every formula."""
    live, kept = load_workbook(BytesIO(data)), load_workbook(BytesIO(data), data_only=True)
    return {
        (page.title, cell.coordinate): kept[page.title][cell.coordinate].value
        for page in live
        for row in page.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


@pytest.mark.parametrize("points", [None, Rounding(1, "half_up"), Rounding(1, "half_even"), Rounding(0, "down")])
def test_every_formula_keeps_its_value_for_programs_that_do_not_calculate(points: Rounding | None) -> None:
    sheet = example_sheet()
    categories = tuple(
        replace(each, rounding=Roundings(None, points, example.HUNDREDTHS, "rounded"))
        for each in sheet.rules.categories
    )
    ticked = replace(sheet.entries[1], marks={"d2/web": 1, "d1/result": 3})  # one of two ticks
    entries = (sheet.entries[0], ticked, *sheet.entries[2:])
    data = written(replace(sheet, entries=entries, rules=replace(sheet.rules, categories=categories)))
    kept, calculated = formulas_of(data), calculate(data)
    assert len(kept) > 20
    sayable = points is None or points.mode == "half_up"
    assert (kept[OFFICE, f"I{PAPERS}"] != "–") is sayable, "what is ticked so far counts where a formula can round so"
    for where, value in kept.items():
        wanted = calculated[where] or None if isinstance(calculated[where], str) else calculated[where]
        assert value == (wanted if isinstance(wanted, str | None) else pytest.approx(wanted, abs=1e-9)), where


def test_points_from_an_indicator_are_shown_and_not_asked() -> None:
    page = page_of()
    assert page[f"F{GIVEN}"].value == 6
    assert page[f"E{GIVEN}"].value is None
    assert page[f"E{GIVEN}"].protection.locked


def test_hostile_texts_stay_texts() -> None:
    sheet = example_sheet()
    trat = replace(sheet.entries[0], label=example.HOSTILE[0], notes={"d1/plan": "=1+1", "d4": "a\x00b"})
    page = page_of(OFFICE, replace(sheet, entries=(trat, *sheet.entries[1:])))
    assert (page["E4"].value, page["E4"].data_type) == (example.HOSTILE[0], "s")
    assert (page[f"G{PLAN}"].value, page[f"G{PLAN}"].data_type) == ("=1+1", "s")
    assert page[f"G{PLAN}"].number_format == "@", "and stays one when it is edited"
    assert page[f"G{LASTING}"].value == "a␀b"


def test_a_form_takes_no_floats_and_cuts_no_list_that_is_too_long() -> None:
    book = FormBook(title="x", made_by="y", made_at=example.MADE_AT)
    page = book.sheet("x", widths=(10.0,))
    with pytest.raises(CannotWrite, match="float is not for a cell"):
        page.put(1, 1, 0.5, TEXT)  # type: ignore[arg-type]
    assert not Allowed(choices=tuple(str(mark) for mark in range(200))).is_list
