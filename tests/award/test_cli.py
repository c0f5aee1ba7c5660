"""The command line as people use it: what it prints, what it writes, and how it ends."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from award.cli import main
from exports.rules_in_words import chapters, stage_words, where_from, worth_of
from scoring_rules.reader import SETS, read_rules_file
from tests.isu import RULES as ISU

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "tests" / "cases" / "refused" / "facts" / "rules.yaml"
EVERY_WORD = ROOT / "tests" / "cases" / "accepted" / "rules" / "every_word.yaml"
SAID_OF_LEAVES = (  # a scale with its worth and when a reason is due; levels; what is suggested; bands, a line, items
    "Members mark 1–5 in steps of 1 · points × (mark − lowest) ÷ (highest − lowest) · a written reason is required at "
    "both ends",
    "5 = Outstanding",
    "Suggested from “Progress”: from 60: 2, from 70: 3, from 80: 4, from 90: 5, otherwise 1",
    "up to 5: 20, up to 10: 12, otherwise 0",
    "A straight line: 20 earns 0, 3 earns all",
    "Signed (6)",
)
FILES: Mapping[str, str] = {
    "entries": """entry,category,label,zone,households,days_late
e1,office,สำนักงานหนึ่ง,9,85,0
e2,office,สำนักงานสอง,9,72.5,2
e3,office,สำนักงานสาม,10,72.5,0
e4,office,สำนักงานสี่,10,72.5,0
v1,village,หมู่บ้านหนึ่ง,9,,
""",
    "marks": """entry,member,d1/plan,d1/result,papers/letter,papers/photos,saving
e1,m1,5,9.5,1,0,
e1,m2,4,8.5,1,0,
e2,m1,4,8,1,1,
e3,m1,4,8,1,1,
e4,m1,4,8,1,1,
v1,m1,,,,,3
""",
}
DECIDED = "category,stage,group,order,reason\noffice,zone,10,e4|e3,มติที่ประชุมครั้งที่ 1\n"


def award(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def files(tmp_path: Path) -> list[str | Path]:
    """The arguments of `award rank` for the files above, the tie of zone 10 not yet decided."""
    for kind, text in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    return ["rank", RULES, "--entries", tmp_path / "entries.csv", "--marks", tmp_path / "marks.csv"]


@pytest.fixture
def decided(files: list[str | Path], tmp_path: Path) -> list[str | Path]:
    """The same with the committee's decision."""
    (tmp_path / "resolutions.csv").write_text(DECIDED, encoding="utf-8")
    return [*files, "--resolutions", tmp_path / "resolutions.csv"]


def lines_of(outcome: Result) -> list[list[str]]:
    return [line.split() for line in outcome.stdout.splitlines()]


def test_the_ranking_is_printed_in_thai_with_what_must_be_known(files: list[str | Path]) -> None:
    outcome = award(*files, "--stage", "zone")
    assert outcome.exit_code == 0, outcome.output
    assert "รางวัลตัวอย่าง · ระดับเขต (small-award/2564-r1)" in outcome.stdout
    assert "คะแนนและเกณฑ์เป็นข้อเสนอ" in outcome.stdout
    lines = lines_of(outcome)
    assert ["1", "e2", "สำนักงานสอง", "81.00", "ผ่านเข้ารอบต่อไป"] in lines
    assert ["2", "e1", "สำนักงานหนึ่ง", "74.00"] in lines
    assert ["1", "v1", "หมู่บ้านหนึ่ง", "60.00", "ผ่านเข้ารอบต่อไป"] in lines
    assert "ยังประกาศไม่ได้: ลำดับ 1 คะแนนเท่ากัน (e3, e4) ต้องมีมติคณะกรรมการเป็นลายลักษณ์อักษร" in outcome.stdout


def test_the_ranking_is_printed_in_english(files: list[str | Path]) -> None:
    outcome = award(*files, "--stage", "zone", "--language", "en")
    assert "A sample award · Zone (small-award/2564-r1)" in outcome.stdout
    assert "proposed" in outcome.stdout
    assert "Not to be published: tied at rank 1 (e3, e4)" in outcome.stdout


def test_rules_that_are_confirmed_are_not_called_proposed(files: list[str | Path], tmp_path: Path) -> None:
    text = RULES.read_text(encoding="utf-8").replace("basis: proposed", "basis: confirmed")
    (tmp_path / "confirmed.yaml").write_text(text, encoding="utf-8")
    outcome = award("rank", tmp_path / "confirmed.yaml", *files[2:])
    assert outcome.exit_code == 0
    assert "ข้อเสนอ" not in outcome.stdout


