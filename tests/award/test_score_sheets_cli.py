"""`award sheet`: a score sheet from files, and a filled one back into files, without a database."""

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from award.cli import main
from tests.award.filled_sheets import filled

RULES = Path(__file__).parent.parent / "cases" / "refused" / "facts" / "rules.yaml"
FILES = {
    "entries": """entry,category,label,zone,members,invented,households
e1,office,สำนักงานหนึ่ง,9,m1|m2,1,85
e2,office,สำนักงานสอง,9,m1|m2,1,
e3,office,สำนักงานสาม,9,m2,1,
v1,village,หมู่บ้านหนึ่ง,9,,1,
""",
    "marks": """entry,member,d1/plan,d1/result,papers/letter,papers/photos,saving
e1,m1,5,9.5,1,0,
e1,m2,4,8.5,1,0,
v1,m2,,,,,3
""",
    "recusals": "entry,member,kind,reason\ne2,m1,recused,ญาติ\n",
}
# Rows of the office's card: d1, its plan and result, papers with letter and photos.
PLAN, RESULT, LETTER = 8, 9, 11


def award(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def known(tmp_path: Path) -> list[str | Path]:
    """The options of both commands, for member m1."""
    options: list[str | Path] = ["--member", "m1"]
    for kind, text in FILES.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        options += [f"--{kind}", path]
    return options


@pytest.fixture
def sheet(known: list[str | Path], tmp_path: Path) -> Path:
    """The sheet of m1 as written."""
    path = tmp_path / "m1.xlsx"
    outcome = award("sheet", "write", RULES, *known, "--to", path)
    assert outcome.exit_code == 0, outcome.output
    return path


def fill(sheet: Path, cells: dict[str, Any], page: str = "สำนักงาน") -> Path:
    sheet.write_bytes(filled(sheet.read_bytes(), cells, page=page))
    return sheet


def test_a_sheet_holds_what_its_member_marks_and_nothing_of_others(sheet: Path) -> None:
    book = load_workbook(sheet)
    page = book["สำนักงาน"]
    assert [page[f"{column}5"].value for column in "EHK"] == ["e1", "e2", None], "m2 alone marks e3"
    assert page[f"E{RESULT}"].value == 9.5
    assert page["H4"].value == "สำนักงานสอง\nถอนตัวจากการพิจารณา: ญาติ"
    assert page[f"H{PLAN}"].protection.locked
    assert page["A3"].value == "ข้อมูลสมมติ · คะแนนและเกณฑ์เป็นข้อเสนอ ยังไม่ใช่แบบของกรม"
    village = book["หมู่บ้าน"]
    assert village["E5"].value == "v1", "an entry without a stated panel is everybody's"
    assert village["E7"].value is None, "the mark there is another's"


def test_what_a_filled_sheet_changes_is_printed_cell_by_cell_and_nothing_is_written(
    sheet: Path, known: list[str | Path]
) -> None:
    fill(sheet, {f"E{PLAN}": None, f"E{RESULT}": 10, f"G{RESULT}": "เห็นชัด"})
    fill(sheet, {"E7": "๔"}, page="หมู่บ้าน")
    outcome = award("sheet", "read", RULES, sheet, *known)
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.splitlines() == [
        "e1  สำนักงานหนึ่ง",
        f"  สำนักงาน!E{PLAN}  แผน: 5 → (ว่าง) (ถอนคืน)",
        f"  สำนักงาน!E{RESULT}  ผล: 9.5 → 10",
        f"  สำนักงาน!G{RESULT}  ผล (บันทึก): (ว่าง) → เห็นชัด",
        "v1  หมู่บ้านหนึ่ง",
        "  หมู่บ้าน!E7  การออม: (ว่าง) → 4",
        "จะเปลี่ยน 4 ช่อง",
        "ไม่ได้เขียนไฟล์ใด",
    ]


def test_the_marks_of_all_members_are_written_with_those_of_the_sheet(
    sheet: Path, known: list[str | Path], tmp_path: Path
) -> None:
    fill(sheet, {f"E{PLAN}": None, f"E{RESULT}": 10, f"G{RESULT}": "เห็นชัด"})
    to, notes = tmp_path / "marks2.csv", tmp_path / "notes.csv"
    outcome = award("sheet", "read", RULES, sheet, *known, "--to", to, "--notes", notes, "--language", "en")
    assert outcome.exit_code == 0, outcome.output
    rows = list(csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines()))
    of_e1 = {row["member"]: row for row in rows if row["entry"] == "e1"}
    assert (of_e1["m1"]["d1/plan"], of_e1["m1"]["d1/result"], of_e1["m1"]["papers/letter"]) == ("", "10", "1")
    assert (of_e1["m2"]["d1/plan"], of_e1["m2"]["d1/result"]) == ("4", "8.5")
    assert notes.read_text(encoding="utf-8-sig").splitlines() == [
        "entry,member,criterion,note",
        "e1,m1,d1/result,เห็นชัด",
    ]
    again = award("sheet", "read", RULES, sheet, *_with(known, "--marks", to))
    assert "จะเปลี่ยน 1 ช่อง" in again.stdout, "only the note, which files of marks do not hold"


