"""The evidence: the list against the ledger, and the files themselves against the list."""

from __future__ import annotations

import csv
import io
import re
from hashlib import sha256
from pathlib import Path

from exports.verifier.chain import Ledger
from exports.verifier.said import NotChecked, Said, brief, fail

HEADER = ["entry", "field", "sha256", "size"]
Listed = dict[tuple[str, str, str], int]  # (entry, field, hash) -> size


def read_list(data: bytes) -> Listed:
    """The files that evidence.csv lists. Raises Failed."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeError, csv.Error):
        fail("evidence.csv: อ่านไม่ได้", "evidence.csv: it cannot be read")
    if not rows or rows[0] != HEADER:
        fail("evidence.csv: หัวตารางผิด", "evidence.csv: its header is another")
    found: Listed = {}
    for number, row in enumerate(rows[1:], 2):
        if (
            len(row) != len(HEADER)
            or not re.fullmatch("[0-9a-f]{64}", row[2])
            or not re.fullmatch("[0-9]{1,15}", row[3])
        ):
            fail(f"evidence.csv บรรทัดที่ {number}: อ่านไม่ได้", f"evidence.csv line {number}: it cannot be read")
        found[row[0], row[1], row[2]] = int(row[3])
    return found


def check_list(listed: Listed, ledger: Ledger, *, until: int) -> Said:
    """evidence.csv is what the ledger says was attached and not removed when the run was made. Raises Failed."""
    attached: set[tuple[str, str, str]] = set()
    sent: dict[str, tuple[int, set[str]]] = {}
    for line in ledger.lines[:until]:
        body = line["body"]
        if line["act"] == "attach_file":
            attached.add((body["entry"], body["field"], body["sha256"]))
        elif line["act"] == "remove_evidence":
            attached.discard((body["entry"], body["field"], str(body.get("sha256"))))
        elif line["act"] == "submit_entry":
            sent[body["entry"]] = line["seq"], set(body["files"])
    there: dict[str, set[str]] = {}
    for entry, _, digest in listed:
        there.setdefault(entry, set()).add(digest)
    for entry, (seq, files) in sent.items():
        missing = files - there.get(entry, set())
        if missing:
            fail(
                f"evidence.csv: ไม่มีแฟ้ม {min(missing)} ที่ส่งพร้อมผลงาน {entry} (บรรทัดที่ {seq})",
                f"evidence.csv: the file {min(missing)}, sent with entry {entry} in line {seq}, is not listed",
            )
    for entry, field, digest in listed:
        in_ledger = (entry, field, digest) in attached or digest in sent.get(entry, (0, set()))[1]
        if not in_ledger:
            fail(
                f"evidence.csv: แฟ้ม {digest} ของ {brief(entry)} ไม่มีในบันทึก",
                f"evidence.csv: the file {digest} of {brief(entry)} is not in the ledger",
            )
    gone = attached - listed.keys()
    if gone:
        entry, _, digest = min(gone)
        fail(
            f"evidence.csv: ไม่มีแฟ้ม {digest} ของ {entry} ซึ่งแนบไว้และไม่ได้ถอน",
            f"evidence.csv: the file {digest} of {entry}, attached and not removed, is not listed",
        )
    return Said(
        f"รายการหลักฐาน {len(listed)} แฟ้มตรงกับบันทึก", f"the {len(listed)} evidence files listed are those of the ledger"
    )


def check_files(listed: Listed, folder: str, said: Said) -> Said:
    """Every listed file lies in the folder, under any name, byte for byte. Raises Failed, NotChecked without one."""
    if not folder:
        if listed:
            raise NotChecked(
                Said(f"{said.th} ไม่ได้เปิดตัวแฟ้ม ใช้ --evidence", f"{said.en}; the files were not opened: use --evidence")
            )
        return said
    there = {_digest(path): path.stat().st_size for path in sorted(Path(folder).rglob("*")) if path.is_file()}
    for (entry, field, digest), size in listed.items():
        if there.get(digest) != size:
            fail(
                f"ไม่พบแฟ้มหลักฐานของ {brief(entry)} ({brief(field)}) รหัส {digest} ขนาด {size} ไบต์ในโฟลเดอร์:"
                " ถูกแก้ไขหรือหายไป",
                f"the evidence of {brief(entry)} ({brief(field)}), hash {digest}, {size} bytes, is not in the folder:"
                " it was changed or is gone",
            )
    return Said(f"{said.th} และตัวแฟ้มตรงทุกไบต์", f"{said.en}, and the files are those, byte for byte")


def _digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            found.update(piece)
    return found.hexdigest()
