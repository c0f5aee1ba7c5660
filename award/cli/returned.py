"""Filled score sheets in words: what they change, why they may not count, the notes they bring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from award.score_sheets import EntryChanges, Preview
from award.tables import csv_bytes
from exports.score_sheet_layout import GONE, ScoreSheet
from scoring_rules.fact_tables import Table
from scoring_rules.problems import Problem
from scoring_rules.words import Words

BLANK = Words("(ว่าง)", "(blank)")
NOTE = Words("บันทึก", "note")


@dataclass(frozen=True, slots=True)
class Returned:
    """One filled file: its member's sheet as it would be written now, and what the file changes of it."""

    file: str
    sheet: ScoreSheet
    preview: Preview


def told(back: Sequence[Returned], language: str) -> Iterator[str]:
    """Every change as a line, under its file and entry."""
    for each in back:
        yield f"{each.file} · {each.sheet.member.code}"
        yield from _told(each.preview, language)


def _told(preview: Preview, language: str) -> Iterator[str]:
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


def reasons_against(back: Sequence[Returned], *, overwrite: bool) -> Iterator[Problem]:
    """Why the sheets may not count: two of one member, marks where none may be, marks changed since (unless those are
    to be overwritten)."""
    seen: dict[str, str] = {}
    for each in back:
        member = each.sheet.member.code
        if member in seen:
            says = Words(
                f"เป็นใบของ “{member}” เหมือน {seen[member]}", f'It is a sheet of "{member}", as {seen[member]} is.'
            )
            yield Problem(each.file, 0, 0, "", "member_twice", says, Words("เลือกแฟ้มเดียว", "Choose one of them."))
        seen.setdefault(member, each.file)
        yield from _shut(each)
        if not overwrite:
            yield from _conflicts(each)


def _saved_since(each: EntryChanges) -> Words:
    code = each.entry.code
    return Words(
        f"คะแนนของ “{code}” ถูกแก้หลังจากทำใบให้คะแนนนี้", f'The marks of "{code}" were changed after this sheet was made.'
    )


def _conflicts(back: Returned) -> Iterator[Problem]:
    remedy = Words("ตรวจแล้วเพิ่ม --overwrite หรือทำใบใหม่", "Look, then add --overwrite; or write a new sheet.")
    for each in back.preview.conflicts:
        yield Problem(back.file, 0, 0, each.entry.code, "saved_since", _saved_since(each), remedy)


def _shut(back: Returned) -> Iterator[Problem]:
    for each in back.preview.shut:
        why = each.entry.shut or GONE
        cells = ", ".join(change.cell for change in each.changes)
        says = Words(
            f"ให้คะแนนไม่ได้ ({why.th}) แต่มีค่าในช่อง {cells}", f"Not to be marked ({why.in_language('en')}): {cells}."
        )
        yield Problem(back.file, 0, 0, each.entry.code, "entry_shut", says, Words("ลบค่านั้น", "Clear those cells."))


def notes_of(back: Sequence[Returned]) -> bytes:
    """The notes that the sheets change, as a CSV file."""
    rows = [
        (each.entry.code, one.sheet.member.code, change.name.partition(":")[2], change.new)
        for one in back
        for each in one.preview.changed
        for change in each.changes
        if change.is_note
    ]
    return csv_bytes(Table("notes", ("entry", "member", "criterion", "note"), list(enumerate(rows, start=2))))
