"""The rules as people read them: the tree with points and levels, then everything else that decides."""

from collections.abc import Iterator

from exports import looks, wording
from exports.material import Material
from exports.sheets.frame import exactly, group_row, open_sheet
from exports.sheets.ranking import FULL, POINTS_PLACES
from exports.workbook import Book, Cell, Sheet
from scoring_rules.exact import plain
from scoring_rules.indicators import label_of_field
from scoring_rules.operations import times
from scoring_rules.rules import Adjustment, Bands, Category, ChecklistSource, Criterion, IndicatorSource, MarksSource
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
        for line in _decisions(category):
            _plain_row(sheet, book, material, line)
    group_row(sheet, book, say(Words("ระดับการคัดเลือก", "Stages")), len(titles))
    for stage in material.rules.stages:
        _plain_row(sheet, book, material, (stage.label, _stage(material, stage.code), stage.clause))
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
    where, levels = _source(material, category, node)
    return [
        (material.say(node.label), book.look(body.but(indent=min(node.path.count("/"), 5)))),
        (exactly(node.points, POINTS_PLACES), book.look(body.but(format="#,##0.######", align="center"))),
        (where, text),
        (levels, text),
        (node.clause, text),
        (node.path, text),
    ]


def _source(material: Material, category: Category, node: Criterion) -> tuple[str, str]:
    """(where the points come from, levels and bands), each as text."""
    say, source = material.say, node.source
    if isinstance(source, MarksSource):
        scale = source.scale
        low, high, step = plain(scale.from_), plain(scale.to), plain(scale.step)
        said = [
            say(Words(f"กรรมการให้ {low}–{high} ทีละ {step}", f"Members mark {low}–{high} in steps of {step}")),
            say(wording.WORTH[source.worth]),
            say(wording.COMMENT[source.comment]),
        ]
        levels = [f"{plain(level.at)} = {say(level.text)}" for level in source.levels]
        if source.suggest is not None:
            label = say(category.indicator(source.suggest.indicator).label)
            bands = _bands(source.suggest.bands)
            suggests = Words(f"ระบบเสนอระดับจาก “{label}”", f"Suggested from “{label}”")
            levels.append(f"{say(suggests)}: {say(bands)}")
        return "\n".join(text for text in said if text), "\n".join(levels)
    if isinstance(source, IndicatorSource):
        label = say(category.indicator(source.indicator).label)
        where = say(Words(f"คะแนนจากตัวชี้วัด “{label}”", f"Points from the indicator “{label}”"))
        if source.bands is not None:
            return where, say(_bands(source.bands))
        assert source.linear is not None
        zero, full = plain(source.linear.zero_at), plain(source.linear.full_at)
        return where, say(
            Words(f"เส้นตรง: ค่า {zero} ได้ 0 ค่า {full} ได้คะแนนเต็ม", f"A straight line: {zero} earns 0, {full} earns all")
        )
    if isinstance(source, ChecklistSource):
        items = "\n".join(f"{say(item.label)} ({plain(item.points)})" for item in source.items)
        return say(Words("รายการตรวจ กรรมการทำเครื่องหมาย", "A checklist that members tick")), items
    return "", ""


def _bands(bands: Bands) -> Words:
    higher = bands.better == "higher"
    th = ", ".join(f"{'ตั้งแต่' if higher else 'ไม่เกิน'} {plain(edge)} ได้ {plain(earned)}" for edge, earned in bands.edges)
    en = ", ".join(f"{'from' if higher else 'up to'} {plain(edge)}: {plain(earned)}" for edge, earned in bands.edges)
    rest = plain(bands.beyond)
    return Words(f"{th}, นอกนั้นได้ {rest}", f"{en}, otherwise {rest}")


