"""Entries from a table: who is ranked, in which category and group, with the numbers that rules read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring_rules.exact import NotANumber, Number, parse_number, plain
from scoring_rules.fact_tables import Findings, Table, brief, found, near, write_a_number
from scoring_rules.facts import Entry, EntryState
from scoring_rules.problems import Problem
from scoring_rules.rules import Category, Field, RuleSet
from scoring_rules.words import Words

ATTRIBUTES = ("zone", "province", "region")
GROUP_IN_THAI = {"zone": "เขต", "province": "จังหวัด", "region": "ภาค"}
COLUMNS = ("entry", "category", "label", *ATTRIBUTES, "status", "members", "invented")
_STATES: Mapping[str, EntryState] = {
    "": "presented",
    "presented": "presented",
    "not_presented": "not_presented",
    "withdrawn": "withdrawn",
}
# How yes (1) and no (0) are written.
YES_NO: Mapping[str, int] = {
    **dict.fromkeys(("1", "๑", "yes", "true", "ใช่", "มี"), 1),
    **dict.fromkeys(("0", "๐", "no", "false", "ไม่ใช่", "ไม่มี"), 0),
}


@dataclass(frozen=True, slots=True)
class EntriesRead:
    """Entries by code, the panel of those that name one, and the codes of lines that could not be used."""

    entries: Mapping[str, Entry]
    panels: Mapping[str, tuple[str, ...]]
    spoilt: frozenset[str]


def read_entries(
    rules: RuleSet, table: Table, problems: list[Problem], *, groups: frozenset[str]
) -> EntriesRead | None:
    """The entries of `table`; what is wrong is added to `problems`. None where its header cannot be read.

    `groups` are the attributes that the stages asked for rank inside of: every entry must have them.
    """
    findings = Findings(table, problems)
    fields = dict.fromkeys(field.code for each in rules.categories for field in each.fields)
    if not findings.header(required=("entry", "category", "label"), optional=(*COLUMNS, *fields)):
        return None
    at = findings.at
    readers = {each.code: _Fields(each, findings) for each in rules.categories}
    entries: dict[str, Entry] = {}
    panels: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    for line, cells in findings.rows():
        code, of, label = cells[at["entry"]], cells[at["category"]], cells[at["label"]]
        if not findings.is_code(line, "entry", code):
            continue
        if code in lines:
            says = Words(
                f"ผลงาน “{code}” มีแล้วในแถว {lines[code]}", f'The entry "{code}" is already in line {lines[code]}.'
            )
            findings.add(line, "entry", "entry_twice", says, Words("ลบแถวที่ซ้ำ", "Delete one of the two lines."))
            continue
        lines[code] = line
        if of not in readers:
            findings.unknown(line, "category", "category_unknown", of, readers)
            continue
        status = cells[at["status"]] if "status" in at else ""
        if status not in _STATES:
            findings.unknown(line, "status", "status_unknown", status, _STATES)
            continue
        attributes = {name: cells[at[name]] for name in ATTRIBUTES if name in at and cells[at[name]]}
        for name in sorted(groups - attributes.keys()):
            says = Words(
                f"ไม่ได้บอก{GROUP_IN_THAI[name]} ({name}) ซึ่งใช้แบ่งกลุ่มจัดอันดับ",
                f"There is no {name}, and ranks are made inside each {name}.",
            )
            findings.add(
                line, name, "group_missing", says, Words(f"ใส่{GROUP_IN_THAI[name]}ของผลงานนี้", f"Write the {name}.")
            )
        if "invented" in at and cells[at["invented"]].lower() not in ("", *YES_NO):
            remedy = Words("ใส่ 1 หรือ 0", "Write 1 or 0.")
            findings.add(line, "invented", "invented_not_yes_no", found(cells[at["invented"]]), remedy)
        if "members" in at and (text := cells[at["members"]]):
            panels[code] = _panel(findings, line, text)
        numbers = readers[of].read(line, cells)
        entries[code] = Entry(code, of, " ".join(label.split()) or code, _STATES[status], attributes, numbers)
    return EntriesRead(entries, panels, frozenset(lines.keys() - entries.keys()))


def _panel(findings: Findings, line: int, text: str) -> tuple[str, ...]:
    members = tuple(member.strip() for member in text.split("|"))
    for member in members:
        findings.is_code(line, "members", member)
    if len(set(members)) != len(members):
        remedy = Words("เขียนรหัสกรรมการแต่ละคนครั้งเดียว", "Name each member once.")
        findings.add(line, "members", "member_twice", found(text), remedy)
    return members


class _Fields:
    """Reads the field cells of one category's entries into numbers."""

    def __init__(self, category: Category, findings: Findings):
        own = {field.code: field for field in category.fields}
        columns = [(name, index) for name, index in findings.at.items() if name not in COLUMNS]
        self.category = category.code
        self.own = [(own[name], index) for name, index in columns if name in own]
        self.others = [(name, index) for name, index in columns if name not in own]
        self.findings = findings

    def read(self, line: int, cells: Sequence[str]) -> dict[str, Number]:
        """The numbers of one row by field code; a blank is left out, never zero."""
        for name, index in self.others:
            if cells[index]:
                says = Words(
                    f"ประเภท “{self.category}” ไม่มีช่อง “{name}” แต่พบ “{brief(cells[index])}”",
                    f'The category "{self.category}" has no "{name}", yet "{brief(cells[index])}" is here.',
                )
                self.findings.add(line, name, "field_elsewhere", says, Words("เว้นช่องนี้ว่าง", "Leave this cell blank."))
        numbers: dict[str, Number] = {}
        for field, index in self.own:
            if not cells[index]:
                continue
            try:
                value = field_number(field, cells[index])
            except WrongField as wrong:
                self.findings.add(line, field.code, wrong.code, wrong.says, wrong.remedy)
            else:
                if value is not None:
                    numbers[field.code] = value
        return numbers