def test_numbers_stand_under_each_other_beside_thai_letters(files: list[str | Path]) -> None:
    outcome = award(*files, "--stage", "zone")
    upper = next(line for line in outcome.stdout.splitlines() if "สำนักงานสาม" in line)
    lower = next(line for line in outcome.stdout.splitlines() if "สำนักงานสี่" in line)
    marks = "ี่"  # stand on a letter and take no room
    assert lower.index("83.00") - len(marks) == upper.index("83.00")


def test_the_committees_decision_settles_the_tie(decided: list[str | Path]) -> None:
    outcome = award(*decided, "--stage", "zone", "--language", "en")
    assert "Not to be published" not in outcome.stdout
    first = next(line for line in lines_of(outcome) if "e4" in line)
    assert first[0] == "1"
    assert "written decision" in " ".join(first)


def test_only_the_category_asked_for_is_ranked(files: list[str | Path]) -> None:
    outcome = award(*files, "--category", "village", "--stage", "zone")
    assert "v1" in outcome.stdout
    assert "e1" not in outcome.stdout


def test_a_later_stage_without_marks_is_one_line(files: list[str | Path]) -> None:
    thai, english = award(*files), award(*files, "--language", "en")
    assert "ระดับเขต (" in thai.stdout
    assert thai.stdout.endswith("\nรอบ “ระดับประเทศ”: ยังไม่มีคะแนน\n\n")
    assert english.stdout.endswith("\nStage “National”: no marks yet\n\n")
    assert award(*files, "--stage", "zone").stdout + "รอบ “ระดับประเทศ”: ยังไม่มีคะแนน\n\n" == thai.stdout


def test_what_settled_a_tie_is_said_once(files: list[str | Path], decided: list[str | Path], tmp_path: Path) -> None:
    assert "คะแนนเท่ากัน ตัดสินด้วย: มติคณะกรรมการเป็นลายลักษณ์อักษร" in award(*decided, "--stage", "zone").stdout
    entries = FILES["entries"].replace("สำนักงานสี่,10,72.5", "สำนักงานสี่,10,85")
    (tmp_path / "entries.csv").write_text(entries, encoding="utf-8")
    (tmp_path / "marks.csv").write_text(FILES["marks"].replace("e4,m1,4,8,", "e4,m1,4,5.5,"), encoding="utf-8")
    assert "คะแนนเท่ากัน ตัดสินด้วย “ด้านที่ 1”: 48.00;" in award(*files, "--stage", "zone").stdout
    assert "  Tie settled by “Dimension 1”: 43.00\n" in award(*files, "--stage", "zone", "--language", "en").stdout


@pytest.mark.parametrize("groups", ["none", "zone"])
def test_a_stage_that_nobody_came_to_is_told_and_has_no_workbook(
    groups: str, files: list[str | Path], tmp_path: Path
) -> None:
    rules, zone, book = tmp_path / "rules.yaml", tmp_path / "zone.json", tmp_path / "national.xlsx"
    text = RULES.read_text(encoding="utf-8").replace("groups: none, carries", f"groups: {groups}, carries")
    rules.write_text(text, encoding="utf-8")
    marks = [f"{line.split(',')[0]},{line.split(',')[1]},,,,," for line in FILES["marks"].splitlines()[1:]]
    (tmp_path / "marks.csv").write_text("\n".join([FILES["marks"].splitlines()[0], *marks]), encoding="utf-8")
    assert award(files[0], rules, *files[2:], "--stage", "zone", "--json", zone).exit_code == 0
    national = [files[0], rules, *files[2:], "--stage", "national", "--earlier", zone]
    outcome = award(*national)
    assert (outcome.exit_code, outcome.stdout) == (0, "รอบ “ระดับประเทศ” ไม่มีผลงานให้จัดอันดับ\n\n")
    outcome = award(*national, "--xlsx", book, "--language", "en")
    assert outcome.exit_code == 2 and not book.exists()
    assert outcome.stderr.splitlines()[0] == (
        "--xlsx: Stage “National” has no entry to rank: there is no workbook to write."
        " Look at the entries and at the stage before (--earlier)."
    )


