"""One sheet per committee member: all their cards, with what each mark is worth, notes, and a signature line."""

from collections.abc import Iterator, Mapping, Sequence
from math import lcm

from exports import looks
from exports.audit.marks import CardAt
from exports.audit.sheet import Audit
from exports.material import Material, Member
from exports.member_points import member_points, member_total
from exports.sheets.card_points import finest_points, near, points_of, sum_of, written
from exports.sheets.frame import exactly, open_sheet, sign
from exports.sheets.ranking import CODE, FULL, LABEL, POINTS_PLACES, TOTAL
from exports.wording import CARD_STATE, NOTHING
from exports.workbook import Book, Cell, Formula, Sheet, Value, letter_of
from scoring_rules.exact import Number, plain
from scoring_rules.facts import Card
from scoring_rules.marks import Leaf, items_of, places_of
from scoring_rules.operations import added
from scoring_rules.results import Standing
from scoring_rules.rules import Category, ChecklistSource, Criterion, IndicatorSource, MarksSource, Scale
from scoring_rules.words import Words

BESIDE = 6  # entries side by side on one page
MOST_ON_PAGES = 24  # with more entries in a category, each is one row of a list instead

LEVEL = Words("ระดับ", "Mark")
POINTS = Words("คะแนน", "Points")
CRITERION = Words("เกณฑ์", "Criterion")
NOTE = Words("บันทึกของกรรมการ", "Member's notes")


def add_cards(
    book: Book, material: Material, audits: Mapping[str, Audit], cards_at: dict[tuple[str, str], CardAt]
) -> None:
    """Adds a sheet for every member who has a card on an entry ranked here, and notes in `cards_at` where each lies.

    Marks are values, which may be changed; points and totals are formulas where the category has an audit sheet.
    """
    for member in material.panel_members:
        _Cards(book, material, member, audits, cards_at).add()


