"""The ranking sheets: every column of every line against the ranking computed here."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from exports.verifier.amounts import number
from exports.verifier.ranks import Ranking
from exports.verifier.rules import Category
from exports.verifier.said import fail
from exports.verifier.totals import Line
from exports.verifier.workbook_words import (
    Book,
    Compared,
    Wanted,
    decided_words,
    full_points,
    group_words,
    remark_words,
)
from exports.verifier.xlsx import Sheet


class _Column(NamedTuple):
    title: str
    value: Callable[[Ranking, Line], Wanted] | None  # None: not compared
    full: Fraction | None = None


def check_rankings(book: Book, compared: Compared) -> None:
    """Each category's sheet. Raises Failed with sheet, cell and both values."""
    several = len(book.rules.categories) > 1
    codes = list(dict.fromkeys(ranking.category.code for ranking in book.rankings))
    for code in codes:
        rankings = [ranking for ranking in book.rankings if ranking.category.code == code]
        category = rankings[0].category
        name = f"{book.word('ranking')} · {book.say(category.written['label'])}" if several else book.word("ranking")
        found = book.of_sheet(f"{name} · {book.say(book.stage.label)}")
        if len(found) != 1:
            fail(
                f"ranking.xlsx: มีแผ่นงาน “{name}” {len(found)} แผ่น",
                f'ranking.xlsx: {len(found)} sheets are called "{name}"',
            )
        _check_sheet(book, found[0], rankings, compared)


def header_row(sheet: Sheet, title: str, column: int) -> int:
    """The row of the header, known by one of its titles. Raises Failed."""
    for row in range(1, 12):
        if sheet.text(row, column) == title:
            return row
    return fail(
        f"ranking.xlsx แผ่น “{sheet.name}”: ไม่พบหัวตาราง “{title}”",
        f'ranking.xlsx sheet "{sheet.name}": there is no header "{title}"',
    )


def _check_sheet(book: Book, sheet: Sheet, rankings: list[Ranking], compared: Compared) -> None:
    row = header_row(sheet, book.word("code"), 2)
    live = any(sheet.text(row, column) == book.word("check") for column in range(1, 200))
    columns = _columns(book, rankings[0].category, rankings, live=live)
    for place, column in enumerate(columns, 1):
        if column.title:
            compared.cell(sheet, row, place, column.title)
        wanted: Wanted = book.word("full") if place == 3 else column.full
        compared.cell(sheet, row + 1, place, wanted)
    row += 2
    first = row
    for ranking in rankings:
        for heading in (group_words(book, ranking.group), book.word("blocked") if ranking.blocked else ""):
            if heading:
                compared.cell(sheet, row, 1, heading)
                row += 1
        for line in ranking.lines:
            for place, column in enumerate(columns, 1):
                if column.value is not None:
                    compared.cell(sheet, row, place, column.value(ranking, line))
            row += 1
    for below, place in sorted(sheet.cells):
        beside = first <= below < row and place > len(columns)
        # Signature lines may follow; no other line of a ranking does.
        another = below >= row and place == 2 and sheet.cells[below, place] in book.entries
        if beside or another:
            compared.cell(sheet, below, place, None)


def _columns(book: Book, category: Category, rankings: list[Ranking], *, live: bool) -> list[_Column]:
    entries = book.entries
    tiers = {str(tier["code"]): book.say(tier["label"]) for tier in category.listed("tiers")}
    attributes = [entries[line.entry]["attributes"] for ranking in rankings for line in ranking.lines]
    columns = [
        _Column(book.word("rank"), lambda _, line: line.rank),
        _Column(book.word("code"), lambda _, line: line.entry),
        _Column(book.word("label"), lambda _, line: line.label),
        _Column(book.word("province"), lambda _, line: entries[line.entry]["attributes"].get("province", "")),
    ]
    if book.stage.groups != "zone" and any("zone" in each for each in attributes):
        columns.append(_Column(book.word("zone"), lambda _, line: entries[line.entry]["attributes"].get("zone", "")))
    for root in category.roots:
        columns.append(_Column(book.say(root.written["label"]), _points(root.path), root.points))
    if live and category.written["total"].get("adjustments"):
        columns.append(_Column(book.word("changes"), _changes))
    if live and book.stage.carries is not None:
        share = number(book.stage.carries["share"])
        columns.append(_Column(_with_share(book, "this", 1 - share), lambda _, line: line.this))
        columns.append(_Column(_with_share(book, "earlier", share), None))
    columns.append(_Column(book.word("total"), lambda _, line: line.total, full_points(rankings[0])))
    columns.append(_Column(book.word("tier"), lambda _, line: tiers.get(line.tier or "", "")))
    if book.stage.take is not None:
        columns.append(_Column(book.word("advances"), lambda _, line: book.word("yes") if line.advances else ""))
    columns.append(_Column(book.word("tie"), lambda ranking, line: decided_words(book, ranking, line)))
    columns.append(_Column(book.word("remark"), lambda _, line: remark_words(book, line)))
    if live:
        columns.append(_Column(book.word("check"), lambda _, line: book.word("same")))
        columns.append(_Column(book.word("line"), None))
    return columns


def _points(path: str) -> Callable[[Ranking, Line], Wanted]:
    return lambda _, line: line.points.get(path)


def _changes(ranking: Ranking, line: Line) -> Wanted:
    return None if line.total_exact is None else line.changes


def _with_share(book: Book, word: str, share: Fraction) -> str:
    percent = share * 100
    text = str(percent) if percent.denominator == 1 else str(float(percent))
    return f"{book.word(word)} " + (f"(ร้อยละ {text})", f"({text} %)")[book.language]
