"""award sheet: a member's offline score sheet from files, and a filled one back into a file of marks."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from award.cli.reading import (
    FILE,
    NOTHING_WRITTEN,
    Given,
    fact_files,
    gathering,
    given_by,
    in_language,
    no_cell_for,
    refuse,
)
from award.cli.returned import Returned, notes_of, reasons_against, told
from award.clock import Clock
from award.outputs import write_together
from award.score_sheets import EntryChanges, read_member, read_score_sheet
from award.tables import csv_bytes, read_bytes, read_table
from exports.cell_text import CannotWrite
from exports.material import Member
from exports.score_sheet import ScoreSheet, SheetEntry, score_sheet
from exports.score_sheet_layout import GONE
from exports.wording import CARD_STATE
from scoring_rules.exact import Number, exact_text, parse_number
from scoring_rules.fact_rows import tables_of
from scoring_rules.fact_tables import Table, near
from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.problems import Problem, Refused
from scoring_rules.rules import RuleSet, Stage
from scoring_rules.words import Words

FROM_FILES = Words("คำสั่ง award sheet จากแฟ้มข้อมูล", "award sheet, from files")
BRING_BACK = Words(
    "กรอกแล้วให้ส่งแฟ้มนี้คืนผู้จัดทำ ซึ่งจะอ่านด้วยคำสั่ง award sheet read และเห็นทุกช่องที่จะเปลี่ยนก่อนบันทึก",
    "Send the filled file back to whoever made it: `award sheet read` shows them every change before it is written.",
)
NO_MARKS = Table("marks", ("entry", "member", "criterion", "mark"), ())


@click.group()
def sheet() -> None:
    """Score sheets to fill in without the network: write one, read a filled one back."""


@sheet.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@fact_files("entries", "marks", "recusals", required=("entries",))
@click.option("--stage", help="the stage of the marks (without it: the first)")
@click.option("--member", required=True, help="code of the member")
@click.option("--new-member", is_flag=True, help="the code is right though no file names this member yet")
@click.option("--to", type=FILE, required=True, help="the .xlsx file to write")
@in_language
def write(
    *,
    rules_file: Path,
    member: str,
    new_member: bool,
    stage: str | None,
    to: Path,
    language: str,
    **tables: Path | None,
) -> None:
    """Write one member's score sheet: only the entries that they mark. Exit code 2: refused, nothing is written."""
    try:
        files = _files(rules_file, tables, stage=stage, language=language)
        if member not in files.named and not new_member:
            raise Refused([_nobody_names(member, files.named)])
        made = files.sheet(member, asked_by="--member")
        write_together([(to, _workbook(made))], apart_from=[rules_file, *tables.values()])
    except Refused as refused:
        refuse(refused.problems, language)
    click.echo(Words(f"เขียนแล้ว: {to}", f"Written: {to}").in_language(language))


@sheet.command()
@click.argument("rules_file", metavar="RULES.yaml", type=FILE)
@click.argument("filled", metavar="FILLED...", type=FILE, nargs=-1, required=True)
@fact_files("entries", "marks", "recusals", required=("entries",))
@click.option("--stage", help="the stage of the marks (without it: the first)")
@click.option("--to", type=FILE, help="CSV: write the marks of --marks with those of the sheets; may be the same file")
@click.option("--notes", type=FILE, help="CSV: write the notes of the sheets")
@click.option("--overwrite", is_flag=True, help="also change cards that were changed after the sheet was made")
@in_language
def read(
    *,
    rules_file: Path,
    filled: Sequence[Path],
    stage: str | None,
    to: Path | None,
    notes: Path | None,
    overwrite: bool,
    language: str,
    **tables: Path | None,
) -> None:
    """Show what filled sheets (.xlsx, .ods, .xls) change, cell by cell; each file says whose it is.

    All sheets count or none: exit code 2 means refused, nothing is written. Sheets that come later are added with
    --marks marks.csv --to marks.csv.
    """
    outputs: list[tuple[Path, bytes]] = []
    problems: list[Problem] = []
    back: list[Returned] = []
    try:
        files = _files(rules_file, tables, stage=stage, language=language)
        for path in filled:
            with gathering(problems):
                data, name = read_bytes(path), str(path)
                made = files.sheet(read_member(data, name=name), asked_by=name)
                back.append(Returned(name, made, read_score_sheet(data, name=name, sheet=made)))
        for line in told(back, language):
            click.echo(line)
        problems += reasons_against(back, overwrite=overwrite or to is None)
        if to is not None:
            problems += [*_stages_told(tables["marks"]), *_would_be_lost(to, tables["marks"])]
            outputs.append((to, csv_bytes(files.marks_with(back))))
        if problems:
            raise Refused(problems)
        if notes is not None:
            outputs.append((notes, notes_of(back)))
        others = {**tables, "marks": None} if _same_csv(to, tables["marks"]) else tables
        write_together(outputs, apart_from=[rules_file, *filled, *others.values()])
    except Refused as refused:
        refuse(refused.problems, language)
    for path, _ in outputs:
        click.echo(Words(f"เขียนแล้ว: {path}", f"Written: {path}").in_language(language))
    if not outputs:
        click.echo(NOTHING_WRITTEN.in_language(language))


