"""Checks a results package of an award: `python verify.py package.zip [--key …] [--anchor …]`.

Only the standard library is needed, and no network. Exit 0: OK, 1: FAIL, 2: it could not be checked,
3: nothing is wrong, but a newer official result took the place of this one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from exports.verifier.anchors import Anchor, anchors_in, read_root
from exports.verifier.archive import MOST_OF_PACKAGE
from exports.verifier.note import Key, read_key
from exports.verifier.said import CannotCheck, Said, brief
from exports.verifier.steps import FAIL, NOT_CHECKED, OK, OLD, Asked, Checks, Outcome

GOOD, BAD, UNREADABLE, OUTDATED = 0, 1, 2, 3
MARKS = {OK: "OK  ", FAIL: "FAIL", NOT_CHECKED: "-   ", OLD: "OLD "}


def read_file(path: str) -> bytes:
    """A file's bytes. Raises CannotCheck where it is not there or too large."""
    try:
        if Path(path).stat().st_size > MOST_OF_PACKAGE:
            raise CannotCheck(Said(f"{brief(path)} ใหญ่เกินกำหนด", f"{brief(path)} is too large"))
        return Path(path).read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CannotCheck(Said(f"เปิด {brief(path)} ไม่ได้: {why}", f"{brief(path)} cannot be opened: {why}")) from None


def _keys(given: Sequence[str]) -> tuple[Key, ...]:
    """Keys as they were given: as text, or in files that hold nothing else."""
    return tuple(read_key(read_file(each).decode("utf-8", "replace") if _is_file(each) else each) for each in given)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _anchors(given: Sequence[str]) -> Callable[[str], list[Anchor]] | None:
    """Roots as they were given: as text, or in files."""
    if not given:
        return None
    typed, files = [], []
    for each in given:
        anchor = None if _is_file(each) else read_root(each)
        if anchor is not None:
            typed.append(anchor)
        else:
            files.append((Path(each).name, read_file(each).decode("utf-8", "replace")))

    def of_log(log: str) -> list[Anchor]:
        return typed + [anchor for name, text in files for anchor in anchors_in(text, log=log, name=name)]

    return of_log


def check_package(
    path: str, *, keys: Sequence[str] = (), anchors: Sequence[str] = (), older: str = "", evidence: str = ""
) -> list[Outcome]:
    """How each step ended. Raises CannotCheck where the package, or something given with it, cannot be read."""
    if evidence and not Path(evidence).is_dir():
        raise CannotCheck(Said(f"ไม่มีโฟลเดอร์ {brief(evidence)}", f"there is no folder {brief(evidence)}"))
    asked = Asked(_keys(keys), _anchors(anchors), read_file(older) if older else None, evidence)
    return Checks(read_file(path), asked).run_all()


def verdict(outcomes: Sequence[Outcome]) -> Said:
    """The last sentence: what all of it amounts to."""
    failed = [str(each.number) for each in outcomes if each.state == FAIL]
    left = [str(each.number) for each in outcomes if each.state == NOT_CHECKED]
    if failed:
        return Said(f"FAIL ไม่ผ่านขั้นที่ {', '.join(failed)}", f"FAIL: step {', '.join(failed)}")
    if any(each.state == OLD for each in outcomes):
        th, en = (f"; ไม่ได้ตรวจขั้นที่ {', '.join(left)}", f"; not checked: {', '.join(left)}") if left else ("", "")
        return Said(
            f"OLD ไม่ใช่ผลล่าสุด: ทุกขั้นที่ตรวจผ่าน แต่มีผลทางการที่ใหม่กว่า (ขั้นที่ 12){th}",
            f"OLD, not the latest result: all that was checked agrees, but a newer one is there (step 12){en}",
        )
    if left:
        return Said(
            f"OK ทุกขั้นที่ตรวจผ่าน; ไม่ได้ตรวจขั้นที่ {', '.join(left)}",
            f"OK: all that was checked agrees; not checked: {', '.join(left)}",
        )
    return Said("OK ทุกขั้นผ่าน", "OK: every step passed")


def _lines(said: Said, language: str) -> list[str]:
    return [text for name, text in (("th", said.th), ("en", said.en)) if language in ("both", name)]


def report(outcomes: Sequence[Outcome], language: str) -> str:
    """Everything that is printed: one sentence for each step, in Thai, English or both."""
    lines = []
    for each in outcomes:
        said = Said(f"{each.title.th}: {each.said.th}", f"{each.title.en}: {each.said.en}")
        beginning = f"{each.number:2} {MARKS[each.state]} "
        for place, text in enumerate(_lines(said, language)):
            lines.append((beginning if place == 0 else " " * len(beginning)) + text)
    return "\n".join([*lines, *_lines(verdict(outcomes), language)]) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="ตรวจชุดผลการประเมินโดยไม่ต้องเชื่อระบบที่จัดทำ · Checks a results package without trusting who made it.",
    )
    parser.add_argument("package", help="ไฟล์ชุดเอกสาร .zip · the package")
    parser.add_argument("--key", action="append", default=[], help="กุญแจสาธารณะ หรือไฟล์ · public key, or a file with it")
    parser.add_argument("--anchor", action="append", default=[], help="รหัสราก หรือไฟล์ที่มี · a root, SIZE:ROOT, or a file")
    parser.add_argument("--older", default="", help="ชุดที่เก่ากว่า · an older package of the same log")
    parser.add_argument("--evidence", default="", help="โฟลเดอร์หลักฐาน · the folder with the evidence files")
    parser.add_argument("--language", choices=("th", "en", "both"), default="both", help="ภาษา · language")
    asked = parser.parse_args(arguments)
    stream = sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        outcomes = check_package(
            asked.package, keys=asked.key, anchors=asked.anchor, older=asked.older, evidence=asked.evidence
        )
    except CannotCheck as error:
        said = Said(f"FAIL ตรวจไม่ได้: {error.said.th}", f"FAIL, could not check: {error.said.en}")
        stream.write("\n".join(_lines(said, asked.language)) + "\n")
        return UNREADABLE
    stream.write(report(outcomes, asked.language))
    states = {each.state for each in outcomes}
    return BAD if FAIL in states else OUTDATED if OLD in states else GOOD
