"""A filled score sheet read back: every cell that would change, or every reason why the file is refused as a whole."""

from award.score_sheets.identity import compare, note_other_sheets, read_identity
from award.score_sheets.page import Page
from award.score_sheets.preview import Change, EntryChanges, Preview, against
from award.score_sheets.problems import Problems
from award.tables.book_file import read_book
from exports.score_sheet_layout import ScoreSheet, layouts_of
from scoring_rules.problems import FactsRefused
from scoring_rules.words import Words

__all__ = ["Change", "EntryChanges", "Preview", "read_member", "read_score_sheet"]


def read_member(data: bytes, *, name: str) -> str:
    """The code of the member whose sheet the file says it is. Raises FactsRefused."""
    problems = Problems(name)
    identity = read_identity(read_book(data, name=name), problems)
    if identity is None:
        raise FactsRefused(problems.found)
    return identity.member


def read_score_sheet(data: bytes, *, name: str, sheet: ScoreSheet) -> Preview:
    """What the filled file would change of `sheet`, the same member's sheet as it would be written now.

    Raises FactsRefused with every problem; then nothing of the file counts.
    """
    book = read_book(data, name=name)
    problems = Problems(name)
    identity = read_identity(book, problems)
    if identity is None:
        raise FactsRefused(problems.found)
    compare(identity, sheet.identity, problems)
    if problems.found:
        raise FactsRefused(problems.found)
    readers: list[EntryChanges] = []
    codes = [(code, category) for code, category, _ in identity.entries]
    made_from = {code: revision for code, _, revision in identity.entries}
    layouts = layouts_of(sheet.rules, codes, language=identity.language)
    note_other_sheets(book, layouts, problems)
    for layout in layouts:
        page = book.sheet(layout.name)
        if page is None:
            says = Words(f"ไม่มีแผ่น “{layout.name}”", f'There is no sheet "{layout.name}".')
            remedy = Words("อย่าลบหรือเปลี่ยนชื่อแผ่น", "Do not delete or rename sheets.")
            problems.add(layout.name, "", "sheet_missing", says, remedy)
            continue
        reader = Page(page, layout, problems)
        if reader.is_in_place():
            reader.note_strays()
            for number, code in enumerate(layout.entries):
                entry = sheet.by_code[code]
                changes = list(reader.changes(number, entry))
                readers.append(against(entry, changes, made_from[code]))
    if problems.found:
        raise FactsRefused(problems.found)
    known = {code for code, _ in codes}
    return Preview(tuple(readers), tuple(entry for entry in sheet.entries if entry.code not in known))
