"""What a file would replace though it was saved after the file was made: each asked about by itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from award.entry_sheets.preview import Change
from scoring_rules.rules import Field


@dataclass(frozen=True, slots=True)
class Conflict:
    """One answer, or one row of a table (`row`: its name; `key`: the column that names rows). `stored`: the row as it
    is stored, None where it is gone or was never there. `alone`: nothing else of the answer would change. `cells`: how
    many cells of the file it is about."""

    code: str
    row: str | None
    key: str
    stored: dict[str, str] | None
    alone: bool
    cells: int


def conflicts_in(
    changes: Sequence[Change], stored: Mapping[str, Any], tables: Collection[Field]
) -> dict[tuple[str, str | None], Conflict]:
    """Each conflict among the changes, by the answer and the row that it is about, in their order."""
    keys = {table.code: table.columns[0].code for table in tables}
    settled = {change.code for change in changes if not change.overwrites}
    found: dict[tuple[str, str | None], Conflict] = {}
    for change in changes:
        if change.overwrites and change.about not in found:
            key = keys.get(change.code, "")
            rows = (stored.get(change.code) or []) if change.row is not None else []
            row = next((dict(each) for each in rows if each.get(key) == change.row), None)
            cells = sum(each.about == change.about for each in changes)
            alone = change.code not in settled
            found[change.about] = Conflict(change.code, change.row, key, row, alone, cells)
    return found


def settle(values: Mapping[str, Any], conflicts: Sequence[Conflict], *, taken: Collection[int]) -> dict[str, Any]:
    """The values without what is to stay as it is stored: every conflict whose place (from 0) is not among `taken`."""
    made = dict(values)
    chosen = {each.code for place, each in enumerate(conflicts) if place in taken}
    for place, conflict in enumerate(conflicts):
        if place in taken or conflict.code not in made:
            continue
        if conflict.row is None or (conflict.alone and conflict.code not in chosen):
            del made[conflict.code]
        else:
            made[conflict.code] = _put_back(made[conflict.code], conflict)
    return made


def _put_back(rows: Sequence[Mapping[str, str]], conflict: Conflict) -> list[dict[str, str]]:
    stored = [] if conflict.stored is None else [conflict.stored]
    if not any(row.get(conflict.key) == conflict.row for row in rows):
        return [*map(dict, rows), *stored]
    return [dict(each) for row in rows for each in (stored if row.get(conflict.key) == conflict.row else [row])]
