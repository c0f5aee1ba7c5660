"""Score sheets as members fill them: written, opened and saved by another program, changed in their XML or by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from award.score_sheets import Preview, read_score_sheet
from exports.score_sheet import ScoreSheet, SheetEntry, score_sheet
from scoring_rules.problems import FactsRefused
from scoring_rules.words import Words
from tests.exports import example

OFFICE = "สำนักงานพัฒนาชุมชนจังหวัด"
TAMBON = "คณะทำงานขับเคลื่อนกองทุน ตำบล เ"
ABOUT = "ข้อมูลแฟ้ม"
RECUSED = Words("ถอนตัว: เคยปฏิบัติงานที่จังหวัดนี้", "Recused: held a post here")
# Rows of the example's card, from the top.
HEAD, PLAN, RESULT, PAPERS, WEB, BOARD, GIVEN, LASTING, TOTAL, BLANKS = range(7, 17)
NOTE = "เหตุผลบรรทัดแรก\nบรรทัดที่สอง <&> ๕"


def example_sheet(*, language: str = "th", **changes: Any) -> ScoreSheet:
    """Member m3 of zone 9: marks and a note on Trat, a blank card on Loei, recused from Chanthaburi, one tambon."""
    facts = example.facts()
    entries = {entry.code: entry for entry in facts.entries}

    def asked(code: str, **more: Any) -> SheetEntry:
        entry = entries[code]
        return SheetEntry(code, entry.category, entry.label, fields=entry.fields, **more)

    marks = next(card.marks for card in facts.cards["trat"] if card.member == "m3")
    sheet = ScoreSheet(
        rules=example.rule_set(codes=("office", "tambon")),
        stage=example.rule_set().stages[0],
        member=example.MEMBERS["m3"],
        entries=(
            asked("trat", marks=marks, notes={"d1/plan": NOTE}, revision="3"),
            asked("loei"),
            asked("chan", shut=RECUSED, excused=Words("ถอนตัว", "Recused")),
            SheetEntry("t1", "tambon", "คณะทำงาน ตำบลหนึ่ง", fields={"done": 80, "all": 100}),
        ),
        made_at=example.MADE_AT,
        made_by="ฝ่ายเลขานุการคณะกรรมการ",
        invented=True,
        language=language,
    )
    return replace(sheet, **changes)


def changed(data: bytes, change: Callable[[Workbook], object]) -> bytes:
    """The workbook as a program that opens and saves it would leave it."""
    book = load_workbook(BytesIO(data))
    change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def filled(data: bytes, cells: Mapping[str, Any], *, page: str = OFFICE) -> bytes:
    """The sheet with values typed into its cells; None clears one."""

    def fill(book: Workbook) -> None:
        for cell, value in cells.items():
            book[page][cell] = value

    return changed(data, fill)


def read(data: bytes, sheet: ScoreSheet | None = None) -> Preview:
    return read_score_sheet(data, name="filled.xlsx", sheet=sheet or example_sheet())


def changes_of(preview: Preview) -> list[tuple[str, str, str, str, str]]:
    """(entry, name, cell, old, new) of every change."""
    return [
        (each.entry.code, change.name, change.cell, change.old, change.new)
        for each in preview.changed
        for change in each.changes
    ]


def refusal(data: bytes, sheet: ScoreSheet | None = None, *, language: str = "en") -> list[str]:
    """Every problem of a refused file: `code place: sentence`."""
    with pytest.raises(FactsRefused) as refused:
        read(data, sheet)
    return [f"{each.code} {each.sentence(language)}" for each in refused.value.problems]


@lru_cache
def _example() -> bytes:
    return score_sheet(example_sheet())


def written(sheet: ScoreSheet | None = None) -> bytes:
    return _example() if sheet is None else score_sheet(sheet)
