"""award sheet: a member's offline score sheet from files, and a filled one back into a file of marks."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from award.cli.reading import FILE, NOTHING_WRITTEN, gathering, in_language, not_in_rules, refuse, rules_of
from award.clock import Clock
from award.outputs import write_together
from award.score_sheets import EntryChanges, Preview, read_score_sheet
from award.tables import csv_bytes, read_bytes, read_table
from exports.cell_text import CannotWrite
from exports.material import Member
from exports.score_sheet import ScoreSheet, SheetEntry, score_sheet
from exports.wording import CARD_STATE
from scoring_rules.exact import Number, exact_text, parse_number
from scoring_rules.fact_entries import any_invented
from scoring_rules.fact_files import read_facts
from scoring_rules.fact_rows import tables_of
from scoring_rules.fact_tables import Table, near
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.problems import Problem, Refused
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

FROM_FILES = Words("คำสั่ง award sheet จากแฟ้มข้อมูล", "award sheet, from files")
BLANK = Words("(ว่าง)", "(blank)")
NOTE = Words("บันทึก", "note")
NO_MARKS = Table("marks", ("entry", "member", "criterion", "mark"), ())
GONE = Words("ผลงานนี้ถอนตัวหรือไม่ได้นำเสนอ", "This entry was withdrawn or not presented")


@click.group()
def sheet() -> None:
    """Score sheets to fill in without the network: write one, read a filled one back."""


def _from_files(command: Any) -> Any:
    """The files that both commands work on."""
    for option in (
        click.option("--stage", help="the stage of the marks (without it: the first)"),
        click.option("--recusals", type=FILE, help="CSV or XLSX: entry, member, kind (recused|absent), reason"),
        click.option("--marks", type=FILE, help="CSV or XLSX: the marks so far; without it nothing is marked yet"),
        click.option("--member", required=True, help="code of the member"),
        click.option("--entries", type=FILE, required=True, help="CSV or XLSX: entry, category, label, members, ..."),
    ):
        command = option(command)
    return command


@sheet.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@_from_files
@click.option("--to", type=FILE, required=True, help="the .xlsx file to write")
@in_language
def write(*, rules_file: Path, member: str, stage: str | None, to: Path, language: str, **tables: Path | None) -> None:
    """Write one member's score sheet: only the entries that they mark. Exit code 2: refused, nothing is written."""
    try:
        known = _known(rules_file, tables, member=member, stage=stage, language=language)
        write_together([(to, _workbook(known.sheet))], apart_from=[rules_file, *tables.values()])
    except Refused as refused:
        refuse(refused.problems, language)
    click.echo(Words(f"เขียนแล้ว: {to}", f"Written: {to}").in_language(language))


@sheet.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@click.argument("filled", metavar="FILLED", type=FILE)
@_from_files
@click.option("--to", type=FILE, help="write all marks, with those of this sheet, to this CSV file")
@click.option("--notes", type=FILE, help="write the notes of this sheet to this CSV file")
@click.option("--overwrite", is_flag=True, help="also change cards that were changed after the sheet was made")
@in_language
def read(
    *,
    rules_file: Path,
    filled: Path,
    member: str,
    stage: str | None,
    to: Path | None,
    notes: Path | None,
    overwrite: bool,
    language: str,
    **tables: Path | None,
) -> None:
    """Show what a filled sheet (.xlsx, .ods, .xls) changes, cell by cell. Exit code 2: refused as a whole."""
    outputs: list[tuple[Path, bytes]] = []
    try:
        known = _known(rules_file, tables, member=member, stage=stage, language=language)
        preview = read_score_sheet(read_bytes(filled), name=str(filled), sheet=known.sheet)
        for line in _told(preview, language):
            click.echo(line)
        problems = [*_shut(preview, str(filled)), *([] if overwrite or not to else _conflicts(preview, str(filled)))]
        if to is not None:
            problems += _stages_told(tables["marks"])
            outputs.append((to, csv_bytes(tables_of(known.rules, known.with_marks(preview, member))["marks"])))
        if problems:
            raise Refused(problems)
        if notes is not None:
            outputs.append((notes, _notes(preview, known.sheet)))
        write_together(outputs, apart_from=[rules_file, filled, *tables.values()])
    except Refused as refused:
        refuse(refused.problems, language)
    for path, _ in outputs:
        click.echo(Words(f"เขียนแล้ว: {path}", f"Written: {path}").in_language(language))
    if not outputs:
        click.echo(NOTHING_WRITTEN.in_language(language))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the files say, and the member's sheet as it would be written now."""

    rules: RuleSet
    facts: Facts
    sheet: ScoreSheet

    def with_marks(self, preview: Preview, member: str) -> Facts:
        """The facts with the member's marks changed as the sheet says."""
        cards = dict(self.facts.cards)
        for each in preview.changed:
            of_entry = cards.get(each.entry.code, ())
            others = tuple(card for card in of_entry if card.member != member)
            marks: dict[str, Number] = dict(each.entry.marks)
            for change in each.changes:
                if not change.is_note:
                    marks.pop(change.name, None)
                    if change.new:
                        marks[change.name] = parse_number(change.new)
            cards[each.entry.code] = (*others, Card(member, marks=marks))
        return replace(self.facts, cards=cards)


