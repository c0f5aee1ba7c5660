"""The ranking: one sheet per category, one block per group; who is not ranked stands under the ranking, with why."""

from collections.abc import Callable
from dataclasses import dataclass

from exports import looks
from exports.material import Material
from exports.sheets.frame import exactly, group_row, open_sheet, sign
from exports.wording import decided_by, group_name, remark
from exports.workbook import Book, Cell
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
    """A column of the ranking: heading, width, how a standing shows in it, and what it is worth in full."""

    title: str
    width: float
    cell: Callable[[Standing], Cell]
    full: Number | None = None


def add_ranking(book: Book, material: Material, category: Category) -> None:
    """Adds the category's ranking sheet."""
    rankings = material.of_category(category)
    columns = _columns(book, material, category, rankings)
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
    )
    alert = book.look(looks.ALERT.but(border=False, wrap=False))
    for ranking in rankings:
        heading = group_name(material, ranking)
        if heading:
            group_row(sheet, book, heading, len(columns))
        if ranking.blocked:
            sheet.row([(material.say(BLOCKED), alert)])
        listed = [standing for standing in ranking.standings if standing.rank is not None]
        others = [standing for standing in ranking.standings if standing.rank is None]
        for standing in listed:
            sheet.row([column.cell(standing) for column in columns])
        if others and listed and not heading:
            group_row(sheet, book, material.say(UNRANKED), len(columns))
        for standing in others:
            sheet.row([column.cell(standing) for column in columns])
    if len(rankings) == 1:
        sign(sheet, book, material, material.panel(rankings[0]), len(columns))


def _title(category: Category, *, several: bool) -> Words:
    if not several:
        return TITLE
    return Words(f"{TITLE.th} · {category.label.th}", f"{TITLE.en} · {category.label.in_language('en')}")


def _columns(book: Book, material: Material, category: Category, rankings: tuple[Ranking, ...]) -> list[Column]:
    say, places = material.say, category.rounding.places
    text, centred, whole = book.look(looks.TEXT), book.look(looks.CENTRED), book.look(looks.WHOLE)
    points, total = book.look(looks.number(min(places, 2))), book.look(looks.number(places).but(bold=True))
    tiers = {tier.code: say(tier.label) for tier in category.tiers}
    yes = say(Words("ใช่", "Yes"))
    standings = [standing for ranking in rankings for standing in ranking.standings]

    def points_of(path: str) -> Callable[[Standing], Cell]:
        return lambda s: (exactly(s.points[path], POINTS_PLACES) if path in s.points else None, points)

    columns = [
        Column(say(RANK), 8, lambda s: (s.rank, whole)),
        Column(say(CODE), 12, lambda s: (s.entry, text)),
        Column(say(LABEL), 32, lambda s: (s.label, text)),
        Column(say(PROVINCE), 14, lambda s: (s.attributes.get("province", ""), text)),
    ]
    if material.stage.groups != "zone" and any("zone" in standing.attributes for standing in standings):
        columns.append(Column(say(ZONE), 8, lambda s: (s.attributes.get("zone", ""), centred)))
    columns += [Column(say(root.label), 14, points_of(root.path), root.points) for root in category.criteria]
    columns += [
        Column(
            say(TOTAL),
            11,
            lambda s: (None if s.total is None else exactly(s.total, places), total),
            category.full_mark,
        ),
        Column(say(TIER), 12, lambda s: (tiers.get(s.tier or "", s.tier), centred)),
    ]
    if material.stage.advance is not None:
        columns.append(Column(say(ADVANCES), 9, lambda s: (yes if s.advances else None, centred)))
    columns += [
        Column(say(TIE), 22, lambda s: (decided_by(material, category, s), text)),
        Column(say(REMARK), 26, lambda s: (remark(material, s), text)),
    ]
    return columns
