"""`award rules compare`: what changed between two rule files, and who would move on the same facts."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from award.cli import main
from tests.award.test_cli import FILES, RULES

OLD = RULES.read_text(encoding="utf-8")
HEAVIER_PLAN = (
    ("2564-r1", "2564-r2"),
    ("points: 60\n", "points: 70\n"),
    ("points: 40, source: marks", "points: 50, source: marks"),
    ("points: 30\n", "points: 20\n"),
    ("en: Letter}, points: 10", "en: Letter}, points: 15"),
    ("en: Photographs}, points: 20", "en: Photographs}, points: 5"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind, text in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def compare(
    folder: Path, *swaps: tuple[str, str], facts: bool = True, more: tuple[str, ...] = ("--language", "en")
) -> Result:
    """The old rules against themselves with these texts put in place of others."""
    text = OLD
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    new_file = folder / "new.yaml"
    new_file.write_text(text, encoding="utf-8")
    given = ["--entries", folder / "entries.csv", "--marks", folder / "marks.csv"] if facts else []
    return CliRunner().invoke(main, [str(each) for each in ("rules", "compare", RULES, new_file, *given, *more)])


def lines_of(outcome: Result) -> list[str]:
    assert outcome.exit_code == 0, outcome.output
    return [line.strip() for line in outcome.stdout.splitlines()]


def test_the_same_rules_have_no_changes_and_move_nobody(folder: Path):
    lines = lines_of(compare(folder))
    assert "The two rule sets are the same" in lines
    assert "Entries that differ: 0 of 5 compared; in rank: 0" in lines


def test_without_facts_it_tells_what_changed_and_nothing_of_entries(folder: Path):
    lines = lines_of(compare(folder, *HEAVIER_PLAN, facts=False, more=()))
    assert lines[:3] == [
        "รางวัลตัวอย่าง: small-award/2564-r1 → small-award/2564-r2",
        "คะแนนและเกณฑ์เป็นข้อเสนอ ยังไม่ใช่แบบของกรม",
        "เปลี่ยน 6 ข้อ มีผลต่อการตัดสินได้ 5 ข้อ (* เปลี่ยนผลได้  - เฉพาะถ้อยคำหรือแบบกรอก)",
    ]
    assert "- รหัสของเกณฑ์ เปลี่ยนจาก “small-award/2564-r1” เป็น “small-award/2564-r2”" in lines
    assert "* คะแนนเต็มของเกณฑ์ “แผน” (d1/plan) เปลี่ยนจาก 40 เป็น 50" in lines
    assert "* คะแนนของรายการตรวจ “ภาพ” (photos) ของเกณฑ์ “เอกสาร” (papers) เปลี่ยนจาก 20 เป็น 5" in lines
    assert not [line for line in lines if "e1" in line]


def test_with_facts_it_tells_who_moves_by_how_much_and_through_which_step(folder: Path):
    lines = lines_of(compare(folder, *HEAVIER_PLAN))
    assert "Entries that differ: 4 of 5 compared; in rank: 2" in lines
    at = lines.index("Office (office) · zone 9")
    assert lines[at + 1 : at + 4] == [
        "e1  สำนักงานหนึ่ง: rank 2 → 1 · total 74.00 → 88.00 (+14) · goes on",
        "The points of “Plan” (d1/plan): 36 → 45 (was: 40 × 4.5 ÷ 5 = 36 points; now: 50 × 4.5 ÷ 5 = 45 points)",
        "The combined mark of “Papers” (papers): 10 → 15"
        " (was: 2 members gave 10, 10, mean 10; now: 2 members gave 15, 15, mean 15)",
    ]
    assert lines[at + 4] == "e2  สำนักงานสอง: rank 1 → 2 · total 81.00 → 79.00 (-2) · no longer goes on"
    assert "e3  สำนักงานสาม: rank 1 · total 83.00 → 81.00 (-2)" in lines
    assert not [line for line in lines if line.startswith("v1")]


def test_the_example_in_the_guide_is_what_is_printed(folder: Path):
    guide = (RULES.parents[4] / "docs" / "files.md").read_text(encoding="utf-8")
    assert f"```\n{compare(folder, *HEAVIER_PLAN, more=()).stdout}```" in guide


def test_one_category_alone(folder: Path):
    lines = lines_of(compare(folder, *HEAVIER_PLAN, more=("--category", "village", "--language", "en")))
    assert "Entries that differ: 0 of 1 compared; in rank: 0" in lines


def test_marks_that_are_off_the_new_scale_leave_their_entries_out_on_both_sides(folder: Path):
    swap = ("scale: {from: 0, to: 10, step: 0.5}", "scale: {from: 0, to: 10, step: 1}")
    lines = lines_of(compare(folder, swap))
    assert "Entries that cannot be compared: 1, left out on both sides; ranks are among the others" in lines
    assert "! “d1/result”: A mark of 9.5 is not on the scale: it must be from 0 to 10 in steps of 1: e1" in lines
    assert "Entries that differ: 0 of 4 compared; in rank: 0" in lines


def test_a_criterion_that_is_gone_is_said_and_its_marks_are_not_used(folder: Path):
    lines = lines_of(
        compare(
            folder,
            ("points: 60\n", "points: 70\n"),
            ("points: 40, source: marks", "points: 50, source: marks"),
            ("          - {code: photos, label: {th: ภาพ, en: Photographs}, points: 20}\n", ""),
            ("points: 30\n", "points: 10\n"),
            ("points: 10, source: indicator", "points: 20, source: indicator"),
        )
    )
    assert "- Nobody marks “papers/photos” in the new rules: its marks are not used: e1, e2, e3, e4" in lines
    assert [line for line in lines if line.startswith("e2  ")]


def test_a_criterion_nobody_has_marked_leaves_its_entries_out(folder: Path):
    new = "          - {code: video, label: {th: คลิป, en: Clip}, points: 0.5}\n"
    photos = "          - {code: photos, label: {th: ภาพ, en: Photographs}, points: 20}\n"
    lines = lines_of(compare(folder, (photos, photos.replace("20", "19.5") + new)))
    assert "! Nobody has marked what the new rules ask for: papers/video: e1, e2, e3, e4" in lines
    assert "Entries that differ: 0 of 1 compared; in rank: 0" in lines


def test_a_category_that_is_gone_is_said(folder: Path):
    start, end = OLD.index("  - code: village"), OLD.index("stages:")
    lines = lines_of(compare(folder, (OLD[start:end], "")))
    assert "* Category “Village” (village) was removed (100 points)" in lines
    assert "! The new rules have no category “village”: v1" in lines


def test_a_stage_that_is_gone_is_said_and_nobody_is_compared(folder: Path):
    earlier = folder / "zone.json"
    decided = folder / "resolutions.csv"
    decided.write_text("category,stage,group,order,reason\noffice,zone,10,e4|e3,มติ\n", encoding="utf-8")
    given = ["--entries", folder / "entries.csv", "--marks", folder / "marks.csv"]
    ranked = ["rank", RULES, *given, "--resolutions", decided, "--stage", "zone", "--json", earlier]
    assert CliRunner().invoke(main, [str(each) for each in ranked]).exit_code == 0
    national = OLD[OLD.index("  - {code: national") :]
    lines = lines_of(
        compare(folder, (national, ""), more=("--stage", "national", "--earlier", str(earlier), "--language", "en"))
    )
    assert "! --stage: The new rules have no stage “National”. Results of this stage cannot be compared." in lines
    assert lines[-1] == "So no entry can be compared."


def test_a_decision_that_does_not_fit_new_groups_is_said(folder: Path):
    decided = folder / "resolutions.csv"
    decided.write_text("category,stage,group,order,reason\noffice,zone,10,e4|e3,มติ\n", encoding="utf-8")
    lines = lines_of(
        compare(
            folder,
            ("groups: zone, advance", "groups: none, advance"),
            more=("--resolutions", str(decided), "--language", "en"),
        )
    )
    assert "- The resolution for office/zone/10 does not fit the new rules: it is not used: e4, e3" in lines
    assert "The group ranked in: was: zone 9; now: all entries together" in lines


def test_a_broken_file_is_refused_with_the_problems_of_both(folder: Path):
    (folder / "marks.csv").write_text("entry,member,d1/plan\ne1,m1,7\n", encoding="utf-8")
    outcome = compare(folder, ("quorum: 1", "quorum: none"))
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert "new.yaml:" in outcome.stderr
    assert "marks.csv:2" in outcome.stderr


def test_marks_without_entries_are_refused(folder: Path):
    outcome = compare(folder, facts=False, more=("--marks", str(folder / "marks.csv")))
    assert outcome.exit_code == 2
    assert "--entries and --marks together" in outcome.stderr
