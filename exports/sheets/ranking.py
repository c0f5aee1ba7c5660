"""The ranking: one sheet per category, one block per group; who is not ranked stands under the ranking, with why."""

from collections.abc import Callable
from dataclasses import dataclass

from exports import looks
from exports.audit.sheet import Audit
from exports.cell_xml import Plain
from exports.material import Material
from exports.sheets.card_points import near
from exports.sheets.frame import exactly, group_row, open_sheet, sign
from exports.sheets.ranking_live import Live, Text
from exports.wording import decided_by, group_name, remark
from exports.workbook import Book, Cell, Formula, Value
from scoring_rules.exact import Number
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category
from scoring_rules.words import Words

POINTS_PLACES = 6  # points of a dimension are exact to six decimals, as in ranking.json, and shown with those of totals

TITLE = Words("ผลการจัดอันดับ", "Ranking")
RANK = Words("ลำดับที่", "Rank")
CODE = Words("รหัสผลงาน", "Entry")
LABEL = Words("หน่วยงาน/ผลงาน", "Office or work")
PROVINCE = Words("จังหวัด", "Province")
ZONE = Words("เขต", "Zone")
TOTAL = Words("คะแนนรวม", "Total")
TIER = Words("ผลการตัดสิน", "Award level")
ADVANCES = Words("เข้ารอบต่อไป", "Goes on")
TIE = Words("เกณฑ์ที่ใช้ตัดสินเมื่อคะแนนเท่ากัน", "What decided a tie")
REMARK = Words("หมายเหตุ", "Remark")
FULL = Words("คะแนนเต็ม", "Full marks")
BLOCKED = Words(
    "ยังประกาศผลไม่ได้: มีคะแนนเท่ากันที่รอมติคณะกรรมการเป็นลายลักษณ์อักษร",
    "Not to be published: a tie waits for the committee's written decision",
)
UNRANKED = Words("ไม่ได้จัดอันดับ", "Not ranked")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the ranking: heading, width, look, how a standing shows in it, the formula that finds the same, and
    what it is worth in full."""

    title: str
    width: float
    look: int
    value: Callable[[Standing], Plain]
    formula: Text | None = None
    full: Number | None = None


def add_ranking(book: Book, material: Material, category: Category, audit: Audit | None, note: str | None) -> str:
    """Adds the category's ranking sheet and returns its name. With an audit sheet every line is live: the entry, its
    rank and all its numbers are looked up there, so that a changed mark moves the ranking. Without one, `note` says
    why."""
    rankings = material.of_category(category)
    live = Live(material, category, audit) if audit else None
    columns = _columns(book, material, category, rankings, live)
    head, full = book.look(looks.HEADER), book.look(looks.HEADER.but(format="0.##"))
    full_marks: list[Cell] = [
        (exactly(column.full, POINTS_PLACES), full) if column.full is not None else (None, head) for column in columns
    ]
    full_marks[2] = (material.say(FULL), head)
    several = len(material.rules.categories) > 1
    name = TITLE if not several else Words(f"อันดับ {category.label.th}", f"Rank {category.label.in_language('en')}")
    sheet = open_sheet(
        book,
        material,
        name=material.say(name),
        title=_title(category, several=several),
        widths=[column.width for column in columns],
        header=[[(column.title, head) for column in columns], full_marks],
        frozen_columns=3,
        note=note if live is None else live.verdict(20 + sum(2 + len(ranking.standings) for ranking in rankings)),
    )
    alert, top = book.look(looks.ALERT.but(border=False, wrap=False)), sheet.rows
    for ranking in rankings:
        heading = group_name(material, ranking)
        if heading:
            group_row(sheet, book, heading, len(columns))
        if ranking.blocked:
            blocked = material.say(BLOCKED)
            sheet.row([(live.blocked(ranking, blocked) if live else blocked, alert)])
        for place, standing in enumerate(ranking.standings, 1):
            row = sheet.rows + 1
            cells = [(_value(column, standing, ranking, row), column.look) for column in columns]
            if live:
                cells[-1] = (live.which_line(ranking, place, standing), columns[-1].look)
            sheet.row(cells)
    printed = len(columns) - (2 if live else 0)  # the last two compare with the system, on the screen only
    if len(rankings) == 1:
        sign(sheet, book, material, material.panel(rankings[0]), printed)
    if live and sheet.rows > top:
        live.alert(sheet, first=top + 1, last=sheet.rows, columns=len(columns))
    sheet.print_columns(printed)
    return sheet.name


def _value(column: Column, standing: Standing, ranking: Ranking, row: int) -> Value:
    value = column.value(standing)
    if column.formula is None:
        return value
    return Formula(column.formula(ranking, row), "" if value is None else value)


def _title(category: Category, *, several: bool) -> Words:
    if not several:
        return TITLE
    return Words(f"{TITLE.th} · {category.label.th}", f"{TITLE.en} · {category.label.in_language('en')}")


def _columns(
    book: Book, material: Material, category: Category, rankings: tuple[Ranking, ...], live: Live | None
) -> list[Column]:
    say, places = material.say, category.rounding.places
    text, centred, whole = book.look(looks.TEXT), book.look(looks.CENTRED), book.look(looks.WHOLE)
    points, total = book.look(looks.number(min(places, 2))), book.look(looks.number(places).but(bold=True))
    tiers = {tier.code: say(tier.label) for tier in category.tiers}
    yes = say(Words("ใช่", "Yes"))
    standings = [standing for ranking in rankings for standing in ranking.standings]
    entries = material.entries

    def points_of(path: str) -> Callable[[Standing], Plain]:
        return lambda s: near(s.points[path]) if path in s.points else None

    def attribute(name: str) -> Callable[[Standing], Plain]:
        return lambda s: entries[s.entry].attributes.get(name, "")

    columns = [
        Column(say(RANK), 8, whole, lambda s: s.rank, live.rank if live else None),
        Column(say(CODE), 12, text, lambda s: s.entry, live.text("entry") if live else None),
        Column(say(LABEL), 32, text, lambda s: s.label, live.text("label") if live else None),
        Column(say(PROVINCE), 14, text, attribute("province"), live.text("province") if live else None),
    ]
    if material.stage.groups != "zone" and any("zone" in standing.attributes for standing in standings):
        columns.append(Column(say(ZONE), 8, centred, attribute("zone"), live.text("zone") if live else None))
    first = len(columns)
    for root in category.criteria:
        formula = live.number(f"points:{root.path}") if live else None
        columns.append(Column(say(root.label), 14, points, points_of(root.path), formula, root.points))
    if live:
        columns += [Column(say(title), 12, points, value, formula) for title, value, formula in live.changes()]
    columns += [
        Column(
            say(TOTAL),
            11,
            total,
            lambda s: None if s.total is None else near(s.total),
            live.total(first + 1) if live else None,
            category.full_mark,
        ),
        Column(say(TIER), 12, centred, lambda s: tiers.get(s.tier or "", s.tier), live.tier if live else None),
    ]
    if material.stage.advance is not None:
        columns.append(
            Column(
                say(ADVANCES), 9, centred, lambda s: yes if s.advances else None, live.goes_on(yes) if live else None
            )
        )
    columns += [
        Column(say(TIE), 22, text, lambda s: decided_by(material, category, s), live.decided if live else None),
        Column(say(REMARK), 26, text, lambda s: remark(material, s), live.remark if live else None),
    ]
    if live:
        total_at = 1 + next(place for place, column in enumerate(columns) if column.title == say(TOTAL))
        for title, value, formula in live.checks(total_at, len(columns)):
            columns.append(Column(say(title), 12, book.look(looks.ASIDE), value, formula))
    return columns