def test_a_workbook_is_written_where_only_some_categories_have_entries(
    decided: list[str | Path], files: list[str | Path], tmp_path: Path
) -> None:
    (tmp_path / "marks.csv").write_text(FILES["marks"].replace("v1,m1,,,,,3", "v1,m1,,,,,"), encoding="utf-8")
    zone, book = tmp_path / "zone.json", tmp_path / "national.xlsx"
    assert award(*decided, "--stage", "zone", "--json", zone).exit_code == 0
    outcome = award(*files, "--stage", "national", "--earlier", zone, "--xlsx", book)
    assert outcome.exit_code == 0, outcome.output
    assert load_workbook(book).sheetnames


def test_an_entry_is_explained_in_sentences_with_its_numbers(files: list[str | Path]) -> None:
    outcome = award(*files, "--stage", "zone", "--explain", "e1")
    assert outcome.exit_code == 0
    assert "กรรมการ 2 คนให้ 5, 4 เฉลี่ย 4.5" in outcome.stdout
    assert "74.00" in outcome.stdout.partition("กรรมการ 2 คน")[2]


def test_ranking_json_is_the_same_bytes_whatever_the_order_of_lines(files: list[str | Path], tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    assert award(*files, "--json", first).exit_code == 0
    for kind in FILES:
        header, *lines = FILES[kind].splitlines()
        (tmp_path / f"{kind}.csv").write_text("\r\n".join([header, *reversed(lines)]), encoding="utf-8-sig")
    assert award(*files, "--json", second).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    data = json.loads(first.read_bytes())
    zone9 = data["rankings"][0]
    assert (zone9["category"], zone9["stage"], zone9["group"], zone9["blocked"]) == ("office", "zone", "9", False)
    assert [(one["entry"], one["rank"], one["total"]) for one in zone9["standings"]] == [
        ("e2", 1, "81.00"),
        ("e1", 2, "74.00"),
    ]
    assert zone9["standings"][1]["combined"]["d1/plan"] == "4.500000"


def test_the_workbook_holds_the_ranks_and_totals_of_ranking_json(decided: list[str | Path], tmp_path: Path) -> None:
    json_file, xlsx = tmp_path / "ranking.json", tmp_path / "ranking.xlsx"
    outcome = award(*decided, "--stage", "zone", "--json", json_file, "--xlsx", xlsx)
    assert outcome.exit_code == 0, outcome.output
    assert f"เขียนแล้ว: {xlsx}" in outcome.stdout
    rankings = json.loads(json_file.read_bytes())["rankings"]
    expected = {one["label"]: (one["rank"], one["total"]) for ranking in rankings for one in ranking["standings"]}
    book = load_workbook(io.BytesIO(xlsx.read_bytes()), data_only=True)
    found = {}
    for sheet in book.worksheets[:2]:  # one ranking for each category
        for row in sheet.iter_rows(values_only=True):
            for label in set(row) & expected.keys():
                numbers = [cell for cell in row if isinstance(cell, int | float)]
                found[label] = (numbers[0], [f"{number:.2f}" for number in numbers])
    assert found.keys() == expected.keys()
    for label, (rank, total) in expected.items():
        assert found[label][0] == rank
        assert total in found[label][1]


def test_a_later_stage_carries_the_earlier_one(
    decided: list[str | Path], files: list[str | Path], tmp_path: Path
) -> None:
    zone = tmp_path / "zone.json"
    assert award(*decided, "--stage", "zone", "--json", zone).exit_code == 0
    outcome = award(*files, "--stage", "national", "--earlier", zone)
    assert outcome.exit_code == 0, outcome.output
    lines = lines_of(outcome)
    assert ["1", "e4", "สำนักงานสี่", "83.00"] in lines
    assert ["2", "e2", "สำนักงานสอง", "81.00"] in lines
    assert not any("e1" in line or "e3" in line for line in lines)


@pytest.mark.parametrize("command", ["rank", "whatif"])
def test_a_stage_that_carries_another_asks_for_its_file_by_name(command: str, files: list[str | Path]) -> None:
    asked = [command, *files[1:], "--stage", "national", *(["--weights"] if command == "whatif" else [])]
    outcome = award(*asked)
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines()[0] == (
        "--earlier: รอบ “ระดับประเทศ” นำคะแนนของรอบ “ระดับเขต” มารวม แต่ไม่ได้ให้ผลของรอบนั้นมา"
        " เพิ่ม --earlier zone.json ซึ่งได้จาก award rank ของรอบนั้น: --stage zone --json zone.json"
    )
    assert award(*asked, "--language", "en").stderr.splitlines()[0] == (
        "--earlier: Stage “National” carries totals of stage “Zone”, whose results are not given."
        " Add --earlier zone.json; award rank with --stage zone --json zone.json makes that file."
    )


def test_a_carried_total_is_called_by_the_name_of_its_stage(
    decided: list[str | Path], files: list[str | Path], tmp_path: Path
) -> None:
    zone = tmp_path / "zone.json"
    award(*decided, "--stage", "zone", "--json", zone)
    outcome = award(*files, "--stage", "national", "--earlier", zone, "--explain", "e4")
    assert "คะแนนรวมของรอบ “ระดับเขต”" in outcome.stdout
    assert "“zone”" not in outcome.stdout


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda text: "{", "not JSON"),
        (lambda text: "[" * 100_000, "ranking"),
        (lambda text: "[]", "no ranking of format 1"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "no ranking of format 1"),
        (lambda text: text.replace('"sha256": "', '"sha256": "0'), "not made by this very file"),
        (lambda text: text.replace('"stage": "zone"', '"stage": "region"'), "rankings[0]: It names no stage"),
        (lambda text: text.replace('"blocked": false', '"blocked": true'), "a tie waits for the committee"),
        (lambda text: text.replace('"total_exact": "81"', '"total_exact": "8l"'), "rankings[0].standings[0]"),
        (lambda text: text.replace('"advances": true', '"advances": 1'), "standings[0]: This standing cannot be read"),
        (lambda text: text.replace('"entry": "e1"', '"entry": "e2"'), "standings[1]: This standing cannot be read"),
    ],
)
def test_an_earlier_ranking_that_cannot_be_trusted_is_refused(
    change, part: str, decided: list[str | Path], files: list[str | Path], tmp_path: Path
) -> None:
    zone = tmp_path / "zone.json"
    award(*decided, "--stage", "zone", "--json", zone)
    good = zone.read_text(encoding="utf-8")
    assert change(good) != good
    zone.write_text(change(good), encoding="utf-8")
    outcome = award(*files, "--stage", "national", "--earlier", zone, "--language", "en")
    assert outcome.exit_code == 2
    assert part in outcome.stderr
    assert "zone.json" in outcome.stderr


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        ("--stage", "zones", '--stage: The rules have no "zones". Did you mean "zone"?'),
        ("--category", "offise", '--category: The rules have no "offise". Did you mean "office"?'),
        ("--explain", "e9", '--explain: The rules have no "e9".'),
        ("--marks", "none.csv", "none.csv: There is no such file."),
        ("--earlier", "none.json", "none.json: There is no such file."),
    ],
)
def test_an_option_that_names_nothing_is_refused(option: str, value: str, part: str, files: list[str | Path]) -> None:
    outcome = award(*files, option, value, "--language", "en")
    assert outcome.exit_code == 2
    assert part in outcome.stderr
    assert outcome.stdout == ""


