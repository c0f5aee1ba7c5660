"""Roots that left the building: a root from minutes or a mail, a file of anchors, an older package."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exports.verifier.archive import Package
from exports.verifier.chain import Ledger
from exports.verifier.continued import Before, turn_of
from exports.verifier.note import read_checkpoint
from exports.verifier.said import CannotCheck, Failed, NotChecked, Said, brief, fail
from exports.verifier.tree import roots_of

LEAST_DIGITS = 32  # of a root: fewer could be met on purpose
_HEX = re.compile(r"(?<![0-9A-Za-z+/=])(?:[0-9A-Fa-f]{4}(?:[ \u00a0-]?[0-9A-Fa-f]{4}){7,15})(?![0-9A-Za-z+/=])")
_LINE = re.compile(r"[0-9T:.+-]+Z? (\S+) ([0-9]{1,15}) ([0-9a-fA-F]{64})")


class Anchor(NamedTuple):
    """A root as somebody outside holds it. `size` is None where only the root is known; `where` names the place,
    `of_log` the log where it is stated; `typed`: by hand, not read out of a file."""

    where: str
    size: int | None
    digits: str
    of_log: str = ""
    typed: bool = False


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
    return Anchor("--anchor", size, digits, typed=True)


def anchors_in(text: str, *, log: str, name: str) -> list[Anchor]:
    """Every root in a file: anchors.log, JSON lines with `size` and `root`, checkpoints, any text with roots.

    Lines that name a log of another round are passed over.
    """
    found: list[Anchor] = []
    lines = text.lstrip("\ufeff").splitlines()
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        stated = _stated(line)
        if stated is not None:
            of_log, size, root = stated
            named = _of_round(of_log, log)
            if named or not of_log:
                found.append(Anchor(where, size, root, named))
            continue
        found += [Anchor(where, None, digits) for digits in _roots_in(line)]
    return [*found, *_checkpoints(lines, log=log, name=name)]


def _of_round(stated: str, log: str) -> str:
    """The name of a log of the same round as `log`, without the origin before it; empty for any other."""
    base, mark, turn = stated.partition("#")
    own = log.partition("#")[0]
    return own + mark + turn if base == own or base.endswith("/" + own) else ""


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
        named = _of_round(lines[number], log)
        if named:
            try:
                note = read_checkpoint(("\n".join(lines[number : number + 3]) + "\n").encode(), name=name)
            except Failed:
                continue
            yield Anchor(f"{name}:{number + 1}", note.size, note.root.hex(), named)


def check_anchors(
    ledger: Ledger, anchors: Sequence[Anchor], *, before: Sequence[Before] = (), own: frozenset[str] = frozenset()
) -> Said:
    """Each anchor is the root of the log as it was when that many lines stood, or of a log that it took over from.
    Raises Failed.

    Anchors of more lines than the package has, or of lines that a restore lost, are counted, not checked; raises
    NotChecked where only the latter are there. `own` are the hashes of the package's files, which may stand in a file
    of minutes beside a root; a root that was typed is never taken for one of them.
    """
    trees = [_Tree(ledger.log, [root.hex() for root in roots_of(ledger.leaves)], 0, "")]
    trees += [
        _Tree(each.ledger.log, [root.hex() for root in roots_of(each.ledger.leaves)], each.size, each.root)
        for each in before
    ]
    counted = {"newer": 0, "lost": 0, "own": 0}
    newest, lines = 0, len(ledger.leaves)
    for anchor in anchors:
        found = [tree.place(anchor) for tree in trees if anchor.of_log in ("", tree.log)]
        if not found:  # of this round, but of a log that this one does not go back to: lost whole, or it came later
            found = ["lost" if turn_of(anchor.of_log) < turn_of(ledger.log) else "newer"]
        size = max((each for each in found if isinstance(each, int)), default=0)
        newest = max(newest, size)
        if size:
            continue
        for reason in ("lost", "newer"):
            if reason in found:
                counted[reason] += 1
                break
        else:
            if anchor.size is not None or anchor.typed or not any(each.startswith(anchor.digits) for each in own):
                _fail_anchor(anchor, trees)
            counted["own"] += 1
    if not newest and counted["lost"] and not counted["newer"]:
        raise NotChecked(
            Said(
                f"รหัสรากที่ให้มา {counted['lost']} รายการเป็นของบรรทัดที่หายไปเมื่อกู้คืน จึงไม่มีสิ่งใดให้เทียบ",
                f"the roots given ({counted['lost']}) are of lines that were lost in the restore: nothing is left to"
                " compare",
            )
        )
    if not newest:
        fail(
            f"ไม่พบรหัสรากของบันทึกนี้ในสิ่งที่ให้มา ({counted['newer']} รายการมีบรรทัดมากกว่าชุดนี้ซึ่งมี {lines} บรรทัด;"
            f" ข้ามรหัสของไฟล์ในชุดนี้เอง {counted['own']} รายการ)",
            f"nothing that was given is a root of this log ({counted['newer']} are of more lines than the {lines} here,"
            f" {counted['own']} are hashes of the package's own files)",
        )
    after = lines - newest
    th = f"รหัสรากที่ออกไปนอกสำนักงานตรงกันถึงบรรทัดที่ {newest} จาก {lines}"
    en = f"the root outside agrees up to line {newest} of {lines}"
    if after:
        th, en = f"{th} ({after} บรรทัดหลังจากนั้นยังไม่มีหลักยึด)", f"{en} (nothing outside holds the {after} lines after it)"
    if counted["newer"]:
        th = f"{th}; มี {counted['newer']} หลักยึดที่ใหม่กว่าชุดนี้"
        en = f"{en}; {counted['newer']} anchors are newer than this package"
    if counted["lost"]:
        th = f"{th}; {counted['lost']} รายการเป็นของบรรทัดที่หายไปเมื่อกู้คืน จึงไม่ได้เทียบ"
        en = f"{en}; {counted['lost']} are of lines that were lost in a restore and were not compared"
    if counted["own"]:
        th = f"{th}; ข้าม {counted['own']} รหัสซึ่งเป็นของไฟล์ในชุดนี้เอง"
        en = f"{en}; {counted['own']} hashes of the package's own files were passed over"
    return Said(th, en)


class _Tree(NamedTuple):
    """The roots over the first 1, 2, 3 … lines of a log; of one that was taken over from, also what it once had."""

    log: str
    roots: list[str]
    size: int
    root: str

    def place(self, anchor: Anchor) -> int | str:
        """How many lines the anchor holds; "newer" or "lost" where it is of lines that are not here; else empty."""
        if anchor.size is None:
            held = next((at for at in range(len(self.roots), 0, -1) if self.roots[at - 1].startswith(anchor.digits)), 0)
            return held or ("lost" if self.size and self.root.startswith(anchor.digits) else "")
        if anchor.size <= len(self.roots):
            held = anchor.size if anchor.size and self.roots[anchor.size - 1].startswith(anchor.digits) else 0
            return held or ""
        if not self.size:
            return "newer"
        if anchor.size == self.size:
            return "lost" if self.root.startswith(anchor.digits) else ""
        # Between what is left and what there was nothing can be compared; a size alone, of no named log, proves less.
        return "lost" if anchor.size < self.size and anchor.of_log else ""


def _fail_anchor(anchor: Anchor, trees: Sequence[_Tree]) -> None:
    """Raises Failed for an anchor that is no root of these logs."""
    tree = next((each for each in trees if anchor.of_log == each.log), trees[0])
    roots, size = tree.roots, anchor.size
    if size is not None and tree.size and size >= tree.size:
        fail(
            f"{anchor.where}: {tree.log} เคยมี {size} บรรทัด รหัสราก {anchor.digits} แต่บรรทัดที่ 1 อ้างว่ามี {tree.size}"
            f" บรรทัด รหัสราก {tree.root}: หายไปมากกว่าที่บอก",
            f"{anchor.where}: {tree.log} had {size} lines under the root {anchor.digits}, line 1 says that it had"
            f" {tree.size} under {tree.root}: more was lost than it says",
        )
    if size is not None:
        found = roots[size - 1] if 0 < size <= len(roots) else ""
        fail(
            f"{anchor.where}: เมื่อมี {size} บรรทัด รหัสรากคือ {anchor.digits} แต่บันทึกในชุดนี้ได้ {found}: ประวัติถูกเขียนใหม่",
            f"{anchor.where}: the root over {size} lines was {anchor.digits},"
            f" the log in this package gives {found}: history was rewritten",
        )
    fail(
        f"{anchor.where}: {anchor.digits} ไม่ใช่รหัสรากของบันทึกนี้ ไม่ว่าที่บรรทัดใด (รหัสรากเมื่อครบ"
        f" {len(roots)} บรรทัดคือ {roots[-1]}): ประวัติถูกเขียนใหม่ หรือเป็นของบันทึกอื่น หรือของบรรทัดที่มาหลังชุดนี้",
        f"{anchor.where}: {anchor.digits} is the root of no state of this log (over {len(roots)} lines it is"
        f" {roots[-1]}): history was rewritten, or the anchor is of another"
        " log, or of lines after this package",
    )


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


def check_told(ledger: Ledger, old: Package, *, digest: str, said: Said) -> Said:
    """Where the ledger tells the SHA-256 of the older package, it is the one that was given (`digest`). Raises
    Failed."""
    size = old.files["ledger.jsonl"].count(b"\n")
    for line in ledger.lines:
        body = line["body"]
        if line["act"] != "make_package" or body["run"] != old.run or body["edition"] != old.edition:
            continue
        if body.get("size") == size and body["sha256"] != digest:
            fail(
                f"ชุดเก่ามีรหัส {digest} แต่บรรทัดที่ {line['seq']} ระบุ {brief(body['sha256'])}: ชุดเก่าถูกแก้ไข",
                f"the older package has the hash {digest}, line {line['seq']} states {brief(body['sha256'])}:"
                " the older package was changed",
            )
        if body.get("size") == size:
            number = line["seq"]
            return Said(f"{said.th}; รหัสของชุดเก่าตรงกับบรรทัดที่ {number}", f"{said.en}; line {number} states its hash")
    return said
