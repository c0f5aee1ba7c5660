"""Roots that left the building: a root from minutes or a mail, a file of anchors, an older package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exports.verifier.chain import Ledger, LedgerLine
from exports.verifier.note import read_checkpoint
from exports.verifier.said import CannotCheck, Failed, Said, brief, fail
from exports.verifier.tree import roots_of

LEAST_DIGITS = 32  # of a root: fewer could be met on purpose
_HEX = re.compile(r"(?<![0-9A-Za-z+/=])(?:[0-9A-Fa-f]{4}(?:[ \u00a0-]?[0-9A-Fa-f]{4}){7,15})(?![0-9A-Za-z+/=])")
_LINE = re.compile(r"[0-9T:.+-]+Z? (\S+) ([0-9]{1,15}) ([0-9a-fA-F]{64})")


class Anchor(NamedTuple):
    """A root as somebody outside holds it. `size` is None where only the root is known; `where` names the place."""

    where: str
    size: int | None
    digits: str


def read_root(given: str) -> Anchor | None:
    """An anchor typed by hand: `ROOT` or `SIZE:ROOT`. None where it is neither. Raises CannotCheck for a short one."""
    head, colon, tail = given.strip().partition(":")
    size = int(head) if colon and re.fullmatch(r"[0-9]{1,15}", head) else None
    digits = re.sub(r"[\s:-]", "", tail if size is not None else given).lower()
    if not re.fullmatch(r"[0-9a-f]{8,}", digits):
        return None
    if not LEAST_DIGITS <= len(digits) <= 64:
        raise CannotCheck(
            Said(
                f"รหัสรากที่ให้มามี {len(digits)} หลัก ต้องมี {LEAST_DIGITS} ถึง 64 หลัก: สั้นกว่านี้ปลอมได้",
                f"the root given has {len(digits)} digits; {LEAST_DIGITS} to 64 are needed: less can be forged",
            )
        )
    return Anchor("--anchor", size, digits)


def anchors_in(text: str, *, log: str, name: str) -> list[Anchor]:
    """Every root in a file: anchors.log, JSON lines with `size` and `root`, checkpoints, any text with roots.

    Lines that name another log are passed over.
    """
    found: list[Anchor] = []
    lines = text.lstrip("\ufeff").splitlines()
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        stated = _stated(line)
        if stated is not None:
            of_log, size, root = stated
            if of_log in ("", log) or of_log.endswith("/" + log):
                found.append(Anchor(where, size, root))
            continue
        found += [Anchor(where, None, digits) for digits in _roots_in(line)]
    return [*found, *_checkpoints(lines, log=log, name=name)]


def _stated(line: str) -> tuple[str, int, str] | None:
    """(log, size, root in hexadecimal) of a line `time log size root`, or of a JSON line."""
    plain = _LINE.fullmatch(line.strip())
    if plain:
        return plain[1], int(plain[2]), plain[3].lower()
    if not line.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    size, root = data.get("size"), data.get("root")
    if type(size) is not int or not isinstance(root, str) or not re.fullmatch(r"[0-9a-fA-F]{32,64}", root):
        return None
    return str(data.get("log") or data.get("origin") or ""), size, root.lower()


def _roots_in(line: str) -> Iterator[str]:
    for match in _HEX.finditer(line):
        digits = re.sub(r"[^0-9A-Fa-f]", "", match[0]).lower()
        if len(digits) in (32, 64):
            yield digits


def _checkpoints(lines: Sequence[str], *, log: str, name: str) -> Iterator[Anchor]:
    for number in range(len(lines) - 2):
        if lines[number].endswith("/" + log):
            try:
                note = read_checkpoint(("\n".join(lines[number : number + 3]) + "\n").encode(), name=name)
            except Failed:
                continue
            yield Anchor(f"{name}:{number + 1}", note.size, note.root.hex())


def check_anchors(ledger: Ledger, anchors: Sequence[Anchor], *, known: frozenset[str] = frozenset()) -> Said:
    """Each anchor is the root of the log as it was when that many lines stood. Raises Failed.

    Anchors of more lines than the package has are counted, not checked. `known` are hashes that are no roots (of the
    rules, say) and may stand in minutes beside one.
    """
    roots = [root.hex() for root in roots_of(ledger.leaves)]
    newest, newer = 0, 0
    for anchor in anchors:
        if anchor.size is not None:
            if anchor.size > len(roots):
                newer += 1
                continue
            found = roots[anchor.size - 1] if anchor.size else ""
            if not found.startswith(anchor.digits):
                fail(
                    f"{anchor.where}: เมื่อมี {anchor.size} บรรทัด รหัสรากคือ {anchor.digits}"
                    f" แต่บันทึกในชุดนี้ได้ {found}: ประวัติถูกเขียนใหม่",
                    f"{anchor.where}: the root over {anchor.size} lines was {anchor.digits},"
                    f" the log in this package gives {found}: history was rewritten",
                )
            newest = max(newest, anchor.size)
            continue
        size = next((at for at in range(len(roots), 0, -1) if roots[at - 1].startswith(anchor.digits)), 0)
        if size:
            newest = max(newest, size)
        elif not any(each.startswith(anchor.digits) for each in known):
            fail(
                f"{anchor.where}: {anchor.digits} ไม่ใช่รหัสรากของบันทึกนี้ ไม่ว่าที่บรรทัดใด (รหัสรากเมื่อครบ"
                f" {len(roots)} บรรทัดคือ {roots[-1]}): ประวัติถูกเขียนใหม่ หรือเป็นของบันทึกอื่น หรือของบรรทัดที่มาหลังชุดนี้",
                f"{anchor.where}: {anchor.digits} is the root of no state of this log (over {len(roots)} lines it is"
                f" {roots[-1]}): history was rewritten, or the anchor is of another"
                " log, or of lines after this package",
            )
    if not newest:
        fail(
            f"ไม่พบรหัสรากของบันทึกนี้ในสิ่งที่ให้มา ({newer} รายการมีบรรทัดมากกว่าชุดนี้ซึ่งมี {len(roots)} บรรทัด)",
            f"nothing that was given is a root of this log ({newer} are of more lines than the {len(roots)} here)",
        )
    after = len(roots) - newest
    th = f"รหัสรากที่ออกไปนอกสำนักงานตรงกันถึงบรรทัดที่ {newest} จาก {len(roots)}"
    en = f"the root outside agrees up to line {newest} of {len(roots)}"
    if after:
        th, en = f"{th} ({after} บรรทัดหลังจากนั้นยังไม่มีหลักยึด)", f"{en} (nothing outside holds the {after} lines after it)"
    if newer:
        th, en = f"{th}; มี {newer} หลักยึดที่ใหม่กว่าชุดนี้", f"{en}; {newer} anchors are newer than this package"
    return Said(th, en)


def check_prefix(new: bytes, old: bytes) -> Said:
    """The older package's ledger is the beginning of this one, byte for byte. Raises Failed."""
    if new.startswith(old) and old:
        lines = old.count(b"\n")
        return Said(f"{lines} บรรทัดของชุดเก่าอยู่ครบและไม่เปลี่ยน", f"the {lines} lines of the older package stand unchanged")
    here, there = new.split(b"\n")[:-1], old.split(b"\n")[:-1]
    for number, (mine, theirs) in enumerate(zip(here, there), 1):  # noqa: B905 - the shorter one ends it
        if mine != theirs:
            fail(
                f"บรรทัดที่ {number}: ชุดเก่าเขียน {brief(theirs.decode('utf-8', 'replace'))}"
                f" แต่ชุดนี้เขียน {brief(mine.decode('utf-8', 'replace'))}",
                f"line {number}: the older package has {brief(theirs.decode('utf-8', 'replace'))},"
                f" this one {brief(mine.decode('utf-8', 'replace'))}",
            )
    return fail(
        f"ชุดเก่ามี {len(there)} บรรทัด มากกว่าชุดนี้ซึ่งมี {len(here)}",
        f"the older package has {len(there)} lines, more than the {len(here)} here",
    )


def check_continued(new: Ledger, old: Ledger) -> Said:
    """A log that took over after a restore says again what was left of the one before. Raises Failed."""
    again = min(new.said_again, len(old.lines))
    for number, (mine, theirs) in enumerate(zip(new.lines[:again], old.lines), 1):  # noqa: B905 - the shorter one ends it
        if _told(mine) != _told(theirs):
            fail(
                f"บรรทัดที่ {number}: ต่างจากบันทึกเดิมที่บันทึกนี้รับช่วงมา",
                f"line {number}: it is not what the log said that this one took over from",
            )
    lost = len(old.lines) - again
    return Said(
        f"{again} บรรทัดของบันทึกเดิมอยู่ครบและไม่เปลี่ยน (หายไปเมื่อกู้คืน {lost})",
        f"{again} lines of the log before the restore stand unchanged ({lost} were lost in it)",
    )


def _told(line: LedgerLine) -> LedgerLine:
    """What a line tells, whichever log it stands in."""
    body = {key: value for key, value in line["body"].items() if key != "continues"}
    return {**line, "body": body, "log": "", "prev": ""}
