"""award whatif: what it prints, what it refuses, and that it writes nothing."""

from pathlib import Path

import pytest
from click.testing import Result

from award.cli.whatif import whatif
from tests.award.test_cli import DECIDED, FILES, RULES, award

ABOUT_THE_FILES = {
    *("rules_file", "--entries", "--marks", "--recusals", "--resolutions", "--earlier", "--stage", "--category"),
    *("--explain", "--language"),
}


@pytest.fixture
def files(tmp_path: Path) -> list[str | Path]:
    for kind, text in {**FILES, "resolutions": DECIDED}.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    tables = ("entries", "marks", "resolutions")
    return ["whatif", RULES, *(part for kind in tables for part in (f"--{kind}", tmp_path / f"{kind}.csv"))]


def lines(outcome: Result) -> list[str]:
    assert outcome.exit_code == 0, outcome.output
    return [line.strip() for line in outcome.stdout.splitlines()]


def test_it_says_that_it_is_a_trial_what_is_tried_and_who_moves(files: list[str | Path]) -> None:
    told = lines(award(*files, "--points", "papers=15", "--stage", "zone", "--language", "en"))
    assert told[0] == "*** A trial, not a result. Nothing is stored or changed. ***"
    assert "Points and criteria are proposed, not the department's form" in told
    assert "- “Papers” (Office) 15 points instead of 30; the other parts share the rest in proportion" in told
    place = told.index("Who moves:")
    assert told[place + 1] == "Office · zone 9"
    assert told[place + 2].startswith("e1  สำนักงานหนึ่ง: 2 → 1 (+")
    thai = lines(award(*files, "--points", "papers=๑๕"))
    assert thai[0].startswith("*** ทดลอง ไม่ใช่ผลจริง") and "ใครเปลี่ยนลำดับ:" in thai


def test_the_interval_of_every_weight_is_printed_with_what_changes_at_its_end(files: list[str | Path]) -> None:
    told = lines(award(*files, "--weights", "--stage", "zone", "--language", "en"))
    assert "What is tried:" not in told and "Who moves:" not in told
    place = told.index("papers  Papers (now 30 of 100): more than 21.5053 (52473/2440) up to 100 points")
    assert told[place + 1] == "at 21.5053 (52473/2440) points instead of 30: e1 passes e2"
    assert "Office · zone 9 Going on: e2" in told


def test_each_member_in_turn_and_an_explanation(files: list[str | Path]) -> None:
    told = lines(award(*files, "--leave-one-out", "--drop-member", "m2", "--explain", "e1", "--language", "en"))
    assert "without m1: e2 1 → -, e1 2 → 1" in told
    assert "e1: rank 2 now; rank 1 to 2" in told
    first = told.index("A trial, not a result: without member m2")
    assert told[first:].count("A trial, not a result") == 1, "said again at the end of the explanation"


def test_what_cannot_be_tried_is_refused_whole(files: list[str | Path]) -> None:
    outcome = award(*files, "--points", "papers=3x", "--trim", "1", "--language", "en")
    assert outcome.exit_code == 2 and outcome.stdout == ""
    assert "“papers=3x” cannot be read. Write it as d1=30." in outcome.stderr
    assert "2 problems found" in outcome.stderr
    outcome = award(*files, "--drop-member", "m7", "--points", "papers=101", "--language", "en")
    assert outcome.exit_code == 2
    assert "Let them add up to at most 100" in outcome.stderr
    assert award(*files, "--explain", "e9").exit_code == 2
    assert award(*files, "--combine", "best").exit_code == 2


def test_asked_to_try_nothing_it_says_what_can_be_tried(files: list[str | Path]) -> None:
    thai, english = award(*files), award(*files, "--language", "en")
    assert (thai.exit_code, thai.stdout, english.exit_code, english.stdout) == (2, "", 2, "")
    assert thai.stderr.startswith("award whatif: ไม่ได้บอกว่าจะลองอะไร ลองได้: --points d1=30, --drop-member m1,")
    assert english.stderr.startswith("award whatif: Nothing is said that could be tried. Try --points d1=30,")
    options = {each.opts[0] for each in whatif.params} - ABOUT_THE_FILES
    assert [option for option in sorted(options) if option not in english.stderr or option not in thai.stderr] == []
    assert award(*files, "--weights").exit_code == 0


def test_nothing_is_written(files: list[str | Path], tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert award(*files, "--combine", "median", "--weights", "--leave-one-out").exit_code == 0
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
