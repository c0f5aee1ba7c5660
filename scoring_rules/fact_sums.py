"""District rows: for an indicator with `rows: district`, whether they add up to the numbers that the entry states.

Rows decide nothing: what counts is the entry's own number. They are the evidence for it, checked to the last decimal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scoring_rules.exact import NotANumber, Number, parse_number, plain
from scoring_rules.fact_entries import EntriesRead, problem_with_number
from scoring_rules.fact_tables import Findings, Table, brief, found, write_a_number
from scoring_rules.facts import Entry
from scoring_rules.operations import added
from scoring_rules.problems import Problem
from scoring_rules.rules import Category, Field, RuleSet
from scoring_rules.words import Words

COLUMNS = ("entry", "field", "row", "value")
ZERO_IS_WRITTEN = Words("ใส่ตัวเลข ถ้าไม่มีให้ใส่ 0", "Write the number, 0 where there is none.")
DIFFERENCE = "difference"  # the row that explains what the others lack or exceed


@dataclass(frozen=True, slots=True)
class Difference:
    """What an entry's rows differ from its number by, and the reason given for it."""

    entry: str
    field: str
    value: str
    reason: str


def explained_differences(table: Table) -> tuple[Difference, ...]:
    """The differences that a (good) table of rows explains, in its order."""
    at = {name: index for index, name in enumerate(table.header)}
    rows = [cells for _, cells in table.rows if cells[at["row"]] == DIFFERENCE]
    return tuple(
        Difference(cells[at["entry"]], cells[at["field"]], cells[at["value"]], cells[at["reason"]]) for cells in rows
    )


@dataclass(slots=True)
class _Sum:
    """The rows of one field of one entry so far."""

    line: int  # of its first row
    total: Number = 0
    lines: dict[str, int] = field(default_factory=dict)  # by the name of the row
    sound: bool = True


def check_rows(rules: RuleSet, read: EntriesRead, table: Table, problems: list[Problem]) -> None:
    """Note in `problems` every row that cannot be, and every field whose rows do not add up to the entry's number.

    Where a table of rows is given, each number that an indicator with `rows` reads must have its rows.
    """
    whole = not problems  # a number that is missing because it was refused is not missed again
    findings = Findings(table, problems)
    if not findings.header(required=COLUMNS, optional=("reason",)):
        return
    fields = {each.code: _fields_with_rows(each) for each in rules.categories}
    sums: dict[tuple[str, str], _Sum] = {}
    for line, cells in findings.rows():
        code, name = cells[findings.at["entry"]], cells[findings.at["field"]]
        if code in read.spoilt:
            continue  # said where the entry is
        entry = read.entries.get(code)
        if entry is None:
            findings.unknown(line, "entry", "entry_unknown", code, read.entries)
        elif name not in fields[entry.category]:
            _not_asked(findings, line, name, fields[entry.category])
        else:
            given = sums.setdefault((code, name), _Sum(line))
            value = _value(findings, line, cells[findings.at["value"]], fields[entry.category][name])
            given.sound &= _is_row(findings, line, cells, given) and value is not None
            given.total = added((given.total, value or 0))
    for entry in read.entries.values():
        for name in fields[entry.category]:
            found = sums.get((entry.code, name))
            if found is None and name in entry.fields:
                _no_rows(findings, entry, name)
            elif found is not None and found.sound and (whole or name in entry.fields):
                _compare(findings, entry, name, found)


def _fields_with_rows(category: Category) -> Mapping[str, Field]:
    """The fields that indicators with rows read, in the order of the rules."""
    read = {
        code
        for indicator in category.indicators
        if indicator.rows
        for code in (indicator.ratio or (indicator.field or "",))
    }
    return {each.code: each for each in category.fields if each.code in read}


def _not_asked(findings: Findings, line: int, name: str, asked: Mapping[str, Field]) -> None:
    says = Words(f"เกณฑ์ไม่ได้ให้แยกแถวของ “{brief(name)}”", f'The rules ask for no rows of "{brief(name)}".')
    listed = ", ".join(asked)
    remedy = Words(
        f"ลบแถวนี้ หรือใช้: {listed}" if listed else "ลบแถวนี้",
        f"Delete this line, or use: {listed}." if listed else "Delete this line.",
    )
    findings.add(line, "field", "rows_not_asked", says, remedy)