class WrongField(ValueError):
    """A text that does not fit its field."""

    def __init__(self, code: str, says: Words, remedy: Words):
        super().__init__(says.en)
        self.code, self.says, self.remedy = code, says, remedy


def field_number(field: Field, text: str) -> Number | None:
    """What rules read of a field's text: a number; None for the types that hold none. Raises WrongField."""
    if field.type in ("integer", "decimal"):
        return _number(field, text)
    if field.type == "yes_no":
        if text.lower() not in YES_NO:
            raise WrongField("field_not_yes_no", found(text), Words("ใส่ 1 หรือ 0", "Write 1 or 0."))
        return YES_NO[text.lower()]
    options = [option.code for option in field.options]
    if field.type == "choice" and text not in options:
        raise WrongField("field_not_a_choice", found(text), near(text, options))
    if field.type == "date" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        remedy = Words("ใส่วันที่ ปี ค.ศ.-เดือน-วัน เช่น 2021-07-19", "Write a date such as 2021-07-19.")
        raise WrongField("field_not_a_date", found(text), remedy)
    if field.max_chars is not None and len(text) > field.max_chars:
        says = Words(
            f"ข้อความยาว {len(text)} ตัวอักษร เกิน {field.max_chars}",
            f"The text has {len(text)} characters, more than {field.max_chars}.",
        )
        raise WrongField("field_too_long", says, Words("ย่อข้อความ", "Shorten it."))
    return None


def _number(field: Field, text: str) -> Number:
    try:
        value = parse_number(text)
    except NotANumber:
        raise WrongField("field_not_a_number", found(text), write_a_number(text)) from None
    wrong = problem_with_number(field, value)
    if wrong is not None:
        raise WrongField(wrong.code, found(text), wrong.remedy)
    return value


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a number does not fit its field, and what would."""

    code: str
    remedy: Words


def problem_with_number(field: Field, value: Number) -> Misfit | None:
    """Why `value` is none of the field's numbers: finer than its places, below `min`, above `max`, neither 1 nor 0.

    None where it fits, and for the types that hold no number.
    """
    if field.type == "yes_no":
        return None if value in (0, 1) else Misfit("field_not_yes_no", Words("ใส่ 1 หรือ 0", "Write 1 or 0."))
    if field.type not in ("integer", "decimal"):
        return None
    places = field.places or 0
    if 10**places % value.denominator:
        finest = Words(f"ใส่ทศนิยมไม่เกิน {places} ตำแหน่ง", f"Write at most {places} decimals.")
        return Misfit("field_too_fine", finest if places else Words("ใส่จำนวนเต็ม", "Write a whole number."))
    if field.min is not None and value < field.min:
        return Misfit(
            "field_off_range", Words(f"ใส่ค่าไม่น้อยกว่า {plain(field.min)}", f"Write {plain(field.min)} or more.")
        )
    if field.max is not None and value > field.max:
        return Misfit("field_off_range", Words(f"ใส่ค่าไม่เกิน {plain(field.max)}", f"Write {plain(field.max)} or less."))
    return None


def names_panels(table: Table) -> bool:
    """Whether an entry of the (good) table says who its members are; then a missing card is known to be missing."""
    if "members" not in table.header:
        return False
    index = table.header.index("members")
    return any(cells[index] for _, cells in table.rows)


def any_invented(table: Table) -> bool:
    """Whether an entry of the (good) table is said to be made up, so that whatever shows it must say so."""
    if "invented" not in table.header:
        return False
    index = table.header.index("invented")
    return any(YES_NO.get(cells[index].lower()) for _, cells in table.rows)
