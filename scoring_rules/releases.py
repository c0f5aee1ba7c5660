"""Which rule files are released, by `released.txt`: not one byte of them changes; a correction is a new revision."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from scoring_rules.problems import Problem, RulesRefused
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

RELEASED = Path(__file__).resolve().parent / "released.txt"
State = Literal["released", "changed", "not_released"]
_LINE = re.compile(r"([a-z][a-z0-9-]*/[0-9]{4}-r[1-9][0-9]{0,3})  ([0-9a-f]{64})  ([0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Release:
    """One line of the list: a rule set's id, the SHA-256 of its file, the day of its release."""

    id: str
    sha256: str
    on: date

    def line(self) -> str:
        """The line as it stands in the list, with its line end."""
        return f"{self.id}  {self.sha256}  {self.on.isoformat()}\n"


def read_releases(text: str, *, file: str) -> tuple[Release, ...]:
    """The releases of a list, oldest first. Lines that begin with # are remarks.

    Raises RulesRefused for every line that is none, names an id for the second time or is older than the one before.
    """
    releases: list[Release] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.rstrip())
        try:
            release = Release(match[1], match[2], date.fromisoformat(match[3])) if match else None
        except ValueError:
            release = None
        wrong = _WRONG_LINE if release is None else _wrong_order(release, releases)
        if wrong is not None:
            problems.append(Problem(file, number, 1, "", "release_line", wrong, _RESTORE))
        elif release is not None:
            releases.append(release)
    if problems:
        raise RulesRefused(problems)
    return tuple(releases)


_WRONG_LINE = Words("บรรทัดนี้ไม่ใช่ “รหัส  SHA-256  วันที่”", 'This line is not "id  SHA-256  date".')
_RESTORE = Words(
    "นำแฟ้มเดิมจาก git กลับมา แฟ้มนี้เขียนโดย award rules release เท่านั้น",
    "Restore the list from git: only `award rules release` writes it.",
)


def _wrong_order(release: Release, before: Sequence[Release]) -> Words | None:
    if any(each.id == release.id for each in before):
        return Words(f"“{release.id}” เผยแพร่ซ้ำ", f'"{release.id}" is released twice.')
    if before and before[-1].on > release.on:
        return Words("วันที่ย้อนหลังบรรทัดก่อน", "The day is before that of the line above.")
    return None


def find_release(releases: Sequence[Release], id: str) -> Release | None:
    """The release of a rule set; None where it is not released."""
    return next((each for each in releases if each.id == id), None)


def state_of(rules: RuleSet, releases: Sequence[Release]) -> State:
    """Whether these very bytes are released, others under the same id, or none."""
    release = find_release(releases, rules.id)
    if release is None:
        return "not_released"
    return "released" if release.sha256 == rules.sha256 else "changed"


def home_of(id: str) -> tuple[str, str]:
    """The folder and the name that a rule file must have: `small-award/2564-r1` is `small_award/2564-r1.yaml`."""
    award, _, revision = id.partition("/")
    return award.replace("-", "_"), f"{revision}.yaml"


def problems_with_release(rules: RuleSet, path: Path, releases: Sequence[Release], *, today: date) -> Iterator[Problem]:
    """Why the file may not be released today.

    It lies where its id does not belong, its id is released with other bytes, or a release of a later day is listed.
    """
    folder, name = home_of(rules.id)
    where = path.resolve()
    if (where.parent.name, where.name) != (folder, name):
        says = Words(
            f"id คือ {rules.id} แต่ไฟล์อยู่ที่ {where.parent.name}/{where.name}",
            f"The id is {rules.id}, yet the file is {where.parent.name}/{where.name}.",
        )
        remedy = Words(f"ย้ายไฟล์ไปที่ {folder}/{name} หรือแก้ id", f"Move the file to {folder}/{name}, or change its id.")
        yield Problem(str(path), 0, 0, "id", "release_elsewhere", says, remedy)
    release = find_release(releases, rules.id)
    if release is None and releases and releases[-1].on > today:
        says = Words(
            f"วันนี้คือ {today} แต่รายการมีวันที่ {releases[-1].on} แล้ว", f"Today is {today}, yet {releases[-1].on} is listed."
        )
        remedy = Words("ตั้งวันที่ของเครื่องให้ถูก", "Set the clock of this machine right.")
        yield Problem(str(path), 0, 0, "", "release_before_last", says, remedy)
    if release is not None and release.sha256 != rules.sha256:
        says = Words(
            f"{rules.id} เผยแพร่แล้วเมื่อ {release.on} ด้วยเนื้อหาอื่น (SHA-256 {release.sha256[:12]}…)",
            f"{rules.id} was released on {release.on} with other bytes (SHA-256 {release.sha256[:12]}…).",
        )
        following = _next_revision(rules.id)
        remedy = Words(
            f"นำไฟล์เดิมกลับมา แล้วเขียนการแก้ไขเป็นฉบับใหม่ {following} ในไฟล์ใหม่",
            f"Restore the file, and write the correction as a new revision, {following}, in a new file.",
        )
        yield Problem(str(path), 0, 0, "id", "released_otherwise", says, remedy)


def _next_revision(id: str) -> str:
    head, _, revision = id.rpartition("-r")
    return f"{head}-r{int(revision) + 1}"
