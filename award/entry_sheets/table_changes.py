"""What a file changes of a table, cell by cell, against what is stored."""

from collections.abc import Mapping, Sequence

from award.answers.check import place_of
from award.entry_sheets.cells import spoken
from award.entry_sheets.preview import Change
from award.entry_sheets.rows import Merged, Row
from award.score_sheets.problems import cell_name
from scoring_rules.rules import Field
from scoring_rules.words import Words

REMOVED = Words("ลบแถวนี้", "row taken away")
Cells = dict[str, tuple[str, str]]  # place of a fault -> (sheet, cell)


def table_changes(
    sheet: str, table: Field, columns: Mapping[str, int], *, now: Sequence[Row], merged: Merged,
    found: Mapping[int, Row], language: str,
) -> tuple[list[Change], Cells]:  # fmt: skip
    """Every cell of the rows that differs from what is stored, a row taken away as one change; and where each cell of
    the new rows stands in the file. `found`: the file's rows by their row on the sheet, `columns` by code."""
    key = table.columns[0].code
    by_name = all(len({row.get(key) for row in rows}) == len(rows) for rows in (now, merged.rows))

    def named(rows: Sequence[Row]) -> dict[str, Row]:
        return {row.get(key, "") if by_name else str(number): row for number, row in enumerate(rows)}

    before, after = named(now), named(merged.rows)
    changes: list[Change] = []
    cells: Cells = {}
    for number, (name, row) in enumerate(after.items()):
        at = next((place for place, each in found.items() if each == row), 0)
        for column in table.columns:
            cell = cell_name(at, columns[column.code]) if at else ""
            cells[place_of(table.code, number, column.code)] = sheet, cell
            texts = (each.get(column.code, "") for each in (before.get(name, {}), row))
            old, new = (spoken(column, text, language=language) for text in texts)
            if old != new:
                label = _of_row(table, row.get(key, ""), column.label)
                since = row.get(key, "") in merged.replaced
                about = None if merged.whole else row.get(key, "")
                changes.append(Change(table.code, label, sheet, cell, old, new, overwrites=since, row=about))
    for name, row in before.items():
        if name not in after:
            told = " · ".join(row[column.code] for column in table.columns if row.get(column.code))
            since = row.get(key, "") in merged.replaced
            label = _of_row(table, row.get(key, ""), REMOVED)
            about = None if merged.whole else row.get(key, "")
            changes.append(Change(table.code, label, sheet, "", told, "", overwrites=since, row=about))
    return changes, cells


def _of_row(table: Field, name: str, what: Words) -> Words:
    thai, english = (table.label.in_language(language).partition(" (")[0] for language in ("th", "en"))
    return Words(f"{thai} “{name}”: {what.th}", f"{english} “{name}”: {what.in_language('en')}")
