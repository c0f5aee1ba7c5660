"""Rows of a table that two people changed at once: told apart by their name, else by their place, cell by cell.

The first column of a table names its rows (a project, a district). What one side left as it was is taken from the
other; where both changed one cell differently, or one took a row away that the other changed, the row is disputed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MergedRows:
    """What became of all rows, mine standing where they are disputed; `disputed`: the names (or places, counted from
    1) of those."""

    rows: list[dict[str, str]]
    disputed: tuple[str, ...]


def merge_rows(base: Sequence[Row], theirs: Sequence[Row], mine: Sequence[Row], *, key: str) -> MergedRows | None:
    """Both sides' changes since `base`, in the order of theirs, rows that only I added behind. None where rows cannot
    be told apart: some have no name of their own, and some are gone."""
    if all(are_named(rows, key) for rows in (base, theirs, mine)):
        before, there, here = ({row[key]: row for row in rows} for rows in (base, theirs, mine))
        return _merged((name, before.get(name), there.get(name), here.get(name)) for name in {**there, **here})
    count = len(base)
    if len(theirs) < count or len(mine) < count:
        return None
    added = [row for row in mine[count:] if row not in theirs[count:]]
    placed = [(str(at + 1), base[at], theirs[at], mine[at]) for at in range(count)]
    new = [("", None, row, None) for row in theirs[count:]] + [("", None, None, row) for row in added]
    return _merged(iter((*placed, *new)))


def are_named(rows: Sequence[Row], key: str) -> bool:
    """Whether each row has a name of its own."""
    names = [row.get(key, "") for row in rows]
    return all(names) and len(set(names)) == len(names)


def _merged(rows: Iterator[tuple[str, Row | None, Row | None, Row | None]]) -> MergedRows:
    made: list[dict[str, str]] = []
    disputed: list[str] = []
    for name, before, theirs, mine in rows:
        row, is_disputed = _one(before, theirs, mine)
        if is_disputed:
            disputed.append(name)
        if row:
            made.append(dict(row))
    return MergedRows(made, tuple(disputed))


def _one(before: Row | None, theirs: Row | None, mine: Row | None) -> tuple[Row | None, bool]:
    """One row, and whether it is disputed."""
    if theirs == mine or mine == before:
        return theirs, False
    if theirs == before:
        return mine, False
    if theirs is None or mine is None:
        return mine, True
    row: dict[str, str] = {}
    for column in {**theirs, **mine}:
        was, there, here = ((each or {}).get(column, "") for each in (before, theirs, mine))
        if was != there != here != was:
            return mine, True
        if text := (there if here == was else here):
            row[column] = text
    return row, False
