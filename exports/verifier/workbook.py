"""The workbook against the ranking computed here: which sheets, how many cells, and what is not compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from exports.verifier.ranks import Ranking
from exports.verifier.rules import Rules
from exports.verifier.said import Said, fail
from exports.verifier.workbook_cards import check_cards
from exports.verifier.workbook_lists import check_indicators, check_matrix, check_provenance
from exports.verifier.workbook_ranking import check_rankings
from exports.verifier.workbook_rules import check_evidence_sheet, check_rules_sheet
from exports.verifier.workbook_words import WORDS, Book, Compared, Wanted
from exports.verifier.xlsx import Sheet, read_workbook


def check_workbook(
    data: bytes,
    *,
    rules: Rules,
    rankings: list[Ranking],
    facts: Mapping[str, Any],
    results: Mapping[str, Any],
    stated: Mapping[str, Wanted],
    evidence: Collection[tuple[str, str]] = (),
) -> Said:
    """Every cell that is a fact or follows from one. Raises Failed with sheet, cell and both values.

    `stated` holds what the sheet of provenance must say besides counts, `evidence` the files by entry and hash that
    the workbook lists.
    """
    sheets = read_workbook(data)
    reasons = {
        standing["entry"]: standing["reasons"] for ranking in results["rankings"] for standing in ranking["standings"]
    }
    stage = rankings[0].stage if rankings else rules.stages[0]
    entries = {entry["code"]: entry for entry in facts["entries"]}
    book = Book(rules, stage, rankings, facts, reasons, sheets, _language(sheets), entries)
    compared = Compared()
    check_rankings(book, compared)
    check_cards(book, compared)
    check_matrix(book, compared)
    check_indicators(book, compared)
    check_rules_sheet(book, compared)
    check_evidence_sheet(book, compared, evidence)
    here = [line.entry for ranking in rankings for line in ranking.lines]
    members = {card["member"] for entry in here for card in facts["cards"].get(entry, ())}
    counts: dict[str, Wanted] = {
        "kind": book.word(str(stated["kind"])),
        "entries": len(here),
        "members": len(members),
        "stage": book.say(stage.label),
        "cycle": int(rules.written["cycle"]),
    }
    check_provenance(book, compared, {**stated, **counts})
    left = [sheet.name for sheet in sheets if sheet.name not in compared.sheets]
    formulas = sum(sheet.formulas for sheet in sheets)
    return Said(
        f"เทียบ {compared.cells} เซลล์ใน {len(compared.sheets)} แผ่นงาน ตรงทุกเซลล์"
        f" (ค่าที่เก็บไว้ของสูตร {formulas} สูตร ไม่ใช่ตัวสูตร; ไม่ได้เทียบแผ่น {', '.join(left)})",
        f"{compared.cells} cells on {len(compared.sheets)} sheets compared, all agree (the kept values of"
        f" {formulas} formulas, not the formulas; sheets not compared: {', '.join(left)})",
    )


def _language(sheets: list[Sheet]) -> int:
    for language in (0, 1):
        if any(sheet.text(2, 1).startswith(WORDS["provenance"][language] + " · ") for sheet in sheets):
            return language
    return fail("ranking.xlsx: ไม่ใช่สมุดงานของระบบนี้", "ranking.xlsx: this is no workbook of this system")
