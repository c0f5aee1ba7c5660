"""Files in: entries, marks, recusals and resolutions as tables of text; checked `Facts` out, or every problem at once.

Nothing here opens a file. A `Table` may come from CSV, from a workbook or from a test.
"""

from scoring_rules.fact_cards import read_cards
from scoring_rules.fact_entries import EntriesRead, read_entries
from scoring_rules.fact_sums import check_rows
from scoring_rules.fact_tables import Findings, Table, brief, found
from scoring_rules.facts import Facts, Resolution
from scoring_rules.problems import FactsRefused, Problem
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words


def read_facts(
    rules: RuleSet,
    *,
    entries: Table,
    marks: Table,
    recusals: Table | None = None,
    resolutions: Table | None = None,
    rows: Table | None = None,
    stage: str | None = None,
) -> Facts:
    """The facts of the tables. Raises FactsRefused with every problem of every table.

    `rows` are no facts: they must add up to the numbers of the entries (`fact_sums`).

    `stage` (a code of the rule set; KeyError for others) is the stage that is going to be ranked: lines of other
    stages are left out where a table has a column `stage`. Without it, every stage is.
    """
    asked = rules.stages if stage is None else (rules.stage(stage),)
    groups = frozenset(each.groups for each in asked if each.groups != "none")
    problems: list[Problem] = []
    read = read_entries(rules, entries, problems, groups=groups)
    if read is None:
        raise FactsRefused(problems)
    cards = read_cards(rules, read, marks=marks, recusals=recusals, problems=problems, stage=stage)
    decided = () if resolutions is None else _resolutions(rules, read, Findings(resolutions, problems))
    if rows is not None:
        check_rows(rules, read, rows, problems)
    if problems:
        raise FactsRefused(problems)
    return Facts(tuple(read.entries.values()), cards, decided)


def _resolutions(rules: RuleSet, read: EntriesRead, findings: Findings) -> tuple[Resolution, ...]:
    columns = ("category", "stage", "group", "order", "reason")
    if not findings.header(required=columns, optional=()):
        return ()
    at = findings.at
    categories = [each.code for each in rules.categories]
    stages = {each.code: each.groups for each in rules.stages}
    decided: list[Resolution] = []
    lines: dict[tuple[str, str, str], int] = {}  # (category, stage, entry) -> line
    for line, cells in findings.rows():
        category, stage, group, order, reason = (cells[at[name]] for name in columns)
        if category not in categories:
            findings.unknown(line, "category", "category_unknown", category, categories)
            continue
        if stage not in stages:
            findings.unknown(line, "stage", "stage_unknown", stage, stages)
            continue
        if not reason:
            says = Words("มติไม่มีเหตุผล", "The resolution gives no reason.")
            findings.add(line, "reason", "reason_missing", says, Words("ใส่เหตุผลตามมติ", "Write the committee's reason."))
        codes = tuple(code.strip() for code in order.split("|"))
        if len(codes) < 2 or len(set(codes)) != len(codes):
            remedy = Words(
                "เขียนรหัสผลงานที่คะแนนเท่ากันจากดีที่สุด คั่นด้วย | รหัสละครั้ง",
                "Write the codes of the tied entries, best first, each once, separated by |.",
            )
            findings.add(line, "order", "order_wrong", found(order), remedy)
            continue
        place = (line, category, stage, group)
        tied = [_is_tied_entry(findings, read, code, place=place, grouped=stages[stage], lines=lines) for code in codes]
        if all(tied):
            decided.append(Resolution(category, stage, group, codes, reason))
    return tuple(decided)


def _is_tied_entry(
    findings: Findings,
    read: EntriesRead,
    code: str,
    *,
    place: tuple[int, str, str, str],
    grouped: str,
    lines: dict[tuple[str, str, str], int],
) -> bool:
    line, category, stage, group = place
    if code in read.spoilt:
        return False
    entry = read.entries.get(code)
    if entry is None:
        findings.unknown(line, "order", "entry_unknown", code, read.entries)
        return False
    home = "" if grouped == "none" else entry.attributes.get(grouped, "")
    if (entry.category, home) != (category, group):
        says = Words(
            f"ผลงาน “{code}” อยู่ในประเภท “{entry.category}” กลุ่ม “{brief(home)}”",
            f'The entry "{code}" is in the category "{entry.category}", group "{brief(home)}".',
        )
        remedy = Words("แก้ประเภท กลุ่ม หรือรหัสให้ตรงกัน", "Make category, group and codes agree.")
        findings.add(line, "order", "order_elsewhere", says, remedy)
        return False
    first = lines.setdefault((category, stage, code), line)
    if first != line:
        says = Words(f"ผลงาน “{code}” มีมติแล้วในแถว {first}", f'The entry "{code}" is already resolved in line {first}.')
        findings.add(line, "order", "resolution_twice", says, Words("เหลือมติเดียว", "Leave one resolution."))
        return False
    return True
