"""What happens to a log in its life and is right: a seat goes to somebody else, a text is erased, a disk fails."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from exports.verifier.main import check_package
from exports.verifier.steps import FAIL, OK, Outcome
from tests.exports.forging import at, public_files
from tests.exports.package_by_hand import (
    KEY,
    LOG,
    Files,
    Line,
    alias,
    chained,
    checkpoint,
    leaf,
    lines_of,
    root,
    root_of,
    sha256,
    zipped,
)
from tests.exports.small_round import seat, small_round


def rebuilt(files: Files, lines: Sequence[Line]) -> Files:
    ledger = chained(list(lines))
    return {**files, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)}


def outcomes_of(folder: Path, content: bytes, **asked: Any) -> dict[int, Outcome]:
    (folder / "package.zip").write_bytes(content)
    return {each.number: each for each in check_package(str(folder / "package.zip"), **asked)}


@pytest.mark.parametrize("told", [True, False])
def test_a_seat_may_go_to_somebody_else_where_the_panel_is_seated_anew(told: bool, tmp_path: Path) -> None:
    files = public_files()
    lines = lines_of(files["ledger.jsonl"])
    again = at(lines, "record_marks", 1)
    lines[again]["actor"] = alias("record_marks u77")
    if told:
        members = [seat(code) for code in ("z1-chair", "z1-one", "z1-two")]
        body = {"panel": 1, "stage": "zone", "zone": 1, "members": members}
        lines.insert(again, {**lines[again], "act": "seat_panel", "actor": alias("seat_panel u1"), "body": body})
    outcome = outcomes_of(tmp_path, zipped(rebuilt(files, lines)))[8]
    assert outcome.state == (OK if told else FAIL), outcome.said.en


def test_a_text_that_was_erased_leaves_everything_whole(tmp_path: Path) -> None:
    files = small_round().files(auditor=True)
    texts = [json.loads(line) for line in files["texts.jsonl"].splitlines()]
    kept = [text for text in texts if text["text"] != "ลาป่วย"]
    files["texts.jsonl"] = "".join(f"{json.dumps(text)}\n" for text in kept).encode()
    outcomes = outcomes_of(tmp_path, zipped(files, edition="auditor"))
    assert [each for each in outcomes.values() if each.state == FAIL] == []
    assert "1 reasons were erased" in outcomes[9].said.en
    assert "1 were erased" in outcomes[14].said.en


def continued(lines: Sequence[Line], *, lost: int) -> list[Line]:
    """The log that takes over after a restore: what was left is said again, and the first line says what was lost."""
    leaves = [leaf(line) for line in chained(list(lines)).splitlines()]
    before = {
        "log": LOG,
        "size": len(lines),
        "root": root(leaves).hex(),
        "survived": len(lines) - lost,
        "reason": "disk",
    }
    again = [{**line, "log": f"{LOG}#2"} for line in lines[: len(lines) - lost]]
    again[0] = {**again[0], "body": {**again[0]["body"], "continues": before}}
    return again


def test_a_log_that_took_over_after_a_restore_says_again_what_was_left(tmp_path: Path) -> None:
    files = public_files()
    lines = lines_of(files["ledger.jsonl"])
    told = {"run": 3, "edition": "public", "sha256": sha256(zipped(files)), "size": len(lines)}
    told["root"] = root_of(files["ledger.jsonl"]).hex()
    lines.append({**lines[-1], "act": "make_package", "body": told})
    new = continued(lines, lost=0)
    ledger = chained(new)
    origin = f"awards.example/{LOG}#2"
    package = zipped(
        {**files, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY, origin=origin)}, log=f"{LOG}#2"
    )
    (tmp_path / "older.zip").write_bytes(zipped(files))
    outcomes = outcomes_of(tmp_path, package, older=str(tmp_path / "older.zip"))
    # The workbook was made from the old log, whose root it names: step 11 says so, as it must.
    assert [each.number for each in outcomes.values() if each.state == FAIL] == [11]
    assert "of its 72 lines" in outcomes[3].said.en
    assert "71 lines of the log before the restore stand unchanged" in outcomes[6].said.en

    new[20]["body"] = {**new[20]["body"], "entry": "x"}
    ledger = chained(new)
    package = zipped(
        {**files, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY, origin=origin)}, log=f"{LOG}#2"
    )
    outcomes = outcomes_of(tmp_path, package, older=str(tmp_path / "older.zip"))
    assert outcomes[6].state == FAIL
    assert outcomes[6].said.en.startswith("line 21: it is not what the log said")


def test_lines_that_were_lost_are_counted(tmp_path: Path) -> None:
    lines = lines_of(public_files()["ledger.jsonl"])
    new = continued(lines, lost=2)
    ledger = chained(new)
    note = checkpoint(ledger, KEY, origin=f"awards.example/{LOG}#2")
    package = zipped({**public_files(), "ledger.jsonl": ledger, "checkpoint.txt": note}, log=f"{LOG}#2")
    (tmp_path / "older.zip").write_bytes(zipped(public_files()))
    outcomes = outcomes_of(tmp_path, package, older=str(tmp_path / "older.zip"))
    assert "69 were left and are said again, 2 are lost" in outcomes[3].said.en
    assert "(2 were lost in it)" in outcomes[6].said.en
