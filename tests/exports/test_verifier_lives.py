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
    Files,
    Line,
    alias,
    chained,
    checkpoint,
    lines_of,
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