def test_problems_of_the_rules_and_of_files_are_told_together(files: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("format: 2\n", encoding="utf-8")
    (tmp_path / "marks.csv").write_text("", encoding="utf-8")
    outcome = award("rank", tmp_path / "rules.yaml", *files[2:], "--language", "en")
    assert outcome.exit_code == 2
    assert "rules.yaml:1:" in outcome.stderr
    assert "marks.csv: The file is empty." in outcome.stderr


def test_either_every_file_is_written_or_none(files: list[str | Path], tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    good, bad = tmp_path / "ranking.json", tmp_path / "no folder" / "ranking.xlsx"
    outcome = award(*files, "--json", good, "--xlsx", bad, "--language", "en")
    assert outcome.exit_code == 2
    assert f"{bad}: The file cannot be written" in outcome.stderr
    assert outcome.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_what_was_read_is_never_overwritten(files: list[str | Path], tmp_path: Path) -> None:
    for option, target in (("--json", "marks.csv"), ("--xlsx", "entries.csv")):
        outcome = award(*files, option, tmp_path / target, "--language", "en")
        assert outcome.exit_code == 2
        assert f"{target}: This command already uses this file." in outcome.stderr
    twice = award(*files, "--json", tmp_path / "x", "--xlsx", tmp_path / "x")
    assert twice.exit_code == 2
    assert {path.name for path in tmp_path.iterdir()} == {"entries.csv", "marks.csv"}
    assert (tmp_path / "marks.csv").read_text(encoding="utf-8") == FILES["marks"]


def test_a_file_written_before_is_replaced_as_a_whole(files: list[str | Path], tmp_path: Path) -> None:
    target = tmp_path / "ranking.json"
    target.write_text("x" * 1_000_000, encoding="utf-8")
    assert award(*files, "--json", target).exit_code == 0
    assert json.loads(target.read_bytes())["rule_set"]["id"] == "small-award/2564-r1"


def test_rules_check_names_good_files_and_every_problem_of_bad_ones(tmp_path: Path) -> None:
    sets = sorted(SETS.rglob("*.yaml"))
    assert len(sets) >= 4
    assert ISU in sets
    outcome = award("rules", "check", *sets)
    assert outcome.exit_code == 0, outcome.output
    assert len(outcome.stdout.splitlines()) == len(sets)
    bad = tmp_path / "bad.yaml"
    bad.write_text(RULES.read_text(encoding="utf-8").replace("points: 40", "points: 41"), encoding="utf-8")
    outcome = award("rules", "check", RULES, bad, "--language", "en")
    assert outcome.exit_code == 2
    assert f"Good: {RULES}" in outcome.stdout
    assert f"{bad}:" in outcome.stderr
    assert award("rules", "check", tmp_path / "none.yaml").exit_code == 2


def test_rules_show_prints_the_tree_with_its_points() -> None:
    outcome = award("rules", "show", RULES, "--language", "en")
    assert outcome.exit_code == 0
    lines = [line.strip() for line in outcome.stdout.splitlines()]
    assert lines[:2] == [
        "A sample award (small-award/2564-r1)",
        "Points and criteria are proposed, not the department's form",
    ]
    for line in ("Office [office] 100", "60  Dimension 1 [d1]", "40  Plan [d1/plan]", "10  Homes [homes]"):
        assert line in lines


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("file", [RULES, *sorted(SETS.glob("*/*.yaml"))], ids=lambda path: path.parent.name)
def test_rules_show_says_everything_that_decides_as_the_workbook_does(file: Path, language: str) -> None:
    rules = read_rules_file(file)
    shown = award("rules", "show", file, "--language", language).stdout.splitlines()
    for category in rules.categories:
        begins = next(place for place, line in enumerate(shown) if f" [{category.code}] " in line)
        for leaf in category.leaves:
            at = next(place for place in range(begins, len(shown)) if shown[place].endswith(f" [{leaf.path}]"))
            below = [line.strip() for line in shown[at + 1 : at + 20]]
            assert below[0] == " · ".join(each.in_language(language) for each in where_from(category, leaf))
            told = [each.in_language(language) for each in worth_of(category, leaf)]
            assert below[1 : len(told) + 1] == told
        for chapter in chapters(category):
            assert f"  {chapter.heading.in_language(language)}" in shown
            for each in chapter.decisions:
                says = f"    {each.what.in_language(language)}: {each.how.in_language(language)}"
                assert any(line in (says, f"{says} [{each.clause}]") for line in shown), says
    for stage in rules.stages:
        says = f"    {stage.label.in_language(language)}: {stage_words(rules, stage).in_language(language)}"
        assert any(line.startswith(says) for line in shown), says


def test_rules_show_says_what_earns_the_points_of_a_criterion() -> None:
    lines = [line.strip() for line in award("rules", "show", EVERY_WORD, "--language", "en").stdout.splitlines()]
    for told in SAID_OF_LEAVES:
        assert told in lines, told


def test_rules_show_says_in_words_what_a_total_hangs_on() -> None:
    lines = award("rules", "show", RULES, "--language", "en").stdout.splitlines()
    for line in (
        "    Late: subtract 1 per unit of “Days late”, at most 5",
        "    Bounds of the total: 0 to 100",
        "    Step 2: The committee's written decision",
        "    National: all ranked together · 40% of the total comes from “Zone”",
    ):
        assert line in lines


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env={"PATH": "", "SYSTEMROOT": "C:\\Windows", **environment},
    )


def test_thai_comes_out_whole_on_any_console(files: list[str | Path]) -> None:
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    outcome = run("-m", "award.cli", *map(str, files), "--stage", "zone", **plain)
    assert outcome.returncode == 0, outcome.stderr
    assert "สำนักงานสอง" in outcome.stdout.decode("utf-8")
    outcome = run("-m", "award.cli", *map(str, files), "--stage", "zones", **plain)
    assert outcome.returncode == 2
    assert "ไม่มี “zones” ในเกณฑ์" in outcome.stderr.decode("utf-8")


def test_work_on_files_loads_no_web_and_no_database() -> None:
    program = "import sys, award.cli; print(sorted({'flask', 'sqlalchemy', 'waitress'} & set(sys.modules)))"
    outcome = run("-c", program)
    assert outcome.stdout.decode().strip() == "[]", outcome.stderr
