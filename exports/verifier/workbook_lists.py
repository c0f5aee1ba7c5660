"""The sheets beside the ranking: totals by member, indicators, and where the workbook comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from exports.verifier.amounts import ZERO, places_of, units_of
from exports.verifier.ranks import Ranking
from exports.verifier.rules import Category, Written
from exports.verifier.said import fail
from exports.verifier.totals import Line, Totaller, measure, numbers_of
from exports.verifier.workbook_ranking import header_row
from exports.verifier.workbook_words import NOTHING, Book, Compared, Wanted, agrees, group_words
from exports.verifier.xlsx import Sheet

FIXED = 4  # rank, code, label, province
FIELD_PLACES = 10


def only_sheet(book: Book, word: str) -> Sheet:
    """The one sheet of that title. Raises Failed."""
    found = book.of_sheet(f"{book.word(word)} · {book.say(book.stage.label)}")
    if len(found) != 1:
        fail(
            f"ranking.xlsx: มีแผ่นงาน “{book.word(word)}” {len(found)} แผ่น",
            f'ranking.xlsx: {len(found)} sheets are called "{book.word(word)}"',
        )
    return found[0]


def check_matrix(book: Book, compared: Compared) -> None:
    """Rank, each member's own total, mean, spread and total of every line. Raises Failed.

    A member's column is known by the code at its head, else as that of the member whom it fits best.
    """
    sheet = only_sheet(book, "matrix")
    row = header_row(sheet, book.word("code"), 2) + 1
    seats = 0
    while not _is_mean(sheet, row - 1, FIXED + seats + 1):
        seats += 1
    for ranking in book.rankings:
        members = _members(book, ranking)
        columns = {member: [_own(book, ranking, line, member) for line in ranking.lines] for member in members}
        order = []
        for place in range(len(members)):
            column = FIXED + 1 + place
            head = sheet.text(row, column)
            named = [member for member in columns if member == head or head.endswith("\n" + member)]
            chosen = (
                named[0]
                if named
                else min(columns, key=lambda each: _column_misses(sheet, row + 1, column, columns[each]))
            )
            order.append(columns.pop(chosen))
        heading = group_words(book, ranking.group)
        if heading and not sheet.text(row, 1).endswith(heading):
            compared.cell(sheet, row, 1, heading)
        for at, line in enumerate(ranking.lines):
            row += 1
            _check_line(book, compared, sheet, row, line, [column[at] for column in order], seats)
        row += 1


def _is_mean(sheet: Sheet, row: int, column: int) -> bool:
    head = sheet.text(row, column)
    if column > 2_000:
        fail(f"ranking.xlsx แผ่น “{sheet.name}”: หัวตารางผิด", f'ranking.xlsx sheet "{sheet.name}": its header is another')
    return head in ("ค่าเฉลี่ยของกรรมการ", "Mean of members")


def _check_line(
    book: Book, compared: Compared, sheet: Sheet, row: int, line: Line, own: list[Wanted], seats: int
) -> None:
    totals = list(line.member_totals.values())
    mean = sum(totals, ZERO) / len(totals) if totals else None
    province = book.entries[line.entry]["attributes"].get("province", "")
    blank: list[Wanted] = [None] * (seats - len(own))
    wanted: list[Wanted] = [line.rank, line.entry, line.label, province, *own, *blank, mean, line.spread, line.total]
    for column, value in enumerate(wanted, 1):
        compared.cell(sheet, row, column, value)


def _column_misses(sheet: Sheet, row: int, column: int, values: list[Wanted]) -> int:
    return sum(not agrees(sheet.cells.get((row + at, column)), value) for at, value in enumerate(values))


def _members(book: Book, ranking: Ranking) -> list[str]:
    """Who has a card on any entry of the ranking, by code."""
    cards = book.facts["cards"]
    return sorted({card["member"] for line in ranking.lines for card in cards.get(line.entry, ())})


def _own(book: Book, ranking: Ranking, line: Line, member: str) -> Wanted:
    """The member's own total, or a state in words where there is none."""
    card = next((each for each in book.facts["cards"].get(line.entry, ()) if each["member"] == member), None)
    if member in line.member_totals:
        return line.member_totals[member]
    if card is None:
        return NOTHING
    if card["state"] == "standing":
        totaller, marks = Totaller(ranking.category), numbers_of(card, "marks")
        fields = numbers_of(book.entries[line.entry], "fields")
        fixed = totaller.fixed_points(totaller.measured(fields)).values()
        if None not in fixed and all(place in marks for leaf in totaller.asked for place in leaf.places()):
            return totaller.own_total(fields, marks)
    return book.word(card["state"])


