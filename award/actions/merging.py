"""Two people saved one entry: what each of them changed since the version both began with, and where they met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """`mine`: what a save really changes. `theirs`: codes that others changed since the version it builds on.
    `disputed`: codes that both changed, to different values."""

    mine: dict[str, Any]
    theirs: tuple[str, ...]
    disputed: tuple[str, ...]


def merge(before: Answers, stored: Answers, sent: Answers) -> Merged:
    """Tells apart what `sent` changes against `before`, the version it was made on, from what became of it meanwhile
    (`stored`). A blank value and a missing one are the same; a table is one value, its rows are not mixed."""
    mine = {code: value for code, value in sent.items() if _differ(value, before.get(code))}
    theirs = tuple(code for code in sorted({*before, *stored}) if _differ(before.get(code), stored.get(code)))
    disputed = tuple(code for code in theirs if code in mine and _differ(mine[code], stored.get(code)))
    return Merged(mine, theirs, disputed)


def _differ(one: Any, other: Any) -> bool:
    return (one or "") != (other or "")
