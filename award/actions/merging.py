"""Two people saved one entry: what each of them changed since the version both began with, and where they met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.table_rows import merge_rows
from award.answers.tidy import MOST_ROWS

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """`mine`: what a save really changes. `theirs`: codes that others changed since the version it builds on.
    `disputed`: codes that both changed, to different values; of a table among them, `mine` holds the rows of both,
    this save's where one row is disputed."""

    mine: dict[str, Any]
    theirs: tuple[str, ...]
    disputed: tuple[str, ...]


def merge(before: Answers, stored: Answers, sent: Answers, *, keys: Mapping[str, str] | None = None) -> Merged:
    """Tells apart what `sent` changes against `before`, the version it was made on, from what became of it meanwhile
    (`stored`). A blank value and a missing one are the same; of a table, rows are told apart (`keys`: by the code of a
    table, the column that names its rows)."""
    mine = {code: value for code, value in sent.items() if _differ(value, before.get(code))}
    theirs = tuple(code for code in sorted({*before, *stored}) if _differ(before.get(code), stored.get(code)))
    both = [code for code in theirs if code in mine and _differ(mine[code], stored.get(code))]
    disputed = []
    for code in both:
        rows = None
        if keys and code in keys:
            rows = merge_rows(*(each.get(code) or [] for each in (before, stored, mine)), key=keys[code])
        if rows and len(rows.rows) <= MOST_ROWS:
            mine[code] = rows.rows
        if not rows or rows.disputed or len(rows.rows) > MOST_ROWS:
            disputed.append(code)
    return Merged(mine, theirs, tuple(disputed))


def _differ(one: Any, other: Any) -> bool:
    return (one or "") != (other or "")
