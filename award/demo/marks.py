"""Invented marks: an entry's quality and a member's habit give a mark on the scale, near what the rules suggest."""

from decimal import Decimal
from random import Random

from award.demo.texts import NOTES
from scoring_rules.exact import Number, plain
from scoring_rules.indicators import suggested_mark
from scoring_rules.rules import Category, ChecklistSource, Criterion, MarksSource, Scale

DemoMark = tuple[str, Decimal, str]  # criterion path, value, note


def invent_card(
    category: Category, *, quality: float, leaning: float, fields: dict[str, Number], rng: Random
) -> list[DemoMark]:
    """A full card: every leaf marked, with a note where the rules ask for one and now and then besides."""
    marks: list[DemoMark] = []
    for leaf in category.leaves:
        if isinstance(leaf.source, MarksSource):
            marks.append(_invent_mark(category, leaf, leaf.source, quality=quality + leaning, fields=fields, rng=rng))
        elif isinstance(leaf.source, ChecklistSource):
            for item in leaf.source.items:
                marks.append((f"{leaf.path}/{item.code}", Decimal(rng.random() < quality + leaning), ""))
    return marks


def _invent_mark(
    category: Category, leaf: Criterion, source: MarksSource, *, quality: float, fields: dict[str, Number], rng: Random
) -> DemoMark:
    note = rng.choice(NOTES) if rng.random() < 0.05 or source.comment == "required" else ""
    suggested = suggested_mark(category, leaf, fields)
    if suggested is not None and rng.random() < 0.93:
        return leaf.path, Decimal(plain(suggested)), note
    value = _on_scale(source.scale, quality + rng.gauss(0, 0.09))
    if suggested is not None and value != suggested:
        note = "หลักฐานประกอบไม่ครบตามที่รายงาน (ข้อมูลสมมติ)" if value < suggested else "หลักฐานเชิงคุณภาพดีกว่าตัวเลข (ข้อมูลสมมติ)"
    if source.comment == "required_at_ends" and value in (source.scale.from_, source.scale.to):
        note = note or rng.choice(NOTES)
    return leaf.path, Decimal(plain(value)), note


def _on_scale(scale: Scale, share: float) -> Number:
    """The step of the scale nearest to `share` of its range."""
    steps = (scale.to - scale.from_) / scale.step
    chosen = round(min(1.0, max(0.0, share)) * float(steps))
    return scale.from_ + chosen * scale.step
