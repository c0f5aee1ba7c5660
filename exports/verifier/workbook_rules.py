"""The sheets of the rules and of the evidence: points of every criterion, hashes of every file."""

from __future__ import annotations

from collections.abc import Collection

from exports.verifier.said import fail
from exports.verifier.workbook_lists import only_sheet
from exports.verifier.workbook_ranking import header_row
from exports.verifier.workbook_words import Book, Compared

PATH, SHA256 = 6, 9  # columns


def check_rules_sheet(book: Book, compared: Compared) -> None:
    """Every criterion with its points, in the order of the rules. Raises Failed."""
    sheet = only_sheet(book, "rules")
    row = header_row(sheet, book.word("path"), PATH)
    for category in book.rules.categories:
        if not any(ranking.category.code == category.code for ranking in book.rankings):
            continue
        for node in category.nodes:
            row = next((at for at in range(row + 1, sheet.last_row + 1) if sheet.text(at, PATH)), row + 1)
            compared.cell(sheet, row, PATH, node.path)
            compared.cell(sheet, row, 1, book.say(node.written["label"]))
            compared.cell(sheet, row, 2, node.points)
    for below in range(row + 1, sheet.last_row + 1):
        compared.cell(sheet, below, PATH, None)


def check_evidence_sheet(book: Book, compared: Compared, listed: Collection[tuple[str, str]]) -> None:
    """The files on the sheet are those of evidence.csv, (entry, hash) by (entry, hash); without any it says so."""
    sheet = only_sheet(book, "evidence")
    row = header_row(sheet, book.word("code"), 1) + 1
    if sheet.text(row, 1) == book.word("nothing"):
        compared.cell(sheet, row, SHA256, None)
        found = set()
    else:
        found = {(sheet.text(at, 1), sheet.text(at, SHA256)) for at in range(row, sheet.last_row + 1)}
        found = {(entry, digest) for entry, digest in found if digest}
    here = {line.entry for ranking in book.rankings for line in ranking.lines}
    wanted = {(entry, digest) for entry, digest in listed if entry in here}
    if found != wanted:
        entry, digest = min(found ^ wanted)
        where = ("แผ่นงาน", "the sheet") if (entry, digest) in found else ("evidence.csv", "evidence.csv")
        fail(
            f"ranking.xlsx แผ่น “{sheet.name}”: แฟ้ม {digest} ของ {entry} มีเพียงใน{where[0]}",
            f'ranking.xlsx sheet "{sheet.name}": the file {digest} of {entry} is only in {where[1]}',
        )
    compared.cells += len(found)
    compared.sheets.add(sheet.name)