def _decisions(category: Category) -> Iterator[Line]:
    """Everything that decides besides the tree, as lines of (what, how, clause)."""
    panel, total, rounding = category.panel, category.total, category.rounding
    for rule in category.eligibility:
        says = wording.condition(category, rule.require)
        otherwise = wording.STATUS[rule.otherwise]
        yield (
            Words(f"คุณสมบัติ: {rule.label.th}", f"Eligibility: {rule.label.in_language('en')}"),
            Words(f"{says.th} มิฉะนั้น: {otherwise.th}", f"{says.en}; otherwise: {otherwise.en}"),
            rule.clause,
        )
    yield Words("การรวมคะแนนกรรมการ", "Combining members"), _panel(category), panel.clause
    policies = [
        (Words("ถอนตัว", "recused"), wording.POLICY[panel.missing.recused]),
        (Words("ไม่อยู่", "absent"), wording.POLICY[panel.missing.absent]),
        (Words("เว้นว่าง", "blank"), wording.POLICY[panel.missing.blank]),
    ]
    yield (
        Words("คะแนนที่ขาด", "Missing marks"),
        Words(
            ", ".join(f"{what.th}: {how.th}" for what, how in policies),
            ", ".join(f"{what.en}: {how.en}" for what, how in policies),
        ),
        panel.clause,
    )
    for adjustment in total.adjustments:
        yield adjustment.label, _adjustment(category, adjustment), adjustment.clause
    floor, ceiling = plain(total.floor), plain(total.ceiling)
    yield (
        Words("ขอบเขตคะแนนรวม", "Bounds of the total"),
        Words(f"{floor} ถึง {ceiling}", f"{floor} to {ceiling}"),
        total.clause,
    )
    yield Words("การปัดเศษ", "Rounding"), _roundings(category), rounding.clause
    for place, tie in enumerate(category.tie_breaks, 1):
        label = Words(f"คะแนนเท่ากัน ลำดับที่ {place}", f"Tie, step {place}")
        yield label, wording.tie_break(category, tie), tie.clause
    for tier in category.tiers:
        asked_th, asked_en = [], []
        if tier.at_least is not None:
            asked_th.append(f"คะแนนไม่น้อยกว่า {plain(tier.at_least)}")
            asked_en.append(f"at least {plain(tier.at_least)}")
        if tier.rank_at_most is not None:
            asked_th.append(f"ลำดับไม่เกิน {tier.rank_at_most}")
            asked_en.append(f"rank {tier.rank_at_most} or better")
        if tier.reward is not None:
            asked_th.append(tier.reward.th)
            asked_en.append(tier.reward.in_language("en"))
        label = Words(f"ผลการตัดสิน: {tier.label.th}", f"Award level: {tier.label.in_language('en')}")
        how = Words(" · ".join(asked_th) or "นอกจากข้างต้น", " · ".join(asked_en) or "all others")
        yield label, how, tier.clause


def _panel(category: Category) -> Words:
    panel = category.panel
    combine, applied = wording.COMBINE[panel.combine], wording.APPLIED[panel.applied_to]
    th = [f"{combine.th} {applied.th}", f"องค์ประชุมอย่างน้อย {panel.quorum} คน"]
    en = [f"{combine.en}, {applied.en}", f"quorum {panel.quorum}"]
    if panel.drop is not None:
        dropped = wording.drop(panel.drop)
        th.append(dropped.th)
        en.append(dropped.en)
    if panel.spread_alert is not None:
        bound = plain(panel.spread_alert)
        th.append(f"ควรหารือเมื่อคะแนนรวมของกรรมการต่างกันตั้งแต่ {bound} คะแนน")
        en.append(f"discuss when members' totals are {bound} points or more apart")
    return Words(" · ".join(th), " · ".join(en))


def _adjustment(category: Category, rule: Adjustment) -> Words:
    amount = plain(max(rule.amount, -rule.amount))
    verb = Words("เพิ่ม", "add") if rule.amount > 0 else Words("หัก", "subtract")
    th, en = f"{verb.th} {amount} คะแนน", f"{verb.en} {amount}"
    if rule.per is not None:
        kind, code = rule.per
        label = category.indicator(code).label if kind == "indicator" else label_of_field(category, code)
        th, en = f"{th} ต่อหนึ่งหน่วยของ “{label.th}”", f"{en} per unit of “{label.in_language('en')}”"
    if rule.when is not None:
        when = wording.condition(category, rule.when)
        th, en = f"{th} เมื่อ {when.th}", f"{en} when {when.en}"
    if rule.at_most is not None:
        th, en = f"{th} ไม่เกิน {plain(rule.at_most)} คะแนน", f"{en}, at most {plain(rule.at_most)}"
    return Words(th, en)


def _roundings(category: Category) -> Words:
    rounding = category.rounding
    combined, points, total = (wording.rounding(each) for each in (rounding.combined, rounding.points, rounding.total))
    on = {
        "rounded": Words("จัดอันดับจากคะแนนที่ปัดแล้ว", "ranked on the rounded total"),
        "exact": Words("จัดอันดับจากคะแนนที่ไม่ปัด", "ranked on the exact total"),
    }[rounding.rank_on]
    return Words(
        f"คะแนนที่รวมจากกรรมการ: {combined.th} · คะแนนรายเกณฑ์: {points.th} · คะแนนรวม: {total.th} · {on.th}",
        f"combined marks: {combined.en} · points: {points.en} · total: {total.en} · {on.en}",
    )


def _stage(material: Material, code: str) -> Words:
    stage = material.rules.stage(code)
    groups = wording.GROUPS[stage.groups]
    th, en = [groups.th], [groups.en]
    if stage.advance is not None:
        th.append(f"เข้ารอบต่อไปกลุ่มละ {stage.advance}")
        en.append(f"{stage.advance} of each group go on")
    if stage.carries is not None:
        earlier, share = material.rules.stage(stage.carries.stage).label, plain(times(stage.carries.share, 100))
        th.append(f"นับคะแนน{earlier.th}ร้อยละ {share}")
        en.append(f"{share}% of the total comes from the stage “{earlier.in_language('en')}”")
    return Words(" · ".join(th), " · ".join(en))
