"""Files in: what cannot be right is refused with its place and a remedy, and nothing is written."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from award.cli import main
from award.tables import read_table
from scoring_rules.fact_files import read_facts
from scoring_rules.facts import Facts
from scoring_rules.reader import read_rules_file
from tests import refusals
from tests.refusals import RULES

GOOD: Mapping[str, str] = {path.stem: path.read_text(encoding="utf-8") for path in refusals.GOOD.glob("*.csv")}
TABLE_CASES = [case for case in refusals.FACT_CASES if not (case / "facts.json").exists()]


def written(folder: Path, case: Mapping[str, Any]) -> dict[str, Path]:
    """The good files with the case's changes, in `folder`."""
    paths = {}
    for kind in refusals.TABLES:
        text = case.get(kind, GOOD.get(kind))
        if text is not None:
            paths[kind] = folder / f"{kind}.csv"
            paths[kind].write_bytes((text + case.get(f"add_to_{kind}", "")).encode())
    return paths


def facts_of(paths: Mapping[str, Path], stage: str | None = None) -> Facts:
    tables: dict[str, Any] = {kind: read_table(path) for kind, path in paths.items()}
    return read_facts(read_rules_file(RULES), **tables, stage=stage)


def award_rank(paths: Mapping[str, Path], *more: str, rules: Path = RULES) -> Result:
    options = [part for kind, path in paths.items() for part in (f"--{kind}", str(path))]
    return CliRunner().invoke(main, ["rank", str(rules), *options, *more])


def test_the_good_files_are_ranked(tmp_path: Path) -> None:
    outcome = award_rank(written(tmp_path, {}))
    assert outcome.exit_code == 0, outcome.output


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("case", TABLE_CASES, ids=lambda case: case.name)
def test_award_rank_ends_with_2_and_writes_nothing(case: Path, language: str, tmp_path: Path) -> None:
    paths = {kind: path for kind, path in refusals.tables_of_case(case).items() if path is not None}
    if (case / "earlier.json").exists():
        paths["earlier"] = case / "earlier.json"
    outputs = ["--json", str(tmp_path / "ranking.json"), "--xlsx", str(tmp_path / "ranking.xlsx")]
    options = [part for option, value in refusals.asked(case).items() for part in (f"--{option}", value)]
    outcome = award_rank(paths, *outputs, *options, "--language", language)
    assert outcome.exit_code == 2, outcome.output
    assert outcome.stdout == ""
    blocks = refusals.expected(case).read_text(encoding="utf-8").split("\n\n")
    lines = [block.splitlines()[{"th": 1, "en": 2}[language]] for block in blocks]
    told = outcome.stderr.splitlines()
    assert [line.endswith(wanted) for line, wanted in zip(told, lines, strict=False)] == [True] * len(lines)
    assert str(len(lines)) in told[-1]
    assert list(tmp_path.iterdir()) == []


def in_wide_form(rows: str) -> str:
    """The long marks of a case as a wide table."""
    long = [line.split(",") for line in rows.split()[1:]]
    paths = list(dict.fromkeys(path for _, _, path, _ in long))
    cards = list(dict.fromkeys((entry, member) for entry, member, _, _ in long))
    given = {(entry, member, path): mark for entry, member, path, mark in long}
    lines = [[*card, *(given.get((*card, path), "") for path in paths)] for card in cards]
    return "\n".join(",".join(line) for line in [["entry", "member", *paths], *lines]) + "\n"


def with_thai_digits(rows: str) -> str:
    """The marks (the last cell of each line) in Thai digits."""
    header, *lines = rows.splitlines()
    to_thai = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
    parts = [line.rpartition(",") for line in lines]
    return "\n".join([header, *(f"{head},{last.translate(to_thai)}" for head, _, last in parts)]) + "\n"