def _value(findings: Findings, line: int, text: str, of: Field) -> Number | None:
    """The row's number; None where it is (noted) none. A part may lie outside the bounds of the whole."""
    try:
        value = parse_number(text)
    except NotANumber:
        says = found(text) if text else Words("ช่องนี้ว่าง", "This cell is blank.")
        remedy = write_a_number(text) if "," in text or text.startswith("=") else ZERO_IS_WRITTEN
        findings.add(line, "value", "row_not_a_number", says, remedy)
        return None
    wrong = problem_with_number(replace(of, min=None, max=None), value)
    if wrong is not None:
        findings.add(line, "value", wrong.code, found(text), wrong.remedy)
        return None
    return value


def _is_row(findings: Findings, line: int, cells: Sequence[str], given: _Sum) -> bool:
    """Whether the row has a name of its own and, where it is the difference, a reason; noted where not."""
    name = cells[findings.at["row"]]
    if not name:
        says = Words("แถวนี้ไม่มีชื่อ", "This row has no name.")
        findings.add(line, "row", "row_unnamed", says, Words("ใส่ชื่ออำเภอ", "Write the district's name."))
        return False
    if name in given.lines:
        says = Words(
            f"“{brief(name)}” มีแล้วในแถว {given.lines[name]}", f'"{brief(name)}" is already in line {given.lines[name]}.'
        )
        findings.add(line, "row", "row_twice", says, Words("ลบแถวที่ซ้ำ", "Delete one of the two lines."))
        return False
    given.lines[name] = line
    reason = cells[findings.at["reason"]] if "reason" in findings.at else ""
    if name == DIFFERENCE and not reason:
        says = Words("ความต่างไม่มีคำอธิบาย", "The difference is not explained.")
        findings.add(
            line, "reason", "difference_unexplained", says, Words("ใส่เหตุผลในคอลัมน์ reason", "Write why, under reason.")
        )
        return False
    return True


def _no_rows(findings: Findings, entry: Entry, name: str) -> None:
    stated = plain(entry.fields[name])
    says = Words(
        f"“{entry.code}/{name}” เป็น {stated} แต่ไม่มีแถวของอำเภอ",
        f'"{entry.code}/{name}" is {stated}, yet it has no rows.',
    )
    findings.add(
        findings.table.header_line,
        "field",
        "rows_missing",
        says,
        Words("เพิ่มแถวของทุกอำเภอ", "Add a line for each district."),
    )


def _compare(findings: Findings, entry: Entry, name: str, given: _Sum) -> None:
    """Note where the entry states no number, or another than its rows add up to."""
    value = entry.fields.get(name)
    about = f"{entry.code}/{name}"
    if value is None:
        says = Words(
            f"มีแถวของ “{about}” แต่ผลงานไม่ได้บอกค่ารวม", f'There are rows of "{about}", yet the entry states no number.'
        )
        remedy = Words("กรอกค่ารวมในแฟ้มผลงาน หรือลบแถวเหล่านี้", "Write the number where the entry is, or delete the rows.")
        findings.add(given.line, "field", "rows_of_nothing", says, remedy)
    elif given.total != value:
        lacking = plain(added((value, -given.total)))
        says = Words(
            f"แถวของ “{about}” รวมได้ {plain(given.total)} แต่ผลงานบอก {plain(value)} ต่างกัน {lacking}",
            f'The rows of "{about}" add up to {plain(given.total)}, the entry says {plain(value)}: {lacking} apart.',
        )
        findings.add(given.line, "value", "rows_do_not_add_up", says, _remedy(given, lacking))


def _remedy(given: _Sum, lacking: str) -> Words:
    if DIFFERENCE in given.lines:
        at = given.lines[DIFFERENCE]
        return Words(
            f"แก้ตัวเลข หรือแก้แถว {DIFFERENCE} (แถว {at}) ให้ครบ", f"Mend the numbers, or the line {DIFFERENCE} ({at})."
        )
    return Words(
        f"แก้ตัวเลข หรือเพิ่มแถวชื่อ {DIFFERENCE} ค่า {lacking} พร้อมเหตุผลในคอลัมน์ reason",
        f"Mend the numbers, or add a row named {DIFFERENCE} with the value {lacking} and a reason.",
    )
