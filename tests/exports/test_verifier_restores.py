"""After a restore: what was left of the log before is built again, and roots and packages of it are held against it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from exports.verifier.main import check_package
from exports.verifier.steps import FAIL, NOT_CHECKED, OK, Outcome
from tests.exports.forging import public_files
from tests.exports.package_by_hand import (
    KEY,
    LOG,
    ORIGIN,
    Line,
    chained,
    checkpoint,
    lines_of,
    root_of,
    sha256,
    zipped,
)

MOMENT = "2026-08-22T03:14:07Z"


def true_lines() -> list[Line]:
    return lines_of(public_files()["ledger.jsonl"])


def root_over(lines: Sequence[Line], size: int | None = None) -> str:
    return root_of(chained(list(lines)), size=size).hex()


def continued(lines: Sequence[Line], *, lost: int, turn: int = 2, **otherwise: Any) -> list[Line]:
    """The log that takes over after a restore: what was left is said again, and the first line says what was lost."""
    before = {
        "log": lines[0]["log"], "size": len(lines), "root": root_over(lines), "survived": len(lines) - lost,
        "reason": "disk",
    }  # fmt: skip
    if lines[0]["body"]["continues"]:
        before["before"] = lines[0]["body"]["continues"]
    again = [{**line, "log": f"{LOG}#{turn}"} for line in lines[: len(lines) - lost]]
    again[0] = {**again[0], "body": {**again[0]["body"], "continues": {**before, **otherwise}}}
    return again


def outcomes_of(
    folder: Path, lines: Sequence[Line], *, anchors: Sequence[str] = (), **asked: Any
) -> dict[int, Outcome]:
    """How a package with this log is found. Anchors are lines of anchors.log; older: the lines of an older package."""
    ledger, log = chained(list(lines)), lines[0]["log"]
    files = {
        **public_files(), "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY, origin=f"{ORIGIN}/{log}")
    }  # fmt: skip
    (folder / "package.zip").write_bytes(zipped(files, log=log))
    typed = [each for each in anchors if " " not in each]
    if len(typed) < len(anchors):
        (folder / "anchors.log").write_text("".join(f"{MOMENT} {each}\n" for each in anchors if " " in each))
        typed.append(str(folder / "anchors.log"))
    return {each.number: each for each in check_package(str(folder / "package.zip"), anchors=typed, **asked)}


def older(folder: Path, lines: Sequence[Line]) -> str:
    (folder / "older.zip").write_bytes(zipped({**public_files(), "ledger.jsonl": chained(list(lines))}))
    return str(folder / "older.zip")


def changed(lines: list[Line], number: int = 40) -> list[Line]:
    """Another history from this line on; nothing but its hash shows it."""
    return [{**line, "key": "x"} if place == number else line for place, line in enumerate(lines, 1)]


def test_a_log_that_took_over_says_again_what_was_left(tmp_path: Path) -> None:
    lines = true_lines()
    told = {"run": 3, "edition": "public", "sha256": sha256(zipped(public_files())), "size": len(lines)}
    lines.append({**lines[-1], "act": "make_package", "body": {**told, "root": root_over(lines)}})
    outcomes = outcomes_of(tmp_path, continued(lines, lost=0), older=older(tmp_path, lines[:-1]))
    # The workbook was made from the old log, whose root it names: step 11 says so, as it must.
    assert [each.number for each in outcomes.values() if each.state == FAIL] == [11]
    assert "of its 72 lines" in outcomes[3].said.en
    assert "71 lines of the log before the restore stand unchanged" in outcomes[6].said.en


def test_lines_that_were_lost_are_counted(tmp_path: Path) -> None:
    outcomes = outcomes_of(tmp_path, continued(true_lines(), lost=2), older=older(tmp_path, true_lines()))
    assert "69 were left and are said again, 2 are lost" in outcomes[3].said.en
    assert "(2 were lost in it)" in outcomes[6].said.en


def test_a_line_said_again_otherwise_is_not_what_the_older_package_has(tmp_path: Path) -> None:
    outcomes = outcomes_of(tmp_path, changed(continued(true_lines(), lost=1)), older=older(tmp_path, true_lines()))
    assert outcomes[6].state == FAIL
    assert outcomes[6].said.en.startswith("line 40: it is not what the log said")


def test_where_nothing_was_lost_what_is_said_again_must_give_the_root_that_is_quoted(tmp_path: Path) -> None:
    outcomes = outcomes_of(tmp_path, changed(continued(true_lines(), lost=0)))
    assert outcomes[3].state == FAIL
    assert "had 71 lines under the root" in outcomes[3].said.en
    assert outcomes[6].state == NOT_CHECKED


@pytest.mark.parametrize(
    "otherwise",
    [
        {"survived": 0}, {"survived": 72}, {"survived": 70, "size": 69}, {"survived": True}, {"size": "71"},
        {"root": "00"}, {"log": "2564/other"}, {"log": f"{LOG}#2"}, {"log": f"{LOG}#x"}, {"log": None},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(otherwise: dict[str, Any], tmp_path: Path) -> None:
    outcome = outcomes_of(tmp_path, continued(true_lines(), lost=1, **otherwise))[3]
    assert outcome.state == FAIL
    assert "malformed" not in outcome.said.en


@pytest.mark.parametrize("told", ["anchors.log", "typed", "size"])
@pytest.mark.parametrize("true", [True, False])
def test_a_root_that_left_before_the_restore_is_held_against_what_was_left(
    told: str, true: bool, tmp_path: Path
) -> None:
    root = root_over(true_lines(), 60)
    given = {"anchors.log": f"{LOG} 60 {root}", "typed": root, "size": f"60:{root}"}[told]
    again = continued(true_lines(), lost=3)
    outcome = outcomes_of(tmp_path, again if true else changed(again), anchors=[given])[5]
    assert outcome.state == (OK if true else FAIL), outcome.said.en
    assert ("agrees up to line 60 of 68" if true else "history was rewritten") in outcome.said.en


def test_roots_of_lines_that_were_lost_are_counted_and_prove_nothing(tmp_path: Path) -> None:
    lines, again = true_lines(), continued(true_lines(), lost=3)
    lost = [f"{LOG} 70 {root_over(lines, 70)}", f"{LOG} 71 {root_over(lines)}"]
    outcome = outcomes_of(tmp_path, again, anchors=[*lost, f"{LOG} 9 {root_over(lines, 9)}"])[5]
    assert (outcome.state, "2 are of lines that were lost" in outcome.said.en) == (OK, True), outcome.said.en
    outcome = outcomes_of(tmp_path, again, anchors=[root_over(lines)])[5]
    assert (outcome.state, "nothing is left to compare" in outcome.said.en) == (NOT_CHECKED, True), outcome.said.en


@pytest.mark.parametrize("given", ["{log} 71 {other}", "{log} 72 {other}", "70:{other}", "{other}"])
def test_more_was_lost_than_the_first_line_says(given: str, tmp_path: Path) -> None:
    anchor = given.format(log=LOG, other="ab" * 32)
    outcome = outcomes_of(tmp_path, continued(true_lines(), lost=3), anchors=[anchor])[5]
    assert outcome.state == FAIL, outcome.said.en


def test_an_older_package_with_more_lines_than_the_first_line_owns_up_to_is_named(tmp_path: Path) -> None:
    lines = true_lines()
    outcome = outcomes_of(tmp_path, continued(lines[:-1], lost=1), older=older(tmp_path, lines))[6]
    assert outcome.state == FAIL
    assert "had 70 lines" in outcome.said.en
    assert "package has 71" in outcome.said.en


def third(lines: list[Line], *, lost: int) -> tuple[list[Line], list[Line]]:
    """The second log with a line of its own, and the third that took over from it."""
    second = continued(lines, lost=2)
    second.append({**second[-1], "act": "make_package", "body": {"run": 3, "edition": "public", "sha256": "0" * 64}})
    second[-1]["body"] |= {"size": len(second) - 1, "root": root_over(second[:-1])}
    return second, continued(second, lost=lost, turn=3)


@pytest.mark.parametrize("lost", [0, 2])
def test_a_third_log_goes_back_to_the_first(lost: int, tmp_path: Path) -> None:
    lines = true_lines()
    second, newest = third(lines, lost=lost)
    anchors = [f"{LOG} 60 {root_over(lines, 60)}", f"{LOG}#2 61 {root_over(second, 61)}"]
    for given in (lines[:50], second[:50]):
        files = {**public_files(), "ledger.jsonl": chained(given)}
        (tmp_path / "older.zip").write_bytes(zipped(files, log=given[0]["log"]))
        outcomes = outcomes_of(tmp_path, newest, anchors=anchors, older=str(tmp_path / "older.zip"))
        assert [outcomes[step].state for step in (3, 5, 6, 8)] == [OK] * 4, outcomes
        assert "up to line 61" in outcomes[5].said.en
    if lost:  # else the root that the first line quotes would give it away before
        assert outcomes_of(tmp_path, changed(newest), anchors=anchors)[5].state == FAIL


def test_a_root_told_in_the_log_before_is_that_of_its_lines(tmp_path: Path) -> None:
    second, _ = third(true_lines(), lost=0)
    second[-1]["body"]["root"] = "0" * 64
    outcome = outcomes_of(tmp_path, continued(second, lost=0, turn=3))[8]
    assert outcome.state == FAIL
    assert "line 70: it states the root 0000" in outcome.said.en


def test_a_log_of_the_round_that_was_lost_whole_is_counted(tmp_path: Path) -> None:
    """A backup from before the second log: the third takes over from the first, and the second is nowhere."""
    lines = true_lines()
    anchors = [f"{LOG} 60 {root_over(lines, 60)}", f"{LOG}#2 80 {'ab' * 32}"]
    outcome = outcomes_of(tmp_path, continued(lines, lost=3, turn=3), anchors=anchors)[5]
    assert (outcome.state, "1 are of lines that were lost" in outcome.said.en) == (OK, True), outcome.said.en
