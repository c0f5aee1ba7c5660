"""An entry's workbook as people fill it: fetched from the site, changed by code, brought back."""

import json
import re
from collections.abc import Mapping
from html import unescape
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from award.db.entries import Entry
from exports.entry_book_layout import ANSWER, CODE, COLUMN_CODES, FIRST_LINE, FIRST_ROW
from tests.award.build import BuiltSite

OFFICE = "to-23"  # Trat's entry of the transparent office


def entry_of(site: BuiltSite, code: str = OFFICE) -> Entry:
    with site.database.reading() as db:
        return db.execute(select(Entry).where(Entry.code == code)).scalar_one()


def answers_of(site: BuiltSite, code: str = OFFICE) -> dict[str, Any]:
    return dict(json.loads(entry_of(site, code).answers))


def download(client: FlaskClient, entry: Entry, query: str = "") -> bytes:
    answer = client.get(f"/e/{entry.id}/sheet.xlsx{query}")
    assert answer.status_code == 200, answer.text
    assert str(answer.mimetype).endswith("spreadsheetml.sheet")
    return answer.data


def place_of(book: Workbook, code: str) -> tuple[str, str]:
    """(sheet, cell) of the answer to a question."""
    for sheet in book.worksheets:
        for row in range(FIRST_LINE, sheet.max_row + 1):
            if sheet.cell(row, CODE).value == code:
                return sheet.title, sheet.cell(row, ANSWER).coordinate
    raise KeyError(code)


def table_place(book: Workbook, column: str, row: int, *, beside: str = "") -> tuple[str, str]:
    """(sheet, cell) of a table's cell, rows counted from 1; `beside` names another column of the same table."""
    for sheet in book.worksheets:
        heads = {sheet.cell(COLUMN_CODES, place).value: place for place in range(1, sheet.max_column + 1)}
        if column in heads and (not beside or beside in heads):
            return sheet.title, sheet.cell(FIRST_ROW + row - 1, heads[column]).coordinate
    raise KeyError(column)


def fill(data: bytes, answers: Mapping[str, Any], rows: Mapping[tuple[str, int], Any] | None = None) -> bytes:
    """The workbook with answers typed by code, and cells of the projects' table by (column, row)."""
    book = load_workbook(BytesIO(data))
    for code, value in answers.items():
        put(book, place_of(book, code), value)
    for (column, row), value in (rows or {}).items():
        put(book, table_place(book, column, row, beside="owner"), value)
    return saved(book)


def put(book: Workbook, place: tuple[str, str], value: Any) -> None:
    """Types a value; a text is a text, whatever it begins with."""
    cell = book[place[0]][place[1]]
    cell.value = value
    if isinstance(value, str) and not value.startswith(("=HYPERLINK", "#REF!")):
        cell.data_type = "s"


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def upload(client: FlaskClient, entry: Entry, data: bytes, name: str = "แบบ.xlsx") -> TestResponse:
    return client.post(f"/e/{entry.id}/sheet", data={"file": (BytesIO(data), name)})


def problems_in(answer: TestResponse) -> list[str]:
    """`code place` of every problem that the page names."""
    found = re.findall(r'<li data-code="(\w+)">(?:<strong>(.*?)</strong>)?', answer.text)
    return [unescape(f"{code} {place}".strip()) for code, place in found]


def sealed_in(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    fields = {
        name: found[1]
        for name in ("key", "changes")
        if (found := re.search(rf'name="{name}" value="([^"]+)"', answer.text)) is not None
    }
    assert set(fields) == {"key", "changes"}, "this preview cannot be stored"
    return fields


def store(client: FlaskClient, entry: Entry, fields: Mapping[str, str]) -> TestResponse:
    return client.post(f"/e/{entry.id}/sheet/store", data=dict(fields))
