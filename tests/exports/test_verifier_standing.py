"""What a package says of its run in the end: withdrawn, superseded, or the result that counts; and which hashes beside
a root are passed over."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from exports.verifier import main as command
from scoring_rules.reader import read_rules
from tests.exports.forging import adding, at, public_files, true_root
from tests.exports.package_by_hand import KEY, Line, chained, checkpoint, lines_of, sha256, zipped


def told_by(folder: Path, lines: Sequence[Line], capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """The exit code and what is printed of a package with these lines."""
    ledger = chained(list(lines))
    files = {**public_files(), "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)}
    (folder / "package.zip").write_bytes(zipped(files))
    code = command.main([str(folder / "package.zip"), "--language", "en", *more])
    return code, capsys.readouterr().out


def lines_with_a_newer_run(kind: str) -> list[Line]:
    lines = lines_of(public_files()["ledger.jsonl"])
    again = lines[at(lines, "calculate_run", 2)]
    body = {**again["body"], "run": 4, "kind": kind}
    return [*lines, {**again, "at": lines[-1]["at"], "body": body}]


def test_a_superseded_result_is_neither_wrong_nor_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told_by(tmp_path, lines_with_a_newer_run("official"), capsys)
    assert code == command.OUTDATED
    assert "12 OLD  certified and published: run 3 is not the last of its stage: the official run 4 (line 72)" in said
    assert said.splitlines()[-1].startswith("OLD, not the latest result: all that was checked agrees")


def test_a_newer_provisional_run_takes_nothing_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told_by(tmp_path, lines_with_a_newer_run("provisional"), capsys)
    assert code == command.GOOD
    assert "published in line 71 (a newer provisional run, 4, stands in line 72)" in said


def test_a_withdrawn_result_fails_and_is_no_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = lines_of(public_files()["ledger.jsonl"])
    taken_back = adding("withdraw_publication", {"run": 3, "reason": None}, after="publish_run")(lines)
    code, said = told_by(tmp_path, taken_back, capsys)
    assert (code, said.splitlines()[-1]) == (command.BAD, "FAIL: step 12")
    assert "withdrawn in line 72: it is no longer a result" in said


def test_hashes_of_the_packages_own_files_are_passed_over_in_minutes_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = public_files()
    lines = lines_of(files["ledger.jsonl"])
    minutes = tmp_path / "minutes.txt"
    minutes.write_text(f"root {true_root()}\nrules {sha256(files['rules.yaml'])}\n", encoding="utf-8")
    code, said = told_by(tmp_path, lines, capsys, "--anchor", str(minutes))
    assert code == command.GOOD
    assert "1 hashes of the package's own files were passed over" in said
    # A hash that the log merely states is no excuse, nor is a file's own where it was typed as a root.
    stated = next(line["body"]["answers_sha256"] for line in lines if "answers_sha256" in line["body"])
    minutes.write_text(f"{true_root()}\n{stated}\n", encoding="utf-8")
    assert told_by(tmp_path, lines, capsys, "--anchor", str(minutes))[0] == command.BAD
    typed = sha256(files["rules.yaml"])
    assert told_by(tmp_path, lines, capsys, "--anchor", typed, "--anchor", true_root())[0] == command.BAD
    minutes.write_text(f"{typed}\n", encoding="utf-8")
    code, said = told_by(tmp_path, lines, capsys, "--anchor", str(minutes))
    assert (code, "nothing that was given is a root of this log" in said) == (command.BAD, True)


@pytest.mark.parametrize("saved", ["with a byte order mark", "with Windows line ends"])
def test_rules_are_what_the_round_opened_with_however_the_editor_saved_them(
    saved: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, lines = public_files(), lines_of(public_files()["ledger.jsonl"])
    as_saved = b"\xef\xbb\xbf" + files["rules.yaml"] if "mark" in saved else files["rules.yaml"].replace(b"\n", b"\r\n")
    adopted = read_rules(as_saved)
    lines[0]["body"] |= {"rules_sha256": adopted.sha256}
    ledger = chained(lines)
    files |= {
        "rules.yaml": adopted.text.encode(), "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY),
    }  # fmt: skip
    (tmp_path / "package.zip").write_bytes(zipped(files))
    command.main([str(tmp_path / "package.zip"), "--language", "en"])
    (seventh,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(" 7 ")]
    assert seventh.startswith(" 7 OK"), seventh
