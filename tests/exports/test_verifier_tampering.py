"""Whatever is done to a package, the right step names the place and both values; and what nobody touched passes."""

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest

from exports.verifier.archive import read_zip
from exports.verifier.main import check_package
from exports.verifier.said import CannotCheck
from exports.verifier.steps import FAIL, NOT_CHECKED, OK, Outcome
from tests.exports.forging import public_files, true_root
from tests.exports.package_by_hand import FILE, KEY, chained, checkpoint, lines_of, root_of, sha256, vkey, zipped
from tests.exports.small_round import small_round
from tests.exports.tamperings import TAMPERINGS, Tampering
from tests.tamper import named_by

DAY = "2026-08-22"


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda each: each.name)
def test_the_right_step_names_the_tampering(tampering: Tampering, tmp_path: Path) -> None:
    step, thai, english = named_by(tampering, tmp_path)
    assert (step, tampering.words in english) == (tampering.step, True), english
    assert bool(thai) == bool(english)


def states(outcomes: Sequence[Outcome]) -> dict[int, str]:
    return {each.number: each.state for each in outcomes}


@pytest.mark.parametrize("auditor", [False, True], ids=["public", "auditor"])
def test_what_nobody_touched_passes_every_step(auditor: bool, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "x").write_bytes(FILE)
    content = zipped(small_round().files(auditor=auditor), edition="auditor" if auditor else "public")
    (tmp_path / "package.zip").write_bytes(content)
    (tmp_path / "older.zip").write_bytes(zipped(small_round().files()))
    outcomes = check_package(
        str(tmp_path / "package.zip"), keys=[vkey()], anchors=[true_root()], older=str(tmp_path / "older.zip"),
        evidence=str(tmp_path / "evidence"),
    )  # fmt: skip
    assert [each for each in outcomes if each.state == FAIL] == []
    assert [number for number, state in states(outcomes).items() if state == NOT_CHECKED] == ([] if auditor else [14])
    assert len(outcomes) == 14
    assert states(outcomes)[11] == OK


def test_without_a_key_or_a_root_these_steps_say_that_they_were_not_done(tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(zipped(small_round().files()))
    outcomes = check_package(str(tmp_path / "package.zip"))
    assert [number for number, state in states(outcomes).items() if state == NOT_CHECKED] == [2, 5, 6, 13, 14]
    assert "signed by awards.example, but no key was given" in outcomes[1].said.en


@pytest.mark.parametrize("written", ["root", "size:root", "groups", "checkpoint", "anchors.log", "json"])
def test_a_root_is_taken_as_minutes_mails_and_the_file_of_anchors_write_it(written: str, tmp_path: Path) -> None:
    root = true_root()
    groups = " ".join(root[at : at + 4] for at in range(0, 64, 4))
    whole = base64.b64encode(bytes.fromhex(root)).decode()
    texts = {
        "root": root[:32], "size:root": f"71:{root}", "groups": f"รหัสราก เมื่อมี 71 บรรทัด\n  {groups}\nลงชื่อ ........",
        "checkpoint": f"awards.example/2564/small-award\n71\n{whole}\n",
        "anchors.log": f"{DAY}T03:14:07Z 2564/other 9 {'0' * 64}\n{DAY}T03:14:07Z 2564/small-award 71 {root}\n",
        "json": f'{{"log":"2564/small-award","root":"{root}","size":71}}\n',
    }  # fmt: skip
    given = texts[written]
    if written not in ("root", "size:root"):
        (tmp_path / "minutes.txt").write_text(given, encoding="utf-8")
        given = str(tmp_path / "minutes.txt")
    (tmp_path / "package.zip").write_bytes(zipped(small_round().files()))
    outcomes = check_package(str(tmp_path / "package.zip"), anchors=[given])
    assert (outcomes[4].state, "up to line 71 of 71" in outcomes[4].said.en) == (OK, True), outcomes[4].said.en


@pytest.mark.parametrize("wrong", ["{root}", "71:{root}", "2026-08-22T03:14:07Z 2564/small-award 70 {root}"])
def test_a_root_of_another_history_fails(wrong: str, tmp_path: Path) -> None:
    other = true_root()[:-1] + ("0" if true_root()[-1] != "0" else "1")
    given = wrong.format(root=other if "Z" not in wrong else true_root())
    if "Z" in wrong:
        (tmp_path / "anchors.log").write_text(given + "\n", encoding="utf-8")
        given = str(tmp_path / "anchors.log")
    (tmp_path / "package.zip").write_bytes(zipped(small_round().files()))
    assert check_package(str(tmp_path / "package.zip"), anchors=[given])[4].state == FAIL


def test_fewer_than_32_digits_of_a_root_are_refused(tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(zipped(small_round().files()))
    with pytest.raises(CannotCheck, match="31 digits; 32 to 64 are needed"):
        check_package(str(tmp_path / "package.zip"), anchors=[true_root()[:31]])


def test_the_hash_of_an_older_package_that_the_ledger_tells_must_be_its_own(tmp_path: Path) -> None:
    """A forged workbook with a mended manifest passes nowhere once a later ledger tells the package's hash."""
    files = public_files()
    true, forged = zipped(files), zipped({**files, "README-EN.txt": b"forged\n"})
    lines = lines_of(files["ledger.jsonl"])
    root = root_of(files["ledger.jsonl"]).hex()
    body = {"run": 3, "edition": "public", "sha256": sha256(true), "size": len(lines), "root": root}
    ledger = chained([*lines, {**lines[-1], "act": "make_package", "body": body}])
    (tmp_path / "new.zip").write_bytes(
        zipped({**files, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)})
    )
    for content, state in ((true, OK), (forged, FAIL)):
        (tmp_path / "old.zip").write_bytes(content)
        outcome = check_package(str(tmp_path / "new.zip"), older=str(tmp_path / "old.zip"))[5]
        assert outcome.state == state, outcome.said.en
    assert read_zip(forged)["README-EN.txt"] == b"forged\n"
