"""The ledger's lines: each canonical, in order, joined to the one before, and all of them under the checkpoint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from exports.verifier.canonical import NotCanonical, read_canonical
from exports.verifier.note import Checkpoint
from exports.verifier.said import Said, brief, fail
from exports.verifier.tree import NO_LEAF, leaf_of, root_of

KEYS = frozenset(("act", "actor", "at", "body", "key", "log", "prev", "seq", "v"))
VERSION = 2
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_ACT = re.compile(r"[a-z][a-z_]{1,40}")

LedgerLine = dict[str, Any]


class Ledger(NamedTuple):
    """A log as it was read: its lines from seq 1, and the hash of each."""

    log: str
    lines: Sequence[LedgerLine]
    leaves: Sequence[bytes]


def read_ledger(data: bytes, *, log: str = "", name: str = "ledger.jsonl") -> Ledger:
    """The lines of a log, each checked by itself and against the one before. Raises Failed with the line's number.

    `log` is the name they must bear; empty: that of the first line.
    """
    if not data:
        fail(f"{name}: ว่างเปล่า", f"{name}: it is empty")
    if not data.endswith(b"\n"):
        fail(f"{name}: บรรทัดสุดท้ายไม่มีการขึ้นบรรทัดใหม่", f"{name}: the last line has no line end")
    lines: list[LedgerLine] = []
    leaves: list[bytes] = []
    prev, at = NO_LEAF, ""
    for number, raw in enumerate(data[:-1].split(b"\n"), 1):
        try:
            line = read_canonical(raw)
        except NotCanonical as error:
            fail(f"บรรทัดที่ {number}: {error.said.th}", f"line {number}: {error.said.en}")
        _check_form(line, number)
        log = log or line["log"]
        _check_place(line, number, log=log, prev=prev, at=at)
        at = line["at"]
        leaf = leaf_of(raw)
        prev = leaf.hex()
        lines.append(line)
        leaves.append(leaf)
    return Ledger(log, lines, leaves)


def _check_form(line: Any, number: int) -> None:
    if not isinstance(line, dict) or line.keys() != KEYS:
        found = ", ".join(sorted(line)) if isinstance(line, dict) else type(line).__name__
        fail(
            f"บรรทัดที่ {number}: ช่องไม่ครบหรือเกิน พบ {brief(found)}",
            f"line {number}: its keys are {brief(found)}, not {', '.join(sorted(KEYS))}",
        )
    right = (
        isinstance(line["act"], str) and _ACT.fullmatch(line["act"])
        and isinstance(line["at"], str) and _MOMENT.fullmatch(line["at"])
        and (line["actor"] is None or isinstance(line["actor"], str))
        and (line["key"] is None or isinstance(line["key"], str))
        and isinstance(line["body"], dict) and isinstance(line["log"], str) and isinstance(line["prev"], str)
        and type(line["seq"]) is int and type(line["v"]) is int
    )  # fmt: skip
    if not right:
        fail(f"บรรทัดที่ {number}: ค่าของช่องหนึ่งผิดชนิด", f"line {number}: a value is of the wrong kind")


def _check_place(line: LedgerLine, number: int, *, log: str, prev: str, at: str) -> None:
    if line["v"] != VERSION:
        fail(
            f"บรรทัดที่ {number}: รุ่น {line['v']} ซึ่งโปรแกรมตรวจนี้อ่านไม่ได้ (รุ่น {VERSION})",
            f"line {number}: version {line['v']}, this verifier reads version {VERSION}",
        )
    if line["log"] != log:
        fail(
            f"บรรทัดที่ {number}: เป็นของบันทึก {brief(line['log'])} ไม่ใช่ {brief(log)}",
            f"line {number}: it belongs to the log {brief(line['log'])}, not to {brief(log)}",
        )
    if line["seq"] != number:
        fail(
            f"บรรทัดที่ {number}: ลำดับเป็น {line['seq']} แต่ต้องเป็น {number} (มีบรรทัดถูกลบ แทรก หรือสลับ)",
            f"line {number}: sequence {line['seq']}, expected {number} (a line was removed, inserted or moved)",
        )
    if line["prev"] != prev:
        fail(
            f"บรรทัดที่ {number}: สายโซ่ขาด prev เป็น {line['prev'][:16]}… แต่บรรทัดก่อนหน้าได้ {prev[:16]}…",
            f"line {number}: the chain is broken, prev is {line['prev'][:16]}… but the line before gives {prev[:16]}…",
        )
    if line["at"] < at:
        fail(
            f"บรรทัดที่ {number}: เวลาย้อนหลัง {line['at']} มาหลัง {at}",
            f"line {number}: time runs backwards, {line['at']} comes after {at}",
        )


def check_root(ledger: Ledger, note: Checkpoint) -> Said:
    """The checkpoint's log, size and root are those of the lines. Raises Failed."""
    if not note.origin.endswith("/" + ledger.log):
        fail(
            f"แผ่นจุดตรวจเป็นของ {brief(note.origin)} แต่บันทึกคือ {brief(ledger.log)}",
            f"the checkpoint is of {brief(note.origin)}, the log is {brief(ledger.log)}",
        )
    size = len(ledger.lines)
    if note.size != size:
        fail(
            f"ในไฟล์มี {size} บรรทัด แต่แผ่นจุดตรวจบอก {note.size}",
            f"{size} lines are in the file, {note.size} in the checkpoint",
        )
    root = root_of(ledger.leaves)
    if root != note.root:
        fail(
            f"รหัสรากของ {size} บรรทัดคือ {root.hex()} แต่แผ่นจุดตรวจบอก {note.root.hex()}",
            f"the root over {size} lines is {root.hex()}, the checkpoint says {note.root.hex()}",
        )
    return Said(f"{size} บรรทัด รหัสราก {root.hex()}", f"{size} lines, root {root.hex()}")
