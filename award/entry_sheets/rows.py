"""Rows of a table that came back from several hands: what the file changed of them since it was made, and no more.

Rows are known by their first column (a project's name, a district). Two districts may each add theirs to the same
table, and the second file takes nothing away from the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows as they would be stored, and the names of those where the file replaces what was saved since."""

    rows: list[Row]
    replaced: frozenset[str]


def merge_rows(base: Sequence[Row] | None, stored: Sequence[Row], found: Sequence[Row], *, key: str) -> Merged:
    """What `found` makes of `stored`, where both come from `base` (None: not known)."""
    lists = ([] if base is None else base, stored, found)
    if base is None or not all(_are_named(rows, key) for rows in lists):
        return _whole(base, stored, found, key=key)
    before, now, new = ({row[key]: row for row in rows} for rows in lists)
    replaced: set[str] = set()
    made: list[Row] = []
    for name in dict.fromkeys((*now, *new)):
        here, there, then = now.get(name), new.get(name), before.get(name)
        if there == then:  # the file left it as it was when it was made
            kept = here
        else:
            kept = there
            if here not in (then, there):
                replaced.add(name)
        if kept is not None:
            made.append(kept)
    return Merged(made, frozenset(replaced))  # in the order stored, new ones behind


def _are_named(rows: Sequence[Row], key: str) -> bool:
    names = [row.get(key, "") for row in rows]
    return all(names) and len(set(names)) == len(names)


def _whole(base: Sequence[Row] | None, stored: Sequence[Row], found: Sequence[Row], *, key: str) -> Merged:
    """Rows that cannot be told apart are one thing: the file's, or what is stored."""
    if base is not None and list(found) == list(base):
        return Merged(list(stored), frozenset())
    saved_since = base is None or list(stored) != list(base)
    if not saved_since or list(stored) == list(found):
        return Merged(list(found), frozenset())
    return Merged(list(found), frozenset(row.get(key, "") for row in (*stored, *found)))
