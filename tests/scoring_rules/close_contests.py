"""Random small contests made to lie close together: coarse scales, coarse roundings, every rule that can turn a tie."""

from fractions import Fraction
from random import Random

from scoring_rules.exact import Mode, Number, Rounding
from scoring_rules.facts import Card, Facts, Resolution
from scoring_rules.rules import ChecklistSource, Condition, Criterion, Drop, Eligibility, MarksSource, RuleSet
from tests.scoring_rules.build import (
    bands,
    card,
    category,
    checklist,
    entry,
    facts,
    indicator,
    inner,
    marked,
    measured,
    number_field,
    panel,
    roundings,
    rule_set,
    scale,
    stage,
    words,
)  # fmt: skip

TIES = ("criterion:a", "criterion:a/x", "criterion:c", "median", "spread", "pairwise", "indicator:ind")


def close_contest(chance: Random) -> tuple[RuleSet, Facts]:
    """Rules of one category `office` in one stage `final`, and facts of two to six entries, one to four members."""
    rules = _rules(chance)
    leaves = rules.categories[0].leaves
    codes = [f"E{number}" for number in range(chance.randint(2, 6))]
    members = chance.randint(1, 4)
    cards = {code: tuple(_card(chance, leaves, place) for place in range(members)) for code in codes}
    if chance.random() < 0.3:
        cards["E1"] = cards["E0"]  # equal at every weight
    decided = [Resolution("office", "final", "", tuple(chance.sample(codes, len(codes))), "as agreed")]
    entries = [entry(code, fields={"ind": chance.choice([0, 1, 2, "1.5"])}) for code in codes]
    return rules, facts(entries, cards, decided if chance.random() < 0.3 else ())


def _rules(chance: Random) -> RuleSet:
    combine = chance.choice(["mean", "mean", "median", "sum", "trimmed_mean"])
    return rule_set(
        category(
            *_criteria(chance),
            panel=panel(
                combine=combine,
                applied_to=chance.choice(["marks", "marks", "totals"]),
                drop=Drop(1, 1, 3) if combine == "trimmed_mean" else None,
                blank=chance.choice(["refuse", "leave_out", "lowest"]),
                recused=chance.choice(["leave_out", "lowest"]),
            ),
            rounding=roundings(
                total=chance.choice([None, *(Rounding(places, mode) for places, mode in TOTALS)]),
                rank_on=chance.choice(["rounded", "exact"]),
                points=chance.choice([None] * 6 + [Rounding(1, "half_up"), Rounding(2, "down")]),
                combined=chance.choice([None] * 6 + [Rounding(1, "half_up")]),
            ),
            ties=[*chance.sample(TIES, chance.randint(0, 3)), chance.choice(["share", "resolution"])],
            indicators=[indicator("ind")],
            fields=[number_field("ind")],
            eligibility=[_bound(chance)] if chance.random() < 0.3 else [],
            floor=chance.choice([0, 20]),
            ceiling=chance.choice([100, 70, 300]),
        ),
        stages=[stage("final", advance=chance.choice([None, 1, 2, 3]))],
    )


TOTALS: tuple[tuple[int, Mode], ...] = ((0, "half_up"), (1, "half_even"), (1, "down"), (2, "half_up"))


def _criteria(chance: Random) -> list[Criterion]:
    on = scale(0, chance.choice([2, 3, 5]), chance.choice(["1", "1", "0.5"]))
    first, second, third = chance.choice([(30, 20, 50), (25, 25, 50), (10, 60, 30)])
    worth = chance.choice(["share_of_top", "share_of_range"])
    return [
        inner("a", marked("a/x", chance.choice([5, 10]), on=on, worth=worth), marked("a/y", first, on=on)),
        checklist("b", {"p": second // 2, "q": second - second // 2})
        if chance.random() < 0.4
        else marked("b", second, on=on),
        measured("c", third, "ind", on=bands("higher", [(1, Fraction(third, 2)), (2, third)], 0))
        if chance.random() < 0.3
        else marked("c", third, on=on),
    ]


def _bound(chance: Random) -> Eligibility:
    what = chance.choice(["total", "criterion"])
    code = "ranked" if what == "total" else chance.choice(["a", "a/x"])
    require = Condition(what, code, chance.choice(["at_least", "at_most"]), chance.choice([3, 10, 40]))  # type: ignore[arg-type]
    return Eligibility("bound", words("bound"), require, chance.choice(["not_eligible", "not_placed"]))


def _card(chance: Random, leaves: tuple[Criterion, ...], place: int) -> Card:
    member = f"M{place}"
    if place and chance.random() < 0.1:
        return card(member, state="recused")
    marks: dict[str, Number] = {}
    for leaf in leaves:
        if isinstance(leaf.source, ChecklistSource):
            marks |= {f"{leaf.path}/{item.code}": chance.randint(0, 1) for item in leaf.source.items}
        elif isinstance(leaf.source, MarksSource):
            on = leaf.source.scale
            marks[leaf.path] = on.from_ + on.step * chance.randint(0, int((on.to - on.from_) / on.step))
    if chance.random() < 0.05:
        marks.pop(next(iter(marks)))
    return card(member, marks)
