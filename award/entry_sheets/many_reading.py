"""A filled workbook of many entries: for each row what it would begin or change, or every reason why it may not.

What is wrong with the file as a whole refuses it; what is wrong with a row keeps out that row, and no other.
"""

from collections.abc import Iterator, Mapping, Sequence

from award.entry_sheets.many import Place, Section
from award.entry_sheets.many_file import check_columns, sheet_names
from award.entry_sheets.many_plan import Planned, Planner
from award.entry_sheets.many_rows import RowFinder
from award.entry_sheets.preview import Version
from award.entry_sheets.problems import Problems, Speak
from award.tables.book_file import Book, BookSheet
from exports.entry_book_many import ENTRY, PROVINCE, REVISION
from scoring_rules.problems import FactsRefused
from scoring_rules.rules import Field
from scoring_rules.words import Words


def read_many_book(
    book: Book, *, sections: Sequence[Section], provinces: Sequence[Place], cycle: int,
    versions: Mapping[tuple[int, int], Version], speak: Speak, language: str,
) -> tuple[Planned, ...]:  # fmt: skip
    """Every row that says something, in the order of the sheets. `versions`: entries as they were, by (id, revision).

    Raises FactsRefused where the file as a whole is not what it should be.
    """
    problems = Problems(book.name)
    names = sheet_names(book, sections, cycle, problems)
    if problems.found:
        raise FactsRefused(problems.found)
    planned: list[Planned] = []
    for section in sections:
        finder = RowFinder(section, provinces, book.name, speak)
        planner = Planner(section, versions, speak, language=language)
        planned += _read_section(book, section, names, finder, planner, problems)
    if problems.found:
        raise FactsRefused(problems.found)
    return tuple(planned)


def _read_section(
    book: Book, section: Section, names: Mapping[str, str], finder: RowFinder, planner: Planner, problems: Problems
) -> Iterator[Planned]:
    """The section's rows; what is wrong with its sheets as such is noted."""
    asked = [_page(book, names[key], problems) for key in section.keys]
    pages = [page for page in asked if page is not None]
    if len(pages) < len(asked):
        return
    main = pages[0]
    keys = (ENTRY, REVISION, PROVINCE)
    fine = check_columns(main, (*_keyed(keys), *section.fields), problems)
    by_code = dict(zip((table.code for table in section.tables), pages[1:], strict=True))
    for table in section.tables:
        fine = check_columns(by_code[table.code], (*_keyed((ENTRY, PROVINCE)), *table.columns), problems) and fine
    if not fine:
        return
    rows = list(finder.rows(main))
    finder.note_twice(main, rows)
    for table in section.tables:
        finder.put_table_rows(by_code[table.code], table, rows, problems)
    for row in rows:
        yield planner.plan(main, row, by_code)


def _page(book: Book, name: str, problems: Problems) -> BookSheet | None:
    page = book.sheet(name)
    if page is None:
        says = Words(f"ไม่มีแผ่น “{name}”", f'There is no sheet "{name}".')
        remedy = Words("อย่าลบหรือเปลี่ยนชื่อแผ่น", "Do not delete or rename sheets.")
        problems.add(name, "", "sheet_missing", says, remedy)
    return page


def _keyed(codes: Sequence[str]) -> tuple[Field, ...]:
    return tuple(Field(code, Words(code), "text", required=True) for code in codes)
