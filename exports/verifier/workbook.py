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
from exports.verifier.xlsx import Sheet, as_cell, read_workbook


def check_workbook(
    data: bytes,
    *,
    rules: Rules,
    rankings: list[Ranking],
    facts: Mapping[str, Any],
    results: Mapping[str, Any],
    stated: Mapping[str, Wanted],
    evidence: Collection[tuple[str, str]] = (),
    invented: bool = True,
) -> Said:
    """Every cell that is a fact or follows from one. Raises Failed with sheet, cell and both values.

    `stated` holds what the sheet of provenance must say besides counts, `evidence` the files by entry and hash that
    the workbook lists, `invented` whether it must say that its data are.
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
    left = [sheet for sheet in sheets if sheet.name not in compared.sheets]
    _check_others(book, left)
    _check_titles(book, compared, kind=str(stated["kind"]), invented=invented)
    formulas = sum(sheet.formulas for sheet in sheets)
    return Said(
        f"เทียบ {compared.cells} เซลล์ใน {len(compared.sheets)} แผ่นงาน ตรงทุกเซลล์"
        f" (ค่าที่เก็บไว้ของสูตร {formulas} สูตร ไม่ใช่ตัวสูตร; ไม่ได้เทียบแผ่น {', '.join(sheet.name for sheet in left)})",
        f"{compared.cells} cells on {len(compared.sheets)} sheets compared, all agree (the kept values of"
        f" {formulas} formulas, not the formulas; sheets not compared: {', '.join(sheet.name for sheet in left)})",
    )


def _language(sheets: list[Sheet]) -> int:
    for language in (0, 1):
        if any(sheet.text(2, 1).startswith(WORDS["provenance"][language] + " · ") for sheet in sheets):
            return language
    return fail("ranking.xlsx: ไม่ใช่สมุดงานของระบบนี้", "ranking.xlsx: this is no workbook of this system")


def _check_others(book: Book, sheets: list[Sheet]) -> None:
    """Besides the sheets that are compared there are one of history and one of audit for each category, at most."""
    stage = book.say(book.stage.label)
    history, audit = f"{book.word('history')} · {stage}", f"{book.word('audit')} "
    allowed = {history: 1, audit: len({ranking.category.code for ranking in book.rankings})}
    for sheet in sheets:
        title = sheet.text(2, 1)
        kind = history if title == as_cell(history) else audit if title.startswith(audit) else ""
        allowed[kind] = allowed.get(kind, 0) - 1
        if allowed[kind] < 0:
            fail(f"ranking.xlsx: แผ่นงาน “{sheet.name}” ไม่ควรมี", f'ranking.xlsx: unexpected sheet "{sheet.name}"')


def _check_titles(book: Book, compared: Compared, *, kind: str, invented: bool) -> None:
    """Every sheet names the award and the year, and warns of what its result is not."""
    written = book.rules.written
    award, cycle = book.say(written["award"]), int(written["cycle"])
    warnings = [book.word("invented")] if invented else []
    warnings += [book.word(kind)] if kind != "official" else []
    warnings += [book.word("proposed")] if written["basis"] == "proposed" else []
    before = set(compared.sheets)
    for sheet in book.sheets:
        compared.cell(sheet, 1, 1, (f"{award} ประจำปี {cycle}", f"{award}, B.E. {cycle}")[book.language])
        if warnings:
            compared.cell(sheet, 3, 1, " · ".join(warnings))
    compared.sheets = before
