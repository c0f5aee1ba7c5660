"""Several files written together: all of them or none."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import mkstemp

from scoring_rules.problems import Problem, Refused
from scoring_rules.words import Words


def write_together(outputs: Sequence[tuple[Path, bytes]], *, apart_from: Iterable[Path | None] = ()) -> None:
    """Write every file beside its target first, then put all of them in place.

    Raises Refused, with nothing changed, for every target that cannot be written, is named twice, or is one of the
    files `apart_from` (what was read must not be overwritten).
    """
    taken = {path.resolve() for path in apart_from if path is not None}
    problems: list[Problem] = []
    drafts: list[tuple[Path, Path]] = []
    try:
        for target, content in outputs:
            if target.resolve() in taken:
                problems.append(_named_twice(target))
                continue
            taken.add(target.resolve())
            try:
                drafts.append((_draft(target), target))
                drafts[-1][0].write_bytes(content)
            except OSError as error:
                problems.append(_unwritable(target, error.strerror or str(error)))
        if problems:
            raise Refused(problems)
        for draft, target in drafts:
            draft.replace(target)
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)


def _draft(target: Path) -> Path:
    """An empty file in the target's folder, readable by whom the target will be. Raises OSError."""
    if target.is_dir():
        raise IsADirectoryError(None, "a folder has this name")
    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
    os.close(handle)
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)
    return Path(name)


def _named_twice(target: Path) -> Problem:
    says = Words("คำสั่งนี้ใช้ไฟล์นี้อยู่แล้ว", "This command already uses this file.")
    return Problem(str(target), 0, 0, "", "output_twice", says, Words("ใช้ชื่ออื่น", "Choose another name."))


def _unwritable(target: Path, why: str) -> Problem:
    says = Words(f"เขียนไฟล์ไม่ได้ ({why})", f"The file cannot be written ({why}).")
    remedy = Words("ตรวจโฟลเดอร์ สิทธิ์ และปิดไฟล์นี้ใน Excel", "Check folder and permissions; close it in Excel.")
    return Problem(str(target), 0, 0, "", "output_unwritable", says, remedy)
