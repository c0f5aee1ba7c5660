"""Whether the run of a package is the result that counts: certified, published, not withdrawn, the newest."""

from __future__ import annotations

from exports.verifier.round_state import Round, Run
from exports.verifier.said import NotChecked, Said, Superseded, fail


def check_standing(run: Run, found: Round) -> Said:
    """How the run stands at the end of the ledger.

    Raises Failed where its publication was withdrawn: nobody stands by that result. Raises Superseded where a newer
    official run of its stage is there: nothing in such a package is wrong, and it may be kept to show what was once
    announced, so it does not fail; but it must not be taken for the result, so it is not OK either. A newer
    provisional run supersedes nothing that was certified. Raises NotChecked where it was never certified.
    """
    number = run.number
    if run.withdrawn:
        fail(
            f"การคำนวณ {number} ประกาศในบรรทัดที่ {run.published} แล้วถอนในบรรทัดที่ {run.withdrawn}: ผลนี้ใช้ไม่ได้แล้ว",
            f"run {number} was published in line {run.published} and withdrawn in line {run.withdrawn}: it is no longer"
            " a result",
        )
    official, newest = found.newest_run(run.stage, kind="official"), found.newest_run(run.stage)
    if official is not None and official.number > number:
        raise Superseded(
            Said(
                f"การคำนวณ {number} ไม่ใช่ครั้งล่าสุดของรอบนี้: ครั้งที่ {official.number} อย่างเป็นทางการ"
                f" (บรรทัดที่ {official.line}) ใหม่กว่า",
                f"run {number} is not the last of its stage: the official run {official.number} (line {official.line})"
                " is newer",
            )
        )
    if not run.certified:
        raise NotChecked(
            Said(f"การคำนวณ {number} ({run.kind}) ยังไม่ได้รับรอง", f"run {number} ({run.kind}) is not certified")
        )
    th, en = f"การคำนวณ {number} รับรองในบรรทัดที่ {run.certified}", f"run {number} certified in line {run.certified}"
    if run.published:
        th, en = f"{th} ประกาศในบรรทัดที่ {run.published}", f"{en}, published in line {run.published}"
    else:
        th, en = f"{th} ยังไม่ประกาศ", f"{en}, not published"
    if newest is not None and newest is not run:
        th = f"{th} (มีการคำนวณเบื้องต้น {newest.number} ที่ใหม่กว่าในบรรทัดที่ {newest.line})"
        en = f"{en} (a newer provisional run, {newest.number}, stands in line {newest.line})"
    return Said(th, en)