def check_indicators(book: Book, compared: Compared) -> None:
    """Every measured number and every other number that rules read, entry by entry. Raises Failed."""
    sheet = only_sheet(book, "indicators")
    row = header_row(sheet, book.word("code"), 1) + 1
    found = False
    for category in book.rules.categories:
        rankings = [ranking for ranking in book.rankings if ranking.category.code == category.code]
        if not rankings:
            continue
        indicators = category.listed("indicators")
        for indicator in indicators:
            row = _check_numbers(book, compared, sheet, row + 1, rankings, indicator)
        read = {code for each in indicators for code in _fields_of(each)}
        others = [code for code in fields_read(category) if code not in read]
        for code in others:
            row = _check_field(book, compared, sheet, row + 1, rankings, code)
        found = found or bool(indicators or others)
    if not found:
        compared.cell(sheet, row, 1, book.word("nothing"))


def _fields_of(indicator: Written) -> list[str]:
    source = indicator["from"]
    return list(source["ratio"]) if "ratio" in source else [source["field"]]


def fields_read(category: Category) -> list[str]:
    """The fields that the rules of a category read, indicators' first, in the order in which they are met."""
    found = [code for indicator in category.listed("indicators") for code in _fields_of(indicator)]
    asked: list[Mapping[str, Any]] = []
    for rule in category.written["total"].get("adjustments") or []:
        asked.append(rule.get("per") or rule["when"])
    asked += [rule["require"] for rule in category.listed("eligibility")]
    found += [each["field"] for each in asked if "field" in each]
    return list(dict.fromkeys(found))


def _rows(book: Book, rankings: list[Ranking]) -> Iterator[tuple[Line, str, dict[str, Fraction]]]:
    for ranking in rankings:
        for line in ranking.lines:
            entry = book.entries[line.entry]
            yield line, entry["attributes"].get("province", ""), numbers_of(entry, "fields")


def _check_numbers(
    book: Book, compared: Compared, sheet: Sheet, row: int, rankings: list[Ranking], indicator: Written
) -> int:
    codes = _fields_of(indicator)
    places = places_of(indicator["round"]) if "round" in indicator else FIELD_PLACES
    for line, province, fields in _rows(book, rankings):
        value = measure(indicator, fields)
        if value is not None and value.denominator != 1:
            value = Fraction(units_of(value, places), 10**places)
        below = fields.get(codes[1]) if len(codes) > 1 else None
        wanted = [line.entry, line.label, province, fields.get(codes[0]), below, value, book.say(_unit(indicator))]
        for column, each in enumerate(wanted, 1):
            compared.cell(sheet, row, column, each)
        row += 1
    return row


def _unit(indicator: Written) -> Written:
    unit = indicator["unit"]
    return {"th": unit} if isinstance(unit, str) else dict(unit)


def _check_field(book: Book, compared: Compared, sheet: Sheet, row: int, rankings: list[Ranking], code: str) -> int:
    for line, province, fields in _rows(book, rankings):
        for column, each in ((1, line.entry), (2, line.label), (3, province), (6, fields.get(code))):
            compared.cell(sheet, row, column, each)
        row += 1
    return row


PROVENANCE: tuple[tuple[str, tuple[str, str]], ...] = (
    ("kind", ("ประเภทของผล", "Kind of result")),
    ("run", ("เลขที่การคำนวณ", "Run")),
    ("cycle", ("รอบปี พ.ศ.", "Cycle, B.E.")),
    ("stage", ("ระดับ", "Stage")),
    ("rule_set", ("ชุดเกณฑ์", "Rule set")),
    ("rules_sha256", ("SHA-256 ของชุดเกณฑ์", "SHA-256 of the rule set")),
    ("facts_sha256", ("SHA-256 ของข้อเท็จจริง", "SHA-256 of the facts")),
    ("engine", ("รุ่นของตัวคำนวณ", "Engine version")),
    ("entries", ("จำนวนผลงาน", "Entries")),
    ("members", ("จำนวนกรรมการ", "Members")),
    ("size", ("จำนวนบรรทัดในบันทึก", "Lines in the ledger")),
    ("root", ("รหัสรากของบันทึก", "Root of the ledger")),
)
MAY_BE_ABSENT = ("size", "root")


def check_provenance(book: Book, compared: Compared, stated: Mapping[str, Wanted]) -> None:
    """Run, rules, facts, engine and counts as they are; the log's size and root where the sheet names them."""
    sheet = only_sheet(book, "provenance")
    rows = {sheet.text(row, 1): row for row in range(3, sheet.last_row + 1)}
    for key, titles in PROVENANCE:
        row = rows.get(titles[book.language], 0)
        if row or key not in MAY_BE_ABSENT:
            if not row:
                fail(
                    f"ranking.xlsx แผ่น “{sheet.name}”: ไม่มี {titles[0]}",
                    f'ranking.xlsx sheet "{sheet.name}": no {titles[1]}',
                )
            if key in stated:
                compared.cell(sheet, row, 2, stated[key])