def _with(options: list[str | Path], option: str, value: Path) -> list[str | Path]:
    place = options.index(option) + 1
    return [*options[:place], value, *options[place + 1 :]]


def test_a_refused_sheet_ends_with_two_says_every_problem_and_writes_nothing(
    sheet: Path, known: list[str | Path], tmp_path: Path
) -> None:
    fill(sheet, {f"E{PLAN}": 9, f"E{RESULT}": "=5+5", f"E{LETTER}": 2})
    to = tmp_path / "marks2.csv"
    outcome = award("sheet", "read", RULES, sheet, *known, "--to", to)
    assert outcome.exit_code == 2
    assert [line.split("!")[1].split(":")[0] for line in outcome.stderr.splitlines()[:3]] == ["E8", "E9", "E11"]
    assert "พบปัญหา 3 ข้อ. ไม่ได้เขียนไฟล์ใด" in outcome.stderr
    assert not to.exists()


def test_marks_changed_since_are_not_overwritten_silently(sheet: Path, known: list[str | Path], tmp_path: Path) -> None:
    fill(sheet, {f"E{PLAN}": 1})
    marks = tmp_path / "marks.csv"
    marks.write_text(FILES["marks"].replace("e1,m1,5,9.5", "e1,m1,3,9.5"), encoding="utf-8")
    to = tmp_path / "marks2.csv"
    shown = award("sheet", "read", RULES, sheet, *known)
    assert shown.exit_code == 0
    assert "! คะแนนของ “e1” ถูกแก้หลังจากทำใบให้คะแนนนี้" in shown.stdout
    assert "แผน: 3 → 1" in shown.stdout
    refused = award("sheet", "read", RULES, sheet, *known, "--to", to)
    assert refused.exit_code == 2
    assert not to.exists()
    assert award("sheet", "read", RULES, sheet, *known, "--to", to, "--overwrite").exit_code == 0
    assert "e1,m1,1,9.5" in to.read_text(encoding="utf-8-sig")


def test_a_mark_for_a_recused_entry_refuses_the_whole_sheet(sheet: Path, known: list[str | Path]) -> None:
    fill(sheet, {f"E{PLAN}": 1, f"H{PLAN}": 4})
    outcome = award("sheet", "read", RULES, sheet, *known, "--language", "en")
    assert outcome.exit_code == 2
    assert "e2: Not to be marked (Recused: ญาติ): H8. Clear those cells." in outcome.stderr


def test_another_members_sheet_and_a_member_who_marks_nothing_are_refused(
    sheet: Path, known: list[str | Path], tmp_path: Path
) -> None:
    outcome = award("sheet", "read", RULES, sheet, *known, "--member", "m2", "--language", "en")
    assert outcome.exit_code == 2
    assert 'Member code of the file is "m1"; "m2" is needed.' in outcome.stderr
    entries = tmp_path / "entries.csv"
    entries.write_text("\n".join(FILES["entries"].splitlines()[:4]), encoding="utf-8")
    nobody = award("sheet", "write", RULES, "--entries", entries, "--member", "m3", "--to", tmp_path / "x.xlsx")
    assert nobody.exit_code == 2
    assert "ไม่มีผลงานที่ “m3” ต้องให้คะแนน" in nobody.stderr
    assert not (tmp_path / "x.xlsx").exists()


def test_marks_of_several_stages_are_not_lost_by_writing_those_of_one(
    sheet: Path, known: list[str | Path], tmp_path: Path
) -> None:
    marks = tmp_path / "marks.csv"
    marks.write_text(
        "entry,member,criterion,mark,stage\ne1,m1,d1/plan,5,zone\ne1,m1,d1/plan,4,national\n", encoding="utf-8"
    )
    outcome = award("sheet", "read", RULES, sheet, *known, "--to", tmp_path / "x.csv", "--overwrite")
    assert outcome.exit_code == 2
    assert "ไฟล์คะแนนนี้มีหลายรอบ" in outcome.stderr