@dataclass(frozen=True, slots=True)
class _Files:
    """What the files say. `panels`: those stated, by entry; `named`: every member whom a file names, at any stage."""

    rules: RuleSet
    stage: Stage
    facts: Facts
    panels: Mapping[str, tuple[str, ...]]
    named: Sequence[str]
    invented: bool
    language: str

    def sheet(self, member: str, *, asked_by: str) -> ScoreSheet:
        """The member's sheet as it would be written now. Raises Refused where the member marks nothing."""
        entries = tuple(_asked(entry, member, self.facts) for entry in self.facts.entries if self._marks(member, entry))
        if not entries:
            says = Words(f"ไม่มีผลงานที่ “{member}” ต้องให้คะแนน", f'There is no entry that "{member}" marks.')
            raise Refused([Problem(asked_by, 0, 0, "", "member_unknown", says, near(member, self.named))])
        return ScoreSheet(
            rules=self.rules,
            stage=self.stage,
            member=Member(member, member),
            entries=entries,
            made_at=Clock().now(),
            made_by=FROM_FILES,
            bring_back=BRING_BACK,
            invented=self.invented,
            language=self.language,
        )

    def _marks(self, member: str, entry: Entry) -> bool:
        """On a stated panel its members mark; without one, everybody does."""
        return member in self.panels.get(entry.code, (member,))

    def marks_with(self, back: Sequence[Returned]) -> Table:
        """The marks of all members, those of the sheets changed as they say.

        A line without a mark stays only where it says something: that a member marks an entry without a stated panel.
        """
        cards = dict(self.facts.cards)
        for sheet, each in ((one.sheet, each) for one in back for each in one.preview.changed):
            code, member = each.entry.code, sheet.member.code
            others = tuple(card for card in cards.get(code, ()) if card.member != member)
            cards[code] = (*others, Card(member, marks=_marks_after(each)))
        for code, of_entry in cards.items():
            stated = self.panels.get(code, ())
            cards[code] = tuple(card for card in of_entry if card.marks or card.member not in stated)
        return tables_of(self.rules, replace(self.facts, cards=cards))["marks"]


def _marks_after(changed: EntryChanges) -> dict[str, Number]:
    marks: dict[str, Number] = dict(changed.entry.marks)
    for change in changed.changes:
        if not change.is_note:
            marks.pop(change.name, None)
            if change.new:
                marks[change.name] = parse_number(change.new)
    return marks


def _files(rules_file: Path, tables: Mapping[str, Path | None], *, stage: str | None, language: str) -> _Files:
    """Reads the files. Raises Refused with the problems of all of them."""
    given = given_by(rules_file, tables, stage=stage)
    rules, found = given.rules, {"marks": NO_MARKS, **given.tables}
    at = rules.stages[0] if stage is None else rules.stage(stage)
    facts = Given(rules, found).facts(stage=at.code)
    panels = _panels(found["entries"])
    named = {member for panel in panels.values() for member in panel}
    for table in (found[kind] for kind in ("marks", "recusals") if kind in found):
        column = table.header.index("member")
        named |= {cells[column] for _, cells in table.rows}
    return _Files(rules, at, facts, panels, sorted(named), given.invented, language)


def _nobody_names(member: str, named: Sequence[str]) -> Problem:
    """A member whom no file names may be a slip of the pen."""
    known = ", ".join(named)
    says = Words(
        f"ไม่มีแฟ้มใดระบุกรรมการ “{member}” ({f'ที่ระบุไว้: {known}' if named else 'ยังไม่มีแฟ้มใดระบุกรรมการ'})",
        f'No file names a member "{member}" ({f"named are: {known}" if named else "no file names any yet"}).',
    )
    remedy = Words(
        "แก้รหัส หรือเพิ่ม --new-member หากรหัสถูกแล้ว (คอลัมน์ members ของแฟ้มผลงานก็ระบุกรรมการได้)",
        "Correct the code; or add --new-member if it is right (the column members of the entries names members too).",
    )
    return Problem("--member", 0, 0, "", "member_unknown", says, remedy)


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


def _asked(entry: Entry, member: str, facts: Facts) -> SheetEntry:
    card = next((each for each in facts.cards.get(entry.code, ()) if each.member == member), Card(member))
    excused = None if entry.state == "presented" else GONE
    shut = excused
    if card.state != "standing":
        excused = state = CARD_STATE[card.state]
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
        excused=excused,
    )


def _workbook(made: ScoreSheet) -> bytes:
    try:
        return score_sheet(made)
    except CannotWrite as reason:
        raise no_cell_for("--to", reason) from None


def _stages_told(marks: Path | None) -> Iterator[Problem]:
    """Marks of other stages would be lost in the file written."""
    if marks is not None and "stage" in (table := read_table(marks)).header:
        says = Words("ไฟล์คะแนนนี้มีหลายรอบ", "This file of marks tells stages apart.")
        remedy = Words("แยกคะแนนของรอบนี้เป็นอีกไฟล์", "Put the marks of this stage into a file of their own.")
        yield Problem(table.name, table.header_line, table.header.index("stage") + 1, "stage", "stages", says, remedy)


def _same_csv(to: Path | None, marks: Path | None) -> bool:
    """Whether the marks are written back to the file they came from: it is replaced whole, or not at all."""
    return to is not None and marks is not None and to.suffix.lower() == ".csv" and to.resolve() == marks.resolve()


def _would_be_lost(to: Path, marks: Path | None) -> Iterator[Problem]:
    """A file that is there may hold the marks of sheets read before."""
    if to.exists() and (marks is None or to.resolve() != marks.resolve()):
        says = Words("มีแฟ้มนี้อยู่แล้ว คะแนนในแฟ้มจะหายไป", "This file is there already; its marks would be lost.")
        remedy = Words(
            f"เพิ่ม --marks {to} เพื่อรวมคะแนนเดิม หรือใช้ชื่ออื่น", f"Add --marks {to} to keep them, or choose another name."
        )
        yield Problem(str(to), 0, 0, "", "output_exists", says, remedy)
