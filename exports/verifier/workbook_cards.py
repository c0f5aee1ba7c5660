"""The members' sheets: every mark and every state on every card, and what each is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from exports.verifier.amounts import ZERO
from exports.verifier.rules import Category, Node
from exports.verifier.said import Failed, Said
from exports.verifier.totals import Line, Totaller, numbers_of
from exports.verifier.workbook_words import NOTHING, Book, Compared, Wanted, agrees
from exports.verifier.xlsx import Sheet, as_cell

BESIDE = 6
MOST_ON_PAGES = 24
Cells = list[tuple[int, int, Wanted]]  # row from the first of the block, column


class Block(NamedTuple):
    """Cards that stand together: their cells, how many rows they take, and the lines that stand below."""

    cells: Cells
    height: int
    below: list[str]


def check_cards(book: Book, compared: Compared) -> int:
    """One sheet for each member who has a card here; how many there are. Raises Failed with sheet, cell, both values.

    A sheet that does not name its member by code is taken as that of the member whom it fits best.
    """
    beginning, end = f"{book.word('card')} · ", f" · {book.say(book.stage.label)}"
    sheets = [
        sheet
        for sheet in book.sheets
        if sheet.text(2, 1).startswith(beginning) and sheet.text(2, 1).endswith(as_cell(end))
    ]
    members = sorted({card["member"] for cards in _cards_here(book).values() for card in cards})
    if len(sheets) != len(members):
        th = f"ranking.xlsx: มีใบคะแนน {len(sheets)} แผ่น แต่มีกรรมการ {len(members)} คน"
        raise Failed(Said(th, f"ranking.xlsx: {len(sheets)} sheets of cards for {len(members)} members"))
    wanted = {member: list(_blocks_of(book, member)) for member in members}
    for sheet in sheets:
        who = sheet.text(2, 1)[len(beginning) : len(sheet.text(2, 1)) - len(end)].split(" · ")
        starts = _starts(book, sheet)
        named = [member for member in wanted if member in who]
        member = named[0] if named else _fitting(sheet, starts, wanted)
        for start, row, column, value in _placed(sheet, starts, wanted.pop(member)):
            compared.cell(sheet, start + row, column, value)
    return len(sheets)


def _cards_here(book: Book) -> dict[str, list[Mapping[str, Any]]]:
    """The cards of the entries that are ranked here, by entry."""
    here = {line.entry for ranking in book.rankings for line in ranking.lines}
    return {code: cards for code, cards in book.facts["cards"].items() if code in here}


def _starts(book: Book, sheet: Sheet) -> list[int]:
    """The rows where blocks of cards begin."""
    full, listed = as_cell(book.word("full")), (as_cell(book.word("code")), as_cell(book.word("label")))
    found = []
    for row in range(3, sheet.last_row + 1):
        first, second = sheet.text(row, 1), sheet.text(row, 2)
        if (first, second) == listed or (first and second == full):
            found.append(row)
    return found


def _placed(sheet: Sheet, starts: list[int], blocks: list[Block]) -> Iterator[tuple[int, int, int, Wanted]]:
    """Every wanted cell with the row where its block begins. Lines below a block may stand in any order."""
    if len(starts) != len(blocks):
        th = f"ranking.xlsx แผ่น “{sheet.name}”: มีใบคะแนน {len(starts)} ชุด แต่ต้องมี {len(blocks)}"
        raise Failed(
            Said(th, f'ranking.xlsx sheet "{sheet.name}": {len(starts)} blocks of cards, expected {len(blocks)}')
        )
    for start, until, block in zip(starts, [*starts[1:], sheet.last_row + 1], blocks):  # noqa: B905 - same length
        yield from ((start, row, column, value) for row, column, value in block.cells)
        for line in block.below:
            row = next((row for row in range(start, until) if sheet.text(row, 1) == as_cell(line)), 0)
            yield start, (row or start + block.height) - start, 1, line


def _fitting(sheet: Sheet, starts: list[int], wanted: Mapping[str, list[Block]]) -> str:
    """The member whose cards the sheet shows; where it is nobody's in every cell, whose it is in most."""
    for member, blocks in wanted.items():
        if not any(_missed(sheet, starts, blocks)):
            return member
    return min(wanted, key=lambda member: sum(_missed(sheet, starts, wanted[member])))


def _missed(sheet: Sheet, starts: list[int], blocks: list[Block]) -> Iterator[int]:
    """1 for each cell that is not this member's, else 0."""
    try:
        for start, row, column, value in _placed(sheet, starts, blocks):
            yield int(not agrees(sheet.cells.get((start + row, column)), value))
    except Failed:
        yield 1_000_000


def _blocks_of(book: Book, member: str) -> Iterator[Block]:
    """Every cell of a member's sheet, below its title lines, that is a fact or follows from one."""
    chosen: list[tuple[Category, list[Line]]] = []
    cards = _cards_here(book)
    for category in book.rules.categories:
        lines = [
            line
            for ranking in book.rankings
            if ranking.category.code == category.code
            for line in ranking.lines
            if any(card["member"] == member for card in cards.get(line.entry, ()))
        ]
        chosen.append((category, lines))
    listed = max(len(lines) for _, lines in chosen) > MOST_ON_PAGES
    for category, lines in chosen:
        card = _Cards(book, category, member)
        for block in [lines] if listed else [lines[at : at + BESIDE] for at in range(0, len(lines), BESIDE)]:
            if block:
                cells, height = card.listed(block) if listed else card.page(block)
                yield Block(cells, height, card.below(block))


