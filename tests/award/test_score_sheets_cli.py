"""`award sheet`: a score sheet from files, and a filled one back into files, without a database."""

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

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
    """The files that both commands work on."""
    options: list[str | Path] = []
    for kind, text in FILES.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        options += [f"--{kind}", path]
    return options


@pytest.fixture
def sheet(known: list[str | Path], tmp_path: Path) -> Path:
    """The sheet of m1 as written."""
    path = tmp_path / "m1.xlsx"
    return sheet_of("m1", known, path)


def sheet_of(member: str, known: list[str | Path], path: Path, *more: str) -> Path:
    outcome = award("sheet", "write", RULES, *known, "--member", member, "--to", path, *more)
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
        f"{sheet} · m1",
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


def test_a_member_without_entries_is_refused_when_written_and_when_read(
    sheet: Path, known: list[str | Path], tmp_path: Path
) -> None:
    entries = tmp_path / "entries.csv"
    entries.write_text("\n".join(FILES["entries"].splitlines()[:4]).replace("m1|", ""), encoding="utf-8")
    without: list[str | Path] = ["--entries", entries]
    nobody = award("sheet", "write", RULES, *without, "--member", "m1", "--new-member", "--to", tmp_path / "x.xlsx")
    assert nobody.exit_code == 2
    assert "--member: ไม่มีผลงานที่ “m1” ต้องให้คะแนน" in nobody.stderr
    assert not (tmp_path / "x.xlsx").exists()
    outcome = award("sheet", "read", RULES, sheet, *without, "--language", "en")
    assert outcome.exit_code == 2
    assert f'{sheet}: There is no entry that "m1" marks.' in outcome.stderr


@pytest.fixture
def without_panels(tmp_path: Path) -> list[str | Path]:
    """Entries of which no panel is stated; k1 and k2 have marked, k3 is recused."""
    files = {
        "entries": "entry,category,label,zone,invented\nv1,village,หมู่บ้านหนึ่ง,9,1\nv2,village,หมู่บ้านสอง,9,1\n",
        "marks": "entry,member,saving\nv1,k1,3\nv1,k2,\n",
        "recusals": "entry,member,kind,reason\nv2,k3,recused,ญาติ\n",
    }
    options: list[str | Path] = []
    for kind, text in files.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
        options += [f"--{kind}", tmp_path / f"{kind}.csv"]
    return options


def test_a_misspelt_member_is_refused_and_those_whom_the_files_name_are_told(
    without_panels: list[str | Path], tmp_path: Path
) -> None:
    to = tmp_path / "k9.xlsx"
    outcome = award("sheet", "write", RULES, *without_panels, "--member", "k9", "--to", to, "--language", "en")
    assert outcome.exit_code == 2
    assert 'No file names a member "k9" (named are: k1, k2, k3).' in outcome.stderr
    assert "add --new-member if it is right" in outcome.stderr
    assert not to.exists()
    for member in ("k1", "k2", "k3"):
        sheet_of(member, without_panels, tmp_path / f"{member}.xlsx")
    sheet_of("k9", without_panels, to, "--new-member")
    assert load_workbook(to)["หมู่บ้าน"]["E5"].value == "v1"
    before_all = award("sheet", "write", RULES, *without_panels[:2], "--member", "k1", "--to", tmp_path / "x.xlsx")
    assert before_all.exit_code == 2
    assert "ยังไม่มีแฟ้มใดระบุกรรมการ" in before_all.stderr


def test_several_sheets_are_read_at_once_and_only_marks_that_exist_are_written(
    known: list[str | Path], tmp_path: Path
) -> None:
    fresh = [*known[:2], *known[4:]]  # without the marks so far
    sheets = [sheet_of(member, fresh, tmp_path / f"{member}.xlsx") for member in ("m1", "m2")]
    fill(sheets[0], {f"E{PLAN}": 2})
    fill(sheets[1], {"K8": 3, f"K{RESULT}": 4.5})
    to = tmp_path / "all.csv"
    outcome = award("sheet", "read", RULES, *sheets, *fresh, "--to", to)
    assert outcome.exit_code == 0, outcome.output
    assert to.read_text(encoding="utf-8-sig").splitlines() == [
        "entry,member,d1/plan,d1/result,papers/letter,papers/photos,saving",
        "e1,m1,2,,,,",
        "e3,m2,3,4.5,,,",
    ]