def as_xlsx(text: str, path: Path) -> Path:
    """The CSV text as a workbook, numbers as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(text)):
        sheet.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in row])
    book.save(path)
    return path


def test_marks_long_or_wide_in_any_order_and_spelling_are_the_same_facts(tmp_path: Path) -> None:
    paths = written(tmp_path, {})
    marks, entries = GOOD["marks"], GOOD["entries"]
    expected = facts_of(paths).sha256()
    header, *lines = marks.splitlines()
    for text in (
        in_wide_form(marks),
        with_thai_digits(marks),
        "\ufeff" + marks,
        marks.replace("\n", "\r\n"),
        "\ufeff" + marks.replace("\n", "\r\n"),
        "\n".join([header, *reversed(lines)]),
        marks.replace(",", " , "),
        marks.replace(",9.5", ",9.50").replace(",5", ",+5.0"),
    ):
        assert text != marks
        paths["marks"].write_bytes(text.encode())
        assert facts_of(paths).sha256() == expected
    both = {"entries": as_xlsx(entries, tmp_path / "e.xlsx"), "marks": as_xlsx(marks, tmp_path / "m.xlsx")}
    assert facts_of(both).sha256() == expected


@pytest.mark.parametrize("marks", ["v1,m2,saving,\n", "v1,m2,saving,  \n"])
def test_a_blank_mark_is_missing_and_never_zero(marks: str, tmp_path: Path) -> None:
    facts = facts_of(written(tmp_path, {"add_to_marks": marks}))
    blank = next(card for card in facts.cards["v1"] if card.member == "m2")
    assert (blank.state, dict(blank.marks)) == ("standing", {})
    zero = facts_of(written(tmp_path, {"add_to_marks": "v1,m2,saving,0\n"}))
    assert next(card for card in zero.cards["v1"] if card.member == "m2").marks == {"saving": 0}


def test_a_blank_number_is_missing_and_never_zero(tmp_path: Path) -> None:
    facts = facts_of(written(tmp_path, {"add_to_entries": "e3,office,สาม,9,,๒\n"}))
    assert facts.entries[-1].fields == {"days_late": 2}


def test_a_member_of_the_panel_who_gave_nothing_has_a_blank_card(tmp_path: Path) -> None:
    entries = GOOD["entries"].replace("days_late\n", "days_late,members\n")
    entries = entries.replace(",0\n", ",0,m1 | m2\n").replace(",2\n", ",2,\n").replace(",,\n", ",,,m1\n")
    facts = facts_of(written(tmp_path, {"entries": entries}))
    assert [(card.member, len(card.marks)) for card in facts.cards["e1"]] == [("m1", 4), ("m2", 0)]
    assert [card.member for card in facts.cards["v1"]] == ["m1"]


def test_a_recused_and_an_absent_member_have_cards_without_marks(tmp_path: Path) -> None:
    recusals = 'entry,member,kind,reason\ne1,m2,recused,"ญาติ  ของ\nผู้เสนอ"\ne1,m3,absent,\n'
    facts = facts_of(written(tmp_path, {"recusals": recusals}))
    cards = [(card.member, card.state, card.reason) for card in facts.cards["e1"]]
    assert cards == [("m1", "standing", ""), ("m2", "recused", "ญาติ ของ ผู้เสนอ"), ("m3", "absent", "")]


def test_lines_of_other_stages_are_left_out(tmp_path: Path) -> None:
    marks = "entry,member,criterion,mark,stage\nv1,m1,saving,3,zone\nv1,m1,saving,5,national\nv1,m9,saving,5,national\n"
    recusals = "entry,member,kind,stage\nv1,m1,recused,national\nv1,m2,recused,zone\n"
    facts = facts_of(written(tmp_path, {"marks": marks, "recusals": recusals}), "zone")
    assert [(card.member, dict(card.marks)) for card in facts.cards["v1"]] == [("m1", {"saving": 3}), ("m2", {})]


def test_a_status_in_the_file_is_the_state_of_the_entry(tmp_path: Path) -> None:
    entries = (
        "entry,category,label,zone,status\nv1,village,หนึ่ง,9,withdrawn\nv2,village,,9,\nv3,village,x,9,not_presented\n"
    )
    facts = facts_of(written(tmp_path, {"entries": entries, "marks": "entry,member,criterion,mark\n"}))
    assert [(entry.label, entry.state) for entry in facts.entries] == [
        ("หนึ่ง", "withdrawn"),
        ("v2", "presented"),
        ("x", "not_presented"),
    ]


ROWS = (
    "entry,field,row,value,reason\n"
    "v1,savers,เมือง,50.0,\nv1,savers,เขาสมิง,-3,\nv1,people,เมือง,๖๐,\nv1,people,เขาสมิง,40,\n"
)


def rows_and_entries(savers: int, more: str = "") -> dict[str, str]:
    """Files in which v1 states that many savers among 100 people, with district rows."""
    ends = {"entry": ",savers,people", "v1": f",{savers},100"}
    lines = [f"{line}{ends.get(line.partition(',')[0], ',,')}" for line in GOOD["entries"].splitlines()]
    return {"entries": "\n".join(lines) + "\n", "rows": ROWS + more}


def test_rows_that_add_up_change_nothing_of_the_ranking(tmp_path: Path) -> None:
    case = rows_and_entries(47)
    with_rows = award_rank(written(tmp_path, case), "--language", "en")
    assert with_rows.exit_code == 0, with_rows.output
    assert with_rows.stdout == award_rank(written(tmp_path, {"entries": case["entries"]}), "--language", "en").stdout


def test_an_explained_difference_is_shown_with_its_reason(tmp_path: Path) -> None:
    outcome = award_rank(
        written(tmp_path, rows_and_entries(50, "v1,savers,difference,3,ย้ายเข้าระหว่างปี\n")), "--language", "en"
    )
    assert outcome.exit_code == 0, outcome.output
    assert "The rows of v1/savers differ from the number stated by 3: ย้ายเข้าระหว่างปี\n" in outcome.stdout


def test_a_hundred_thousand_marks_are_read_and_ranked(tmp_path: Path) -> None:
    entries = "".join(f"x{number},village,หมู่บ้าน {number},{number % 18 + 1},,\n" for number in range(2_000))
    marks = "".join(
        f"x{number},m{member},saving,{(number + member) % 6}\n" for number in range(2_000) for member in range(50)
    )
    outcome = award_rank(written(tmp_path, {"add_to_entries": entries, "add_to_marks": marks}), "--stage", "zone")
    assert outcome.exit_code == 0, outcome.output
    assert "x1999" in outcome.stdout


def test_a_hundred_thousand_wrong_marks_are_counted_and_two_hundred_told(tmp_path: Path) -> None:
    marks = "".join(f"x{number},m1,saving,three\n" for number in range(100_000))
    outcome = award_rank(written(tmp_path, {"add_to_marks": marks}), "--language", "en")
    assert outcome.exit_code == 2
    told = outcome.stderr.splitlines()
    assert len(told) == 202
    assert told[-2:] == ["… and 99,800 more", "100,000 problems found. Nothing is written."]
