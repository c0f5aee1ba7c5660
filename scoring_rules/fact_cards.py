"""Cards from tables: each member's marks (long or wide), and who was recused or absent."""

from collections.abc import Callable, Mapping, Sequence

from scoring_rules.exact import NotANumber, Number, parse_number
from scoring_rules.fact_entries import EntriesRead
from scoring_rules.fact_tables import Findings, Table, brief, found, near, write_a_number
from scoring_rules.facts import Card, CardState
from scoring_rules.marks import mark_places, problem_with_mark
from scoring_rules.problems import Problem
from scoring_rules.rules import Category, RuleSet
from scoring_rules.words import Words

COLUMNS = ("entry", "member", "criterion", "mark", "stage")  # a column of any other name is a criterion
_KINDS: Mapping[str, CardState] = {"recused": "recused", "absent": "absent"}
Keeps = Callable[[int, Sequence[str]], bool]
Marks = dict[str, dict[str, dict[str, Number]]]  # entry, member, path


def read_cards(
    rules: RuleSet,
    read: EntriesRead,
    *,
    marks: Table,
    recusals: Table | None,
    problems: list[Problem],
    stage: str | None,
) -> dict[str, tuple[Card, ...]]:
    """Cards by entry code; what is wrong is added to `problems`.

    A blank mark is a path that is not there, never zero. A member of an entry's stated panel who appears nowhere
    has a card with every mark blank. Where a table has a column `stage`, lines of other stages are left out.
    """
    given = _read_marks(rules, read, Findings(marks, problems), stage=stage)
    excused: dict[tuple[str, str], Card] = {}
    if recusals is not None:
        excused = _read_recusals(rules, read, Findings(recusals, problems), given=given, stage=stage)
    cards: dict[str, list[Card]] = {}
    for code, members in given.items():
        standing = [(member, paths) for member, paths in members.items() if (code, member) not in excused]
        cards[code] = [Card(member, "standing", paths) for member, paths in standing]
    for (code, _), card in excused.items():
        cards.setdefault(code, []).append(card)
    for code, panel in read.panels.items():
        here = {card.member for card in cards.get(code, ())}
        cards.setdefault(code, []).extend(Card(member) for member in panel if member not in here)
    return {code: tuple(of_entry) for code, of_entry in cards.items()}


def _read_marks(rules: RuleSet, read: EntriesRead, findings: Findings, *, stage: str | None) -> Marks:
    at = findings.at
    paths = dict.fromkeys(path for category in rules.categories for path in mark_places(category))
    long = "criterion" in at or "mark" in at
    named = ("criterion", "mark") if long else ()
    if not findings.header(required=("entry", "member", *named), optional=("stage", *(() if long else paths))):
        return {}
    keeps = stage_filter(rules, findings, stage=stage)
    if keeps is None:
        return {}
    reader = _MarkReader(rules, read, findings)
    wide = [] if long else [(path, index) for path, index in at.items() if path in paths]
    given: Marks = {}
    lines: dict[tuple[str, str], dict[str, int]] = {}
    for line, cells in findings.rows():
        code, member = cells[at["entry"]], cells[at["member"]]
        if not keeps(line, cells) or not _is_seat(findings, read, line, code, member):
            continue
        card = given.setdefault(code, {}).setdefault(member, {})
        seen = lines.setdefault((code, member), {})
        if long:
            pairs: Sequence[tuple[str, int, str]] = ((cells[at["criterion"]], at["mark"], "criterion"),)
        else:
            pairs = [(path, index, path) for path, index in wide]
        for path, index, column in pairs:
            if path in seen:
                _mark_twice(findings, line, column, member=member, path=path, first=seen[path])
                if not long:
                    break  # a whole line twice is said once
                continue
            seen[path] = line
            value = reader.read(line, code, path, cells[index], long=long)
            if value is not None:
                card[path] = value
    return given


def _is_seat(findings: Findings, read: EntriesRead, line: int, code: str, member: str) -> bool:
    """Whether `member` may have a card on the entry `code`; noted where not."""
    if not findings.is_code(line, "member", member):
        return False
    if code in read.spoilt:
        return False  # said where the entry is
    if code not in read.entries:
        findings.unknown(line, "entry", "entry_unknown", code, read.entries)
        return False
    panel = read.panels.get(code)
    if panel is not None and member not in panel:
        findings.unknown(line, "member", "member_unknown", member, panel)
        return False
    return True


def _mark_twice(findings: Findings, line: int, column: str, *, member: str, path: str, first: int) -> None:
    says = Words(
        f"คะแนนของ “{member}” ข้อ “{path}” มีแล้วในแถว {first}",
        f'The mark of "{member}" on "{path}" is already in line {first}.',
    )
    findings.add(line, column, "mark_twice", says, Words("ลบแถวที่ซ้ำ", "Delete one of the two lines."))


