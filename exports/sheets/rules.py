"""The rules as people read them: the tree with points and levels, then everything else that decides."""

from exports import looks, wording
from exports.material import Material
from exports.rules_in_words import chapters, stage_words, where_from, worth_of
from exports.sheets.frame import exactly, group_row, open_sheet
from exports.sheets.ranking import FULL, POINTS_PLACES
from exports.workbook import Book, Cell, Sheet
from scoring_rules.exact import plain
from scoring_rules.rules import Category, Criterion
from scoring_rules.words import Words

TITLE = Words("เกณฑ์", "Rules")
Line = tuple[Words, Words, str | None]  # what, how, clause


def add_rules(book: Book, material: Material) -> None:
    """Adds the frozen rules, category by category, with sources and whether they are proposed or confirmed."""
    say, head = material.say, book.look(looks.HEADER)
    titles = [
        say(Words("เกณฑ์", "Criterion")),
        say(FULL),
        say(Words("ที่มาของคะแนน", "Where points come from")),
        say(Words("ระดับคะแนนและช่วงค่า", "Levels and bands")),
        say(Words("อ้างอิง", "Source")),
        say(Words("รหัส", "Code")),
    ]
    sheet = open_sheet(
        book,
        material,
        name=say(TITLE),
        title=TITLE,
        widths=[50, 10, 44, 70, 14, 26],
        header=[[(title, head) for title in titles]],
        frozen_columns=1,
    )
    _basis(sheet, book, material)
    for category in material.categories:
        full = plain(category.full_mark)
        worth = Words(f"คะแนนเต็ม {full}", f"{full} points")
        group_row(sheet, book, f"{say(category.label)} · {say(worth)}", len(titles))
        for node in category.nodes():
            sheet.row(_criterion_row(book, material, category, node))
        for chapter in chapters(category):
            group_row(sheet, book, say(chapter.heading), len(titles))
            for each in chapter.decisions:
                _plain_row(sheet, book, material, (each.what, each.how, each.clause))
    group_row(sheet, book, say(Words("ระดับการคัดเลือก", "Stages")), len(titles))
    for stage in material.rules.stages:
        _plain_row(sheet, book, material, (stage.label, stage_words(material.rules, stage), stage.clause))
    group_row(sheet, book, say(Words("แหล่งที่มา", "Sources")), len(titles))
    for source in material.rules.sources:
        _plain_row(sheet, book, material, (Words(source.code), source.what, None))


def _basis(sheet: Sheet, book: Book, material: Material) -> None:
    proposed = material.rules.basis == "proposed"
    confirmed = Words("ยืนยันด้วยคำสั่งหรือประกาศของทางราชการแล้ว", "Confirmed by an official order")
    says = wording.PROPOSED if proposed else confirmed
    _plain_row(sheet, book, material, (Words("สถานะของเกณฑ์", "Standing of the rules"), says, None))


def _plain_row(sheet: Sheet, book: Book, material: Material, line: Line) -> None:
    what, how, clause = line
    text = book.look(looks.TEXT)
    row: list[Cell] = [(material.say(what), book.look(looks.BOLD)), (None, text), (material.say(how), text)]
    sheet.row([*row, (None, text), (clause, text), (None, text)], merge=[(3, 4)])


def _criterion_row(book: Book, material: Material, category: Category, node: Criterion) -> list[Cell]:
    inner = bool(node.parts)
    body = (looks.PART if inner else looks.TEXT).but(vertical="top")
    text = book.look(body)
    told = (where_from(category, node), worth_of(category, node))
    where, levels = ("\n".join(map(material.say, said)) for said in told)
    return [
        (material.say(node.label), book.look(body.but(indent=min(node.path.count("/"), 5)))),
        (exactly(node.points, POINTS_PLACES), book.look(body.but(format="#,##0.######", align="center"))),
        (where, text),
        (levels, text),
        (node.clause, text),
        (node.path, text),
    ]
