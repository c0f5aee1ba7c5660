"""A log that took over after a restore: the lines of the log before it, built again as they stood there.

"2564/x#2" says again what was left of "2564/x", with its own name and its own chain. Given back the old name, the old
chain and what the first line said of `continues` before, those lines have the hashes that they had: a root that left
the building before the restore is checked on them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from exports.verifier.canonical import canonical
from exports.verifier.chain import Ledger, LedgerLine
from exports.verifier.said import Said, brief, fail
from exports.verifier.tree import NO_LEAF, leaf_of, root_of, roots_at

_TURN = re.compile(r"([^#]+)(?:#([2-9]|[1-9][0-9]{1,3}))?")


class Before(NamedTuple):
    """A log that another took over from: what is left of it, and how many lines under which root it had."""

    ledger: Ledger
    size: int
    root: str


def logs_before(ledger: Ledger) -> list[Before]:
    """Every log that this one goes back to, the nearest first. Raises Failed where the first line says of one what
    cannot be, or what its lines do not give."""
    found: list[Before] = []
    newer, most = ledger, len(ledger.lines)
    while True:
        stated = newer.lines[0]["body"].get("continues")
        if stated is None and turn_of(newer.log) == 1:
            return found
        wanted, size, root, survived = _stated_of(stated, named=newer.log, most=most)
        lines = _as_they_stood(newer.lines[:survived], log=wanted, continues=stated.get("before"))
        newer, most = lines, size
        if survived == size == len(lines.lines) and root_of(lines.leaves).hex() != root:
            fail(
                f"บรรทัดที่ 1: อ้างว่า {brief(wanted)} มี {size} บรรทัด รหัสราก {root} แต่บรรทัดที่เขียนซ้ำให้"
                f" {root_of(lines.leaves).hex()}: ประวัติถูกเขียนใหม่",
                f"line 1: it says that {brief(wanted)} had {size} lines under the root {root}, the lines said again"
                f" give {root_of(lines.leaves).hex()}: history was rewritten",
            )
        found.append(Before(lines, size, root))


def turn_of(log: str) -> int:
    """The number of a log in its round: 1 of "2564/x", 2 of "2564/x#2". Raises Failed for any other name."""
    parts = _TURN.fullmatch(log)
    if parts is None:
        fail(f"ชื่อบันทึก {brief(log)} ผิดรูป", f"{brief(log)} is no name of a log")
    return int(parts[2] or 1)


def _stated_of(stated: Any, *, named: str, most: int) -> tuple[str, int, str, int]:
    """(log, size, root, survived) of the log before, as the first line of the one of this name states it. Raises
    Failed."""
    log = str(stated.get("log") if isinstance(stated, dict) else stated)
    if log.partition("#")[0] != named.partition("#")[0] or turn_of(log) >= turn_of(named):
        fail(
            f"บรรทัดที่ 1: บันทึก {brief(named)} รับช่วงจาก {brief(log)} ไม่ได้",
            f"line 1: a log named {brief(named)} cannot take over from {brief(log)}",
        )
    size, root, survived = _whole(stated.get("size")), str(stated.get("root")), _whole(stated.get("survived"))
    if not re.fullmatch("[0-9a-f]{64}", root) or not 0 < survived <= min(size, most):
        fail(
            f"บรรทัดที่ 1: {brief(log)} มี {size} บรรทัด รหัสราก {brief(root)} เหลือ {survived} เป็นไปไม่ได้ (มีได้มากสุด {most})",
            f"line 1: {brief(log)} cannot have had {size} lines under the root {brief(root)}, with"
            f" {survived} of them left (at most {most} can be)",
        )
    return log, size, root, survived


def _whole(value: object) -> int:
    return value if type(value) is int else -1


def _as_they_stood(lines: Sequence[LedgerLine], *, log: str, continues: Any) -> Ledger:
    again: list[LedgerLine] = []
    leaves: list[bytes] = []
    prev = NO_LEAF
    for line in lines:
        body = line["body"] if again else {**line["body"], "continues": continues}
        stood = {**line, "body": body, "log": log, "prev": prev}
        leaf = leaf_of(canonical(stood).encode())
        again.append(stood)
        leaves.append(leaf)
        prev = leaf.hex()
    return Ledger(log, again, leaves)


def check_continued(before: Before, old: Ledger) -> Said:
    """What is left of the log before is what an older package of it has, byte for byte, and no more was lost than the
    first line says. Raises Failed."""
    again = min(len(before.ledger.leaves), len(old.leaves))
    for number in range(again):
        if before.ledger.leaves[number] != old.leaves[number]:
            fail(
                f"บรรทัดที่ {number + 1}: ต่างจากบันทึกเดิมที่บันทึกนี้รับช่วงมา",
                f"line {number + 1}: it is not what the log said that this one took over from",
            )
    size = len(old.leaves)
    if size > before.size or (size == before.size and root_of(old.leaves).hex() != before.root):
        fail(
            f"บรรทัดที่ 1: อ้างว่า {brief(old.log)} มี {before.size} บรรทัด รหัสราก {before.root} แต่ชุดเก่ามี {size} บรรทัด"
            f" รหัสราก {root_of(old.leaves).hex()}",
            f"line 1: it says that {brief(old.log)} had {before.size} lines under the root {before.root}, the older"
            f" package has {size} under {root_of(old.leaves).hex()}",
        )
    lost = size - again
    return Said(
        f"{again} บรรทัดของบันทึกเดิมอยู่ครบและไม่เปลี่ยน (หายไปเมื่อกู้คืน {lost})",
        f"{again} lines of the log before the restore stand unchanged ({lost} were lost in it)",
    )


def check_told_roots(ledger: Ledger, before: Sequence[Before]) -> None:
    """Each root that a make_package line states is that of so many lines of the log in which it was first said.
    Raises Failed."""
    logs = [ledger, *(each.ledger for each in before)]
    for log, older in zip(logs, [*logs[1:], None]):  # noqa: B905 - both are as long
        told = log.lines[len(older.lines) if older else 0 :]
        told = [line for line in told if line["act"] == "make_package" and "root" in line["body"]]
        roots = roots_at(log.leaves, {line["body"]["size"] for line in told})
        for line in told:
            size, root = line["body"]["size"], line["body"]["root"]
            if not 0 < size < line["seq"] or roots[size].hex() != root:
                found = roots[size].hex() if size in roots else "-"
                fail(
                    f"บรรทัดที่ {line['seq']}: ระบุรหัสราก {brief(root)} แต่ {size} บรรทัดแรกให้ {found}",
                    f"line {line['seq']}: it states the root {brief(root)}, the first {size} lines give {found}",
                )
