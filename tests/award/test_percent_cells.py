"""A cell that shows 85% holds 0.85: read as people see it where that is sure, asked where it is not."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from award.entry_sheets import Preview, Stored, Version, open_entry_book, parts_in, read_entry_book
from award.tables import table_from
from award.tables.book_file import read_book
from exports.entry_book import entry_book
from scoring_rules.problems import FactsRefused
from scoring_rules.rules import Category
from scoring_rules.words import Words
from tests.award.filled_books import place_of, put, saved
from tests.award.filled_sheets import OFFICE, PLAN, changed, refusal, written
from tests.award.test_entry_books import ANSWERS, CATEGORY, LABEL, PROGRAMS, SAVED, book_of, district

# The same category, had its rules asked for the percentage itself.
TYPED_PERCENTAGE = replace(
    CATEGORY,
    indicators=tuple(
        replace(each, ratio=None, field="plots_done", rows=None, max=None) if each.code == "knn_plots_done" else each
        for each in CATEGORY.indicators
    ),
)


def percent(
    value: float, shown_as: str = "0%", code: str = "plots_done", *, category: Category = CATEGORY
) -> bytes:  # fmt: skip
    book = load_workbook(BytesIO(entry_book(book_of(ANSWERS, parts=parts_in(category)))))
    sheet, cell = place_of(book, code)
    put(book, (sheet, cell), value)
    book[sheet][cell].number_format = shown_as
    return saved(book)


def read(data: bytes, category: Category = CATEGORY) -> Preview:
    stored = Stored(ANSWERS, LABEL, {}, frozenset(), Version(ANSWERS, LABEL), districts=7)
    return read_entry_book(
        open_entry_book(data, name="f.xlsx"), category=category, book=book_of(ANSWERS, language="en"), stored=stored,
        speak=lambda says, values: Words(says, says % values if values else says),
    )  # fmt: skip


def refused(data: bytes, category: Category = CATEGORY) -> list[Any]:
    with pytest.raises(FactsRefused) as found:
        read(data, category)
    return [(each.code, each.path) for each in found.value.problems]


@pytest.mark.parametrize("shown_as", ["0%", "0.00%", "#,##0.0%;[Red]-0%", '0" of "%'])
def test_what_a_percentage_means_is_asked_where_the_question_wants_a_number(shown_as: str) -> None:
    data = percent(0.85, shown_as)
    place = "!".join(place_of(load_workbook(BytesIO(data)), "plots_done"))
    assert refused(data) == [("percent", place)]


@pytest.mark.parametrize("shown_as", ["General", "0.00", '0.00"%"', "0\\%", "0_%"])
def test_a_percent_sign_that_only_stands_there_changes_nothing(shown_as: str) -> None:
    assert refused(percent(0.85, shown_as))[0][0] == "not_acceptable", "a whole number is asked for"
    assert read(percent(64, shown_as)).values == {"plots_done": "64"}


def test_where_a_percentage_is_asked_for_it_counts_as_it_is_shown() -> None:
    for held, shown_as, counts in ((0.85, "0%", "85"), (0.07, "0.0%", "7"), (64, "General", "64")):
        data = percent(held, shown_as, category=TYPED_PERCENTAGE)
        assert read(data, TYPED_PERCENTAGE).values == {"plots_done": counts}


def test_a_text_is_the_percentage_that_people_see() -> None:
    assert read(percent(0.855, "0.0%", "title")).values == {"title": "85.5%"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_kind_of_file_tells_its_percentages(program: str) -> None:
    """Saved by LibreOffice from the workbook that `typed_percentages` makes."""
    data = (SAVED / f"percent.{program}").read_bytes()
    made = load_workbook(BytesIO(typed_percentages()))
    wanted = [place_of(made, "plots_done"), *(district(made, 3, column) for column in ("top", "bottom"))]
    assert refused(data) == [("percent", "!".join(place)) for place in wanted]
    book = read_book(data, name="f")
    assert sum(len(sheet.percents) for sheet in book.sheets) == 4, "the title's, too, and no other"


def typed_percentages() -> bytes:
    book = load_workbook(BytesIO(entry_book(book_of(ANSWERS))))
    places = [place_of(book, code) for code in ("title", "plots_done")]
    put(book, district(book, 3, "district"), "คลองใหญ่")
    places += [district(book, 3, column) for column in ("top", "bottom")]
    for sheet, cell in places:
        put(book, (sheet, cell), 0.85)
        book[sheet][cell].number_format = "0.0%"
    return saved(book)


def test_a_table_of_facts_is_asked_the_same() -> None:
    book = load_workbook(BytesIO(typed_percentages()))
    for sheet in book.sheetnames[1:]:
        del book[sheet]
    page = book.worksheets[0]
    page.delete_rows(1, page.max_row)
    page.append(["entry", "value"])
    page.append(["a", 0.85])
    assert table_from(saved(book), name="f.xlsx").rows[0][1] == ["a", "0.85"]
    page["B2"].number_format = "0%"
    with pytest.raises(FactsRefused) as found:
        table_from(saved(book), name="f.xlsx")
    assert [(each.code, each.line, each.column) for each in found.value.problems] == [("percent", 2, 2)]


def test_a_mark_that_is_shown_as_a_percentage_is_asked_about() -> None:
    """4 with the format of a percentage shows as 400%; 3% holds 0.03."""

    def type_percent(book: Workbook) -> None:
        book[OFFICE][f"H{PLAN}"] = 4
        book[OFFICE][f"H{PLAN}"].number_format = "0%"

    assert refusal(changed(written(), type_percent))[0].startswith(f"percent filled.xlsx: {OFFICE}!H{PLAN}: ")