def test_a_line_without_marks_stays_where_nothing_else_says_who_marks(
    without_panels: list[str | Path], tmp_path: Path
) -> None:
    sheet = fill(sheet_of("k1", without_panels, tmp_path / "k1.xlsx"), {"E7": None}, page="หมู่บ้าน")
    to = tmp_path / "all.csv"
    assert award("sheet", "read", RULES, sheet, *without_panels, "--to", to).exit_code == 0
    lines = to.read_text(encoding="utf-8-sig").splitlines()
    assert [line.rstrip(",") for line in lines[1:]] == ["v1,k1", "v1,k2"], "both are still to mark v1"


def test_marks_are_written_back_into_their_own_file_whole_or_not_at_all(
    known: list[str | Path], tmp_path: Path
) -> None:
    marks = tmp_path / "marks.csv"
    first, second = (sheet_of(member, known, tmp_path / f"{member}.xlsx") for member in ("m1", "m2"))
    fill(first, {f"E{PLAN}": 2})
    fill(second, {f"E{PLAN}": 9})
    before = marks.read_bytes()
    assert award("sheet", "read", RULES, first, second, *known, "--to", marks).exit_code == 2
    assert marks.read_bytes() == before, "one sheet is refused, so none counts"
    assert award("sheet", "read", RULES, first, *known, "--to", marks).exit_code == 0
    fill(second, {f"E{PLAN}": 1})
    assert award("sheet", "read", RULES, second, *known, "--to", marks).exit_code == 0
    written = marks.read_text(encoding="utf-8-sig")
    assert "e1,m1,2,9.5,1,0," in written and "e1,m2,1,8.5,1,0," in written and "v1,m2,,,,,3" in written


def test_marks_that_nobody_reads_are_not_replaced(sheet: Path, known: list[str | Path], tmp_path: Path) -> None:
    fill(sheet, {f"E{PLAN}": 2})
    to = tmp_path / "all.csv"
    to.write_text("entry,member,criterion,mark\n", encoding="utf-8")
    outcome = award("sheet", "read", RULES, sheet, *known, "--to", to, "--language", "en")
    assert outcome.exit_code == 2
    assert f"Add --marks {to} to keep them, or choose another name." in outcome.stderr
    assert to.read_text(encoding="utf-8") == "entry,member,criterion,mark\n"


def test_a_workbook_of_marks_is_not_replaced_by_a_csv_file(
    sheet: Path, known: list[str | Path], tmp_path: Path
) -> None:
    book = Workbook()
    for row in csv.reader(FILES["marks"].splitlines()):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "marks.xlsx")
    before = (tmp_path / "marks.xlsx").read_bytes()
    options = _with(known, "--marks", tmp_path / "marks.xlsx")
    outcome = award("sheet", "read", RULES, sheet, *options, "--to", tmp_path / "marks.xlsx")
    assert outcome.exit_code == 2
    assert "คำสั่งนี้ใช้ไฟล์นี้อยู่แล้ว" in outcome.stderr
    assert (tmp_path / "marks.xlsx").read_bytes() == before


def test_two_sheets_of_one_member_are_refused(sheet: Path, known: list[str | Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(fill(sheet, {f"E{PLAN}": 2}).read_bytes())
    outcome = award("sheet", "read", RULES, sheet, copy, *known, "--to", tmp_path / "x.csv", "--language", "en")
    assert outcome.exit_code == 2
    assert f'{copy}: It is a sheet of "m1", as {sheet} is. Choose one of them.' in outcome.stderr


def test_a_sheet_from_files_says_how_it_is_read_back_and_names_its_member_once(sheet: Path) -> None:
    book = load_workbook(sheet)
    about = "\n".join(str(row[0].value) for row in book["ข้อมูลแฟ้ม"].iter_rows())
    assert "award sheet read" in about
    assert "หน้าเดิมของระบบ" not in about
    header = book["สำนักงาน"].oddHeader
    assert header is not None and header.right.text == "m1"


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