class _Cards:
    """The sheet of one member."""

    def __init__(
        self,
        book: Book,
        material: Material,
        member: Member,
        audits: Mapping[str, Audit],
        cards_at: dict[tuple[str, str], CardAt],
    ):
        self.book, self.material, self.member = book, material, member
        self.audits, self.cards_at = audits, cards_at
        self.say = material.say
        self.text, self.bold = book.look(looks.TEXT), book.look(looks.PART)
        self.head, self.alert = book.look(looks.HEADER), book.look(looks.ALERT.but(align="center"))
        self.mark = book.look(looks.ANY_NUMBER.but(align="center"))
        self.nothing = book.look(looks.FOR_NOTHING)

    def add(self) -> None:
        chosen = {
            category.code: self.material.marked_by(self.member.code, category) for category in self.material.categories
        }
        listed = max(map(len, chosen.values())) > MOST_ON_PAGES
        most = max(map(_width, self.material.categories)) if listed else 0
        columns = 3 + most if listed else 2 + 2 * max(min(BESIDE, len(some)) for some in chosen.values())
        who = " · ".join(each for each in (self.say(self.member.name), self.say(self.member.seat)) if each)
        sheet = open_sheet(
            self.book,
            self.material,
            name=self.say(Words("ใบคะแนน ", "Card ")) + (self.member.short or self.member.code),
            title=Words(f"ใบให้คะแนน · {who}", f"Score card · {who}"),
            widths=[14, 40, *[11] * (columns - 2)] if listed else [52, 9, *[8, 10] * ((columns - 2) // 2)],
            frozen_columns=2,
            one_page=not listed and sum(-(-len(some) // BESIDE) for some in chosen.values()) == 1,
        )
        before = False
        for category in self.material.categories:
            standings = chosen[category.code]
            if not standings:
                continue
            for block in [standings] if listed else _in_chunks(standings, BESIDE):
                if before:
                    sheet.page_break()
                before = True
                (self._list if listed else self._page)(sheet, category, block, columns)
                self._notes(sheet, category, block, columns)
        sign(sheet, self.book, self.material, [self.member], columns)

    def _card(self, standing: Standing) -> Card:
        return self.material.cards[standing.entry, self.member.code]

    def _page(self, sheet: Sheet, category: Category, block: Sequence[Standing], columns: int) -> None:
        """Criteria down, entries across: mark and points of each."""
        head, merge = self.head, [(3 + 2 * place, 4 + 2 * place) for place in range(len(block))]
        several = len(self.material.rules.categories) > 1
        title = self.say(category.label) if several else self.say(CRITERION)
        names: list[Cell] = [(title, head), (self.say(FULL), head)]
        under: list[Cell] = [(None, head), (None, head)]
        for standing in block:
            where = standing.attributes.get("province", "")
            names += [("\n".join(part for part in (standing.label, where, standing.entry) if part), head), (None, head)]
            under += [(self.say(LEVEL), head), (self.say(POINTS), head)]
        sheet.row(names, merge=merge)
        sheet.row(under)
        states = [self._card(standing).state for standing in block]
        if any(state != "standing" for state in states):
            row: list[Cell] = [(None, self.text), (None, self.text)]
            for state in states:
                said = None if state == "standing" else self.say(CARD_STATE[state])
                row += [(said, self.alert), (None, self.alert)]
            sheet.row(row, merge=merge)
        page = self._places(sheet, category, block)
        given = [member_points(self.material, category, self._card(each), each.entry) for each in block]
        for node in category.nodes():
            sheet.row(self._criterion(category, node, block, given, page))
            if isinstance(node.source, ChecklistSource):
                for item in node.source.items:
                    sheet.row(self._item(node, item.code, item.label, item.points, block))
        total = self.book.look(looks.number(category.rounding.places).but(bold=True, fill=looks.HEADER_FILL))
        full = self.book.look(looks.HEADER.but(format=looks.ANY_NUMBER.format))
        last: list[Cell] = [(self.say(TOTAL), head), (exactly(category.full_mark, POINTS_PLACES), full)]
        for standing in block:
            last += [(None, head), self._total(category, standing, total)]
        sheet.row(last)

    def _places(self, sheet: Sheet, category: Category, block: Sequence[Standing]) -> dict[str, int]:
        """The row of every criterion and item of the page that follows; notes where each card lies."""
        rows: dict[str, int] = {}
        for node in category.nodes():
            rows[node.path] = sheet.rows + 1 + len(rows)
            for item in items_of(node):
                rows[f"{node.path}/{item.code}"] = sheet.rows + 1 + len(rows)
        last = sheet.rows + len(rows)
        letters = [letter_of(3 + 2 * place) for place in range(len(block))]
        places = [place for leaf in category.leaves for place in places_of(leaf)]
        self._allow(sheet, category, {place: [f"{letter}{rows[place]}" for letter in letters] for place in places})
        names, ends = {place: str(rows[place]) for place in places}, (str(sheet.rows + 1), str(last))
        for letter, standing in zip(letters, block, strict=True):
            self.cards_at[standing.entry, self.member.code] = CardAt(sheet.quoted, names, ends, before=letter)
        return rows

    def _allow(self, sheet: Sheet, category: Category, cells: Mapping[str, Sequence[str]]) -> None:
        """Let a spreadsheet take only marks between the ends of their scale, and whole ones where steps are whole."""
        scales: dict[tuple[str, str, str], list[str]] = {}
        for leaf in category.leaves:
            scale = leaf.source.scale if isinstance(leaf.source, MarksSource) else Scale(0, 1, 1)
            for place in places_of(leaf):
                key = (plain(scale.from_), plain(scale.to), plain(scale.step))
                scales.setdefault(key, []).extend(cells[place])
        for (least, most, step), where in scales.items():
            said = Words(
                f"คะแนนต้องเป็น {least} ถึง {most} ทีละ {step}", f"Marks go from {least} to {most} in steps of {step}"
            )
            whole = all("." not in each for each in (least, most, step))
            sheet.allow(where, least=least, most=most, whole=whole, otherwise=self.say(said))

    def _criterion(
        self,
        category: Category,
        node: Criterion,
        block: Sequence[Standing],
        given: Sequence[dict[str, Number]],
        page: Mapping[str, int],
    ) -> list[Cell]:
        inner = bool(node.parts)
        points_look = self.book.look(looks.number(min(category.rounding.places, 2)).but(bold=inner, **_fill(inner)))
        name = self.book.look((looks.PART if inner else looks.TEXT).but(indent=min(node.path.count("/"), 5)))
        row: list[Cell] = [(self.say(node.label), name), (exactly(node.points, POINTS_PLACES), self._full(inner))]
        leaves = [each.path for each in node.walk() if not each.parts]
        for place, (standing, points) in enumerate(zip(block, given, strict=True)):
            mark = self._card(standing).marks.get(node.path)
            value = added(points[path] for path in leaves) if all(path in points for path in leaves) else None
            row.append((None if mark is None else exactly(mark, POINTS_PLACES), self.bold if inner else self.mark))
            if self._card(standing).state == "standing" and category.code in self.audits:
                cell: Value = self._live(category, node, standing, value, page, 3 + 2 * place)
                row.append((cell, points_look))
            elif value is not None:
                row.append((near(value), points_look))
            else:
                row.append((NOTHING, self.bold if inner else self.nothing))
        return row

    def _live(
        self,
        category: Category,
        node: Criterion,
        standing: Standing,
        value: Number | None,
        page: Mapping[str, int],
        column: int,
    ) -> Formula:
        """The points of a criterion from the marks on this page; of an indicator from the audit sheet."""
        marks, points = letter_of(column), letter_of(column + 1)
        if node.parts:
            leaves = [leaf for leaf in node.walk() if not leaf.parts]
            per = lcm(*(self._finest(category, leaf) for leaf in leaves))
            return sum_of([f"{points}{page[leaf.path]}" for leaf in leaves], value, per)
        if isinstance(node.source, IndicatorSource):
            return self._from_audit(category, f"measured:{node.path}", standing, value)
        leaf = self._leaf(category, node.path)
        return Formula(points_of(leaf, lambda place: f"{marks}{page[place]}"), written(leaf, value))

    def _finest(self, category: Category, leaf: Criterion) -> int:
        if isinstance(leaf.source, IndicatorSource):
            return self.audits[category.code].columns[f"measured:{leaf.path}"].per
        return finest_points(self._leaf(category, leaf.path))

    def _leaf(self, category: Category, path: str) -> Leaf:
        sheet = self.material.score_sheet(category)
        return sheet.leaves[sheet.names.index(path)]

    def _from_audit(self, category: Category, key: str, standing: Standing, value: Number | None) -> Formula:
        audit = self.audits[category.code]
        return audit.number(audit.columns[key], standing.entry, value, NOTHING)

    def _item(self, node: Criterion, code: str, label: Words, points: Number, block: Sequence[Standing]) -> list[Cell]:
        name = self.book.look(looks.TEXT.but(indent=min(node.path.count("/") + 1, 6)))
        row: list[Cell] = [(self.say(label), name), (exactly(points, POINTS_PLACES), self._full(False))]
        for standing in block:
            tick = self._card(standing).marks.get(f"{node.path}/{code}")
            row += [(None if tick is None else exactly(tick, 0), self.mark), (None, self.text)]
        return row

    def _full(self, inner: bool) -> int:
        return self.book.look(looks.ANY_NUMBER.but(align="center", bold=inner, **_fill(inner)))

    def _total(self, category: Category, standing: Standing, look: int) -> Cell:
        value = member_total(self.material, category, self.member.code, standing)
        if category.code in self.audits:
            audit = self.audits[category.code]
            column = audit.member(standing.entry, self.member.code)
            if column is not None and self._card(standing).state == "standing":
                return audit.number(column, standing.entry, value, NOTHING), look
        return (NOTHING if value is None else near(value), look)

    def _list(self, sheet: Sheet, category: Category, block: Sequence[Standing], columns: int) -> None:
        """Entries down, marks across: a column for each criterion or item marked, then points from indicators."""
        places = [(leaf, place) for leaf in category.leaves for place in places_of(leaf)]
        measured = [leaf for leaf in category.leaves if isinstance(leaf.source, IndicatorSource)]
        asked = [(self._place_label(leaf, place), _worth_of(leaf, place)) for leaf, place in places]
        asked += [(self.say(leaf.label), leaf.points) for leaf in measured]
        titles = [self.say(CODE), self.say(LABEL), *(label for label, _ in asked), self.say(TOTAL)]
        sheet.row([(title, self.head) for title in titles])
        full: list[Cell] = [(None, self.head), (self.say(FULL), self.head)]
        full += [(exactly(points, POINTS_PLACES), self._full(False)) for _, points in asked]
        sheet.row([*full, (exactly(category.full_mark, POINTS_PLACES), self._full(True))])
        kinds = [self.say(LEVEL)] * len(places) + [self.say(POINTS)] * len(measured)
        sheet.row([(kind, self.head) for kind in ("", "", *kinds, self.say(POINTS))])
        total = self.book.look(looks.number(category.rounding.places).but(bold=True))
        nothing: Cell = (NOTHING, self.nothing)
        cells, paths = _Marks(self.mark), [place for _, place in places]
        letters = {place: letter_of(number) for number, place in enumerate(paths, 3)}
        # Where nothing is marked there is no block of marks; a text cell holds none either.
        ends, quoted = (letters[paths[0]], letters[paths[-1]]) if paths else ("B", "B"), sheet.quoted
        start, end = sheet.rows + 1, sheet.rows + len(block)
        self._allow(sheet, category, {place: [f"{letter}{start}:{letter}{end}"] for place, letter in letters.items()})
        for standing in block:
            card = self._card(standing)
            row: list[Cell] = [(standing.entry, self.text), (standing.label, self.text)]
            if card.state != "standing":
                sheet.row([*row, (self.say(CARD_STATE[card.state]), self.nothing), *[nothing] * len(asked)])
                continue
            at = CardAt(quoted, letters, ends, after=str(sheet.rows + 1))
            self.cards_at[standing.entry, self.member.code] = at
            row += map(cells.__getitem__, map(card.marks.get, paths))
            if measured:
                points = member_points(self.material, category, card, standing.entry)
                row += [self._measured(category, leaf, standing, points.get(leaf.path)) for leaf in measured]
            row.append(self._total(category, standing, total))
            sheet.row(row)

    def _measured(self, category: Category, leaf: Criterion, standing: Standing, value: Number | None) -> Cell:
        if category.code in self.audits:
            return self._from_audit(category, f"measured:{leaf.path}", standing, value), self.mark
        return (NOTHING, self.nothing) if value is None else (near(value), self.mark)

    def _place_label(self, leaf: Criterion, place: str) -> str:
        items = {f"{leaf.path}/{item.code}": item.label for item in items_of(leaf)}
        return self.say(leaf.label) if place == leaf.path else f"{self.say(leaf.label)}: {self.say(items[place])}"

    def _notes(self, sheet: Sheet, category: Category, block: Sequence[Standing], columns: int) -> None:
        """What the member wrote, and why they did not mark, one line each."""
        lines = [line for standing in block for line in self._said(category, standing)]
        if not lines:
            return
        look = self.book.look(looks.PLAIN)
        sheet.row([(self.say(NOTE), self.book.look(looks.PLAIN_BOLD.but(wrap=False)))])
        for line in lines:
            sheet.row([(line, look), *[None] * (columns - 1)], merge=[(1, columns)])

    def _said(self, category: Category, standing: Standing) -> Iterator[str]:
        card = self._card(standing)
        who = f"{standing.entry} {standing.label}"
        if card.state != "standing":
            yield f"{who} · {self.say(CARD_STATE[card.state])}: {card.reason or NOTHING}"
        for leaf in category.leaves if self.material.notes else ():
            note = self.material.notes.get((standing.entry, self.member.code, leaf.path))
            if note:
                yield f"{who} · {self.say(leaf.label)}: {note}"


class _Marks(dict[Number | None, Cell]):
    """Cells of marks by value: the same few marks come again and again. A blank stays blank: a mark may go there."""

    def __init__(self, look: int):
        super().__init__({None: (None, look)})
        self.look = look

    def __missing__(self, mark: Number | None) -> Cell:
        assert mark is not None
        cell = self[mark] = (exactly(mark, POINTS_PLACES), self.look)
        return cell


def _worth_of(leaf: Criterion, place: str) -> Number:
    return next((item.points for item in items_of(leaf) if place == f"{leaf.path}/{item.code}"), leaf.points)


def _width(category: Category) -> int:
    """Columns of a list between labels and total."""
    return sum(len(places_of(leaf)) or 1 for leaf in category.leaves)


def _fill(inner: bool) -> dict[str, object]:
    return {"fill": looks.GROUP_FILL} if inner else {}


def _in_chunks(standings: Sequence[Standing], size: int) -> Iterator[Sequence[Standing]]:
    for first in range(0, len(standings), size):
        yield standings[first : first + size]