class _MarkReader:
    """Turns the text of a mark into its number, by the rules of the entry's category."""

    def __init__(self, rules: RuleSet, read: EntriesRead, findings: Findings):
        self.categories = {category.code: category for category in rules.categories}
        self.paths = {category.code: frozenset(mark_places(category)) for category in rules.categories}
        self.entries = read.entries
        self.findings = findings
        self.known: dict[tuple[str, str, str], Number] = {}  # the same few marks come a hundred thousand times

    def read(self, line: int, code: str, path: str, text: str, *, long: bool) -> Number | None:
        """The mark; None where it is blank or (noted) wrong."""
        of = self.entries[code].category
        key = (of, path, text)
        value = self.known.get(key)
        if value is not None:
            return value
        if path not in self.paths[of]:
            if long or text:
                self._no_mark_here(line, self.categories[of], path, text, long=long)
            return None
        if not text:
            return None
        column = "mark" if long else path
        try:
            value = parse_number(text)
        except NotANumber:
            self.findings.add(line, column, "mark_not_a_number", found(text), write_a_number(text))
            return None
        wrong = problem_with_mark(self.categories[of], path, value)
        if wrong is not None:
            remedy = Words("แก้ให้ตรงกับใบให้คะแนนของกรรมการ", "Write the mark that the member's score sheet shows.")
            self.findings.add(line, column, "mark_off_scale", wrong, remedy)
            return None
        self.known[key] = value
        return value

    def _no_mark_here(self, line: int, category: Category, path: str, text: str, *, long: bool) -> None:
        column = "criterion" if long else path
        node = next((node for node in category.nodes() if node.path == path), None)
        if node is not None:
            below = [each for each in mark_places(category) if each.startswith(path + "/")]
            says = Words(f"“{path}” ไม่ใช่ข้อที่กรรมการให้คะแนน", f'"{path}" is not marked by members.')
            remedy = near("", below) if below else Words("ลบแถวนี้ คะแนนมาจากตัวชี้วัด", "Delete it: an indicator decides.")
            self.findings.add(line, column, "criterion_not_marked", says, remedy)
        elif long:
            self.findings.unknown(line, column, "criterion_unknown", path, mark_places(category))
        else:
            says = Words(
                f"ประเภท “{category.code}” ไม่มีข้อ “{path}” แต่พบ “{brief(text)}”",
                f'The category "{category.code}" has no "{path}", yet "{brief(text)}" is here.',
            )
            remedy = Words("เว้นช่องนี้ว่าง", "Leave this cell blank.")
            self.findings.add(line, column, "criterion_unknown", says, remedy)


def _read_recusals(
    rules: RuleSet, read: EntriesRead, findings: Findings, *, given: Marks, stage: str | None
) -> dict[tuple[str, str], Card]:
    at = findings.at
    if not findings.header(required=("entry", "member", "kind"), optional=("reason", "stage")):
        return {}
    keeps = stage_filter(rules, findings, stage=stage)
    if keeps is None:
        return {}
    excused: dict[tuple[str, str], Card] = {}
    lines: dict[tuple[str, str], int] = {}
    for line, cells in findings.rows():
        code, member, kind = cells[at["entry"]], cells[at["member"]], cells[at["kind"]]
        if not keeps(line, cells) or not _is_seat(findings, read, line, code, member):
            continue
        if (code, member) in lines:
            first = lines[code, member]
            says = Words(
                f"“{member}” ในผลงาน “{code}” มีแล้วในแถว {first}", f'"{member}" on "{code}" is already in line {first}.'
            )
            findings.add(line, "member", "recusal_twice", says, Words("ลบแถวที่ซ้ำ", "Delete one of the two lines."))
            continue
        lines[code, member] = line
        if kind not in _KINDS:
            findings.unknown(line, "kind", "kind_unknown", kind, _KINDS)
            continue
        marks = given.get(code, {}).get(member)
        if marks:
            says = Words(
                f"แจ้งว่า “{member}” ไม่ได้ให้คะแนน “{code}” ({kind}) แต่มีคะแนนอยู่ {len(marks)} ข้อ",
                f'"{member}" is {kind} for "{code}", yet marks of theirs are given ({len(marks)}).',
            )
            remedy = Words("ลบคะแนนนั้น หรือลบแถวนี้", "Delete the marks or delete this line.")
            findings.add(line, "member", "recused_with_marks", says, remedy)
        reason = " ".join(cells[at["reason"]].split()) if "reason" in at else ""
        excused[code, member] = Card(member, _KINDS[kind], {}, reason)
    return excused


def stage_filter(rules: RuleSet, findings: Findings, *, stage: str | None) -> Keeps | None:
    """Which lines belong to `stage`; None (noted) where the table tells stages apart and none was asked for."""
    at = findings.at.get("stage")
    if at is None:
        return lambda line, cells: True
    stages = [each.code for each in rules.stages]
    if stage is None and len(stages) > 1:
        says = Words("ไฟล์นี้แยกตามรอบ จึงต้องบอกรอบที่จะจัดอันดับ", "This file tells stages apart, and no stage was asked for.")
        names = " | ".join(stages)
        remedy = Words(f"เพิ่ม --stage {names}", f"Add --stage {names}.")
        findings.add(findings.table.header_line, "stage", "stage_needed", says, remedy)
        return None
    wanted = stage or stages[0]

    def keeps(line: int, cells: Sequence[str]) -> bool:
        if cells[at] not in stages:
            findings.unknown(line, "stage", "stage_unknown", cells[at], stages)
        return cells[at] == wanted

    return keeps