def _known(
    rules_file: Path, tables: Mapping[str, Path | None], *, member: str, stage: str | None, language: str
) -> _Known:
    """Reads the files. Raises Refused with the problems of all of them, or where the member marks nothing."""
    problems: list[Problem] = []
    found: dict[str, Table] = {"marks": NO_MARKS}
    with gathering(problems):
        rules = rules_of(rules_file)
        problems += not_in_rules("--stage", stage, [each.code for each in rules.stages])
    for kind, path in tables.items():
        if path is not None:
            with gathering(problems):
                found[kind] = read_table(path)
    if problems:
        raise Refused(problems)
    at = rules.stages[0] if stage is None else rules.stage(stage)
    facts = read_facts(rules, **found, stage=at.code)
    panels = _panels(found["entries"])
    entries = tuple(_asked(entry, member, facts, panels) for entry in facts.entries if _marks_it(entry, member, panels))
    if not entries:
        says = Words(f"ไม่มีผลงานที่ “{member}” ต้องให้คะแนน", f'There is no entry that "{member}" marks.')
        raise Refused([Problem("--member", 0, 0, "", "member_unknown", says, near(member, _members(facts)))])
    made = ScoreSheet(
        rules=rules,
        stage=at,
        member=Member(member, member),
        entries=entries,
        made_at=Clock().now(),
        made_by=FROM_FILES,
        invented=any_invented(found["entries"]),
        language=language,
    )
    return _Known(rules, facts, made)


def _panels(entries: Table) -> dict[str, tuple[str, ...]]:
    """The stated panel of each entry that has one."""
    if "members" not in entries.header:
        return {}
    code, members = entries.header.index("entry"), entries.header.index("members")
    return {
        cells[code]: tuple(each.strip() for each in cells[members].split("|"))
        for _, cells in entries.rows
        if cells[members]
    }


def _members(facts: Facts) -> Sequence[str]:
    return sorted({card.member for cards in facts.cards.values() for card in cards})


def _marks_it(entry: Entry, member: str, panels: Mapping[str, tuple[str, ...]]) -> bool:
    """On a stated panel its members mark; without one, everybody does."""
    return member in panels.get(entry.code, (member,))


def _asked(entry: Entry, member: str, facts: Facts, panels: Mapping[str, tuple[str, ...]]) -> SheetEntry:
    card = next((each for each in facts.cards.get(entry.code, ()) if each.member == member), Card(member))
    shut = None if entry.state == "presented" else GONE
    if card.state != "standing":
        state = CARD_STATE[card.state]
        shut = Words(f"{state.th}: {card.reason}", f"{state.en}: {card.reason}") if card.reason else state
    told = "|".join(f"{path}={exact_text(mark)}" for path, mark in sorted(card.marks.items()))
    return SheetEntry(
        entry.code,
        entry.category,
        entry.label,
        marks=card.marks,
        fields=entry.fields,
        # Files count no revisions: the marks themselves say whether they are still those of the sheet.
        revision=hashlib.sha256(told.encode()).hexdigest()[:12],
        shut=shut,
    )


