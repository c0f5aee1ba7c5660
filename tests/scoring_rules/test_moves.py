"""Who moves between two evaluations, by how much and through which step."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any, Literal

import pytest

from scoring_rules.engine import Earlier, evaluate
from scoring_rules.exact import Rounding
from scoring_rules.facts import Facts
from scoring_rules.moves import Move, moves
from scoring_rules.rules import (
    Adjustment,
    Carries,
    Category,
    ChecklistSource,
    Condition,
    Criterion,
    Eligibility,
    MarksSource,
    Missing,
    Policy,
    RuleSet,
    Tier,
)
from scoring_rules.words import Words
from tests.random_facts import contest_by
from tests.scoring_rules.build import (
    HALF_UP_2,
    bands,
    card,
    category,
    contest,
    entry,
    facts,
    indicator,
    inner,
    marked,
    measured,
    number,
    number_field,
    panel,
    roundings,
    rule_set,
    stage,
    words,
)

PATHS = ("d1/a", "d1/b", "d2")
MARKS = {
    "A": {"m1": (4, 3, 5), "m2": (5, 3, 4), "m3": (4, 3, 5)},
    "B": {"m1": (5, 4, 3), "m2": (5, 5, 3), "m3": (1, 5, 5)},
    "C": {"m1": (3, 3, 3), "m2": (3, 3, 3), "m3": (3, 3, 3)},
}


def marks(by_entry: Any) -> Facts:
    """Facts from {entry: {member: marks in the order of PATHS}}."""
    return contest(
        {
            code: {m: dict(zip(PATHS, given_, strict=True)) for m, given_ in each.items()}
            for code, each in by_entry.items()
        }
    )


GIVEN = marks(MARKS)
CRITERIA = (inner("d1", marked("d1/a", 20), marked("d1/b", 30)), marked("d2", 50))


def rules(*criteria: Any, stages: Any = (), **keys: Any) -> RuleSet:
    return rule_set(category(*(criteria or CRITERIA), **keys), stages=stages)


def moved(old: RuleSet, new: RuleSet, before: Facts = GIVEN, after: Facts | None = None) -> dict[str, Move]:
    """The moves by entry; each entry stands in one ranking."""
    return {move.entry: move for move in moves(evaluate(old, before), evaluate(new, after or before))}


def steps(move: Move) -> list[tuple[str, str]]:
    return [(each.operation, each.path) for each in move.through]


def test_the_same_evaluation_moves_nobody():
    assert moved(rules(), rules()) == {}


def test_another_combine_rule_is_named_at_the_marks_it_changes_and_nowhere_else():
    found = moved(rules(), rules(panel=panel(combine="median")))
    assert list(found) == ["A", "B"]  # C's members agree, so the median is their mean
    a = found["A"]
    assert a.change == 2
    assert steps(a) == [("combine", "d1/a"), ("combine", "d2")]
    assert (a.through[0].before, a.through[0].after) == (Fraction(13, 3), 4)
    assert a.through[0].says == Words(
        "คะแนนที่รวมจากกรรมการของ “d1/a” (d1/a): 13/3 → 4"
        " (เดิม กรรมการ 3 คนให้ 4, 5, 4 เฉลี่ย 4.333333; ใหม่ กรรมการ 3 คนให้ 4, 5, 4 มัธยฐาน 4)",
        "The combined mark of “d1/a” (d1/a): 13/3 → 4"
        " (was: 3 members gave 4, 5, 4, mean 4.333333; now: 3 members gave 4, 5, 4, median 4)",
    )


def test_another_weight_is_named_where_marks_become_points():
    new = rules(inner("d1", marked("d1/a", 30), marked("d1/b", 30)), marked("d2", 40))
    found = moved(rules(), new)
    assert steps(found["A"]) == [("worth", "d1/a"), ("worth", "d2")]
    assert found["A"].change == Fraction(10 * 13, 15) - Fraction(10 * 14, 15)
    assert (found["A"].through[1].before, found["A"].through[1].after) == (Fraction(140, 3), Fraction(112, 3))
    assert "C" not in found  # 3 of 5 everywhere: 60 of 100 by any weights


def test_a_weight_in_each_members_total_is_told_once_for_all_members():
    by_totals = panel(applied_to="totals")
    new = rules(inner("d1", marked("d1/a", 30), marked("d1/b", 30)), marked("d2", 40), panel=by_totals)
    (points, rest) = moved(rules(panel=by_totals), new)["A"].through
    assert (points.operation, points.path, points.before) == ("worth", "d1/a", None)
    assert points.says.en == (
        "The points of “d1/a” (d1/a) (3 members):"
        " was: member m1: 20 × 4 ÷ 5 = 16 points; now: member m1: 30 × 4 ÷ 5 = 24 points"
    )
    assert rest.path == "d2"


def test_a_panel_that_combines_totals_instead_of_marks_is_named_at_the_total():
    found = moved(rules(), rules(panel=panel(applied_to="totals", combine="median")))
    assert steps(found["A"]) == [("combine", "total")]
    assert (found["A"].through[0].before, found["A"].through[0].after) == (82, 84)


def test_a_member_left_out_is_named():
    without = replace(GIVEN, cards={code: each[:2] for code, each in GIVEN.cards.items()})
    found = moved(rules(), rules(), GIVEN, without)
    assert steps(found["A"]) == [("combine", "d1/a"), ("combine", "d2")]
    assert found["A"].through[0].what == Words(
        "คะแนนที่รวมจากกรรมการของ “d1/a” (d1/a) โดยไม่มี m3", "The combined mark of “d1/a” (d1/a) without m3"
    )
    assert found["A"].change == -1


def test_a_recusal_is_named_with_who_and_why():
    cards = {**GIVEN.cards, "A": (*GIVEN.cards["A"][:2], card("m3", state="recused"))}
    found = moved(rules(), rules(), GIVEN, replace(GIVEN, cards=cards))
    assert list(found) == ["A"]
    assert "left out: m3 recused" in found["A"].through[0].now.en


def test_one_mark_of_one_member_in_totals_is_named_with_the_member():
    by_totals = rules(panel=panel(applied_to="totals"))
    raised = marks({**MARKS, "C": {**MARKS["C"], "m2": (4, 3, 3)}})
    found = moved(by_totals, by_totals, GIVEN, raised)
    assert steps(found["C"]) == [("mark", "d1/a")]
    assert found["C"].through[0].says.en == (
        "The mark on “d1/a” (d1/a): 3 → 4 (was: member m2 gave 3; now: member m2 gave 4)"
    )


def test_the_rounding_of_the_total_is_named_where_only_it_differs():
    found = moved(rules(), rules(rounding=roundings(total=Rounding(2, "down"))))
    assert found == {}  # 79.333… is 79.33 either way
    found = moved(rules(), rules(rounding=roundings(total=Rounding(1, "half_up"))))
    assert steps(found["B"]) == [("rounding", "total")]
    assert (found["B"].change, found["B"].through[0].before) == (0, Fraction(7933, 100))
    assert found["B"].through[0].says.th == (
        "การปัดเศษคะแนนรวม: 79.33 → 79.3 (เดิม 79.333333 ปัดเศษเหลือ 2 ตำแหน่ง (เศษครึ่งปัดขึ้น) = 79.33;"
        " ใหม่ 79.333333 ปัดเศษเหลือ 1 ตำแหน่ง (เศษครึ่งปัดขึ้น) = 79.3)"
    )


def test_an_exact_total_that_differs_below_an_equal_rounding_is_found():
    """85.2349 and 85.2301 are both 85.23: what is shown is the same, what is exact is not."""
    old, new = (rules(rounding=roundings(combined=how, total=Rounding(0, "down"))) for how in (None, HALF_UP_2))
    found = moved(old, new)
    assert found["A"].before is not None
    assert found["A"].after is not None
    assert found["A"].before.total == found["A"].after.total
    assert steps(found["A"]) == [("rounding", "d1/a"), ("rounding", "d2")]


def test_what_is_evened_out_above_is_not_named_below():
    """Under a ceiling of 70 both totals are 70: no combined mark has made a difference."""
    found = moved(rules(ceiling=70), rules(ceiling=70, panel=panel(combine="median")))
    assert found == {}


def test_a_ceiling_is_named_where_it_cuts():
    found = moved(rules(), rules(ceiling=80))
    assert {code: steps(move) for code, move in found.items()} == {"A": [("ceiling", "total")]}
    assert found["A"].change == -2


def test_an_adjustment_is_named_by_its_code():
    late = Adjustment("late", Words("ส่งช้า", "Late"), -1, ("field", "days_late"))
    given_ = facts([entry("A", fields={"days_late": 3})], {"A": GIVEN.cards["A"]})
    fields = [number_field("days_late")]
    found = moved(rules(fields=fields), rules(fields=fields, adjustments=[late]), given_)
    assert steps(found["A"]) == [("adjustment", "late")]
    assert found["A"].change == -3
    assert found["A"].through[0].says.en == (
        "The adjustment “Late” (late): 0 → -3 (was: no such step; now: -1 × 3: -3 points)"
    )


def test_a_band_is_named_and_an_indicator_that_changed_inside_it_is_not():
    growth = indicator("growth")
    leaf = [measured("d3", 20, "growth", on=bands("higher", [(10, 10), (20, edge)], 0)) for edge in (20, 15)]
    old, new = (rules(marked("d1", 80), each, indicators=[growth]) for each in leaf)
    before, after = (facts([entry("A", fields={"growth": g})], {"A": [card("m", {"d1": 5})]}) for g in (25, 30))
    assert moved(old, old, before, after) == {}
    found = moved(old, new, before, after)
    assert steps(found["A"]) == [("bands", "d3")]
    assert (found["A"].through[0].before, found["A"].through[0].after) == (20, 15)


def test_a_criterion_that_goes_and_one_that_comes_are_both_named():
    old = rules(marked("d1", 60), marked("d2", 40))
    new = rules(marked("d1", 60), marked("d3", 40))
    given_ = contest({"A": {"m": {"d1": 5, "d2": 5}}})
    after = contest({"A": {"m": {"d1": 5, "d3": 4}}})
    found = moved(old, new, given_, after)["A"]
    assert [(each.path, each.before, each.after) for each in found.through] == [("d2", 40, 0), ("d3", 0, 32)]


def test_a_tie_settled_by_another_rule_is_named():
    tied = contest({"A": {"m": {"d1": 5, "d2": 3}}, "B": {"m": {"d1": 3, "d2": 5}}})
    old, new = (
        rules(marked("d1", 50), marked("d2", 50), ties=[by, "share"]) for by in ("criterion:d1", "criterion:d2")
    )
    found = moved(old, new, tied)
    assert {code: (m.before.rank, m.after.rank, m.change) for code, m in found.items() if m.before and m.after} == {
        "A": (1, 2, 0), "B": (2, 1, 0),
    }  # fmt: skip
    assert steps(found["A"]) == [("tie", "criterion:d2")]
    assert found["A"].through[0].says.en == "The tie: was: d1 (A 50, B 30, so A > B); now: d2 (B 50, A 30, so B > A)"


def test_ranking_on_the_exact_total_ends_a_tie():
    given_ = contest(
        {"A": {"m": {"d1": 5}, "n": {"d1": 4}, "o": {"d1": 4}}, "B": {"m": {"d1": 4}, "n": {"d1": 4}, "o": {"d1": 4}}}
    )
    old, new = (rules(marked("d1", 1), rounding=roundings(total=Rounding(0, "down"), rank_on=on), ties=["share"])
                for on in ("rounded", "exact"))  # fmt: skip
    found = moved(old, new, given_)
    assert steps(found["B"]) == [("tie", "share")]
    assert found["B"].through[0].now.en == "equal to no other entry"


def test_tiers_eligibility_and_quorum_are_named():
    gold = [Tier("gold", words("gold"), at_least=number(80)), Tier("rest", words("rest"))]
    lower = [replace(gold[0], at_least=number(79)), gold[1]]
    found = moved(rules(tiers=gold), rules(tiers=lower))
    assert {code: steps(move) for code, move in found.items()} == {"B": [("tier", "")]}
    assert found["B"].through[0].says.en == (
        "The tier: was: rest (79.33 reaches none of the tiers above); now: gold (79.33 is at least 79)"
    )
    passing = Eligibility("pass", words("pass"), Condition("total", "", "at_least", 70), "not_eligible")
    found = moved(rules(), rules(eligibility=[passing]))
    assert {code: steps(move) for code, move in found.items()} == {"C": [("eligibility", "pass")]}
    found = moved(rules(), rules(panel=panel(quorum=4)))
    assert steps(found["A"]) == [("status", "")]
    assert found["A"].change is None
    assert "3 members marked; at least 4 must" in found["A"].through[0].now.en


def test_an_entry_that_nothing_of_its_own_moved_names_who_went_past_it():
    raised = marks({**MARKS, "C": dict.fromkeys(("m1", "m2", "m3"), (5, 5, 5))})
    found = moved(rules(), rules(), GIVEN, raised)
    assert [(m.entry, m.after.rank, steps(m)[-1]) for m in found.values() if m.after] == [
        ("C", 1, ("combine", "d2")), ("A", 2, ("others", "")), ("B", 3, ("others", "")),
    ]  # fmt: skip
    assert found["A"].through[0].says.en == "Entries now ahead of it: now: C"


def test_more_that_go_on_and_other_groups_are_named():
    zones = [stage("zone", advance=1), stage("end")]
    old, new = rules(stages=zones), rules(stages=[stage("zone", advance=2), stage("end")])
    found = moves(evaluate(old, GIVEN), evaluate(new, GIVEN))
    assert [(m.stage, m.entry, steps(m)) for m in found] == [
        ("zone", "B", [("advance", "")]), ("end", "B", [("listed", "")]),
    ]  # fmt: skip
    assert found[1].before is None
    given_ = facts([entry(code, zone="9") for code in MARKS], GIVEN.cards)
    grouped = moved(rules(), rules(stages=[stage(groups="zone")]), given_)
    assert steps(grouped["A"]) == [("group", "")]
    assert grouped["A"].through[0].says.en == "The group ranked in: was: all entries together; now: zone 9"


def test_the_share_of_an_earlier_stage_is_named():
    earlier = {("zone", code): Earlier(90, True) for code in MARKS}
    old, new = (
        rules(stages=[stage("zone", advance=9), stage("end", carries=Carries("zone", number(share)))])
        for share in ("0.4", "0.5")
    )
    before, after = (evaluate(each, GIVEN, stage="end", earlier=earlier) for each in (old, new))
    move = moves(before, after)[0]
    assert steps(move) == [("carry", "total")]
    assert (move.entry, move.change) == ("A", Fraction(8, 10))


def test_moves_come_by_ranking_then_by_the_rank_after():
    found = moves(evaluate(rules(), GIVEN), evaluate(rules(panel=panel(combine="median"), ceiling=83), GIVEN))
    assert [move.entry for move in found] == ["A", "B"]
    ranks = [move.after.rank for move in found if move.after and move.after.rank]
    assert ranks == sorted(ranks)


OWN = {"combine", "worth", "bands", "linear", "rounding", "adjustment", "floor", "ceiling", "carry", "sum", "total"}


@pytest.mark.parametrize("seed", range(60))
def test_nobody_moves_without_a_step_that_differs_by_itself(seed: int):
    """Random contests over the whole vocabulary, by their rules and by rules changed in up to three places."""
    chance = Random(seed)
    given_ = contest_by(chance, most_entries=12, most_members=4)
    changed = given_.rules
    for change in chance.sample(CHANGES, chance.randint(1, 3)):
        changed = replace(changed, categories=tuple(change(chance, each) for each in changed.categories))
    before, after = (
        evaluate(rules_, given_.facts, stage=given_.stage, earlier=given_.earlier) for rules_ in (given_.rules, changed)
    )
    for move in moves(before, after):
        assert move.through
        for each in move.through:
            assert each.before is None or each.before != each.after
            assert "\n" not in each.says.th
            assert each.says.en
        if move.change:
            assert {each.operation for each in move.through} & OWN, move
        if not any(each.operation == "others" for each in move.through):
            assert all(each.was != each.now for each in move.through)
    codes = {move.entry for move in moves(before, after)}
    for ranking in before.rankings:
        for standing in ranking.standings:
            if standing.entry not in codes:
                same = after.standing(standing.entry, stage=ranking.stage)
                assert (same.rank, same.total_exact, same.tier) == (standing.rank, standing.total_exact, standing.tier)


def _weights(chance: Random, kind: Category) -> Category:
    def heavier(node: Criterion) -> Criterion:
        parts = tuple(heavier(part) for part in node.parts)
        points = sum(part.points for part in parts) if parts else node.points * chance.choice([1, 1, 2])
        source = replace(node.source, worth="share_of_top") if isinstance(node.source, MarksSource) else node.source
        return node if isinstance(source, ChecklistSource) else replace(node, parts=parts, points=points, source=source)

    tops = [leaf.source.scale.to for leaf in kind.leaves if isinstance(leaf.source, MarksSource)]
    return replace(kind, criteria=tuple(map(heavier, kind.criteria))) if all(top > 0 for top in tops) else kind


def _policies(chance: Random) -> Missing:
    policies: list[Policy] = ["leave_out", "lowest", "refuse"]
    return Missing(*(chance.choice(policies) for _ in range(3)))


def _combine(chance: Random) -> Literal["mean", "median", "sum"]:
    return chance.choice(["mean", "median", "sum"])


CHANGES: list[Callable[[Random, Category], Category]] = [
    _weights,
    lambda chance, kind: replace(kind, panel=replace(kind.panel, combine=_combine(chance), drop=None)),
    lambda chance, kind: replace(kind, panel=replace(kind.panel, applied_to=chance.choice(["marks", "totals"]))),
    lambda chance, kind: replace(kind, panel=replace(kind.panel, missing=_policies(chance))),
    lambda _, kind: replace(kind, rounding=roundings(combined=Rounding(0, "down"), total=Rounding(1, "half_even"))),
    lambda _, kind: replace(kind, rounding=roundings(points=Rounding(1, "half_up"), total=None, rank_on="exact")),
    lambda _, kind: replace(kind, total=replace(kind.total, adjustments=kind.total.adjustments[1:])),
    lambda _, kind: replace(kind, total=replace(kind.total, floor=5, ceiling=25)),
    lambda _, kind: replace(kind, eligibility=kind.eligibility[1:], tiers=kind.tiers[1:]),
    lambda _, kind: replace(kind, tie_breaks=kind.tie_breaks[1:] or kind.tie_breaks),
]
