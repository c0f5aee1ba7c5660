"""Other points for some criteria, with everything else kept in proportion: how a trial changes weights.

What is changed gets the points asked for. The other parts of the same parent keep their proportions to each other and
share what is left of the parent's points; the whole stays as it is, so that parts still add up. What stands below a
criterion is scaled with it: parts, points of bands and of ticked items, and the bounds of eligibility on its points.
All in exact rationals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from scoring_rules.exact import Number, plain, simplest
from scoring_rules.problems import Problem, Refused, did_you_mean
from scoring_rules.rules import Category, ChecklistSource, Condition, Criterion, IndicatorSource, MarksSource
from scoring_rules.words import Words


class TrialRefused(Refused):
    """A trial that cannot be computed; each problem's `path` names the part of the trial that is wrong."""


def refused(path: str, code: str, says: Words, remedy: Words) -> TrialRefused:
    """One problem of a trial; `path` is `points.d1`, `without`, `combine`, …"""
    return TrialRefused([Problem("whatif", 0, 0, path, code, says, remedy)])


def with_points(category: Category, points: Mapping[str, Number]) -> Category:
    """The category with other points for the criteria at these paths, the rest scaled as this module says.

    Raises TrialRefused for an unknown path, points below zero, more than the parent has, or points that would not add
    up because no other part can take what is left.
    """
    known = [node.path for node in category.nodes()]
    for path, asked in points.items():
        if path not in known:
            says = Words(f"ไม่มีเกณฑ์ “{path}” ในประเภทนี้", f"There is no criterion “{path}” in this category.")
            remedy = did_you_mean(path, known) or Words(
                f"ใช้เกณฑ์ใดใน: {', '.join(known[:12])}", f"Use one of: {', '.join(known[:12])}."
            )
            raise refused(f"points.{path}", "unknown_criterion", says, remedy)
        if asked < 0:
            says = Words(f"คะแนน {plain(asked)} ติดลบ", f"{plain(asked)} points are less than none.")
            raise refused(f"points.{path}", "negative", says, Words("ใส่ 0 ขึ้นไป", "Give 0 or more."))
    if not points:
        return category
    criteria = _shared(category.criteria, category.full_mark, points)
    now = {node.path: node.points for root in criteria for node in root.walk()}
    eligibility = tuple(
        replace(rule, require=_bound(rule.require, category, now)) if rule.require.what == "criterion" else rule
        for rule in category.eligibility
    )
    # made anew rather than replaced, so that its leaves are those of the new criteria
    return replace(category, criteria=criteria, eligibility=eligibility)


def _shared(nodes: Sequence[Criterion], whole: Number, points: Mapping[str, Number]) -> tuple[Criterion, ...]:
    """The parts of one parent, which has `whole` points now."""
    fixed = {node.path: points[node.path] for node in nodes if node.path in points}
    others = sum((node.points for node in nodes if node.path not in fixed), start=0)
    left = simplest(Fraction(whole) - sum(fixed.values(), start=0))
    if fixed and left < 0:
        raise _does_not_fit(fixed, whole, Words("มากกว่าที่มี", "more than there is"))
    if left > 0 and others == 0:
        raise _does_not_fit(fixed, whole, Words("ไม่มีเกณฑ์อื่นรับส่วนที่เหลือ", "no other part takes what is left"))
    made = []
    for node in nodes:
        now = fixed.get(node.path)
        if now is None:
            now = simplest(Fraction(node.points) * left / others) if others else node.points
        made.append(_scaled(node, now, points))
    return tuple(made)


def _scaled(node: Criterion, now: Number, points: Mapping[str, Number]) -> Criterion:
    if now == node.points and not any(path.startswith(f"{node.path}/") for path in points):
        return node
    if node.parts:
        return replace(node, points=now, parts=_shared(node.parts, now, points))
    source = node.source
    if isinstance(source, MarksSource):
        # as_points is the mark itself because `to` is the points: with other points it is this share of them
        worth = "share_of_top" if source.worth == "as_points" else source.worth
        return replace(node, points=now, source=replace(source, worth=worth))
    if node.points == 0 and now != 0:
        says = Words(f"“{node.path}” ไม่มีคะแนนให้ขยาย", f"“{node.path}” has no points to scale.")
        raise refused(f"points.{node.path}", "nothing_to_scale", says, Words("คงไว้ที่ 0", "Leave it at 0."))
    factor = Fraction(now) / node.points if node.points else Fraction(0)
    if isinstance(source, ChecklistSource):
        items = tuple(replace(item, points=simplest(item.points * factor)) for item in source.items)
        return replace(node, points=now, source=ChecklistSource(items))
    if isinstance(source, IndicatorSource) and source.bands is not None:
        edges = tuple((edge, simplest(worth * factor)) for edge, worth in source.bands.edges)
        bands = replace(source.bands, edges=edges, beyond=simplest(source.bands.beyond * factor))
        return replace(node, points=now, source=replace(source, bands=bands))
    return replace(node, points=now)


def _bound(require: Condition, category: Category, now: Mapping[str, Number]) -> Condition:
    """A bound on a criterion's points is a share of them: it is scaled with them."""
    before = category.criterion(require.code).points
    if not before:
        return require
    return replace(require, value=simplest(Fraction(require.value) * now[require.code] / before))


def _does_not_fit(fixed: Mapping[str, Number], whole: Number, why: Words) -> TrialRefused:
    asked, there = plain(sum(fixed.values(), start=0)), plain(whole)
    says = Words(
        f"คะแนนที่ลองรวมได้ {asked} แต่ข้อแม่มี {there}: {why.th}",
        f"The points tried add up to {asked}, and their parent has {there}: {why.en}.",
    )
    remedy = Words(
        f"ให้รวมกันไม่เกิน {there} และเหลือเกณฑ์อื่นไว้รับส่วนต่าง",
        f"Let them add up to at most {there}, with another part left to change.",
    )
    return refused(f"points.{next(iter(fixed))}", "points_do_not_fit", says, remedy)