def _workbook(made: ScoreSheet) -> bytes:
    try:
        return score_sheet(made)
    except CannotWrite as reason:
        says = Words(f"เขียนลง Excel ไม่ได้: {reason}", f"It cannot be written to Excel: {reason}.")
        raise Refused([Problem("--to", 0, 0, "", "workbook", says, Words("แก้ข้อมูลนั้น", "Mend that text."))]) from None


def _told(preview: Preview, language: str) -> Iterator[str]:
    """Every change as a line, under its entry."""
    for each in preview.changed:
        yield f"{each.entry.code}  {each.entry.label}"
        for change in each.changes:
            what = change.label.in_language(language)
            what = f"{what} ({NOTE.in_language(language)})" if change.is_note else what
            old, new = (" ".join(text.split()) or BLANK.in_language(language) for text in (change.old, change.new))
            back = Words(" (ถอนคืน)", " (taken back)").in_language(language) if not change.new else ""
            yield f"  {change.sheet}!{change.cell}  {what}: {old} → {new}{back}"
    for each in preview.conflicts:
        yield f"! {_saved_since(each).in_language(language)}"
    for entry in preview.not_in_file:
        says = Words(f"ไม่มี {entry.code} ในไฟล์: ไม่เปลี่ยน", f"{entry.code} is not in the file: unchanged.")
        yield says.in_language(language)
    count = sum(len(each.changes) for each in preview.changed)
    yield Words(f"จะเปลี่ยน {count} ช่อง", f"Cells that change: {count}").in_language(language)


def _saved_since(each: EntryChanges) -> Words:
    code = each.entry.code
    return Words(
        f"คะแนนของ “{code}” ถูกแก้หลังจากทำใบให้คะแนนนี้", f'The marks of "{code}" were changed after this sheet was made.'
    )


def _conflicts(preview: Preview, file: str) -> Iterator[Problem]:
    remedy = Words("ตรวจแล้วเพิ่ม --overwrite หรือทำใบใหม่", "Look, then add --overwrite; or write a new sheet.")
    for each in preview.conflicts:
        yield Problem(file, 0, 0, each.entry.code, "saved_since", _saved_since(each), remedy)


def _shut(preview: Preview, file: str) -> Iterator[Problem]:
    for each in preview.shut:
        why = each.entry.shut or GONE
        cells = ", ".join(change.cell for change in each.changes)
        says = Words(
            f"ให้คะแนนไม่ได้ ({why.th}) แต่มีค่าในช่อง {cells}", f"Not to be marked ({why.in_language('en')}): {cells}."
        )
        yield Problem(file, 0, 0, each.entry.code, "entry_shut", says, Words("ลบค่านั้น", "Clear those cells."))


def _stages_told(marks: Path | None) -> Iterator[Problem]:
    """Marks of other stages would be lost in the file written."""
    if marks is not None and "stage" in (table := read_table(marks)).header:
        says = Words("ไฟล์คะแนนนี้มีหลายรอบ", "This file of marks tells stages apart.")
        remedy = Words("แยกคะแนนของรอบนี้เป็นอีกไฟล์", "Put the marks of this stage into a file of their own.")
        yield Problem(table.name, table.header_line, table.header.index("stage") + 1, "stage", "stages", says, remedy)


def _notes(preview: Preview, made: ScoreSheet) -> bytes:
    rows = [
        (each.entry.code, made.member.code, change.name.partition(":")[2], change.new)
        for each in preview.changed
        for change in each.changes
        if change.is_note
    ]
    return csv_bytes(Table("notes", ("entry", "member", "criterion", "note"), list(enumerate(rows, start=2))))
