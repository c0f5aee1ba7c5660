"""Rows of a table that came back from several hands: what the file changed of them since it was made, and no more.

Rows are known by their first column, as where two people are at one form. Two districts may each add theirs to the same
table, and the second file takes nothing away from the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from award.answers import table_rows

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows as they would be stored, and the names of those where the file replaces what was saved since."""

    rows: list[Row]
    replaced: frozenset[str]
    whole: bool = False  # rows cannot be told apart: the file's or the stored ones, all together


def merge_rows(base: Sequence[Row] | None, stored: Sequence[Row], found: Sequence[Row], *, key: str) -> Merged:
    """What `found` makes of `stored`, where both come from `base` (None: not known)."""
    named = base is not None and all(table_rows.are_named(rows, key) for rows in (base, stored, found))
    both = table_rows.merge_rows(base, stored, found, key=key) if base is not None and named else None
    return _whole(base, stored, found, key=key) if both is None else Merged(both.rows, frozenset(both.disputed))


def _whole(base: Sequence[Row] | None, stored: Sequence[Row], found: Sequence[Row], *, key: str) -> Merged:
    """Rows that cannot be told apart are one thing: the file's, or what is stored."""
    if base is not None and list(found) == list(base):
        return Merged(list(stored), frozenset(), whole=True)
    saved_since = base is None or list(stored) != list(base)
    if not saved_since or list(stored) == list(found):
        return Merged(list(found), frozenset(), whole=True)
    return Merged(list(found), frozenset(row.get(key, "") for row in (*stored, *found)), whole=True)