class _Cards:
    """One member's cards in one category."""

    def __init__(self, book: Book, category: Category, member: str):
        self.book, self.category, self.member = book, category, member
        self.totaller = Totaller(category)
        self.given = {
            code: card for code, cards in _cards_here(book).items() for card in cards if card["member"] == member
        }

    def of(self, line: Line) -> Mapping[str, Any]:
        """The member's card on an entry."""
        return self.given[line.entry]

    def points(self, line: Line) -> dict[str, Fraction]:
        """What each leaf of the card is worth; blank leaves are not there."""
        card = self.of(line)
        if card["state"] != "standing":
            return {}
        marks, found = numbers_of(card, "marks"), {}
        for leaf in self.totaller.asked:
            if all(place in marks for place in leaf.places()):
                found[leaf.path] = self.totaller.own_points(leaf, _mark_of(leaf, marks))
        fields = numbers_of(self.book.entries[line.entry], "fields")
        fixed = self.totaller.fixed_points(self.totaller.measured(fields))
        return found | {path: points for path, points in fixed.items() if points is not None}

    def total(self, line: Line) -> Wanted:
        """The member's own total (blanks counted as the rules say); a dash where the card is not whole."""
        if self.member in line.member_totals:
            return line.member_totals[self.member]
        points = self.points(line)
        return sum(points.values(), ZERO) if len(points) == len(self.category.leaves) else NOTHING

    def page(self, block: Sequence[Line]) -> tuple[Cells, int]:
        """Criteria down, entries across; and how many rows that takes."""
        book = self.book
        cells: Cells = []
        several = len(book.rules.categories) > 1
        title = book.say(self.category.written["label"]) if several else book.word("criterion")
        cells += [(0, 1, title), (0, 2, book.word("full"))]
        for column, line in _across(block):
            where = book.entries[line.entry]["attributes"].get("province", "")
            cells.append((0, column, "\n".join(part for part in (line.label, where, line.entry) if part)))
            cells += [(1, column, book.word("mark")), (1, column + 1, book.word("points"))]
        row = 2
        if any(self.of(line)["state"] != "standing" for line in block):
            for column, line in _across(block):
                state = self.of(line)["state"]
                cells.append((row, column, None if state == "standing" else book.word(state)))
            row += 1
        worth = {line.entry: self.points(line) for line in block}
        for node in self.category.nodes:
            cells += [(row, 1, book.say(node.written["label"])), (row, 2, node.points)]
            leaves = [leaf.path for leaf in node.walk() if not leaf.parts]
            for column, line in _across(block):
                marks, points = numbers_of(self.of(line), "marks"), worth[line.entry]
                whole = all(path in points for path in leaves)
                cells.append((row, column, marks.get(node.path)))
                cells.append((row, column + 1, sum((points[path] for path in leaves), ZERO) if whole else NOTHING))
            row += 1
            for item in node.written["items"] if node.source == "checklist" else ():
                cells.append((row, 1, book.say(item["label"])))
                for column, line in _across(block):
                    cells.append((row, column, numbers_of(self.of(line), "marks").get(f"{node.path}/{item['code']}")))
                row += 1
        cells += [
            (row, 1, book.word("total")),
            *((row, column + 1, self.total(line)) for column, line in _across(block)),
        ]
        return cells, row + 1

    def listed(self, block: Sequence[Line]) -> tuple[Cells, int]:
        """Entries down, marks across; and how many rows that takes."""
        book, row = self.book, 3
        cells: Cells = [(0, 1, book.word("code")), (0, 2, book.word("label"))]
        places = [place for leaf in self.category.leaves for place in leaf.places()]
        measured = [leaf.path for leaf in self.category.leaves if leaf.source == "indicator"]
        for line in block:
            card = self.of(line)
            cells += [(row, 1, line.entry), (row, 2, line.label)]
            if card["state"] != "standing":
                cells.append((row, 3, book.word(card["state"])))
                cells += [(row, 4 + at, NOTHING) for at in range(len(places) + len(measured))]
            else:
                marks, points = numbers_of(card, "marks"), self.points(line)
                cells += [(row, 3 + at, marks.get(place)) for at, place in enumerate(places)]
                first = 3 + len(places)
                cells += [(row, first + at, points.get(path, NOTHING)) for at, path in enumerate(measured)]
                cells.append((row, first + len(measured), self.total(line)))
            row += 1
        return cells, row

    def below(self, block: Sequence[Line]) -> list[str]:
        """Why somebody did not mark, as it stands below the cards."""
        said = []
        for line in block:
            card = self.of(line)
            if card["state"] != "standing":
                why = f"{self.book.word(card['state'])}: {card['reason'] or NOTHING}"
                said.append(f"{line.entry} {line.label} · {why}")
        return said


def _across(block: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    return ((3 + 2 * place, line) for place, line in enumerate(block))


def _mark_of(leaf: Node, marks: Mapping[str, Fraction]) -> Fraction:
    if leaf.source == "marks":
        return marks[leaf.path]
    items = zip(leaf.places(), leaf.written["items"])  # noqa: B905 - both come from the items
    return sum((marks[place] * Fraction(item["points"]) for place, item in items), ZERO)
