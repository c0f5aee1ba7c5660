"""What decides besides the criteria, said once: the rules' page and the workbook's sheet of rules print the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from exports import wording
from scoring_rules.exact import plain
from scoring_rules.indicators import label_of_field
from scoring_rules.operations import times
from scoring_rules.rules import (
    Adjustment,
    Bands,
    Category,
    ChecklistSource,
    Criterion,
    Eligibility,
    IndicatorSource,
    MarksSource,
    RuleSet,
    Stage,
    Tier,
)
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that the rules decide, how, and on which clause it rests."""

    what: Words
    how: Words
    clause: str | None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Decisions that belong together, in the order in which they are taken."""

    heading: Words
    decisions: tuple[Decision, ...]


def chapters(category: Category) -> Iterator[Chapter]:
    """Everything that decides from marks to award levels; a chapter without decisions is not there."""
    yield Chapter(Words("จากคะแนนกรรมการเป็นคะแนนรวม", "From marks to one total"), tuple(_to_one_total(category)))
    if category.eligibility:
        rules = tuple(_eligibility(category, rule) for rule in category.eligibility)
        yield Chapter(Words("คุณสมบัติของผู้รับรางวัล", "Who may win"), rules)
    ties = tuple(
        Decision(Words(f"ข้อ {place}", f"Step {place}"), wording.tie_break(category, tie), tie.clause)
        for place, tie in enumerate(category.tie_breaks, 1)
    )
    yield Chapter(Words("เมื่อคะแนนรวมเท่ากัน", "When totals are equal"), ties)
    if category.tiers:
        yield Chapter(Words("ระดับรางวัล", "Award levels"), tuple(map(_tier, category.tiers)))


def stage_words(rules: RuleSet, stage: Stage) -> Words:
    """Inside what a stage ranks, who goes on, and what it carries from an earlier one."""
    terms = [wording.GROUPS[stage.groups]]
    if stage.advance is not None:
        terms.append(Words(f"เข้ารอบต่อไปกลุ่มละ {stage.advance} ผลงาน", f"{stage.advance} of each group go on"))
    if stage.carries is not None:
        label, share = rules.stage(stage.carries.stage).label, plain(times(stage.carries.share, 100))
        terms.append(
            Words(
                f"ร้อยละ {share} ของคะแนนรวมมาจาก “{label.th}”",
                f"{share}% of the total comes from “{label.in_language('en')}”",
            )
        )
    return _joined(terms)


def where_from(category: Category, node: Criterion) -> tuple[Words, ...]:
    """Where the points of a leaf come from: the scale of members' marks, what a mark is worth, when a reason is due; or
    the indicator. Nothing for a criterion with parts."""
    source = node.source
    if isinstance(source, MarksSource):
        scale = source.scale
        low, high, step = plain(scale.from_), plain(scale.to), plain(scale.step)
        marks = Words(f"กรรมการให้ {low}–{high} ทีละ {step}", f"Members mark {low}–{high} in steps of {step}")
        said = (marks, wording.WORTH[source.worth], wording.COMMENT[source.comment])
        return tuple(each for each in said if each.th)
    if isinstance(source, IndicatorSource):
        label = category.indicator(source.indicator).label
        en = f"Points from the indicator “{label.in_language('en')}”"
        return (Words(f"คะแนนจากตัวชี้วัด “{label.th}”", en),)
    if isinstance(source, ChecklistSource):
        return (Words("รายการตรวจ กรรมการทำเครื่องหมาย", "A checklist that members tick"),)
    return ()


def worth_of(category: Category, node: Criterion) -> tuple[Words, ...]:
    """What each mark, number or tick of a leaf means or earns: levels, bands, the straight line, the items."""
    source = node.source
    if isinstance(source, MarksSource):
        levels = [_named(plain(level.at), " = ", level.text) for level in source.levels]
        if source.suggest is not None:
            label, bands = category.indicator(source.suggest.indicator).label, _bands(source.suggest.bands)
            en = f"Suggested from “{label.in_language('en')}”: {bands.en}"
            levels.append(Words(f"ระบบเสนอระดับจาก “{label.th}”: {bands.th}", en))
        return tuple(levels)
    if isinstance(source, IndicatorSource) and source.bands is not None:
        return (_bands(source.bands),)
    if isinstance(source, IndicatorSource):
        assert source.linear is not None  # one of the two is set
        zero, full = plain(source.linear.zero_at), plain(source.linear.full_at)
        th = f"เส้นตรง: ค่า {zero} ได้ 0 ค่า {full} ได้คะแนนเต็ม"
        return (Words(th, f"A straight line: {zero} earns 0, {full} earns all"),)
    if isinstance(source, ChecklistSource):
        return tuple(
            Words(f"{item.label.th} ({plain(item.points)})", f"{item.label.in_language('en')} ({plain(item.points)})")
            for item in source.items
        )
    return ()


def _named(name: str, sign: str, text: Words) -> Words:
    return Words(f"{name}{sign}{text.th}", f"{name}{sign}{text.in_language('en')}")


def _bands(bands: Bands) -> Words:
    higher = bands.better == "higher"
    th = ", ".join(f"{'ตั้งแต่' if higher else 'ไม่เกิน'} {plain(edge)} ได้ {plain(earned)}" for edge, earned in bands.edges)
    en = ", ".join(f"{'from' if higher else 'up to'} {plain(edge)}: {plain(earned)}" for edge, earned in bands.edges)
    rest = plain(bands.beyond)
    return Words(f"{th}, นอกนั้นได้ {rest}", f"{en}, otherwise {rest}")


def _to_one_total(category: Category) -> Iterator[Decision]:
    panel, total, rounding = category.panel, category.total, category.rounding
    yield Decision(Words("การรวมคะแนนกรรมการ", "Combining members"), _combining(category), panel.clause)
    yield Decision(Words("คะแนนที่ขาด", "Missing marks"), _missing(category), panel.clause)
    for adjustment in total.adjustments:
        yield Decision(adjustment.label, _adjustment(category, adjustment), adjustment.clause)
    floor, ceiling = plain(total.floor), plain(total.ceiling)
    bounds = Words(f"{floor} ถึง {ceiling}", f"{floor} to {ceiling}")
    yield Decision(Words("ขอบเขตคะแนนรวม", "Bounds of the total"), bounds, total.clause)
    yield Decision(Words("การปัดเศษ", "Rounding"), _roundings(category), rounding.clause)


def _combining(category: Category) -> Words:
    panel = category.panel
    combine, applied = wording.COMBINE[panel.combine], wording.APPLIED[panel.applied_to]
    terms = [Words(f"{combine.th} {applied.th}", f"{combine.en}, {applied.en}")]
    if panel.drop is not None:
        terms.append(wording.drop(panel.drop))
    terms.append(
        Words(
            f"องค์ประชุมอย่างน้อย {panel.quorum} คน หากน้อยกว่านี้จะไม่จัดอันดับผลงานนั้น",
            f"quorum {panel.quorum}: with fewer members the entry is not ranked",
        )
    )
    if panel.spread_alert is not None:
        bound = plain(panel.spread_alert)
        terms.append(
            Words(
                f"ควรหารือเมื่อคะแนนรวมของกรรมการต่างกันตั้งแต่ {bound} คะแนน",
                f"discuss when members' totals are {bound} points or more apart",
            )
        )
    return _joined(terms)


def _missing(category: Category) -> Words:
    missing = category.panel.missing
    policies = [
        (Words("กรรมการที่ถอนตัว", "recused members"), wording.POLICY[missing.recused]),
        (Words("กรรมการที่ไม่เข้าร่วม", "absent members"), wording.POLICY[missing.absent]),
        (Words("คะแนนที่เว้นว่าง", "blank marks"), wording.POLICY[missing.blank]),
    ]
    return _joined([Words(f"{what.th}: {how.th}", f"{what.en}: {how.en}") for what, how in policies])


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
        "rounded": Words("จัดอันดับจากคะแนนรวมตามที่แสดง", "ranked on the total as shown"),
        "exact": Words("จัดอันดับจากคะแนนรวมที่ไม่ปัดเศษ", "ranked on the exact total"),
    }[rounding.rank_on]
    return Words(
        f"คะแนนที่รวมจากกรรมการ: {combined.th} · คะแนนรายเกณฑ์: {points.th} · คะแนนรวม: {total.th} · {on.th}",
        f"combined marks: {combined.en} · points: {points.en} · total: {total.en} · {on.en}",
    )


def _eligibility(category: Category, rule: Eligibility) -> Decision:
    asked, otherwise = wording.condition(category, rule.require), wording.STATUS[rule.otherwise]
    how = Words(f"{asked.th} มิฉะนั้น: {otherwise.th}", f"{asked.en}; otherwise: {otherwise.en}")
    return Decision(rule.label, how, rule.clause)


def _tier(tier: Tier) -> Decision:
    terms = []
    if tier.at_least is not None:
        least = plain(tier.at_least)
        terms.append(Words(f"คะแนนไม่น้อยกว่า {least}", f"at least {least} points"))
    if tier.rank_at_most is not None:
        terms.append(Words(f"ลำดับที่ไม่เกิน {tier.rank_at_most}", f"rank {tier.rank_at_most} or better"))
    how = _joined(terms) if terms else Words("นอกจากข้างต้น", "all others")
    return Decision(tier.label, _joined([how, tier.reward]) if tier.reward else how, tier.clause)


def _joined(terms: list[Words]) -> Words:
    return Words(" · ".join(term.th for term in terms), " · ".join(term.in_language("en") for term in terms))
